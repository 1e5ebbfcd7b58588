//! What publishing costs here and now, which decides between single publishes and batches.

use std::time::Duration;

use tokio::time::Instant;

/// How much the newest batch counts.
const BATCH_WEIGHT: f64 = 0.2;
/// How much the newest single publish counts: acknowledgements come in bursts.
const SINGLE_WEIGHT: f64 = 0.05;
/// Bounds of the break-even point, whatever was measured.
const BREAK_EVEN: std::ops::RangeInclusive<f64> = 4.0..=48.0;

/// What single publishes and batches cost lately, in seconds.
#[derive(Debug)]
pub(super) struct Cost {
    /// Of one single publish: the server writes them to disk one after the other.
    single: f64,
    /// When the last single publish ended.
    single_ended: Option<Instant>,
    /// Of the commit of a batch, until its acknowledgement.
    commit: f64,
}

impl Default for Cost {
    /// A quiet laptop: one write to disk against six, and the files that staging takes.
    fn default() -> Self {
        Self { single: 0.000_6, single_ended: None, commit: 0.006 }
    }
}

impl Cost {
    /// A single publish was under way from `began` to `ended`. The server works on one after the other, so it took what
    /// passed since then, or since the one before it ended.
    pub(super) fn single_took(&mut self, began: Instant, ended: Instant) {
        let own = self.single_ended.map_or(began, |before| before.max(began));
        let took = ended.saturating_duration_since(own).as_secs_f64();
        self.single += SINGLE_WEIGHT * (took - self.single);
        self.single_ended = Some(ended);
    }

    /// The commit of a batch took so long.
    pub(super) fn commit_took(&mut self, took: Duration) {
        self.commit += BATCH_WEIGHT * (took.as_secs_f64() - self.commit);
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

    fn publish(cost: &mut Cost, times: u32, each: Duration) {
        let began = Instant::now();
        // All are sent at once, and end one after the other.
        (1..=times).for_each(|nth| cost.single_took(began, began + each * nth));
    }

    #[test]
    fn a_slow_disk_favours_batches_and_slow_batches_favour_singles() {
        let mut cost = Cost::default();
        let before = cost.break_even();
        publish(&mut cost, 200, Duration::from_millis(1));
        assert!(cost.break_even() < before);
        (0..50).for_each(|_| cost.commit_took(Duration::from_millis(60)));
        assert!(cost.break_even() > before);
    }

    #[test]
    fn the_break_even_point_is_bounded() {
        let mut cost = Cost::default();
        publish(&mut cost, 1_000, Duration::from_nanos(1));
        assert_eq!(cost.break_even(), 48);
        publish(&mut cost, 1_000, Duration::from_secs(1));
        assert_eq!(cost.break_even(), 4);
    }
}
