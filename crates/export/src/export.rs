//! An export: one snapshot, relation after relation.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use docket_messages::Position;
use docket_projection::{ExportedColumn, ExportedRelation, Form, Growth, Kind, Part as PartOf, Snapshot};
use futures::StreamExt as _;
use tokio::sync::mpsc;

use crate::error::ExportError;
use crate::file::{Part, Written};
use crate::folder::{self, Folder};
use crate::manifest::{Column, Content, File, Manifest, Seal, VERSION, path_of};
use crate::{parquet, text};

/// How files are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Apache Parquet, compressed with zstd.
    Parquet,
    /// CSV (RFC 4180).
    Csv,
    /// An object of JSON a line.
    Jsonl,
}

impl Format {
    fn extension(self) -> &'static str {
        match self {
            Self::Parquet => "parquet",
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
        }
    }

    fn form(self) -> Form {
        match self {
            Self::Parquet => Form::Binary,
            Self::Csv => Form::Csv,
            Self::Jsonl => Form::JsonLines,
        }
    }
}

/// What is to be exported.
#[derive(Debug, Clone)]
pub struct Request {
    /// The relations; none for all.
    pub relations: Vec<String>,
    /// How.
    pub format: Format,
    /// The folder.
    pub out: PathBuf,
    /// Only what entries after a position have added or changed.
    pub since: Option<Position>,
    /// How far the log is sealed, which the manifest says.
    pub seal: Option<Seal>,
}

/// How far an export is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told<'t> {
    /// The relation that is being written.
    pub relation: &'t str,
    /// How many rows were written, of all relations.
    pub rows: u64,
}

/// So many bytes are gathered before they are handed on to be written: rows come one by one.
const GATHERED: usize = 1 << 20;

/// Writes the relations into the folder, and what is there then into its manifest. What is up to date is left as it is.
///
/// # Errors
/// [`ExportError`]. What is in the manifest of the folder is as it was then.
pub async fn export(
    snapshot: &mut Snapshot,
    request: &Request,
    tell: &mut (dyn FnMut(Told<'_>) + Send),
) -> Result<Manifest, ExportError> {
    let relations = chosen(snapshot, &request.relations)?;
    let (position, as_of, log) = (snapshot.position, snapshot.at, snapshot.log.clone());
    if let Some(since) = request.since {
        if since > position {
            return Err(ExportError::Ahead { position, since });
        }
        if snapshot.is_of_a_lead {
            return Err(ExportError::OfALead);
        }
    }
    let folder = Folder::take(&request.out)?;
    let before = continued(snapshot, request, folder.manifest.as_ref()).await?;
    let mut files = before.files.clone();
    folder::clear(&request.out, snapshot.relations().iter().map(|relation| &*relation.name), &files)?;
    let mut rows = 0;
    for relation in &relations {
        for (content, part, columns) in parts(relation, before.up_to(relation, request.since), position) {
            let mut count = |more: u64| {
                rows += more;
                tell(Told { relation: &relation.name, rows });
            };
            let table = Table { relation: &relation.name, columns: &columns };
            let from = if content == Content::All { Position(0) } else { request.since.unwrap_or_default() };
            let written = write(snapshot, relation, (content, part, from), &table, request, &mut count).await;
            files.push(written.map_err(|error| ended(error, &relation.name))?);
        }
    }
    let is_more = files.len() > before.files.len() || request.since != Some(position);
    let last_entry = snapshot.last_entry(position).await?;
    let (made_by, is_of_a_lead) = (Some(docket_projection::made_by()), snapshot.is_of_a_lead);
    let seal = request.seal.clone();
    let manifest = Manifest { v: VERSION, log, last_entry, made_by, is_of_a_lead, position, as_of, seal, files };
    if is_more {
        manifest.write(&request.out)?;
    }
    Ok(manifest)
}

/// What the server has ended is said with the reason that it mostly has.
fn ended(error: ExportError, relation: &str) -> ExportError {
    if let ExportError::ReadModels(source) = &error
        && source.is_ended_by_others()
    {
        return ExportError::Ended { relation: relation.to_owned() };
    }
    error
}

/// The exports that this one continues.
struct Before {
    /// Their files.
    files: Vec<File>,
    /// Whether there were any. Into an empty folder, rows since a position are for somebody who has what was before it.
    is_any: bool,
    /// Whether these tables and relations have made them.
    is_alike: bool,
}

impl Before {
    /// The position since which rows of a relation are to be exported; none for all of them. That is what was asked for, if
    /// the folder has the relation up to there, with these columns.
    fn up_to(&self, relation: &ExportedRelation, since: Option<Position>) -> Option<Position> {
        if !self.is_any {
            return since;
        }
        let is_whole = |file: &&File| file.relation == relation.name && file.content != Content::Tombstones;
        let last = self.files.iter().rfind(is_whole)?;
        let is_same = |(had, has): (&Column, &ExportedColumn)| had.name == has.name && had.kind == written_as(has.kind);
        let has_columns = last.schema.len() == relation.columns.len();
        let has_columns = has_columns && last.schema.iter().zip(&relation.columns).all(is_same);
        since.filter(|since| self.is_alike && has_columns && last.to == *since)
    }
}

/// The relations of these names, each once.
fn chosen(snapshot: &Snapshot, names: &[String]) -> Result<Vec<ExportedRelation>, ExportError> {
    let all = snapshot.relations();
    let asked: BTreeSet<&str> = names.iter().map(|name| name.strip_prefix("docket.").unwrap_or(name)).collect();
    for name in &asked {
        if !all.iter().any(|relation| relation.name == *name) {
            let likeness = |other: &&ExportedRelation| strsim::jaro_winkler(name, &other.name);
            let likeliest = all.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
            let likeliest = likeliest.map(|relation| relation.name.clone()).unwrap_or_default();
            let all: Vec<&str> = all.iter().map(|relation| relation.name.as_str()).collect();
            return Err(ExportError::NoRelation { name: (*name).to_owned(), likeliest, all: all.join(", ") });
        }
    }
    Ok(all.iter().filter(|relation| asked.is_empty() || asked.contains(relation.name.as_str())).cloned().collect())
}

/// The exports of a folder, if this one continues them.
async fn continued(
    snapshot: &mut Snapshot,
    request: &Request,
    manifest: Option<&Manifest>,
) -> Result<Before, ExportError> {
    let Some(before) = manifest else { return Ok(Before { files: Vec::new(), is_any: false, is_alike: true }) };
    let (folder, position) = (request.out.clone(), before.position);
    if before.log != snapshot.log {
        return Err(ExportError::OtherLog { folder });
    }
    if request.since != Some(position) {
        return Err(ExportError::OtherExport { folder, position });
    }
    if before.is_of_a_lead {
        return Err(ExportError::OfALead);
    }
    if before.last_entry.is_some() && before.last_entry != snapshot.last_entry(position).await? {
        return Err(ExportError::OtherEntries { folder, position });
    }
    let is_alike = before.made_by.as_ref().is_none_or(|made_by| *made_by == docket_projection::made_by());
    Ok(Before { files: before.files.clone(), is_any: true, is_alike })
}

/// The files that a relation becomes: what each is, of which rows, and with which columns. None if it is there already, as
/// of this position.
fn parts(
    relation: &ExportedRelation,
    since: Option<Position>,
    position: Position,
) -> Vec<(Content, PartOf, Vec<ExportedColumn>)> {
    let columns = || relation.columns.clone();
    match (relation.growth, since) {
        (_, None) => vec![(Content::All, PartOf::All, columns())],
        (_, Some(since)) if since == position => Vec::new(),
        (Growth::Whole, Some(_)) => vec![(Content::All, PartOf::All, columns())],
        (Growth::Appended, Some(since)) => vec![(Content::Added, PartOf::Since(since), columns())],
        (Growth::ByCase, Some(since)) => {
            let ids = columns().into_iter().filter(|column| column.name == "case_id").collect();
            vec![
                (Content::Tombstones, PartOf::CasesSince(since), ids),
                (Content::Changed, PartOf::Since(since), columns()),
            ]
        }
    }
}

/// The columns of a file.
struct Table<'t> {
    relation: &'t str,
    columns: &'t [ExportedColumn],
}

async fn write(
    snapshot: &mut Snapshot,
    relation: &ExportedRelation,
    (content, part, from): (Content, PartOf, Position),
    table: &Table<'_>,
    request: &Request,
    count: &mut (dyn FnMut(u64) + Send),
) -> Result<File, ExportError> {
    let to = snapshot.position;
    let path = path_of(&relation.name, content, (from, to), request.format.extension());
    let file = Encoder::begin(&request.out.join(&path), table, request.format)?;
    let rows = snapshot.rows(relation, part, request.format.form()).await?;
    let (rows, Written { bytes, sha256 }) = encode(file, rows, count).await?;
    let schema = table.columns.iter().map(|column| Column {
        name: column.name.clone(),
        kind: written_as(column.kind).to_owned(),
        meaning: column.told.clone(),
    });
    let schema = schema.collect();
    Ok(File { path, relation: relation.name.clone(), content, from, to, rows, bytes, sha256, schema })
}

/// Encodes on a thread of its own, while the server sends what follows. Hands back how many rows there were.
async fn encode<E: Into<ExportError>>(
    mut file: Encoder,
    mut rows: impl futures::Stream<Item = Result<Bytes, E>> + Unpin,
    count: &mut (dyn FnMut(u64) + Send),
) -> Result<(u64, Written), ExportError> {
    let (send, mut gathered) = mpsc::channel::<Vec<u8>>(2);
    let (counted, mut counts) = mpsc::unbounded_channel();
    let encoding = tokio::task::spawn_blocking(move || {
        let mut rows = 0;
        while let Some(bytes) = gathered.blocking_recv() {
            let more = file.take(&bytes)?;
            rows += more;
            let _ = counted.send(more);
        }
        Ok::<_, ExportError>((file, rows))
    });
    let mut bytes = Vec::with_capacity(GATHERED);
    let mut failed = None;
    loop {
        let next = rows.next().await;
        let is_last = next.is_none();
        match next {
            Some(Ok(more)) => bytes.extend_from_slice(&more),
            Some(Err(error)) => failed = Some(error.into()),
            None => {}
        }
        if is_last || bytes.len() >= GATHERED || failed.is_some() {
            // An encoder that is gone says why below.
            let is_gone = send.send(std::mem::take(&mut bytes)).await.is_err();
            while let Ok(more) = counts.try_recv() {
                count(more);
            }
            if is_last || is_gone || failed.is_some() {
                break;
            }
        }
    }
    drop(send);
    let encoded = encoding.await.map_err(|gone| ExportError::file("write", Path::new("a file"))(gone.into()))?;
    if let Some(error) = failed {
        return Err(error);
    }
    let (file, rows) = encoded?;
    while let Ok(more) = counts.try_recv() {
        count(more);
    }
    Ok((rows, file.finish()?))
}

/// What writes rows into a file.
enum Encoder {
    Parquet(Box<parquet::File>),
    Text(Box<text::File>),
}

impl Encoder {
    fn begin(path: &Path, table: &Table<'_>, format: Format) -> Result<Self, ExportError> {
        let part = Part::begin(path)?;
        Ok(match format {
            Format::Parquet => Self::Parquet(Box::new(parquet::File::begin(part, table.relation, table.columns)?)),
            Format::Csv | Format::Jsonl => Self::Text(Box::new(text::File::begin(part, format == Format::Csv))),
        })
    }

    fn take(&mut self, bytes: &[u8]) -> Result<u64, ExportError> {
        match self {
            Self::Parquet(file) => file.take(bytes),
            Self::Text(file) => file.take(bytes),
        }
    }

    fn finish(self) -> Result<Written, ExportError> {
        match self {
            Self::Parquet(file) => file.finish(),
            Self::Text(file) => file.finish(),
        }
    }
}

/// The name of what a column holds, in a manifest.
fn written_as(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "string",
        Kind::Boolean => "boolean",
        Kind::Integer => "int32",
        Kind::BigInteger => "int64",
        Kind::Double => "double",
        Kind::Uuid => "uuid",
        Kind::Date => "date",
        Kind::Time => "timestamp[us, UTC]",
        Kind::Texts => "list<string>",
        Kind::Times => "list<timestamp[us, UTC]>",
    }
}
