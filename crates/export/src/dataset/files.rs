//! The rows of a relation, from the files of a folder, in the order of the log.
//!
//! Nothing of a folder is trusted: paths lead nowhere else, files are plain ones, and each is as long as the manifest says.

use std::collections::VecDeque;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Component, Path, PathBuf};

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch};
use docket_bundle::{Finding, Kind as Wrong};
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::cell::{Cell, Kind, Row};
use super::expected::{Column, POSITION, Relation};
use crate::error::ExportError;
use crate::manifest::{Content, File, Manifest};

/// So many rows of Parquet are read at once.
const BATCH: usize = 4_096;
/// A line of JSON or of CSV has no more bytes. An entry of the log has less than one megabyte.
const LINE: u64 = 16 << 20;

/// Where a file is, if it is within the folder.
fn path(folder: &Path, file: &File) -> Option<PathBuf> {
    let path = Path::new(&file.path);
    let is_within = path.components().all(|component| matches!(component, Component::Normal(_)));
    is_within.then(|| folder.join(path))
}

fn integrity(message: String) -> Finding {
    Finding::new(Wrong::Integrity, None, message)
}

/// Whether a file is the one that the manifest names.
pub(super) fn whole(folder: &Path, file: &File) -> Result<Result<(), Finding>, ExportError> {
    let named = &file.path;
    let Some(path) = path(folder, file) else {
        return Ok(Err(integrity(format!("`{named}` leads out of the folder"))));
    };
    let about = match fs::symlink_metadata(&path) {
        Ok(about) => about,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Err(Finding::new(Wrong::Incomplete, None, format!("`{named}` is not there"))));
        }
        Err(error) => return Err(ExportError::file("look at", &path)(error)),
    };
    if !about.is_file() || about.len() != file.bytes {
        return Ok(Err(integrity(format!("`{named}` is no file of {} bytes", file.bytes))));
    }
    let mut opened = fs::File::open(&path).map_err(ExportError::file("open", &path))?;
    let (mut digest, mut buffer) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        let read = opened.read(&mut buffer).map_err(ExportError::file("read", &path))?;
        if read == 0 {
            break;
        }
        digest.update(buffer.get(..read).unwrap_or_default());
    }
    let digest: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(if digest == file.sha256 {
        Ok(())
    } else {
        Err(integrity(format!(
            "`{named}` is not the file that was written: its SHA-256 is another than in the manifest"
        )))
    })
}

/// The rows of a relation.
pub(super) struct Written<'f> {
    relation: &'f Relation,
    folder: PathBuf,
    files: VecDeque<&'f File>,
    rows: Option<Reader>,
    next: Option<Row>,
    last: u64,
    from: u64,
    to: u64,
}

impl<'f> Written<'f> {
    /// Those of a folder; none if the relation was not exported.
    pub(super) fn open(
        folder: &Path,
        manifest: &'f Manifest,
        relation: &'f Relation,
    ) -> Result<Option<Self>, ExportError> {
        let mut files: VecDeque<&File> = VecDeque::new();
        for file in manifest.files.iter().filter(|file| file.relation == relation.name) {
            if file.content == Content::All {
                files.clear();
            }
            if files.back().is_some_and(|before| before.to != file.from) {
                return Err(ExportError::Gap { relation: relation.name, path: file.path.clone() });
            }
            files.push_back(file);
        }
        let (Some(first), Some(last)) = (files.front(), files.back()) else { return Ok(None) };
        let (from, to) = (first.from.get(), last.to.get());
        let (rows, next, last) = (None, None, 0);
        Ok(Some(Self { relation, folder: folder.to_owned(), files, rows, next, last, from, to }))
    }

    /// Rows are of entries after the first of these positions, and up to the second.
    pub(super) fn range(&self) -> (u64, u64) {
        (self.from, self.to)
    }

    /// The next row, if it is of a position up to this one.
    pub(super) fn next_up_to(&mut self, position: u64) -> Result<Option<Row>, Finding> {
        if self.next.is_none() {
            self.next = self.read()?;
        }
        Ok(self.next.take_if(|row| row.position <= position))
    }

    fn read(&mut self) -> Result<Option<Row>, Finding> {
        loop {
            if self.rows.is_none() {
                let Some(file) = self.files.pop_front() else { return Ok(None) };
                let path =
                    path(&self.folder, file).ok_or_else(|| integrity("a file leads out of the folder".to_owned()))?;
                self.rows = Some(Reader::open(&path, self.relation)?);
            }
            let Some(reader) = &mut self.rows else { return Ok(None) };
            match reader.next(self.relation) {
                Ok(Some(row)) if row.position < self.last => {
                    self.files.clear();
                    self.rows = None;
                    let message = format!(
                        "{} is not in the order of the log, so that nobody can see whether it is complete; export it anew",
                        self.relation.name
                    );
                    return Err(Finding::new(Wrong::Incomplete, Some(row.position), message));
                }
                Ok(Some(row)) => {
                    self.last = row.position;
                    return Ok(Some(row));
                }
                Ok(None) => self.rows = None,
                Err(finding) => {
                    self.files.clear();
                    self.rows = None;
                    return Err(finding);
                }
            }
        }
    }
}

/// A file that is read row by row.
enum Reader {
    Parquet { batches: Box<ParquetRecordBatchReader>, batch: Option<(RecordBatch, usize)>, places: Vec<usize> },
    Csv { records: Box<csv::Reader<fs::File>>, places: Vec<usize> },
    Lines(BufReader<fs::File>),
}

impl Reader {
    fn open(path: &Path, relation: &Relation) -> Result<Self, Finding> {
        let shown = path.display();
        let unreadable = |cause: &dyn std::fmt::Display| integrity(format!("{shown} cannot be read: {cause}"));
        let lacks = |column: &str| integrity(format!("{shown} has no column `{column}`"));
        let file = fs::File::open(path).map_err(|error| unreadable(&error))?;
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("parquet") => {
                let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| unreadable(&error))?;
                let schema = builder.schema().clone();
                let place = |column: &Column| schema.index_of(column.name).map_err(|_| lacks(column.name));
                let places = relation.columns.iter().map(place).collect::<Result<_, _>>()?;
                let batches = builder.with_batch_size(BATCH).build().map_err(|error| unreadable(&error))?;
                Ok(Self::Parquet { batches: Box::new(batches), batch: None, places })
            }
            Some("csv") => {
                let mut records = csv::Reader::from_reader(file);
                let names = records.headers().map_err(|error| unreadable(&error))?.clone();
                let place = |column: &Column| {
                    names.iter().position(|name| name == column.name).ok_or_else(|| lacks(column.name))
                };
                let places = relation.columns.iter().map(place).collect::<Result<_, _>>()?;
                Ok(Self::Csv { records: Box::new(records), places })
            }
            Some("jsonl") => Ok(Self::Lines(BufReader::new(file))),
            _ => Err(integrity(format!("{shown} is neither Parquet nor CSV nor lines of JSON"))),
        }
    }

    fn next(&mut self, relation: &Relation) -> Result<Option<Row>, Finding> {
        let name = relation.name;
        let unreadable = |cause: &dyn std::fmt::Display| integrity(format!("a file of {name} cannot be read: {cause}"));
        let cells: Option<Vec<Cell>> = match self {
            Self::Parquet { batches, batch, places } => loop {
                match batch {
                    Some((of, at)) if *at < of.num_rows() => {
                        let (row, of) = (*at, &*of);
                        *at += 1;
                        let cells = relation.columns.iter().zip(&*places);
                        break cells.map(|(column, place)| of_array(column.kind, of.column(*place), row)).collect();
                    }
                    Some(_) | None => match batches.next() {
                        Some(next) => *batch = Some((next.map_err(|error| unreadable(&error))?, 0)),
                        None => return Ok(None),
                    },
                }
            },
            Self::Csv { records, places } => {
                let mut record = csv::StringRecord::new();
                if !records.read_record(&mut record).map_err(|error| unreadable(&error))? {
                    return Ok(None);
                }
                let cells = relation.columns.iter().zip(&*places);
                cells.map(|(column, place)| Cell::of_text(column.kind, record.get(*place)?)).collect()
            }
            Self::Lines(lines) => {
                let mut line = String::new();
                let read = lines.by_ref().take(LINE).read_line(&mut line).map_err(|error| unreadable(&error))?;
                if read == 0 {
                    return Ok(None);
                }
                let mut row: Value = serde_json::from_str(&line).map_err(|error| unreadable(&error))?;
                let mut cell = |column: &Column| Cell::of_json(column.kind, row.get_mut(column.name)?.take());
                relation.columns.iter().map(&mut cell).collect()
            }
        };
        let cells = cells.ok_or_else(|| unreadable(&"a value is of another type than its column"))?;
        let position = relation.columns.iter().zip(&cells).find(|(column, _)| column.name == POSITION);
        let position = position.and_then(|(_, cell)| match cell {
            Cell::Number(position) => u64::try_from(*position).ok(),
            Cell::Null | Cell::Text(_) | Cell::Time(_) | Cell::Json(_) | Cell::List(_) => None,
        });
        let position = position.ok_or_else(|| unreadable(&"a row says no position"))?;
        Ok(Some(Row { position, cells }))
    }
}

/// A value of a column of Parquet.
fn of_array(kind: Kind, array: &dyn Array, row: usize) -> Option<Cell> {
    if array.is_null(row) {
        return Some(Cell::Null);
    }
    let list = |kind: Kind| {
        let values = array.as_list_opt::<i32>()?.value(row);
        (0..values.len()).map(|row| of_array(kind, &values, row)).collect::<Option<_>>().map(Cell::List)
    };
    match kind {
        Kind::Number => match array.as_primitive_opt::<Int64Type>() {
            Some(numbers) => Some(Cell::Number(numbers.value(row))),
            None => Some(Cell::Number(i64::from(array.as_primitive_opt::<Int32Type>()?.value(row)))),
        },
        Kind::Text | Kind::Json => Cell::of_text(kind, array.as_string_opt::<i32>()?.value(row)),
        Kind::Time => Some(Cell::Time(array.as_primitive_opt::<TimestampMicrosecondType>()?.value(row))),
        Kind::Texts => list(Kind::Text),
        Kind::Jsons => list(Kind::Json),
        Kind::Times => list(Kind::Time),
    }
}
