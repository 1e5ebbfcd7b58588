//! The log as a port.
//!
//! One total order of entries; one subject per aggregate; every append says what it expects to be the last
//! entry of its subject. The position of an entry is its place in the whole log, and nothing else numbers
//! entries.
//!
//! - [`EventLog`]: what a log can do.
//! - [`MemoryLog`]: a log in memory, for testing rules and services.
//! - [`Follower`]: the whole log as it grows, for a role that folds it.
//! - [`follow`]: the chain of a subject, entry by entry.
//! - [`Verifier`]: a whole log, entry by entry.
//! - [`suite`]: what every log must pass.

mod chain;
mod error;
mod follower;
mod headers;
mod memory;
mod subject;
pub mod suite;
mod trace;
mod verify;

use std::future::Future;

use bytes::Bytes;
use docket_messages::{Position, PrincipalName, Timestamp};
use futures::stream::BoxStream;

pub use chain::{Flaw, Tail, follow};
pub use error::{AppendError, ReadError, Source};
pub use follower::{Ended, Follower};
pub use headers::{HeaderSource, MessageHeaders};
pub use memory::MemoryLog;
pub use subject::{Subject, UnknownSubject};
pub use trace::{NotATrace, TraceParent};
pub use verify::Verifier;

/// What the writer expects to be the last entry of the subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// The subject has no entry yet.
    Nothing,
    /// The subject's last entry is at this position.
    Last(Position),
}

impl Expect {
    /// What a writer expects who knows the subject's last position.
    #[must_use]
    pub fn after(last: Option<Position>) -> Self {
        last.map_or(Self::Nothing, Self::Last)
    }
}

/// An entry on its way into the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The bytes of the entry.
    pub payload: Bytes,
    /// The trace of the command that it came of.
    pub trace: Option<TraceParent>,
    /// Who asked for it. A log that has much to write shares itself out fairly among them.
    pub by: Option<PrincipalName>,
}

impl From<Bytes> for Draft {
    /// An entry without a trace, of nobody in particular.
    fn from(payload: Bytes) -> Self {
        Self { payload, trace: None, by: None }
    }
}

/// An entry as the log holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Its place in the whole log.
    pub position: Position,
    /// When the log took it in.
    pub recorded_at: Timestamp,
    /// Its subject.
    pub subject: Result<Subject, UnknownSubject>,
    /// The headers of its message.
    pub headers: MessageHeaders,
    /// The bytes of the entry.
    pub payload: Bytes,
}

impl Recorded {
    /// The trace of the command that it came of.
    #[must_use]
    pub fn trace(&self) -> Option<TraceParent> {
        self.headers.get(TraceParent::HEADER)?.parse().ok()
    }
}

/// An append-only log with one total order.
pub trait EventLog: Clone + Send + Sync + 'static {
    /// Appends an entry. When this returns, the entry is on disk.
    ///
    /// # Errors
    /// [`AppendError::Conflict`] when the expectation does not hold: another writer appended first.
    /// [`AppendError::Unknown`] when nobody knows: look before trying again.
    /// [`AppendError::Unavailable`] when the entry was certainly not appended.
    fn append(
        &self,
        subject: &Subject,
        expect: Expect,
        draft: Draft,
    ) -> impl Future<Output = Result<Position, AppendError>> + Send;

    /// The entries of a subject after a position, oldest first. May be behind by a moment.
    ///
    /// # Errors
    /// [`ReadError`] when the log cannot be read.
    fn read_subject(
        &self,
        subject: &Subject,
        after: Option<Position>,
    ) -> impl Future<Output = Result<Vec<Recorded>, ReadError>> + Send;

    /// The position of a subject's last entry, from the log's leader: never behind.
    ///
    /// # Errors
    /// [`ReadError`] when the log cannot be read.
    fn last_of(&self, subject: &Subject) -> impl Future<Output = Result<Option<Position>, ReadError>> + Send;

    /// The position of the last entry of the whole log; 0 when it is empty.
    ///
    /// # Errors
    /// [`ReadError`] when the log cannot be read.
    fn head(&self) -> impl Future<Output = Result<Position, ReadError>> + Send;

    /// The entry at a position; none when the log ends before it.
    ///
    /// # Errors
    /// [`ReadError`] when the log cannot be read.
    fn entry_at(&self, position: Position) -> impl Future<Output = Result<Option<Recorded>, ReadError>> + Send;

    /// Everything after a position, and then what comes.
    ///
    /// # Errors
    /// [`ReadError`] when the log cannot be read; the stream ends after its first error.
    fn follow(
        &self,
        after: Position,
    ) -> impl Future<Output = Result<BoxStream<'static, Result<Recorded, ReadError>>, ReadError>> + Send;

    /// Everything of one subject after a position, and then what comes.
    ///
    /// # Errors
    /// [`ReadError`] when the log cannot be read; the stream ends after its first error.
    fn follow_subject(
        &self,
        subject: &Subject,
        after: Position,
    ) -> impl Future<Output = Result<BoxStream<'static, Result<Recorded, ReadError>>, ReadError>> + Send;
}
