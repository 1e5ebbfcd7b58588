//! The policy: its document, how it is published, and what happens to it.

mod command;
mod document;
mod event;

pub use command::*;
pub use document::*;
pub use event::*;
