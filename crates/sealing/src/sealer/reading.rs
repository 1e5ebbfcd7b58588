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

/// So many entries are taken in at once, while it catches up.
const AT_ONCE: usize = 1_024;
/// After so long without an entry, while it catches up, it looks whether there is one.
const SILENCE: Duration = Duration::from_secs(10);

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
    /// entry was taken in.
    pub(super) async fn read(&mut self, log: &JetStreamLog) -> Result<u64, SealingError> {
        let asked_at = seconds_now();
        let read = match self.feed {
            Some(_) => self.read_fed(log).await,
            None => self.read_pages(log).await,
        };
        let is_all = match read {
            Ok(is_all) => is_all,
            Err(SealingError::Log(error)) => {
                tracing::warn!("what has come cannot be read just now, and is asked for again: {error}");
                false
            }
            Err(error) => return Err(error),
        };
        self.progress.send_if_modified(|p| {
            let read = Position(self.tree.size());
            std::mem::replace(&mut p.read, read) != read
        });
        Ok(if is_all { asked_at } else { self.taken_in })
    }

    /// Takes what another one was sent. What was there two turns ago and has not come is asked for: at the highest rate, the other
    /// one is a turn behind. Says whether it is all.
    async fn read_fed(&mut self, log: &JetStreamLog) -> Result<bool, SealingError> {
        let before = self.tree.last();
        while let Some(message) = self.feed.as_mut().and_then(Fed::take) {
            let due = Position(self.tree.size() + 1);
            if message.position == due {
                self.take(&message)?;
            } else if message.position > due {
                // Something was left out in between.
                self.seen[0] = self.seen[0].max(message.position);
            }
        }
        // After the new ones came: if they are of a log that was cut and has grown again, another entry stands there by now.
        if let Some(before) = before {
            let now = log.stored_at(before.position).await?;
            before.is_still(&now.ok_or(SealingError::Gap(before.position))?)?;
        }
        let is_late = Position(self.tree.size()) < self.seen[0];
        let head = log.head().await?;
        self.seen = [self.seen[1], head];
        if is_late { self.read_pages(log).await } else { Ok(Position(self.tree.size()) == head) }
    }

    /// Asks for what has come, page by page, for a turn at most. Says whether it is all.
    async fn read_pages(&mut self, log: &JetStreamLog) -> Result<bool, SealingError> {
        let began = Instant::now();
        while began.elapsed() < TURN {
            let (page, is_all) = log.page_stored(Position(self.tree.size().saturating_sub(1))).await?;
            let new = self.tree.behind(&page)?;
            for message in new {
                self.take(message)?;
            }
            if is_all || new.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
