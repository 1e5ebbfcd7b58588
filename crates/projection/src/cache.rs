//! Cases as the fold needs them: their rows, at hand.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use docket_messages::{CaseId, ClockName};
use lru::LruCache;

use crate::models::cases::CaseRow;
use crate::models::clocks::ClockRow;
use crate::models::history::HistoryRow;

/// The rows of one case that later entries may change.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CaseRows {
    pub case: CaseRow,
    /// The row of its history that has no end.
    pub history: HistoryRow,
    pub clocks: BTreeMap<(ClockName, u32), ClockRow>,
}

/// Cases that were written lately. Bounded; what is not here is loaded from the tables.
#[derive(Debug)]
pub(crate) struct Cache {
    cases: LruCache<CaseId, CaseRows>,
    capacity: usize,
}

impl Cache {
    pub(crate) fn new(capacity: usize) -> Self {
        // A batch may need more at once than may stay; the bound is enforced between batches.
        Self { cases: LruCache::unbounded(), capacity: NonZeroUsize::new(capacity).map_or(1, NonZeroUsize::get) }
    }

    pub(crate) fn contains(&self, case: CaseId) -> bool {
        self.cases.contains(&case)
    }

    pub(crate) fn get_mut(&mut self, case: CaseId) -> Option<&mut CaseRows> {
        self.cases.get_mut(&case)
    }

    pub(crate) fn peek(&self, case: CaseId) -> Option<&CaseRows> {
        self.cases.peek(&case)
    }

    pub(crate) fn put(&mut self, rows: CaseRows) {
        self.cases.put(rows.case.case_id, rows);
    }

    /// Forgets the least used until the bound holds.
    pub(crate) fn trim(&mut self) {
        while self.cases.len() > self.capacity {
            self.cases.pop_lru();
        }
    }
}
