//! Cases as the fold needs them: their rows, at hand.

use std::num::NonZeroUsize;

use docket_messages::{CaseId, ClockReading};
use lru::LruCache;

use crate::bulk::Change;
use crate::models::cases::CaseRow;
use crate::models::clocks::ClockRow;
use crate::models::history::Stretch;

/// The rows of one case that later entries may change.
#[derive(Debug)]
pub(crate) struct CaseRows {
    pub case: Kept<CaseRow>,
    /// What it is for now; none until its first entry is folded.
    pub stretch: Option<Stretch>,
    /// In the order in which they started.
    pub clocks: Vec<Kept<ClockRow>>,
}

/// A row, and how it differs from the table's.
#[derive(Debug)]
pub(crate) struct Kept<T> {
    pub row: T,
    change: Option<Change>,
}

impl<T> Kept<T> {
    /// As the table has it.
    pub(crate) fn stored(row: T) -> Self {
        Self { row, change: None }
    }

    /// As the table does not have it yet.
    pub(crate) fn new(row: T) -> Self {
        Self { row, change: Some(Change::Insert) }
    }

    /// Notes that the row differs from the table's.
    pub(crate) fn touch(&mut self) {
        self.change.get_or_insert(Change::Update);
    }

    /// The row and what is to become of it, if anything; from then on it is as the table has it.
    pub(crate) fn take_changed(&mut self) -> Option<(&T, Change)> {
        self.change.take().map(|change| (&self.row, change))
    }
}

impl CaseRows {
    /// The row of the clock that a reading is of; a new one if it is the first.
    pub(crate) fn clock(&mut self, reading: &ClockReading) -> &mut Kept<ClockRow> {
        let id = (reading.clock, reading.instance);
        let index = self.clocks.iter().position(|clock| clock.row.id() == id).unwrap_or(self.clocks.len());
        if index == self.clocks.len() {
            self.clocks.push(Kept::new(ClockRow::started(self.case.row.case_no, reading)));
        }
        #[expect(clippy::indexing_slicing, reason = "it was found, or pushed just now")]
        &mut self.clocks[index]
    }
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

    /// The same, without counting it as a use.
    pub(crate) fn peek_mut(&mut self, case: CaseId) -> Option<&mut CaseRows> {
        self.cases.peek_mut(&case)
    }

    pub(crate) fn put(&mut self, rows: CaseRows) {
        self.cases.put(rows.case.row.case_id, rows);
    }

    /// Forgets the least used until the bound holds.
    pub(crate) fn trim(&mut self) {
        while self.cases.len() > self.capacity {
            self.cases.pop_lru();
        }
    }
}
