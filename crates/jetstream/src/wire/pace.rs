//! How fast a line is read. What is in flight is bounded where it is taken; what comes to nothing at once is not, and a
//! flood of it would take the processor from everybody. So each line may bring so much of it in a while, and then
//! rests. Meanwhile the server holds up the sender.

use std::time::Duration;

use tokio::time::Instant;

/// How long a while is.
const WHILE: Duration = Duration::from_millis(10);
/// How much may come to nothing in a while: 20,000 messages a second, some 3 % of a processor.
const ALLOWED: usize = 200;

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heard {
    /// It is in flight, or was asked for.
    Taken,
    /// It came to nothing: refused, or not readable.
    Refused,
}

/// The pace of one line.
#[derive(Debug)]
pub(super) struct Pace {
    refused: usize,
    until: Instant,
}

impl Pace {
    pub(super) fn new(now: Instant) -> Self {
        Self { refused: 0, until: now + WHILE }
    }

    /// Notes what became of a message; says whether the next may be read now.
    pub(super) fn goes_on(&mut self, heard: Heard) -> bool {
        self.refused += usize::from(heard == Heard::Refused);
        self.refused < ALLOWED
    }

    /// Until when nothing is read, if so.
    pub(super) fn rests_until(&mut self, now: Instant) -> Option<Instant> {
        if self.until <= now {
            *self = Self::new(now);
        }
        (self.refused >= ALLOWED).then_some(self.until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_never_makes_a_line_rest_and_what_is_refused_does_for_a_while() {
        let began = Instant::now();
        let mut pace = Pace::new(began);
        assert!((0..10 * ALLOWED).all(|_| pace.goes_on(Heard::Taken)));
        assert_eq!(pace.rests_until(began), None);
        assert!((1..ALLOWED).all(|_| pace.goes_on(Heard::Refused)));
        assert!(!pace.goes_on(Heard::Refused));
        assert_eq!(pace.rests_until(began), Some(began + WHILE));
        assert_eq!(pace.rests_until(began + WHILE), None);
        assert!(pace.goes_on(Heard::Refused));
    }
}
