//! The sealer at work.

mod reading;

use std::convert::Infallible;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use docket_eventlog::EventLog as _;
use docket_evidence::checkpoint::{Checkpoint, SignedCheckpoint};
use docket_evidence::hash::Hash;
use docket_evidence::policy::Policy;
use docket_jetstream::seals::{NotSealed, Request, Seals};
use docket_jetstream::{Fed, Feed, JetStreamLog, StoredMessage};
use docket_messages::Position;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::before::{known, sealed_by};
use crate::tree::{Tree, incarnation_once_begun, is_of};
use crate::witnesses::{Witnessed, Witnesses};
use crate::{Hashes, Keys, Length, SealingError, last_seal, read_seal};

/// How often it reads what has come, and seals. What it seals it has read a turn before, so that the server has had its
/// time to sync it: a seal must not outlive what it seals. So it is two turns behind at most.
const TURN: Duration = Duration::from_millis(250);
/// After so long without an entry it says that there was none.
const HEARTBEAT: Duration = Duration::from_secs(15 * 60);
/// How often a seal has a signature that quantum computers do not break.
const SLOW_BEAT: Duration = Duration::from_secs(60 * 60);
/// How often it looks whether the log has become shorter: what follows it then hears nothing.
const LENGTH: Duration = Duration::from_secs(5);

/// How often witnesses are asked to sign, if there is something new.
const ROUND: Duration = Duration::from_secs(10);

/// How the sealer works.
#[derive(Debug)]
pub struct Settings {
    /// What it signs with.
    pub keys: Keys,
    /// The folder of the hashes.
    pub hashes: PathBuf,
    /// The witnesses, with their addresses.
    pub witnesses: Option<Policy>,
    /// Heads that stand beside the read models, the largest first; nobody has verified them. None if nobody could be asked.
    pub kept: Option<Vec<SignedCheckpoint>>,
    /// What another one in this process reads of the log, if there is such a one: reading it twice would cost the server, and
    /// this process, more than all hashes and signatures.
    pub feed: Option<Feed>,
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
    /// The position up to which a witness has seen it.
    pub witnessed: Position,
    /// How many witnesses have signed the head that went round last.
    pub witnesses: usize,
}

/// Follows the log and seals it, until something is wrong.
///
/// # Errors
/// [`SealingError`].
pub async fn run(
    log: &JetStreamLog,
    seals: &Seals,
    settings: &Settings,
    requests: BoxStream<'static, Request>,
    progress: &watch::Sender<Progress>,
) -> Result<Infallible, SealingError> {
    let keys = &settings.keys;
    let wanted = incarnation_once_begun(log).await?;
    if !is_of(keys.origin(), &wanted) {
        return Err(SealingError::OtherLog { key: keys.origin().to_string(), wanted });
    }
    let number = seals.end().await?;
    let last = last_seal(seals).await?;
    let sealed = last.map(|(seal, signed)| sealed_by(keys, seal.number, &signed)).transpose()?.flatten();
    let size = sealed.as_ref().map_or(0, |sealed| sealed.size);
    let mut witnesses = Witnesses::of(settings.witnesses.as_ref())?;
    let known = known(settings, &mut witnesses, sealed, (log, seals)).await?;
    // Not before: what was said of the log until now is of entries that were in it then.
    let head = log.head().await?;
    if let Some(largest) = known.first().filter(|largest| head.get() < largest.size) {
        return Err(SealingError::Truncated { head, sealed: Position(largest.size) });
    }
    let mut hashes = Hashes::open(&settings.hashes)?;
    // What was read and not sealed counts for nothing.
    hashes.keep(size)?;
    progress.send_modify(|p| *p = Progress { sealed: Position(size), ..Progress::default() });
    let feed = match &settings.feed {
        Some(feed) => Some(feed.take().await),
        None => None,
    };
    let mut sealer = Sealer {
        keys,
        seals,
        progress,
        number,
        tree: Tree::new(hashes),
        taken_in: 0,
        known,
        ready: None,
        sealed_at: None,
        asked: Asked::default(),
        length: Length::default(),
        feed,
        seen: [Position(0); 2],
        unsure: None,
    };
    sealer.catch_up(log, head).await?;
    let mut requests = requests;
    let [mut turns, mut looks, mut rounds] = [TURN, LENGTH, ROUND].map(|every| {
        let mut ticks = interval(every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks
    });
    loop {
        tokio::select! {
            _ = turns.tick() => {
                sealer.turn(log, &mut witnesses).await?;
                // The next one is a whole turn later, however long this one took.
                turns.reset();
            }
            _ = rounds.tick() => sealer.asked.is_round_due = true,
            Some(request) = requests.next() => sealer.asked.arriving.push(request),
            answer = witnesses.answer() => {
                if let Some(witnessed) = witnesses.note(answer, sealer.keys, &mut sealer.tree)? {
                    sealer.hand_out(witnessed).await?;
                }
            }
            _ = looks.tick() => sealer.look(log).await?,
        }
    }
}

struct Sealer<'s> {
    keys: &'s Keys,
    seals: &'s Seals,
    progress: &'s watch::Sender<Progress>,
    /// The number of what was written last.
    number: u64,
    tree: Tree,
    /// When the server took in what was read last, in seconds.
    taken_in: u64,
    /// What was said of the log before, the largest head first, until the log was found to agree.
    known: Vec<Checkpoint>,
    /// The tree a turn ago.
    ready: Option<Ready>,
    /// When the last seal was written, and when the last one of the slow beat.
    sealed_at: Option<(Instant, Instant)>,
    asked: Asked,
    length: Length,
    feed: Option<Fed<'s>>,
    /// Where the log ended two turns ago, and a turn ago.
    seen: [Position; 2],
    /// A seal of which nobody has said whether it was written.
    unsure: Option<String>,
}

/// What may be sealed, once it has been there for a turn.
struct Ready {
    size: u64,
    root: Hash,
    /// When it was all of the log, in seconds since 1970.
    at: u64,
}

/// Who wants a checkpoint with all signatures.
#[derive(Default)]
struct Asked {
    /// Those who have asked since the last turn.
    arriving: Vec<Request>,
    /// Those who asked before, so that what they know of the log has been read.
    waiting: Vec<Request>,
    /// Whether it is time to ask the witnesses, although nobody wants it.
    is_round_due: bool,
    /// The size of the log that was sent round last.
    round: u64,
}

impl Sealer<'_> {
    /// Looks whether the log has become shorter.
    async fn look(&mut self, log: &JetStreamLog) -> Result<(), SealingError> {
        match log.head().await {
            Ok(head) => self.length.note(head),
            Err(error) => {
                tracing::warn!("where the log ends cannot be seen just now: {error}");
                Ok(())
            }
        }
    }

    fn take(&mut self, message: &StoredMessage) -> Result<(), SealingError> {
        self.tree.add(message)?;
        self.taken_in = u64::try_from(message.nanos.div_euclid(1_000_000_000)).unwrap_or_default();
        let size = self.tree.size();
        while let Some(known) = self.known.pop_if(|known| known.size == size) {
            self.compare(&known)?;
        }
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

    /// Reads what has come, and seals what was read a turn ago: by reading on, the last entry of that was read again, so it has been
    /// there for a turn.
    async fn turn(&mut self, log: &JetStreamLog, witnesses: &mut Witnesses) -> Result<(), SealingError> {
        let (ready, arrived) = (self.ready.take(), std::mem::take(&mut self.asked.arriving));
        // Who asks for a checkpoint wants it to be of all that they know of the log.
        let is_asked = !arrived.is_empty() || !self.asked.waiting.is_empty();
        let read = self.read(log, is_asked).await?;
        // Not before the log was found to be what was sealed, nor while nobody says that the last entry stands in it.
        if let Some(at) = read.filter(|_| self.known.is_empty() && self.tree.size() > 0) {
            if let Some(ready) = ready {
                self.seal_ready(ready, witnesses).await?;
            }
            self.ready = Some(Ready { size: self.tree.size(), root: self.tree.root(), at });
        }
        // What they know of the log has been read by now.
        self.asked.waiting.extend(arrived);
        Ok(())
    }

    /// Seals a head, or says that nothing came for long, and has witnesses sign it if that is due.
    async fn seal_ready(
        &mut self,
        Ready { size, root, at }: Ready,
        witnesses: &mut Witnesses,
    ) -> Result<(), SealingError> {
        let sealed = self.progress.borrow().sealed;
        let is_quiet = self.sealed_at.is_none_or(|(at, _)| at.elapsed() >= HEARTBEAT);
        let is_round = self.asked.is_round_due && witnesses.count() > 0 && size > self.asked.round;
        // Those who have asked while others are asked wait until those have answered.
        let are_free = witnesses.is_idle();
        let requests = if are_free { std::mem::take(&mut self.asked.waiting) } else { Vec::new() };
        if size <= sealed.get() && !is_quiet && requests.is_empty() && !is_round {
            return Ok(());
        }
        let is_slow_beat = self.sealed_at.is_none_or(|(_, slow)| slow.elapsed() >= SLOW_BEAT) || !requests.is_empty();
        let signed = self.signed(size, root, at, is_slow_beat)?;
        let is_due = size > sealed.get() || is_quiet || !requests.is_empty();
        if is_due && !self.seal(&signed, at, is_slow_beat).await? {
            // What is not kept is shown to nobody.
            self.asked.waiting.extend(requests);
            return Ok(());
        }
        if witnesses.count() == 0 {
            let note = signed.to_string();
            for request in requests {
                request.answer(note.clone().into()).await;
            }
        } else if are_free && (is_quiet || is_round || !requests.is_empty()) {
            (self.asked.is_round_due, self.asked.round) = (false, size);
            self.tree.hashes().flush()?;
            witnesses.begin(signed, requests, &mut self.tree)?;
        }
        Ok(())
    }

    /// A head, signed. `at` is when it was one.
    fn signed(&self, size: u64, root: Hash, at: u64, is_slow_beat: bool) -> Result<SignedCheckpoint, SealingError> {
        let checkpoint = Checkpoint { origin: self.keys.origin().clone(), size, root };
        let unsigned = SignedCheckpoint::new(checkpoint);
        let mut signed =
            unsigned.map_err(|error| SealingError::Unverified { number: self.number + 1, cause: error.to_string() })?;
        self.keys.sign(&mut signed, at, is_slow_beat);
        Ok(signed)
    }

    /// Keeps a seal. Says whether it is kept.
    async fn seal(&mut self, signed: &SignedCheckpoint, at: u64, is_slow_beat: bool) -> Result<bool, SealingError> {
        self.tree.hashes().flush()?;
        let note = signed.to_string();
        let Some(number) = self.written(&note, false).await? else { return Ok(false) };
        self.number = number;
        let now = Instant::now();
        let slow = self.sealed_at.filter(|_| !is_slow_beat).map_or(now, |(_, slow)| slow);
        self.sealed_at = Some((now, slow));
        let sealed = Position(signed.checkpoint().size);
        self.progress.send_modify(|p| (p.sealed, p.sealed_at) = (sealed, Some(at)));
        Ok(true)
    }

    /// Writes a seal, and hands back its number. If the server does not answer, it is looked whether it is there; nothing, if it is
    /// not, or nobody knows. Then the next turn seals more.
    async fn written(&mut self, note: &str, is_witnessed: bool) -> Result<Option<u64>, SealingError> {
        let (seals, bytes) = (self.seals, note.to_owned().into());
        let written = if is_witnessed {
            seals.write_witnessed(bytes, self.number).await
        } else {
            seals.write(bytes, self.number).await
        };
        let cause = match written {
            Ok(number) => return Ok(Some(number)),
            Err(NotSealed::Followed(_)) => return self.pass_over().await.map(|()| None),
            Err(NotSealed::Nats(error)) => error,
        };
        tracing::warn!("nobody says whether a seal was written: {cause}");
        self.unsure = Some(note.to_owned());
        Ok(None)
    }

    /// Something stands behind what was written last. It may be what nobody has said to be written, or what somebody had delivered
    /// there who may follow the log; then the next seal stands behind it. A seal of another one ends this one.
    async fn pass_over(&mut self) -> Result<(), SealingError> {
        let end = self.seals.end().await?;
        if end < self.number {
            // Seals are gone; what is left is looked at anew.
            return Err(SealingError::Followed(end));
        }
        for number in self.number + 1..=end {
            let Some(seal) = self.seals.at(number).await? else { continue };
            let is_own = self.unsure.as_ref().is_some_and(|unsure| seal.note == unsure.as_bytes());
            let is_of_this_log = read_seal(&seal).is_ok_and(|signed| signed.checkpoint().origin == *self.keys.origin());
            if is_of_this_log && !is_own {
                return Err(SealingError::Followed(number - 1));
            }
        }
        (self.number, self.unsure) = (end, None);
        Ok(())
    }

    /// Keeps a head that has been round, and answers who waits for it.
    async fn hand_out(&mut self, witnessed: Witnessed) -> Result<(), SealingError> {
        let note = witnessed.signed.to_string();
        if witnessed.count > 0
            && let Some(number) = self.written(&note, true).await?
        {
            self.number = number;
        }
        self.progress.send_modify(|p| p.note_witnessed(&witnessed));
        for request in witnessed.requests {
            request.answer(note.clone().into()).await;
        }
        Ok(())
    }
}

fn seconds_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map(|since| since.as_secs()).unwrap_or_default()
}
