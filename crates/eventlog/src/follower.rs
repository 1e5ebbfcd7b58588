//! Following the log: what a projection, the timers and the board do alike.

use docket_messages::Position;
use futures::stream::BoxStream;
use futures::{FutureExt as _, StreamExt as _};

use crate::{EventLog, ReadError, Recorded};

/// A stretch takes no more when its payloads have so many bytes: what waits to be applied is bounded, however much each
/// entry holds.
const STRETCH_BYTES: usize = 2 << 20;

/// Reads everything after a position, and then what comes, stretch by stretch.
pub struct Follower {
    entries: BoxStream<'static, Result<Recorded, ReadError>>,
    position: Position,
    /// Why nothing follows what was read.
    end: Option<Ended>,
}

/// Why nothing more follows.
#[derive(Debug, thiserror::Error)]
pub enum Ended {
    /// The log cannot be read.
    #[error("could not follow the log")]
    Unreadable(#[from] ReadError),
    /// The log said that it ends, which it never does.
    #[error("the log ended")]
    Closed,
}

impl Follower {
    /// Follows the log from behind a position on.
    ///
    /// # Errors
    /// [`ReadError`] when the log cannot be read.
    pub async fn start<L: EventLog>(log: &L, after: Position) -> Result<Self, ReadError> {
        Ok(Self { entries: log.follow(after).await?, position: after, end: None })
    }

    /// The position of the last entry that was given out.
    #[must_use]
    pub fn position(&self) -> Position {
        self.position
    }

    /// The entries available now, at most `most` of them, and not many more than two megabytes. Waits until there is at
    /// least one. Cancel-safe: dropping the future loses no entry.
    ///
    /// # Errors
    /// [`Ended`], once everything that came before it was given out. Nothing follows then.
    pub async fn next(&mut self, most: usize) -> Result<Vec<Recorded>, Ended> {
        let (mut stretch, mut bytes) = (Vec::new(), 0);
        if self.end.is_some() {
            return Err(self.ended());
        }
        let mut next = self.entries.next().await;
        // From here on nothing is waited for, so that nobody can give up on a stretch that is half read.
        loop {
            match next {
                Some(Ok(recorded)) => {
                    self.position = recorded.position;
                    bytes += recorded.payload.len();
                    stretch.push(recorded);
                }
                Some(Err(error)) => self.end = Some(error.into()),
                None => self.end = Some(Ended::Closed),
            }
            if self.end.is_some() || stretch.len() >= most || bytes >= STRETCH_BYTES {
                break;
            }
            match self.entries.next().now_or_never() {
                Some(more) => next = more,
                None => break,
            }
        }
        if stretch.is_empty() { Err(self.ended()) } else { Ok(stretch) }
    }

    /// Why nothing follows; from then on it is just closed.
    fn ended(&mut self) -> Ended {
        self.end.replace(Ended::Closed).unwrap_or(Ended::Closed)
    }
}

#[cfg(test)]
mod tests {
    use docket_messages::Timestamp;
    use futures::stream;

    use super::*;
    use crate::{MessageHeaders, Subject};

    fn entry(position: u64) -> Result<Recorded, ReadError> {
        large_entry(position, 0)
    }

    fn large_entry(position: u64, bytes: usize) -> Result<Recorded, ReadError> {
        Ok(Recorded {
            position: Position(position),
            recorded_at: Timestamp::EPOCH,
            subject: Ok(Subject::Policy),
            headers: MessageHeaders::default(),
            payload: vec![0; bytes].into(),
        })
    }

    #[tokio::test]
    async fn what_came_before_an_error_is_given_out_first() {
        let broken = ReadError::new("read", "gone");
        let entries = stream::iter([entry(1), entry(2), entry(3), Err(broken)]).boxed();
        let mut follower = Follower { entries, position: Position(0), end: None };
        let positions = |stretch: Vec<Recorded>| stretch.iter().map(|entry| entry.position.get()).collect::<Vec<_>>();
        assert_eq!(positions(follower.next(2).await.unwrap()), [1, 2]);
        assert_eq!(positions(follower.next(2).await.unwrap()), [3]);
        assert_eq!(follower.position(), Position(3));
        assert!(matches!(follower.next(2).await, Err(Ended::Unreadable(_))));
        assert!(matches!(follower.next(2).await, Err(Ended::Closed)));
    }

    #[tokio::test]
    async fn a_stretch_of_large_entries_has_few() {
        let entries = stream::iter((1..=5).map(|position| large_entry(position, STRETCH_BYTES / 2))).boxed();
        let mut follower = Follower { entries, position: Position(0), end: None };
        assert_eq!(follower.next(100).await.unwrap().len(), 2);
        assert_eq!(follower.next(100).await.unwrap().len(), 2);
        assert_eq!(follower.next(100).await.unwrap().len(), 1);
    }
}
