//! The command service: admit, load, decide, append, reply.
//!
//! A command's way, each step in the file of its name:
//!
//! 1. [`admit`](mod@admit): from headers and bytes to a command, or to a rejection. Nothing is read for it.
//! 2. [`service`]: to the shard that owns the case. A case with a command in flight queues its next one.
//! 3. [`transact`](mod@transact): load the aggregate if it is not at hand, judge, append; again when another writer
//!    appended first. How a command to each kind of aggregate is judged stands in a folder of its own: [`case`],
//!    [`policy`], [`agent`], [`claim`], [`customer`].
//!
//! What touches two cases goes on in `case/process_manager.rs`, what a parent passes on in `case/passing_on.rs`; what
//! is for a case that was merged goes on where that case does. Which case of a queue is next, the [`board`] proposes
//! and the case decides.
//!
//! Invariants:
//! - A reply `accepted` is sent only after the log has acknowledged the entry.
//! - A rejection that depends on state is sent only after the log's leader has confirmed the state.
//! - The cache of cases is only a baseline: the expected sequence of an append makes a stale one harmless.
//! - The service reads no read model.

mod admission;
mod admit;
mod agent;
mod answers;
mod ask;
mod board;
mod case;
mod claim;
mod context;
mod customer;
pub mod metrics;
mod policy;
mod query;
mod receipts;
mod record;
mod service;
mod shard;
mod shards;
mod transact;

use bytes::Bytes;
use docket_calendar::zones::Zones;
use docket_eventlog::TraceParent;
use docket_messages::{Headers, Reply, Timestamp, Via};

pub use admission::Bounds;
pub use admit::BODY_LIMIT;
pub use board::{BoardError, Start};
pub use case::{Aggregate, Unreadable, key_ids};
pub use query::Answer;
pub use service::{CommandService, Settings};

/// What surrounds the service: the time, randomness for salts, and time zones. Tests bring their own.
#[derive(Debug, Clone, Copy)]
pub struct Environment {
    /// The time now.
    pub now: fn() -> Timestamp,
    /// Sixteen random bytes.
    pub random: fn() -> [u8; 16],
    /// The zone database that calendars are compiled with.
    pub zones: fn() -> &'static Zones,
}

/// A command as the bus brings it.
#[derive(Debug, Clone, Default)]
pub struct Envelope {
    /// Below `docket.cmd.` or `docket.submit.`: principal, kind, verb.
    pub path: String,
    /// The headers.
    pub headers: Headers,
    /// How it came, if not from the principal that the path names.
    pub via: Option<Via>,
    /// The body.
    pub body: Bytes,
    /// Whose trace it is part of.
    pub trace: Trace,
}

/// Where a command stands in a trace.
#[derive(Debug, Clone)]
pub struct Trace {
    /// What is done for the command is done in this span.
    pub span: tracing::Span,
    /// What comes of it is below this in the trace: it goes into the log beside the entry.
    pub parent: Option<TraceParent>,
}

impl Default for Trace {
    /// No trace.
    fn default() -> Self {
        Self { span: tracing::Span::none(), parent: None }
    }
}

/// Where the reply to a command goes.
pub type Respond = Box<dyn FnOnce(Reply) + Send>;

#[cfg(test)]
mod tests;
