//! How the sealer reads the log.
//!
//! It begins with all of it, in one stream. Then it looks turn by turn what has come. Where another one in the same process reads
//! the log anyway, it takes what that one was sent by the server, and asks for the rest; alone, it asks for all.

use std::time::Duration;

use docket_eventlog::{EventLog as _, ReadError};
use docket_jetstream::{Fed, JetStreamLog};
use docket_messages::Position;
use futures::StreamExt as _;
use tokio::time::{Instant, timeout};

use super::{Sealer, TURN, seconds_now};
use crate::SealingError;
use crate::tree::Added;

/// So many entries are taken in at once, while it catches up.
const AT_ONCE: usize = 1_024;
/// After so long without an entry, while it catches up, it looks whether there is one.
const SILENCE: Duration = Duration::from_secs(10);

/// What came of reading.
enum Read {
    /// It was all that there is.
    All,
    /// More may stand behind it.
    Some,
    /// Nobody has said that it stands in the log.
    Unconfirmed,
}

impl Sealer<'_> {
    /// Reads the log up to where it ends, in one stream: that is the fastest for much.
    pub(super) async fn catch_up(&mut self, log: &JetStreamLog, head: Position) -> Result<(), SealingError> {
        let mut messages = log.follow_stored(Position(0)).await?.ready_chunks(AT_ONCE);
        while self.tree.size() < head.get() {
            let ended = || ReadError::new("read the log to seal it", "it ended");
            let Ok(more) = timeout(SILENCE, messages.next()).await else {
                // Entries that were taken out at the end do not come, and the log does not become shorter by that.
                if log.page_stored(Position(self.tree.size())).await?.0.is_empty() {
                    return Err(SealingError::Gap(Position(self.tree.size() + 1)));
                }
                continue;
            };
            for message in more.ok_or_else(ended)? {
                self.take(&message?)?;
            }
            self.progress.send_modify(|p| p.read = Position(self.tree.size()));
        }
        Ok(())
    }

    /// Reads what has come since. A server that is away for a moment is asked again.
    ///
    /// It says since when what was read is all that there is: since now, or, where more may stand behind it, since its last
    /// entry was taken in. Nothing, if nobody has said yet that it stands in the log. If it must be all, nothing is waited for.
    pub(super) async fn read(&mut self, log: &JetStreamLog, must_be_all: bool) -> Result<Option<u64>, SealingError> {
        let asked_at = seconds_now();
        let read = match self.feed {
            Some(_) => self.read_fed(log, must_be_all).await,
            None => self.read_pages(log).await,
        };
        let read = match read {
            Ok(read) => read,
            Err(SealingError::Log(error)) => {
                tracing::warn!("what has come cannot be read just now, and is asked for again: {error}");
                // A server that was away may have come back with another log than the one that was passed on.
                self.feed.iter_mut().for_each(Fed::discard);
                self.seen = [Position(u64::MAX); 2];
                Read::Unconfirmed
            }
            Err(error) => return Err(error),
        };
        self.progress.send_if_modified(|p| {
            let read = Position(self.tree.size());
            std::mem::replace(&mut p.read, read) != read
        });
        Ok(match read {
            Read::All => Some(asked_at),
            Read::Some => Some(self.taken_in),
            Read::Unconfirmed => None,
        })
    }

    /// Takes what another one was sent. What was there two turns ago and has not come is asked for: at the highest rate, the other
    /// one is a turn behind.
    async fn read_fed(&mut self, log: &JetStreamLog, must_be_all: bool) -> Result<Read, SealingError> {
        let before = self.tree.last();
        let is_fed = self.drain()?;
        // What was passed on may be of a log that was cut and has grown again since. Both ends of it are looked at, where they stand
        // now; a replica that is behind says nothing.
        let is_new = |last: &Added| before.is_none_or(|before| before.position != last.position);
        for end in before.into_iter().chain(self.tree.last().filter(is_new)) {
            match log.stored_at(end.position).await? {
                Some(now) => end.is_still(&now)?,
                None => return Ok(Read::Unconfirmed),
            }
        }
        // Of one who reads nothing, nothing is waited for.
        let due = if is_fed { self.seen[0] } else { self.seen[1] };
        let head = log.head().await?;
        self.seen = [self.seen[1], head];
        let is_late = Position(self.tree.size()) < if must_be_all { head } else { due };
        if is_late {
            return self.read_pages(log).await;
        }
        Ok(if Position(self.tree.size()) == head { Read::All } else { Read::Some })
    }

    /// Takes whatever was passed on and follows. Says whether there was something.
    fn drain(&mut self) -> Result<bool, SealingError> {
        let mut taken: Vec<Added> = Vec::new();
        while let Some(message) = self.feed.as_mut().and_then(Fed::take) {
            let due = Position(self.tree.size() + 1);
            if message.position == due {
                self.take(&message)?;
                taken.extend(self.tree.last());
            } else if message.position > due {
                // Something was left out in between.
                self.seen[0] = self.seen[0].max(message.position);
            } else if let Some(same) = taken_at(&taken, message.position) {
                // It came twice: from a log that was cut, and from what grew in its place, or from the same again.
                same.is_still(&message)?;
            }
        }
        Ok(!taken.is_empty())
    }

    /// Asks for what has come, page by page, for a turn at most.
    async fn read_pages(&mut self, log: &JetStreamLog) -> Result<Read, SealingError> {
        let began = Instant::now();
        while began.elapsed() < TURN {
            let (page, is_all) = log.page_stored(Position(self.tree.size().saturating_sub(1))).await?;
            if page.is_empty() && self.tree.size() > 0 {
                return Ok(Read::Unconfirmed);
            }
            let new = self.tree.behind(&page)?;
            for message in new {
                self.take(message)?;
            }
            if is_all || new.is_empty() {
                return Ok(Read::All);
            }
        }
        Ok(Read::Some)
    }
}

/// What was taken at a position; they follow each other.
fn taken_at(taken: &[Added], position: Position) -> Option<&Added> {
    let first = taken.first()?.position.get();
    taken.get(usize::try_from(position.get().checked_sub(first)?).ok()?)
}
