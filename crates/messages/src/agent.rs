//! An agent: whether cases are taken on.

mod command;
mod event;

pub use command::*;
pub use event::*;
