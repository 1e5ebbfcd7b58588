//! NATS behind Docket's ports. The only crate that names `async_nats`.
//!
//! - [`connect()`] opens connections.
//! - [`Namespace`]: the names of subjects and streams.
//! - [`streams`]: what the streams must be, and the refusal to run on others.
//! - [`JetStreamLog`]: the event log, with group commit behind `append`.
//! - [`bus`]: commands and queries, from both sides.
//! - [`inbox`]: commands that wait to be decided, and their outcomes.
//! - [`timers`]: message schedules.
//! - [`Feed`]: what one in a process reads of the log, for another one there.
//! - [`StoredMessage`]: a message of the log as it stands in the stream; [`seals`]: what is said of it, signed.
//! - [`keys`]: the bucket of keys.
//! - [`copies`]: copies of whole streams, and their return.
//! - [`metrics`]: what appending measures.
//! - [`access`]: who may do what on the server.

mod address;
mod commit;
mod connect;
mod error;
mod feed;
pub mod log;
mod namespace;
mod publish;
mod read;
mod refusals;
mod sleep;
mod stored;
mod wire;

pub mod access;
pub mod bus;
pub mod copies;
pub mod inbox;
pub mod keys;
pub mod metrics;
pub mod raw;
pub mod seals;
pub mod streams;
pub mod timers;

pub use connect::{Connection, connect, connect_as};
pub use error::NatsError;
pub use feed::{Fed, Feed};
pub use log::JetStreamLog;
pub use namespace::Namespace;
pub use stored::StoredMessage;
