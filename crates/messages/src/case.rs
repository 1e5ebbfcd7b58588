//! The case: its commands, its events, and what a reader is shown of it.

mod command;
mod detail;
mod event;
mod running_queue;
mod status;
mod view;

pub use command::*;
pub use detail::Detail;
pub use event::*;
pub use running_queue::RunningQueue;
pub use status::Status;
pub use view::{CaseView, ClockState, ClockView};
