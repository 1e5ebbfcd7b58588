//! `manifest.json`: what is in a folder of exports. It is written last, so what it names is there.

use std::io::ErrorKind;
use std::path::Path;

use chrono::{DateTime, Utc};
use docket_messages::Position;
use serde::{Deserialize, Serialize};

use crate::error::ExportError;
use crate::file;

/// The name of the file.
pub const FILE: &str = "manifest.json";

/// The version of its form.
pub(crate) const VERSION: u32 = 1;

/// What is in a folder.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// The version of this form.
    pub v: u32,
    /// Which log the files are of: the SHA-256 digest of its first entry, base64url.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<String>,
    /// The digest of the entry that the files go up to: what `docket.case_entries` says of the last one of a case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_entry: Option<String>,
    /// By which tables and relations the rows were made, by digest. Rows of others do not stand beside them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_by: Option<String>,
    /// Whether the login saw the cases of some queues only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_of_a_lead: bool,
    /// The log position that the newest files are as of.
    pub position: Position,
    /// The moment that they are as of, where something depends on the time.
    pub as_of: DateTime<Utc>,
    /// How far the log was sealed then: an auditor compares these entries with those of a bundle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal: Option<Seal>,
    /// The files, those of earlier exports first. Who loads all of them in their order has what the newest say.
    pub files: Vec<File>,
}

/// What a sealer has signed of the log, as in `docket.seals`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Seal {
    /// Up to which position.
    pub position: Position,
    /// The root over the entries up to there (RFC 6962), base64.
    pub root: String,
    /// When.
    pub sealed_at: DateTime<Utc>,
    /// The signed checkpoint (c2sp.org/tlog-checkpoint).
    pub checkpoint: String,
}

/// A file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct File {
    /// Where it is, in the folder.
    pub path: String,
    /// The relation, without its schema.
    pub relation: String,
    /// What its rows are.
    pub content: Content,
    /// Rows are of entries after this position; 0 for all.
    pub from: Position,
    /// Rows are as of this position.
    pub to: Position,
    /// How many.
    pub rows: u64,
    /// How long the file is, in bytes.
    pub bytes: u64,
    /// Its SHA-256, hexadecimal.
    pub sha256: String,
    /// Its columns, in their order.
    pub schema: Vec<Column>,
}

/// Where an export writes a file, in its folder.
pub(crate) fn path_of(relation: &str, content: Content, (from, to): (Position, Position), extension: &str) -> String {
    let what = if content == Content::Tombstones { "tombstones." } else { "" };
    format!("{relation}/{from}-{to}.{what}{extension}")
}

/// What the rows of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// All rows of the relation, in place of those of earlier files.
    All,
    /// Rows beside those of earlier files.
    Added,
    /// All rows of some cases, in place of the rows of these cases in earlier files.
    Changed,
    /// The ids of these cases: whatever earlier files have of them holds no more.
    Tombstones,
}

/// A column of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each field says what it is")]
pub struct Column {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
    /// What it means.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub meaning: String,
}

impl Manifest {
    /// That of a folder, if there is one.
    ///
    /// # Errors
    /// [`ExportError::File`], [`ExportError::Manifest`].
    pub fn read(folder: &Path) -> Result<Option<Self>, ExportError> {
        /// It says some kilobytes of each file.
        const LIMIT: u64 = 256 << 20;
        let path = folder.join(FILE);
        // Not what could be read for ever.
        if std::fs::metadata(&path).is_ok_and(|about| !about.is_file() || about.len() > LIMIT) {
            let odd = std::io::Error::other("it is no file, or too long");
            return Err(ExportError::file("read", &path)(odd));
        }
        match std::fs::read(&path) {
            Ok(text) => {
                let read: Result<Self, _> = serde_json::from_slice(&text);
                let manifest = read.map_err(|source| ExportError::Manifest { path: path.clone(), source })?;
                if manifest.v != VERSION {
                    return Err(ExportError::ManifestVersion { path, v: manifest.v });
                }
                Ok(Some(manifest))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(ExportError::file("read", &path)(error)),
        }
    }

    pub(crate) fn write(&self, folder: &Path) -> Result<(), ExportError> {
        let path = folder.join(FILE);
        let mut text =
            serde_json::to_vec_pretty(self).map_err(|source| ExportError::Manifest { path: path.clone(), source })?;
        text.push(b'\n');
        file::write(&path, &text).map(drop)
    }
}
