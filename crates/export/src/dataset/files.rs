//! The rows of a relation, from the files of a folder, in the order of the log.
//!
//! Nothing of a folder is trusted: paths lead nowhere else, files are plain ones, and each is as long as the manifest says.

use std::collections::VecDeque;
use std::fs;
use std::io::{BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, TimeUnit};
use docket_bundle::{Finding, Kind as Wrong};
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::file::metadata::RowGroupMetaData;
use sha2::{Digest as _, Sha256};

use super::cell::{Cell, Kind, Row, document};
use super::expected::{Column, POSITION, Relation};
use crate::error::ExportError;
use crate::file::hex;
use crate::manifest::{Content, File, Manifest, path_of};

/// So many rows of Parquet are read at once.
const BATCH: usize = 512;
/// What a column of a row group of Parquet may take, in bytes: an export ends the group at a quarter of that.
const COLUMN: i64 = 256 << 20;
/// A line of JSON or of CSV has no more bytes. An entry of the log has less than one megabyte.
const LINE: u64 = 16 << 20;

/// Where a file is, if its name is the one that an export gives it.
fn path(folder: &Path, file: &File) -> Option<PathBuf> {
    let File { relation, content, from, to, path, .. } = file;
    let is_name = !relation.is_empty() && relation.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let is_so_called = |extension: &str| *path == path_of(relation, *content, (*from, *to), extension);
    (is_name && ["parquet", "csv", "jsonl"].into_iter().any(is_so_called)).then(|| folder.join(path))
}

fn integrity(message: String) -> Finding {
    Finding::new(Wrong::Integrity, None, message)
}

/// Whether a file is the one that the manifest names.
pub(super) fn whole(folder: &Path, file: &File) -> Result<Result<(), Finding>, ExportError> {
    let named = &file.path;
    let Some(path) = path(folder, file) else {
        return Ok(Err(integrity(format!("`{named}` is not named as an export names the files of {}", file.relation))));
    };
    let is_linked = path.parent().is_some_and(|folder| folder.is_symlink());
    let about = match fs::symlink_metadata(&path) {
        Ok(about) => about,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Err(Finding::new(Wrong::Incomplete, None, format!("`{named}` is not there"))));
        }
        Err(error) => return Err(ExportError::file("look at", &path)(error)),
    };
    if is_linked || !about.is_file() || about.len() != file.bytes {
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
    Ok(if hex(digest) == file.sha256 {
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
    rows: Option<(Reader, &'f File, u64)>,
    next: Option<Row>,
    last: u64,
    from: u64,
    to: u64,
}

impl<'f> Written<'f> {
    /// Those of a folder; none if the relation was not exported.
    pub(super) fn open(folder: &Path, manifest: &'f Manifest, relation: &'f Relation) -> Result<Option<Self>, Finding> {
        let incomplete = |message: String| Finding::new(Wrong::Incomplete, None, message);
        let mut files: VecDeque<&File> = VecDeque::new();
        for file in manifest.files.iter().filter(|file| file.relation == relation.name) {
            let (path, is_all) = (&file.path, file.content == Content::All);
            let is_allowed = is_all && file.from.get() == 0 || file.content == Content::Added;
            if !is_allowed || file.from > file.to || file.to > manifest.position {
                return Err(integrity(format!("{path} cannot be of these positions, or of this content")));
            }
            let named = file.schema.iter().map(|column| column.name.as_str());
            if !relation.has_columns(named) {
                return Err(integrity(format!("the manifest does not give {path} the columns of {}", relation.name)));
            }
            if is_all {
                files.clear();
            }
            if files.back().is_some_and(|before| before.to != file.from) {
                let message = format!("{path} does not begin where the file of {} before it ends", relation.name);
                return Err(incomplete(message));
            }
            files.push_back(file);
        }
        let (Some(first), Some(last)) = (files.front(), files.back()) else { return Ok(None) };
        let (from, to) = (first.from.get(), last.to.get());
        if last.to < manifest.position {
            let (name, position) = (relation.name, manifest.position);
            return Err(incomplete(format!(
                "{name} ends at position {to}, and the dataset is as of {position}: export it, too"
            )));
        }
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
            let read = self.read();
            if read.is_err() {
                // What follows says nothing.
                (self.files, self.rows) = (VecDeque::new(), None);
            }
            self.next = read?;
        }
        Ok(self.next.take_if(|row| row.position <= position))
    }

    fn read(&mut self) -> Result<Option<Row>, Finding> {
        loop {
            let Some((reader, file, count)) = &mut self.rows else {
                let Some(file) = self.files.pop_front() else { return Ok(None) };
                let path =
                    path(&self.folder, file).ok_or_else(|| integrity(format!("{} is not so called", file.path)))?;
                self.rows = Some((Reader::open(&path, self.relation)?, file, 0));
                continue;
            };
            match reader.next(self.relation)? {
                Some(row) => {
                    *count += 1;
                    if row.position <= file.from.get() || row.position > file.to.get() {
                        let message = format!("{} has a row of another position", file.path);
                        return Err(Finding::new(Wrong::Integrity, Some(row.position), message));
                    }
                    if row.position < self.last {
                        let message = format!(
                            "{} is not in the order of the log, so that nobody can see whether it is complete; export it anew",
                            self.relation.name
                        );
                        return Err(Finding::new(Wrong::Incomplete, Some(row.position), message));
                    }
                    self.last = row.position;
                    return Ok(Some(row));
                }
                None if *count != file.rows => {
                    let message = format!("{} has {count} rows, and {} in the manifest", file.path, file.rows);
                    return Err(integrity(message));
                }
                None => self.rows = None,
            }
        }
    }
}

/// A file of which no record may be too long.
struct Bounded {
    file: fs::File,
    /// How many bytes more may be read for a record.
    left: Rc<std::cell::Cell<u64>>,
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.file.read(buffer)?;
        let left = self.left.get().checked_sub(u64::try_from(read).unwrap_or(u64::MAX));
        self.left.set(left.ok_or_else(|| std::io::Error::other("a record is too long"))?);
        Ok(read)
    }
}

/// A file that is read row by row.
enum Reader {
    Parquet { batches: Box<ParquetRecordBatchReader>, batch: Option<(RecordBatch, usize)>, places: Vec<usize> },
    Csv { records: Box<csv::Reader<Bounded>>, left: Rc<std::cell::Cell<u64>>, places: Vec<usize> },
    Lines(BufReader<fs::File>),
}

impl Reader {
    fn open(path: &Path, relation: &Relation) -> Result<Self, Finding> {
        let shown = path.display();
        let unreadable = |cause: &dyn std::fmt::Display| integrity(format!("{shown} cannot be read: {cause}"));
        let others = || integrity(format!("{shown} has other columns than {}", relation.name));
        let file = fs::File::open(path).map_err(|error| unreadable(&error))?;
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("parquet") => {
                // By the types of Parquet itself: what else a file says of them, other readers pass over.
                let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
                let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options)
                    .map_err(|error| unreadable(&error))?;
                let is_large =
                    |group: &RowGroupMetaData| group.columns().iter().any(|column| column.uncompressed_size() > COLUMN);
                if builder.metadata().row_groups().iter().any(is_large) {
                    return Err(unreadable(&"a part of a column is longer than any that an export writes"));
                }
                let names = builder.schema().fields().iter().map(|field| field.name().as_str());
                let places = relation.places(names).ok_or_else(others)?;
                let batches = builder.with_batch_size(BATCH).build().map_err(|error| unreadable(&error))?;
                Ok(Self::Parquet { batches: Box::new(batches), batch: None, places })
            }
            Some("csv") => {
                let left = Rc::new(std::cell::Cell::new(LINE));
                let mut records = csv::Reader::from_reader(Bounded { file, left: Rc::clone(&left) });
                let names = records.headers().map_err(|error| unreadable(&error))?;
                let places = relation.places(names.iter()).ok_or_else(others)?;
                Ok(Self::Csv { records: Box::new(records), left, places })
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
            Self::Csv { records, left, places } => {
                left.set(LINE);
                let mut record = csv::StringRecord::new();
                if !records.read_record(&mut record).map_err(|error| unreadable(&error))? {
                    return Ok(None);
                }
                let cells = relation.columns.iter().zip(&*places);
                // Nothing between two commas is null; no column that is compared holds an empty text.
                let cell = |kind: Kind, text: &str| {
                    if text.is_empty() { Some(Cell::Null) } else { Cell::of_text(kind, text) }
                };
                cells.map(|(column, place)| cell(column.kind, record.get(*place)?)).collect()
            }
            Self::Lines(lines) => {
                let mut line = String::new();
                let read = lines.by_ref().take(LINE).read_line(&mut line).map_err(|error| unreadable(&error))?;
                if read == 0 {
                    return Ok(None);
                }
                let mut row = document(&line).filter(|_| line.ends_with('\n'));
                let row = row.as_mut().ok_or_else(|| unreadable(&"a line is no object of JSON, or too long"))?;
                let names = row.as_object().map(|row| row.keys().map(String::as_str));
                if !names.is_some_and(|names| relation.has_columns(names)) {
                    return Err(unreadable(&"a row has other columns"));
                }
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
        Kind::Time => {
            let DataType::Timestamp(TimeUnit::Microsecond, Some(zone)) = array.data_type() else { return None };
            let times = array.as_primitive_opt::<TimestampMicrosecondType>().filter(|_| zone.as_ref() == "UTC")?;
            Some(Cell::Time(times.value(row)))
        }
        Kind::Texts => list(Kind::Text),
        Kind::Jsons => list(Kind::Json),
        Kind::Times => list(Kind::Time),
    }
}
