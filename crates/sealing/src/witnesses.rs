//! The witnesses of a log, as its sealer asks them.
//!
//! One head at a time goes round. A witness that is away is left out; one that has seen more of the log than there is, or
//! another history of it, is a finding: somebody has put an old log back.

use docket_evidence::checkpoint::{Checkpoint, SignedCheckpoint, Vouched};
use docket_evidence::note::{KeyName, VerifierKey};
use docket_evidence::policy::Policy;
use docket_evidence::tree::{Subtree, prove};
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
    asking: FuturesUnordered<BoxFuture<'static, (usize, Result<Asked, ClientError>)>>,
}

/// A witness, and what it has seen.
struct Witness {
    client: Client,
    keys: Vec<VerifierKey>,
    /// How large the log was that it signed last, as far as is known.
    seen: u64,
    is_away: bool,
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
                None => all.push(Witness { client, keys: vec![party.key.clone()], seen: 0, is_away: false }),
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
                Ok(Some(signed)) if witness.has_signed(&signed) && matches!(keys.have_signed(&signed), Ok(true)) => {
                    heads.push(signed.checkpoint().clone());
                }
                Ok(Some(_)) => tracing::warn!("what {} says of the log is signed by others", witness.client.url()),
                Ok(None) => {}
                Err(error) => witness.is_away(&error),
            }
        }
        heads
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
        self.asking.push(Box::pin(async move { (index, client.add_checkpoint(&request).await) }));
        Ok(())
    }

    /// The next answer; none will come while nothing goes round.
    pub(crate) async fn answer(&mut self) -> (usize, Result<Asked, ClientError>) {
        match self.asking.next().await {
            Some(answer) => answer,
            None => std::future::pending().await,
        }
    }

    /// Notes an answer. Returns the head once all have answered.
    pub(crate) fn note(
        &mut self,
        (index, answer): (usize, Result<Asked, ClientError>),
        tree: &mut Tree,
    ) -> Result<Option<Witnessed>, SealingError> {
        let Some(mut round) = self.round.take() else { return Ok(None) };
        let again = match self.all.get_mut(index) {
            Some(witness) => witness.note(answer, &mut round.signed)?,
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

    /// Notes its answer to a head. Says whether it must be asked again.
    fn note(
        &mut self,
        answer: Result<Asked, ClientError>,
        signed: &mut SignedCheckpoint,
    ) -> Result<bool, SealingError> {
        let size = signed.checkpoint().size;
        let url = self.client.url().to_owned();
        match answer {
            Ok(Asked::Signed(signatures)) => {
                self.seen = size;
                let known = |name: &KeyName, id: u32| self.keys.iter().any(|key| key.name() == name && key.id() == id);
                let mut with = signed.clone();
                signatures.into_iter().filter(|it| known(&it.name, it.id)).for_each(|signature| with.add(signature));
                if self.has_signed(&with) {
                    *signed = with;
                    self.is_away = false;
                } else {
                    self.is_away(&"it answers with a signature that is not its own");
                }
                Ok(false)
            }
            // Two sealers of one key, or an old log.
            Ok(Asked::Last(seen)) if seen > size => {
                Err(SealingError::Witnessed { url, seen: Position(seen), head: Position(size) })
            }
            Ok(Asked::Last(seen)) if seen != self.seen => {
                self.seen = seen;
                Ok(true)
            }
            Ok(Asked::Last(_)) => {
                self.is_away(&"it says that it has last seen what it was told that it had");
                Ok(false)
            }
            Ok(Asked::Inconsistent) => Err(SealingError::Inconsistent { url, seen: Position(self.seen) }),
            Err(error) => {
                self.is_away(&error);
                Ok(false)
            }
        }
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
