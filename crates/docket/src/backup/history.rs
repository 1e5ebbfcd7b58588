//! The log of a backup, read entry by entry.

use docket_eventlog::Verifier;
use docket_evidence::tree::Frontier;
use docket_jetstream::{JetStreamLog, StoredMessage};
use docket_messages::Position;
use sha2::{Digest as _, Sha256};

use super::{LogKept, hex};
use crate::error::{AnyError, plain};
use crate::output::Progress;

/// What reading a log up to two positions tells: what is in a backup for certain, and what came while it was taken.
pub struct History {
    /// What the log holds up to the position that a backup vouches for.
    pub kept: LogKept,
    /// The last position of all, and the first flaw up to there.
    pub head: Position,
    /// The first flaw up to there, if there is one.
    pub flaw: Option<String>,
}

impl History {
    /// Reads a log: `last` is what a backup vouches for, `head` where reading ends.
    pub async fn read(log: &JetStreamLog, last: Position, head: Position) -> Result<Self, AnyError> {
        let mut reading = Reading::default();
        let mut kept = (last == Position::default()).then(|| reading.kept());
        let mut progress = Progress::start("entries checked", head.get());
        while reading.position < head {
            let (entries, is_all) = log.page_whole(reading.position).await?;
            let before = reading.position;
            for (stored, recorded) in entries.iter().take_while(|(_, recorded)| recorded.position <= head) {
                reading.apply(stored, recorded)?;
                if recorded.position == last {
                    kept = Some(reading.kept());
                }
            }
            progress.advance(reading.position.get() - before.get());
            if is_all || reading.position == before {
                break;
            }
        }
        progress.finish();
        let kept =
            kept.ok_or_else(|| plain(format!("the log has no entry at position {last}, where it should end")))?;
        Ok(Self { kept, head: reading.position, flaw: reading.flaw })
    }
}

#[derive(Default)]
struct Reading {
    verifier: Verifier,
    payloads: Sha256,
    last: Option<Sha256>,
    position: Position,
    tree: Frontier,
    flaw: Option<String>,
}

impl Reading {
    fn apply(&mut self, stored: &StoredMessage, recorded: &docket_eventlog::Recorded) -> Result<(), AnyError> {
        // Behind a flaw nothing follows from what was before.
        if self.flaw.is_none() {
            self.flaw = self.verifier.check(recorded).err().map(|flaw| flaw.to_string());
        }
        self.payloads.update(&recorded.payload);
        self.last = Some(Sha256::new().chain_update(&recorded.payload));
        self.position = recorded.position;
        self.tree.append(docket_sealing::leaf_of(stored)?.hash(), |_, _, _| {});
        Ok(())
    }

    fn kept(&self) -> LogKept {
        LogKept {
            last: self.position,
            last_sha256: self.last.clone().map(hex),
            payloads_sha256: hex(self.payloads.clone()),
            // A log with a gap has no root: it is no log that was sealed.
            root: (self.tree.size() == self.position.get()).then(|| self.tree.root().to_string()),
            flaw: self.flaw.clone(),
        }
    }
}
