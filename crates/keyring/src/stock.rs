//! Keys that were made in advance: a case that begins does not wait for one to be stored.

use std::collections::VecDeque;

use docket_cipher::{Block, DataKey};

/// The most blocks that are made at a time.
const MOST: usize = 8;

/// Keys that are on disk, and that nobody has.
pub(crate) struct Stock {
    keys: VecDeque<DataKey>,
    /// How many blocks are made next.
    next: usize,
}

impl Default for Stock {
    fn default() -> Self {
        Self { keys: VecDeque::new(), next: 1 }
    }
}

impl Stock {
    /// A key, and whether more should be made.
    pub(crate) fn take(&mut self) -> (Option<DataKey>, bool) {
        let key = self.keys.pop_front();
        (key, self.keys.len() < self.next * Block::KEYS / 4)
    }

    /// How many blocks are to be made now: twice as many each time, since whoever needs that many keys needs more.
    pub(crate) fn order(&mut self) -> usize {
        let ordered = self.next;
        self.next = (self.next * 2).min(MOST);
        ordered
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    pub(crate) fn put(&mut self, keys: impl IntoIterator<Item = DataKey>) {
        self.keys.extend(keys);
    }
}
