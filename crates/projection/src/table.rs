//! A read model whose rows are folded, described once: its columns, how they are written, and how they are loaded.

/// A table by the fields of its rows, in the order of its columns. A field is a column of its name, unless it says
/// another, or a group of columns (`columns!`). Its key, and what is kept beside it in its index; how full its pages are
/// made, where rows change; what else stands in one row only; and its other indexes.
macro_rules! read_model {
    (
        $(#[$told:meta])*
        $row:ident in $table:literal by [$($key:literal),+] $(beside [$($beside:literal),+])? $(filled to $fill:literal)?
        $(once for each $unique:ident ($once:literal))?
        $(indexed by $index:ident ($on:literal))*
        {
            $($(#[$field_told:meta])* $field:ident $(as $column:literal)?: $kind:ty,)*
        }
    ) => {
        $(#[$told])*
        #[derive(Debug, Clone, PartialEq)]
        pub(crate) struct $row {
            $($(#[$field_told])* pub $field: $kind,)*
        }

        columns!($row { $($field $(as $column)?: $kind,)* });

        impl $row {
            /// The table.
            pub(crate) const TABLE: $crate::bulk::Table = $crate::bulk::Table {
                name: $table,
                columns: <$row as $crate::column::Columns>::columns,
                key: &[$($key),+],
                beside_key: &[$($($beside),+)?],
                fill: read_model!(@fill $($fill)?),
                indexes: &[
                    $($crate::bulk::Index::unique(stringify!($unique), $once),)?
                    $($crate::bulk::Index::new(stringify!($index), $on),)*
                ],
                is_looked_up: false,
            };

            /// Writes the row.
            pub(crate) fn write(&self, rows: &mut $crate::bulk::Rows) {
                $crate::column::Columns::write(self, &mut rows.row());
            }

            /// Reads a row.
            #[allow(dead_code, reason = "what is only added to is never loaded")]
            pub(crate) fn read(row: &sqlx::postgres::PgRow) -> Result<Self, sqlx::Error> {
                $crate::column::Columns::read(row, "")
            }
        }
    };
    (@fill) => { 100 };
    (@fill $fill:literal) => { $fill };
}

/// The columns that the fields of a type stand in, in their order.
macro_rules! columns {
    ($group:ty { $($field:ident $(as $column:literal)?: $kind:ty),* $(,)? }) => {
        impl $crate::column::Columns for $group {
            fn describe(_: &'static str, columns: &mut Vec<$crate::column::Column>) {
                $(<$kind as $crate::column::Columns>::describe(columns!(@name $field $($column)?), columns);)*
            }

            fn write(&self, row: &mut $crate::row::Row<'_>) {
                $($crate::column::Columns::write(&self.$field, row);)*
            }

            fn read(row: &sqlx::postgres::PgRow, _: &str) -> Result<Self, sqlx::Error> {
                Ok(Self {
                    $($field: $crate::column::Columns::read(row, columns!(@name $field $($column)?))?,)*
                })
            }

            fn compare(&self, before: &Self, _: &'static str, changes: &mut $crate::before::Changes) {
                $({
                    let column = columns!(@name $field $($column)?);
                    $crate::column::Columns::compare(&self.$field, &before.$field, column, changes);
                })*
            }
        }
    };
    (@name $field:ident) => { stringify!($field) };
    (@name $field:ident $column:literal) => { $column };
}
