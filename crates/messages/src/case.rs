//! The case: its commands, the steps of Docket's own, its events, and what a reader is shown of it.

mod action;
mod command;
mod detail;
mod event;
mod facts;
mod running_queue;
mod status;
mod step;
mod view;

pub use action::CaseAction;
pub use command::*;
pub use detail::Detail;
pub use event::*;
pub use facts::{CaseFacts, Classification};
pub use running_queue::RunningQueue;
pub use status::Status;
pub use step::*;
pub use view::{CaseView, ClockState, ClockView};
