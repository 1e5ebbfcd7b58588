//! A read model whose rows are folded, described once: its columns, how they are written, and how they are loaded.

/// A table by the columns of its rows, in their order. A column has the name of its field, unless it says another.
macro_rules! read_model {
    (
        $(#[$told:meta])*
        $row:ident in $table:literal by [$($key:literal),+] {
            $($(#[$field_told:meta])* $field:ident $(as $column:literal)?: $kind:ty,)*
        }
    ) => {
        $(#[$told])*
        #[derive(Debug, Clone, PartialEq)]
        pub(crate) struct $row {
            $($(#[$field_told])* pub $field: $kind,)*
        }

        impl $row {
            /// The table.
            pub(crate) const TABLE: $crate::bulk::Table = $crate::bulk::Table {
                name: $table,
                columns: &[$(read_model!(@column $field $($column)?)),*],
                key: &[$($key),+],
            };

            /// Writes the row.
            pub(crate) fn write(&self, rows: &mut $crate::bulk::Rows) {
                let mut row = rows.row();
                $($crate::column::Column::write(&self.$field, &mut row);)*
            }

            /// Reads a row.
            #[allow(dead_code, reason = "what is only added to is never loaded")]
            pub(crate) fn read(row: &sqlx::postgres::PgRow) -> Result<Self, sqlx::Error> {
                Ok(Self {
                    $($field: $crate::column::Column::read(row, read_model!(@column $field $($column)?))?,)*
                })
            }
        }
    };
    (@column $field:ident) => { stringify!($field) };
    (@column $field:ident $column:literal) => { $column };
}
