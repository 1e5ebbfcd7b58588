//! The witnesses of a log, as its sealer asks them.
//!
//! One head at a time goes round. A witness that is away is left out; one that has seen more of the log than there is, or
//! another history of it, is a finding: somebody has put an old log back.

use docket_evidence::checkpoint::{Checkpoint, SignedCheckpoint, Vouched};
use docket_evidence::note::{Signature, VerifierKey};
use docket_evidence::policy::Policy;
use docket_evidence::tree::{Subtree, prove, root};
use docket_evidence::witness::AddCheckpoint;
use docket_jetstream::seals::Request;
use docket_messages::Position;
use docket_witness::{Asked, Client, ClientError};
use futures::StreamExt as _;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;

use crate::sealer::Progress;
use crate::tree::Tree;
use crate::{Keys, SealingError};

/// All of them.
pub(crate) struct Witnesses {
    all: Vec<Witness>,
    round: Option<Round>,
    asking: FuturesUnordered<BoxFuture<'static, Answer>>,
}

/// A witness, and what it has seen.
struct Witness {
    client: Client,
    keys: Vec<VerifierKey>,
    /// How large the log was that it signed last, as far as is known.
    seen: u64,
    is_away: bool,
    /// Whether it was asked twice for the head that goes round.
    is_asked_again: bool,
}

/// What came of asking a witness.
pub(crate) struct Answer {
    index: usize,
    asked: Result<Asked, ClientError>,
    /// Its newest head, if it does not sign because of that one. Its word alone is no finding: anybody may stand between.
    latest: Option<SignedCheckpoint>,
}

/// A head that goes round.
struct Round {
    signed: SignedCheckpoint,
    /// Who waits for it.
    requests: Vec<Request>,
}

/// A head that has been round.
pub(crate) struct Witnessed {
    pub signed: SignedCheckpoint,
    pub requests: Vec<Request>,
    /// How many witnesses have signed it.
    pub count: usize,
}

impl Witnesses {
    /// The witnesses of a policy that it says an address of.
    pub(crate) fn of(policy: Option<&Policy>) -> Result<Self, SealingError> {
        let mut all: Vec<Witness> = Vec::new();
        for party in policy.iter().flat_map(|policy| policy.witnesses()) {
            let Some(url) = &party.url else { continue };
            let client = Client::new(url)?;
            match all.iter_mut().find(|witness| witness.client.url() == client.url()) {
                Some(witness) => witness.keys.push(party.key.clone()),
                None => {
                    let keys = vec![party.key.clone()];
                    all.push(Witness { client, keys, seen: 0, is_away: false, is_asked_again: false });
                }
            }
        }
        Ok(Self { all, round: None, asking: FuturesUnordered::new() })
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.all.len()
    }

    /// The newest head of a log that each of them has signed, as far as they answer.
    pub(crate) async fn latest(&mut self, keys: &Keys) -> Vec<Checkpoint> {
        let mut heads = Vec::new();
        for witness in &mut self.all {
            match witness.client.latest(keys.origin()).await {
                Ok(Some(signed)) if witness.has_signed_after(keys, &signed) => {
                    heads.push(signed.checkpoint().clone());
                }
                Ok(Some(_)) => witness.is_away(&"what it says of the log is signed by others"),
                Ok(None) => witness.is_away = false,
                Err(error) => witness.is_away(&error),
            }
        }
        heads
    }

    /// Whether one of them did not answer when it was asked last.
    pub(crate) fn is_one_away(&self) -> bool {
        self.all.iter().any(|witness| witness.is_away)
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.round.is_none()
    }

    /// Sends a head round. The last one must have been round.
    pub(crate) fn begin(
        &mut self,
        signed: SignedCheckpoint,
        requests: Vec<Request>,
        tree: &mut Tree,
    ) -> Result<(), SealingError> {
        for index in 0..self.all.len() {
            if let Some(witness) = self.all.get_mut(index) {
                witness.is_asked_again = false;
            }
            self.ask(index, &signed, tree)?;
        }
        self.round = Some(Round { signed, requests });
        Ok(())
    }

    fn ask(&mut self, index: usize, signed: &SignedCheckpoint, tree: &mut Tree) -> Result<(), SealingError> {
        let Some(witness) = self.all.get(index) else { return Ok(()) };
        let (old, size) = (witness.seen, signed.checkpoint().size);
        let proof = match Subtree::new(0, old) {
            Some(of) => prove(tree.hashes(), of, size)?.unwrap_or_default(),
            None => Vec::new(),
        };
        let (request, client) = (AddCheckpoint { old, proof, checkpoint: signed.clone() }, witness.client.clone());
        let ask = async move {
            let asked = client.add_checkpoint(&request).await;
            let is_against = match &asked {
                Ok(Asked::Last(seen)) => *seen > size,
                Ok(Asked::Inconsistent) => true,
                Ok(Asked::Signed(_)) | Err(_) => false,
            };
            let latest =
                if is_against { client.latest(&request.checkpoint.checkpoint().origin).await } else { Ok(None) };
            match latest {
                Ok(latest) => Answer { index, asked, latest },
                Err(error) => Answer { index, asked: Err(error), latest: None },
            }
        };
        self.asking.push(Box::pin(ask));
        Ok(())
    }

    /// The next answer; none will come while nothing goes round.
    pub(crate) async fn answer(&mut self) -> Answer {
        match self.asking.next().await {
            Some(answer) => answer,
            None => std::future::pending().await,
        }
    }

    /// Notes an answer. Returns the head once all have answered.
    pub(crate) fn note(
        &mut self,
        answer: Answer,
        keys: &Keys,
        tree: &mut Tree,
    ) -> Result<Option<Witnessed>, SealingError> {
        let Some(mut round) = self.round.take() else { return Ok(None) };
        let index = answer.index;
        let again = match self.all.get_mut(index) {
            Some(witness) => witness.note(answer, keys, &mut round.signed, tree)?,
            None => false,
        };
        if again {
            self.ask(index, &round.signed, tree)?;
        }
        if !self.asking.is_empty() {
            self.round = Some(round);
            return Ok(None);
        }
        let count = self.all.iter().filter(|witness| witness.has_signed(&round.signed)).count();
        Ok(Some(Witnessed { signed: round.signed, requests: round.requests, count }))
    }
}

impl Witness {
    /// Whether one of its keys has signed, and none is said to have that has not.
    fn has_signed(&self, signed: &SignedCheckpoint) -> bool {
        let vouched: Result<Vec<_>, _> = self.keys.iter().map(|key| signed.vouched_by(key)).collect();
        vouched.is_ok_and(|vouched| vouched.iter().any(|vouched| matches!(vouched, Some(Vouched::At(_)))))
    }

    /// Whether it has signed what the sealer had.
    fn has_signed_after(&self, keys: &Keys, signed: &SignedCheckpoint) -> bool {
        self.has_signed(signed) && matches!(keys.have_signed(signed), Ok(true))
    }

    /// Notes its answer to a head. Says whether it must be asked again.
    fn note(
        &mut self,
        Answer { asked, latest, .. }: Answer,
        keys: &Keys,
        signed: &mut SignedCheckpoint,
        tree: &mut Tree,
    ) -> Result<bool, SealingError> {
        let size = signed.checkpoint().size;
        match asked {
            Ok(Asked::Signed(signatures)) => {
                self.seen = size;
                self.note_signatures(signatures, signed);
                Ok(false)
            }
            Ok(Asked::Inconsistent) => self.note_latest(latest, keys, size, tree),
            Ok(Asked::Last(seen)) if seen > size => self.note_latest(latest, keys, size, tree),
            Ok(Asked::Last(seen)) if seen != self.seen && !self.is_asked_again => {
                (self.seen, self.is_asked_again) = (seen, true);
                Ok(true)
            }
            Ok(Asked::Last(_)) => {
                self.is_away(&"it says that it has last seen what it was told that it had");
                Ok(false)
            }
            Err(error) => {
                self.is_away(&error);
                Ok(false)
            }
        }
    }

    /// Adds what it has signed with its own keys, with each once.
    fn note_signatures(&mut self, signatures: Vec<Signature>, signed: &mut SignedCheckpoint) {
        let mut with = signed.clone();
        for key in &self.keys {
            let by_key = |signature: &&Signature| signature.name == *key.name() && signature.id == key.id();
            signatures.iter().find(by_key).into_iter().for_each(|signature| with.add(signature.clone()));
        }
        if self.has_signed(&with) {
            *signed = with;
            self.is_away = false;
        } else {
            self.is_away(&"it answers with a signature that is not its own");
        }
    }

    /// Looks at what it has signed, since it says that a head does not follow from that. Only if it has signed it, and the
    /// sealer before, this is a finding: somebody has put an old log back, or two sealers work with one key.
    fn note_latest(
        &mut self,
        latest: Option<SignedCheckpoint>,
        keys: &Keys,
        size: u64,
        tree: &mut Tree,
    ) -> Result<bool, SealingError> {
        let Some(latest) = latest.filter(|latest| self.has_signed_after(keys, latest)) else {
            self.is_away(&"it refuses to sign, and shows no checkpoint of this log, signed by it, that says why");
            return Ok(false);
        };
        let (url, seen) = (self.client.url().to_owned(), latest.checkpoint().size);
        if seen > size {
            return Err(SealingError::Witnessed { url, seen: Position(seen), head: Position(size) });
        }
        if root(tree.hashes(), seen)? != latest.checkpoint().root {
            let size = tree.size();
            if root(tree.hashes(), size)? != tree.root() {
                // The files are not those of the log; what was signed of it may well be.
                tree.hashes().keep(0)?;
                return Err(SealingError::SpoiltHashes);
            }
            return Err(SealingError::Inconsistent { url, seen: Position(seen) });
        }
        self.seen = seen;
        let is_first = !std::mem::replace(&mut self.is_asked_again, true);
        if !is_first {
            self.is_away(&"it refuses to sign what follows from its own checkpoint");
        }
        Ok(is_first)
    }

    /// It is said once.
    fn is_away(&mut self, cause: &dyn std::fmt::Display) {
        if !std::mem::replace(&mut self.is_away, true) {
            tracing::warn!("the witness at {} has not signed; it is asked again: {cause}", self.client.url());
        }
    }
}

impl Progress {
    /// Notes a head that has been round.
    pub(crate) fn note_witnessed(&mut self, witnessed: &Witnessed) {
        self.witnesses = witnessed.count;
        if witnessed.count > 0 {
            self.witnessed = Position(witnessed.signed.checkpoint().size);
        }
    }
}
