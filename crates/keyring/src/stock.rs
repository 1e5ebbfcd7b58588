//! Keys that were made in advance: a case that begins does not wait for one to be stored.

use std::collections::VecDeque;

use docket_cipher::DataKey;

/// The fewest that are made at a time.
const FEWEST: usize = 8;
/// The most.
const MOST: usize = 512;

/// Keys that are on disk, and that nobody has.
pub(crate) struct Stock {
    keys: VecDeque<DataKey>,
    /// How many are made next.
    next: usize,
}

impl Default for Stock {
    fn default() -> Self {
        Self { keys: VecDeque::new(), next: FEWEST }
    }
}

impl Stock {
    /// A key, and whether more should be made.
    pub(crate) fn take(&mut self) -> (Option<DataKey>, bool) {
        (self.keys.pop_front(), self.keys.len() < self.next / 2)
    }

    /// How many are to be made now: twice as many each time, since whoever needs that many needs more.
    pub(crate) fn order(&mut self) -> usize {
        let ordered = self.next;
        self.next = (self.next * 2).min(MOST);
        ordered
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    pub(crate) fn put(&mut self, keys: Vec<DataKey>) {
        self.keys.extend(keys);
    }
}
