//! What publishing costs here and now, which decides between single publishes and batches.

use std::time::Duration;

/// How much the newest measurement counts.
const WEIGHT: f64 = 0.2;
/// Bounds of the break-even point, whatever was measured.
const BREAK_EVEN: std::ops::RangeInclusive<f64> = 4.0..=48.0;

/// What single publishes and batches cost lately, in seconds.
#[derive(Debug)]
pub(super) struct Cost {
    /// Of one single publish: the server writes them to disk one after the other.
    single: f64,
    /// Of the commit of a batch, until its acknowledgement.
    commit: f64,
}

impl Default for Cost {
    /// A quiet laptop: one write to disk against six, and the files that staging takes.
    fn default() -> Self {
        Self { single: 0.000_6, commit: 0.006 }
    }
}

impl Cost {
    /// A single publish took so long, while so many were under way.
    pub(super) fn single_took(&mut self, took: Duration, under_way: usize) {
        let share = took.as_secs_f64() / f64::from(u32::try_from(under_way.max(1)).unwrap_or(u32::MAX));
        self.single += WEIGHT * (share - self.single);
    }

    /// The commit of a batch took so long.
    pub(super) fn commit_took(&mut self, took: Duration) {
        self.commit += WEIGHT * (took.as_secs_f64() - self.commit);
    }

    /// How long the commit of a batch takes.
    pub(super) fn commit(&self) -> Duration {
        Duration::from_secs_f64(self.commit)
    }

    /// So many single publishes take what one batch takes. The turnaround of the senders is left out: both have it.
    pub(super) fn break_even(&self) -> usize {
        let ratio = (self.commit / self.single).clamp(*BREAK_EVEN.start(), *BREAK_EVEN.end());
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a small range")]
        let count = ratio as usize;
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_disk_favours_batches_and_slow_batches_favour_singles() {
        let mut cost = Cost::default();
        let before = cost.break_even();
        (0..50).for_each(|_| cost.single_took(Duration::from_millis(20), 10));
        assert!(cost.break_even() < before);
        (0..50).for_each(|_| cost.commit_took(Duration::from_millis(60)));
        assert!(cost.break_even() > before);
    }

    #[test]
    fn the_break_even_point_is_bounded() {
        let mut cost = Cost::default();
        (0..200).for_each(|_| cost.single_took(Duration::from_nanos(1), 1));
        assert_eq!(cost.break_even(), 48);
        (0..200).for_each(|_| cost.single_took(Duration::from_secs(1), 1));
        assert_eq!(cost.break_even(), 4);
    }
}
