//! Rows as Parquet.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::RecordBatch;
use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Float64Builder, Int32Builder, Int64Builder, ListBuilder, StringBuilder,
    TimestampMicrosecondBuilder,
};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use docket_projection::{ExportedColumn, Kind};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use uuid::Uuid;

use crate::error::ExportError;
use crate::file::{Part, Written};
use crate::rows::{Rows, Values, Wrong, elements};

/// So many rows are put into columns before they are encoded.
const BATCH: u64 = 8_192;
/// A row group takes no more rows, or no more bytes: it is in memory until it is written.
const GROUP_ROWS: usize = 1 << 20;
const GROUP_BYTES: usize = 64 << 20;

/// From 1970 to 2000, where `PostgreSQL` begins to count.
const EPOCH_MICROS: i64 = 946_684_800_000_000;
const EPOCH_DAYS: i32 = 10_957;

/// A Parquet file on its way.
pub(crate) struct File {
    writer: ArrowWriter<Part>,
    path: std::path::PathBuf,
    relation: String,
    schema: SchemaRef,
    columns: Vec<Column>,
    waiting: u64,
    rows: Rows,
}

impl File {
    pub(crate) fn begin(part: Part, relation: &str, columns: &[ExportedColumn]) -> Result<Self, ExportError> {
        let fields: Vec<Field> = columns.iter().map(field).collect();
        let schema = Arc::new(Schema::new(fields));
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .set_max_row_group_bytes(Some(GROUP_BYTES))
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .build();
        let path = part.path().to_owned();
        let writer = ArrowWriter::try_new(part, Arc::clone(&schema), Some(properties))
            .map_err(|source| ExportError::Parquet { path: path.clone(), source })?;
        let columns = columns.iter().map(|column| Column::new(column.kind)).collect();
        Ok(Self { writer, path, relation: relation.to_owned(), schema, columns, waiting: 0, rows: Rows::default() })
    }

    /// Takes bytes of the server's binary form. Hands back how many rows are whole by now.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> Result<u64, ExportError> {
        let columns = &mut self.columns;
        let row = |values: &mut Values<'_>| columns.iter_mut().try_for_each(|column| column.push(values.next()?));
        let rows = self.rows.take(bytes, row).map_err(|cause| wrong(&self.relation, cause))?;
        self.waiting += rows;
        if self.waiting >= BATCH {
            self.encode()?;
        }
        Ok(rows)
    }

    fn encode(&mut self) -> Result<(), ExportError> {
        let arrays = self.columns.iter_mut().map(Column::finish).collect();
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays).map_err(ParquetError::from);
        let path = &self.path;
        let failed = |source| ExportError::Parquet { path: path.clone(), source };
        self.writer.write(&batch.map_err(failed)?).map_err(failed)?;
        self.waiting = 0;
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<Written, ExportError> {
        self.rows.ended().map_err(|cause| wrong(&self.relation, cause))?;
        if self.waiting > 0 {
            self.encode()?;
        }
        let path = self.path;
        self.writer.into_inner().map_err(|source| ExportError::Parquet { path, source })?.finish()
    }
}

fn wrong(relation: &str, cause: Wrong) -> ExportError {
    ExportError::Rows { relation: relation.to_owned(), cause }
}

/// Moments are those of the world, and read as such.
fn moment() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

fn item(of: DataType) -> Field {
    Field::new("item", of, true)
}

fn field(column: &ExportedColumn) -> Field {
    let kind = match column.kind {
        Kind::Text | Kind::Uuid => DataType::Utf8,
        Kind::Boolean => DataType::Boolean,
        Kind::Integer => DataType::Int32,
        Kind::BigInteger => DataType::Int64,
        Kind::Double => DataType::Float64,
        Kind::Date => DataType::Date32,
        Kind::Time => moment(),
        Kind::Texts => DataType::List(Arc::new(item(DataType::Utf8))),
        Kind::Times => DataType::List(Arc::new(item(moment()))),
    };
    // What a relation is made of may be null, as far as the database knows.
    Field::new(&column.name, kind, true).with_metadata(HashMap::from([("meaning".to_owned(), column.told.clone())]))
}

/// A column of rows that wait to be encoded.
enum Column {
    Text(StringBuilder),
    Boolean(BooleanBuilder),
    Integer(Int32Builder),
    BigInteger(Int64Builder),
    Double(Float64Builder),
    Uuid(StringBuilder),
    Date(Date32Builder),
    Time(TimestampMicrosecondBuilder),
    Texts(ListBuilder<StringBuilder>),
    Times(ListBuilder<TimestampMicrosecondBuilder>),
}

impl Column {
    fn new(kind: Kind) -> Self {
        let moments = || TimestampMicrosecondBuilder::new().with_data_type(moment());
        match kind {
            Kind::Text => Self::Text(StringBuilder::new()),
            Kind::Boolean => Self::Boolean(BooleanBuilder::new()),
            Kind::Integer => Self::Integer(Int32Builder::new()),
            Kind::BigInteger => Self::BigInteger(Int64Builder::new()),
            Kind::Double => Self::Double(Float64Builder::new()),
            Kind::Uuid => Self::Uuid(StringBuilder::new()),
            Kind::Date => Self::Date(Date32Builder::new()),
            Kind::Time => Self::Time(moments()),
            Kind::Texts => Self::Texts(ListBuilder::new(StringBuilder::new()).with_field(item(DataType::Utf8))),
            Kind::Times => Self::Times(ListBuilder::new(moments()).with_field(item(moment()))),
        }
    }

    fn push(&mut self, value: Option<&[u8]>) -> Result<(), Wrong> {
        match self {
            Self::Text(texts) => texts.append_option(value.map(text).transpose()?),
            Self::Boolean(bits) => {
                bits.append_option(value.map(|value| fixed(value).map(|[bit]| bit != 0)).transpose()?)
            }
            Self::Integer(numbers) => {
                numbers.append_option(value.map(|value| fixed(value).map(i32::from_be_bytes)).transpose()?);
            }
            Self::BigInteger(numbers) => {
                numbers.append_option(value.map(|value| fixed(value).map(i64::from_be_bytes)).transpose()?);
            }
            Self::Double(numbers) => {
                numbers.append_option(value.map(|value| fixed(value).map(f64::from_be_bytes)).transpose()?);
            }
            Self::Uuid(ids) => match value.map(fixed).transpose()? {
                Some(id) => {
                    ids.append_value(Uuid::from_bytes(id).hyphenated().encode_lower(&mut Uuid::encode_buffer()))
                }
                None => ids.append_null(),
            },
            Self::Date(days) => days.append_option(value.map(date).transpose()?),
            Self::Time(times) => times.append_option(value.map(micros).transpose()?),
            Self::Texts(lists) => {
                if let Some(array) = value {
                    for element in elements(array)? {
                        lists.values().append_option(element.map(text).transpose()?);
                    }
                }
                lists.append(value.is_some());
            }
            Self::Times(lists) => {
                if let Some(array) = value {
                    for element in elements(array)? {
                        lists.values().append_option(element.map(micros).transpose()?);
                    }
                }
                lists.append(value.is_some());
            }
        }
        Ok(())
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Text(column) | Self::Uuid(column) => Arc::new(column.finish()),
            Self::Boolean(column) => Arc::new(column.finish()),
            Self::Integer(column) => Arc::new(column.finish()),
            Self::BigInteger(column) => Arc::new(column.finish()),
            Self::Double(column) => Arc::new(column.finish()),
            Self::Date(column) => Arc::new(column.finish()),
            Self::Time(column) => Arc::new(column.finish()),
            Self::Texts(column) => Arc::new(column.finish()),
            Self::Times(column) => Arc::new(column.finish()),
        }
    }
}

fn text(value: &[u8]) -> Result<&str, Wrong> {
    std::str::from_utf8(value).map_err(|_| "a text is not UTF-8")
}

fn fixed<const N: usize>(value: &[u8]) -> Result<[u8; N], Wrong> {
    value.try_into().map_err(|_| "a value has another length than its type")
}

fn micros(value: &[u8]) -> Result<i64, Wrong> {
    // The ends of the range are infinite.
    let micros = i64::from_be_bytes(fixed(value)?).checked_add(EPOCH_MICROS);
    micros.filter(|micros| *micros > i64::MIN + EPOCH_MICROS).ok_or("a moment is out of range")
}

fn date(value: &[u8]) -> Result<i32, Wrong> {
    i32::from_be_bytes(fixed(value)?).checked_add(EPOCH_DAYS).ok_or("a day is out of range")
}
