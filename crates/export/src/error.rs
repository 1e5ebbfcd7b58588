//! How an export fails.

use std::path::{Path, PathBuf};

use docket_messages::Position;
use docket_projection::ProjectionError;

/// Why nothing was exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The read models could not be read.
    #[error(transparent)]
    ReadModels(#[from] ProjectionError),
    /// There is no such relation.
    #[error("there is no relation `{name}`; did you mean `{likeliest}`? There are: {all}")]
    NoRelation {
        /// What was asked for.
        name: String,
        /// The most similar one.
        likeliest: String,
        /// Every relation.
        all: String,
    },
    /// The read models are not as far as what was exported before.
    #[error(
        "the read models are at position {position}, so nothing is after position {since}: they are of another log, or were \
         cut; export all into an empty folder"
    )]
    Ahead {
        /// Where they are.
        position: Position,
        /// What was asked for.
        since: Position,
    },
    /// A folder holds an export that this one does not continue.
    #[error(
        "{} holds an export up to position {position}; continue it with --since {position}, or name an empty folder", folder.display()
    )]
    OtherExport {
        /// The folder.
        folder: PathBuf,
        /// Up to where it goes.
        position: Position,
    },
    /// A folder holds what is no export.
    #[error("{} is not empty, and holds no export; name an empty folder", folder.display())]
    NotEmpty {
        /// The folder.
        folder: PathBuf,
    },
    /// Another export writes into the folder.
    #[error("another export writes into {}; wait until it has ended, or name an empty folder", folder.display())]
    Busy {
        /// The folder.
        folder: PathBuf,
    },
    /// The entries that a folder goes up to are others by now.
    #[error(
        "the entry at position {position}, which {} goes up to, is another one by now: the log was restored from a backup of \
         before; name an empty folder, and leave --since out", folder.display()
    )]
    OtherEntries {
        /// The folder.
        folder: PathBuf,
        /// Up to where it goes.
        position: Position,
    },
    /// A folder holds files of another log.
    #[error("{} holds an export of another log; name an empty folder, and leave --since out", folder.display())]
    OtherLog {
        /// The folder.
        folder: PathBuf,
    },
    /// The login sees the cases of some queues only.
    #[error(
        "this login sees the cases of some queues only, and cannot tell which have left them since; leave --since out, and \
         export all into an empty folder"
    )]
    OfALead,
    /// The server has ended it.
    #[error(
        "the server ended the export of {relation}: docket_access.limits says how long a login may take; raise it, or export \
         from a replica"
    )]
    Ended {
        /// What was being exported.
        relation: String,
    },
    /// A file could not be read or written.
    #[error("could not {doing} {}", path.display())]
    File {
        /// What we were doing.
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// What happened.
        #[source]
        source: std::io::Error,
    },
    /// A manifest is none.
    #[error("could not understand {}: {source}; name an empty folder", path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// A manifest is of another version.
    #[error("{} is of version {v}, which this version of Docket does not know; name an empty folder", path.display())]
    ManifestVersion {
        /// The file.
        path: PathBuf,
        /// Its version.
        v: u32,
    },
    /// A folder holds no export.
    #[error("{} holds no manifest.json: name the folder that `docket export --out` wrote", folder.display())]
    NoDataset {
        /// The folder.
        folder: PathBuf,
    },
    /// A bundle could not be read again.
    #[error("could not read the bundle again")]
    Bundle(#[source] std::io::Error),
    /// Rows could not be written as Parquet.
    #[error("could not write {} as Parquet", path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// What happened.
        #[source]
        source: ::parquet::errors::ParquetError,
    },
    /// The server sent rows of another form.
    #[error("the rows of {relation} are not of the form that was asked for: {cause}")]
    Rows {
        /// Whose.
        relation: String,
        /// What is wrong.
        cause: &'static str,
    },
}

impl ExportError {
    pub(crate) fn file(doing: &'static str, path: &Path) -> impl Fn(std::io::Error) -> Self {
        move |source| Self::File { doing, path: path.to_owned(), source }
    }
}
