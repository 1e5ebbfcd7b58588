//! The read models as files for a warehouse, all as of one position.
//!
//! - [`export()`]: one snapshot, relation after relation, and a manifest when all of it is there.
//! - [`manifest`]: what is in a folder of exports.
//! - [`dataset`]: whether such a folder says what the log says, against a bundle of evidence.
//! - `rows`: the rows of the server's binary form; `parquet`: Parquet of them; `text`: CSV and lines of JSON, which the
//!   server writes itself. `file`: a file that appears whole, with its digest. `folder`: whose a folder is.
//!
//! It prints nothing: who exports is told how far it is. Memory is bounded by a row group, whatever the relation's length.

pub mod dataset;
mod error;
mod export;
mod file;
mod folder;
pub mod manifest;
mod parquet;
mod rows;
mod text;

pub use error::ExportError;
pub use export::{Format, Request, Told, export};
