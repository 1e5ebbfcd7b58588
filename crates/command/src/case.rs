//! Commands to a case, and what follows from them with other cases.

mod aggregate;
mod elsewhere;
mod handle;
pub(crate) mod history;
mod objection;
pub(crate) mod passing_on;
pub(crate) mod process_manager;

pub use aggregate::{Aggregate, Unreadable};
pub(crate) use handle::{End, handle};
pub use history::key_ids;
