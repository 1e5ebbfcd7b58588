//! One file per read model: its columns, its row, and what an event does to it.

pub(crate) mod answers;
pub(crate) mod cases;
pub(crate) mod clocks;
pub(crate) mod history;
pub(crate) mod presence;
pub(crate) mod texts;
pub(crate) mod timeline;
