//! The case: its commands, its events, and what a reader is shown of it.

mod command;
mod detail;
mod event;
mod ran_in;
mod status;
mod view;

pub use command::*;
pub use detail::Detail;
pub use event::*;
pub use ran_in::RanIn;
pub use status::Status;
pub use view::{CaseView, ClockState, ClockView};
