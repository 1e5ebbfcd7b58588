//! Histories of other systems, as back-dated commands.
//!
//! - [`story`]: a history, case by case.
//! - [`file`](mod@file): a file of another system, as it was understood.
//! - [`servicenow`]: the audit log of a ServiceNow incident process as stories.
//! - [`events`]: any CSV of events as stories, by a mapping.
//! - [`extend`]: what a policy must list so that the words of a history are legal.
//! - [`drive()`]: sends stories over the bus.
//! - [`service_levels`]: what the source says of service levels beside what Docket's clocks say.
//!
//! It prints nothing: who drives stories is told how far it is.

mod command_id;
pub mod drive;
pub mod events;
pub mod extend;
pub mod file;
pub mod service_levels;
pub mod servicenow;
pub mod story;
pub mod vocabulary;

pub use drive::{Driven, Refused, drive};
pub use story::{Step, Story};

/// Any error, on its way to the user.
pub type Error = Box<dyn std::error::Error + Send + Sync>;
