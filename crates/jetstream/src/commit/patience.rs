//! How long an open batch waits for those who were in the last one.
//!
//! Senders that wait for their replies all come back after a while, and the batch that has them all costs as much as
//! one that has half of them. Senders that do not wait for replies keep coming, and waiting for them serves nobody.
//! Which of the two they are shows: a batch gets all that it waits for, or it does not.

use std::ops::RangeInclusive;
use std::time::Duration;

/// After a batch that did not get all that it waited for, one in so many waits long again, to see.
const TRY: u64 = 16;
/// The bounds of any wait, whatever a commit costs.
const WAIT: RangeInclusive<Duration> = Duration::from_millis(2)..=Duration::from_millis(20);

/// What is known of the senders.
#[derive(Debug)]
pub(super) struct Patience {
    /// Whether those who were waited for came.
    is_worth_it: bool,
}

impl Default for Patience {
    fn default() -> Self {
        Self { is_worth_it: true }
    }
}

impl Patience {
    /// A batch got all that it waited for, or its time was over.
    pub(super) fn learn(&mut self, is_complete: bool) {
        self.is_worth_it = is_complete;
    }

    /// How long a batch waits, at most, when a commit costs so much.
    pub(super) fn of_batch(&self, number: u64, commit: Duration) -> Duration {
        let wait = if self.is_worth_it || number.is_multiple_of(TRY) { commit * 2 } else { commit / 2 };
        wait.clamp(*WAIT.start(), *WAIT.end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: Duration = Duration::from_millis(6);

    #[test]
    fn who_comes_back_is_waited_for_and_who_does_not_is_tried_now_and_then() {
        let mut patience = Patience::default();
        patience.learn(true);
        assert_eq!(patience.of_batch(1, COMMIT), Duration::from_millis(12));
        patience.learn(false);
        let long = (1..=2 * TRY).filter(|number| patience.of_batch(*number, COMMIT) > COMMIT).count();
        assert_eq!(long, 2);
    }

    #[test]
    fn no_wait_is_out_of_bounds() {
        let mut patience = Patience::default();
        patience.learn(false);
        assert_eq!(patience.of_batch(1, Duration::ZERO), *WAIT.start());
        assert_eq!(patience.of_batch(TRY, Duration::from_secs(1)), *WAIT.end());
    }
}
