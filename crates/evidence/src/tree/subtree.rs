//! Which leaves may be proven together.

/// Leaves from `start` to before `end`, which some node of a tree stands for: `start` is a multiple of the least power of two
/// that is not below their number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subtree {
    start: u64,
    end: u64,
}

impl Subtree {
    /// The subtree of these leaves, if they are one.
    #[must_use]
    pub fn new(start: u64, end: u64) -> Option<Self> {
        let length = end.checked_sub(start).filter(|length| *length > 0)?;
        let width = length.checked_next_power_of_two();
        let is_aligned = width.map_or(start == 0, |width| start.is_multiple_of(width));
        is_aligned.then_some(Self { start, end })
    }

    /// One leaf.
    #[must_use]
    pub fn leaf(index: u64) -> Option<Self> {
        Self::new(index, index.checked_add(1)?)
    }

    /// The index of its first leaf.
    #[must_use]
    pub fn start(self) -> u64 {
        self.start
    }

    /// The index after its last leaf.
    #[must_use]
    pub fn end(self) -> u64 {
        self.end
    }
}

/// The largest power of two that is below `size`, which is at least 2: where a tree of that size is split.
pub(super) fn split(size: u64) -> u64 {
    1 << (u64::BITS - 1 - (size - 1).leading_zeros())
}
