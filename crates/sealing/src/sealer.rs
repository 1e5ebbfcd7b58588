//! The sealer at work.

use std::convert::Infallible;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use docket_eventlog::{EventLog as _, ReadError};
use docket_evidence::checkpoint::{Checkpoint, SignedCheckpoint};
use docket_evidence::hash::Hash;
use docket_jetstream::seals::{NotSealed, Seal, Seals};
use docket_jetstream::{JetStreamLog, StoredMessage};
use docket_messages::Position;
use futures::StreamExt as _;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::tree::{Tree, incarnation_once_begun, is_of};
use crate::{Hashes, Keys, Length, SealingError, read_seal};

/// How often it looks whether there is something to seal. What it seals it has read a turn before, so that the server has
/// had its time to sync it: a seal must not outlive what it seals. So it is two turns behind at most.
const TURN: Duration = Duration::from_millis(400);
/// After so long without an entry it says that there was none.
const HEARTBEAT: Duration = Duration::from_secs(15 * 60);
/// How often a seal has a signature that quantum computers do not break.
const SLOW_BEAT: Duration = Duration::from_secs(60 * 60);
/// So many entries are taken in at once.
const AT_ONCE: usize = 1_024;
/// How often it looks whether the log has become shorter: what follows it then hears nothing.
const LENGTH: Duration = Duration::from_secs(5);

/// How the sealer works.
#[derive(Debug)]
pub struct Settings {
    /// What it signs with.
    pub keys: Keys,
    /// The folder of the hashes.
    pub hashes: PathBuf,
}

/// How far the sealer is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// The position up to which the log was read.
    pub read: Position,
    /// The position up to which it is sealed.
    pub sealed: Position,
    /// When the last seal was signed, in seconds since 1970.
    pub sealed_at: Option<u64>,
}

/// Follows the log and seals it, until something is wrong.
///
/// # Errors
/// [`SealingError`].
pub async fn run(
    log: &JetStreamLog,
    seals: &Seals,
    settings: &Settings,
    progress: &watch::Sender<Progress>,
) -> Result<Infallible, SealingError> {
    let keys = &settings.keys;
    let wanted = incarnation_once_begun(log).await?;
    if !is_of(keys.origin(), &wanted) {
        return Err(SealingError::OtherLog { key: keys.origin().to_string(), wanted });
    }
    let last = seals.last().await?;
    let (number, sealed) = match &last {
        Some(seal) => (seal.number, sealed_by(keys, seal)?),
        None => (0, None),
    };
    let head = log.head().await?;
    let size = sealed.as_ref().map_or(0, |sealed| sealed.size);
    if head.get() < size {
        return Err(SealingError::Truncated { head, sealed: Position(size) });
    }
    let mut hashes = Hashes::open(&settings.hashes)?;
    // What was read and not sealed counts for nothing.
    hashes.keep(size)?;
    progress.send_modify(|p| *p = Progress { sealed: Position(size), ..Progress::default() });
    let mut sealer =
        Sealer { keys, seals, progress, number, tree: Tree::new(hashes), sealed, ready: None, sealed_at: None };
    let mut messages = log.follow_stored(Position(0)).await?.ready_chunks(AT_ONCE);
    let (mut turns, mut looks) = (interval(TURN), interval(LENGTH));
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut length = Length::default();
    loop {
        tokio::select! {
            chunk = messages.next() => sealer.take(chunk.ok_or_else(ended)?)?,
            _ = turns.tick() => sealer.turn().await?,
            _ = looks.tick() => length.note(log.head().await?)?,
        }
    }
}

fn ended() -> SealingError {
    ReadError::new("follow the log to seal it", "it ended").into()
}

/// What a seal of this log says; nothing if it is one of the log that this one was restored from.
fn sealed_by(keys: &Keys, seal: &Seal) -> Result<Option<Checkpoint>, SealingError> {
    let unverified = |cause: String| SealingError::Unverified { number: seal.number, cause };
    let signed = read_seal(seal)?;
    if signed.checkpoint().origin != *keys.origin() {
        return Ok(None);
    }
    match signed.vouched_by(keys.log.verifier()) {
        Ok(Some(_)) => Ok(Some(signed.checkpoint().clone())),
        Ok(None) => Err(unverified("another key of that name has signed it".to_owned())),
        Err(error) => Err(unverified(error.to_string())),
    }
}

struct Sealer<'s> {
    keys: &'s Keys,
    seals: &'s Seals,
    progress: &'s watch::Sender<Progress>,
    /// The number of the last seal.
    number: u64,
    tree: Tree,
    /// What the last seal says, until the log was found to agree.
    sealed: Option<Checkpoint>,
    /// Size and root of the tree a turn ago.
    ready: Option<(u64, Hash)>,
    /// When the last seal was written, and when the last one of the slow beat.
    sealed_at: Option<(Instant, Instant)>,
}

impl Sealer<'_> {
    fn take(&mut self, chunk: Vec<Result<StoredMessage, ReadError>>) -> Result<(), SealingError> {
        for message in chunk {
            self.tree.add(&message?)?;
            let size = self.tree.size();
            if let Some(sealed) = self.sealed.take_if(|sealed| sealed.size == size) {
                self.compare(&sealed)?;
            }
        }
        self.progress.send_modify(|p| p.read = Position(self.tree.size()));
        Ok(())
    }

    /// Compares the log with what was sealed of it.
    fn compare(&mut self, sealed: &Checkpoint) -> Result<(), SealingError> {
        let position = Position(sealed.size);
        if self.tree.root() != sealed.root {
            return Err(SealingError::Forked { sealed: position, first: self.tree.differs() });
        }
        if self.tree.differs().is_some() {
            // The log is as it was sealed, so it is the files that are not.
            self.tree.hashes().keep(0)?;
            return Err(SealingError::SpoiltHashes);
        }
        tracing::info!(%position, "the log is what was sealed up to position {position}");
        Ok(())
    }

    /// Seals what was read a turn ago, or says that nothing came for long.
    async fn turn(&mut self) -> Result<(), SealingError> {
        if self.sealed.is_some() || self.tree.size() == 0 {
            // Not before the log was found to be what was sealed.
            return Ok(());
        }
        let Some((size, root)) = self.ready.replace((self.tree.size(), self.tree.root())) else { return Ok(()) };
        let sealed = self.progress.borrow().sealed;
        let is_quiet = self.sealed_at.is_none_or(|(at, _)| at.elapsed() >= HEARTBEAT);
        if size > sealed.get() || is_quiet { self.seal(size, root).await } else { Ok(()) }
    }

    async fn seal(&mut self, size: u64, root: Hash) -> Result<(), SealingError> {
        let checkpoint = Checkpoint { origin: self.keys.origin().clone(), size, root };
        let unsigned = SignedCheckpoint::new(checkpoint);
        let mut signed =
            unsigned.map_err(|error| SealingError::Unverified { number: self.number + 1, cause: error.to_string() })?;
        let at = seconds_now();
        let is_slow_beat = self.sealed_at.is_none_or(|(_, slow)| slow.elapsed() >= SLOW_BEAT);
        signed.sign(&self.keys.log, at);
        signed.sign(&self.keys.clock, at);
        if is_slow_beat {
            signed.sign(&self.keys.quantum, at);
        }
        self.tree.hashes().flush()?;
        let written = self.seals.write(signed.to_string().into(), self.number).await;
        self.number = written.map_err(|error| match error {
            NotSealed::Followed(number) => SealingError::Followed(number),
            NotSealed::Nats(error) => error.into(),
        })?;
        let now = Instant::now();
        let slow = self.sealed_at.filter(|_| !is_slow_beat).map_or(now, |(_, slow)| slow);
        self.sealed_at = Some((now, slow));
        self.progress.send_modify(|p| (p.sealed, p.sealed_at) = (Position(size), Some(at)));
        Ok(())
    }
}

fn seconds_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map(|since| since.as_secs()).unwrap_or_default()
}
