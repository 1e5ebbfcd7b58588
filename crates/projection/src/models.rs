//! One file per read model: its columns, its row, and what an event does to it.

pub(crate) mod answers;
pub(crate) mod cases;
pub(crate) mod clocks;
pub(crate) mod history;
pub(crate) mod texts;
pub(crate) mod timeline;

use crate::copy::Table;

/// Every table that a batch writes.
pub(crate) const TABLES: [Table; 6] =
    [cases::TABLE, history::TABLE, timeline::TABLE, clocks::TABLE, answers::TABLE, texts::TABLE];
