//! What has been answered: a command id is remembered for ever, for the principal that used it and the case that it was
//! sent to, wherever the command was carried out.

use std::collections::HashMap;

use docket_eventlog::TraceParent;
use docket_keyring::KeyRing;
use docket_messages::{
    Addressee, CaseEntry, CaseEvent, CaseId, CommandId, Digest, Entry, Failure, FamilyEvent, KeyId, OnBehalfOf,
    Position, PrincipalName, Salt, Version, Via,
};

use crate::answers::without_keys;

/// A command as its entry names it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request<'a> {
    pub id: &'a CommandId,
    pub by: &'a PrincipalName,
    pub on_behalf_of: Option<&'a OnBehalfOf>,
    pub verb: &'a str,
    pub body: &'a [u8],
    /// The digest of the message that the body is.
    pub message: &'a Digest,
    /// How it came, if not from the principal.
    pub via: Option<Via>,
    /// Whom it was sent to, if that is not the aggregate that has it now.
    pub sent_to: Option<Addressee>,
    pub trace: Option<&'a TraceParent>,
}

impl Request<'_> {
    /// What an entry keeps of it: of its bytes, and of what they say.
    pub(crate) fn digests(&self, salt: &Salt) -> (Digest, Digest) {
        let message = Digest::of_salted_message(salt, self.verb, self.message);
        (Digest::of_request(salt, self.verb, self.body), message)
    }
}

/// The answer that a command got.
#[derive(Debug, Clone)]
pub(crate) struct Receipt {
    verb: String,
    request: Digest,
    message: Option<Digest>,
    salt: Salt,
    /// The key that the digests are keyed by.
    key: Option<KeyId>,
    pub version: Version,
    pub position: Position,
    /// The case that the command has opened to go on with something of this one.
    pub follow_up: Option<CaseId>,
}

impl Receipt {
    pub(crate) fn of<E>(entry: &Entry<E>, position: Position) -> Self {
        let (verb, request, message, salt) = (entry.verb.clone(), entry.request, entry.message, entry.salt.clone());
        Self { verb, request, message, salt, key: entry.key.clone(), version: entry.version, position, follow_up: None }
    }

    /// Whether it is the answer to this very command, and not to another one with the same id. Once the key is destroyed
    /// that the request is hashed with, id and verb alone decide.
    pub(crate) async fn answers(&self, keys: &KeyRing, request: &Request<'_>) -> Result<bool, Failure> {
        let Some(id) = &self.key else { return Ok(self.has(&self.salt, request)) };
        Ok(match keys.get(id).await.map_err(|error| without_keys(&error))? {
            Some(key) => self.has(&key.keyed(&self.salt), request),
            None => self.verb == request.verb,
        })
    }

    /// Whether it is of the same message, or of the same bytes. Older entries know the bytes only; and what a message says in
    /// this version of Docket is not what decides about bytes that an older one took in.
    fn has(&self, salt: &Salt, request: &Request<'_>) -> bool {
        let (bytes, message) = request.digests(salt);
        self.message == Some(message) || self.request == bytes
    }

    /// The answer again, or that another command has the id.
    pub(crate) async fn remembered(self, keys: &KeyRing, request: &Request<'_>) -> Result<Remembered, Failure> {
        let is_answer = self.answers(keys, request).await?;
        Ok(if is_answer { Remembered::Answered(self) } else { Remembered::Reused })
    }
}

/// The case that an entry opens to go on with something of this one, if it does.
pub(crate) fn follow_up(entry: &CaseEntry) -> Option<CaseId> {
    let opened = |event: &CaseEvent| {
        if let CaseEvent::Family(FamilyEvent::SplitRequested(asked)) = event { Some(asked.into) } else { None }
    };
    entry.events.iter().find_map(opened)
}

/// What the receipts know of a command id.
#[derive(Debug, Clone)]
pub(crate) enum Remembered {
    /// This very command was answered.
    Answered(Receipt),
    /// Another command has that id.
    Reused,
}

/// Whose receipt it is.
type Key = (Option<Addressee>, PrincipalName, CommandId);

/// The receipts of one case.
#[derive(Debug, Clone, Default)]
pub(crate) struct Receipts {
    /// Of what was sent to it.
    own: HashMap<(PrincipalName, CommandId), Receipt>,
    /// Of what was sent to others and carried out on it.
    sent_to_others: HashMap<(Addressee, PrincipalName, CommandId), Receipt>,
    /// Of what has begun something with another case: the id of the command that will end it, and whose receipt it is.
    begun: Vec<(CommandId, Key)>,
}

impl Receipts {
    pub(crate) fn remember(&mut self, entry: &CaseEntry, position: Position) {
        let receipt = Receipt { follow_up: follow_up(entry), ..Receipt::of(entry, position) };
        let (by, id) = (entry.by.clone(), entry.id.clone());
        match entry.sent_to {
            None => self.own.insert((by, id), receipt),
            Some(addressee) => self.sent_to_others.insert((addressee, by, id), receipt),
        };
    }

    /// Notes that a command has begun something with another case, which ends with the command of an id.
    pub(crate) fn begin(&mut self, entry: &CaseEntry, end: CommandId) {
        self.begun.push((end, (entry.sent_to, entry.by.clone(), entry.id.clone())));
    }

    /// Notes the end of what a command has begun: the command was answered then.
    pub(crate) fn end(&mut self, entry: &CaseEntry, position: Position) {
        let Some(index) = self.begun.iter().position(|(end, _)| *end == entry.id) else { return };
        let (_, (sent_to, by, id)) = self.begun.swap_remove(index);
        let receipt = match sent_to {
            None => self.own.get_mut(&(by, id)),
            Some(addressee) => self.sent_to_others.get_mut(&(addressee, by, id)),
        };
        let Some(receipt) = receipt else { return };
        (receipt.version, receipt.position) = (entry.version, position);
        if entry.events.iter().any(|event| matches!(event, CaseEvent::Family(FamilyEvent::LinkRefused(_)))) {
            receipt.follow_up = None;
        }
    }

    /// Whether a command has begun what ends with the command of that id.
    pub(crate) fn has_begun(&self, request: &Request<'_>, sent_to: Option<Addressee>, end: &str) -> bool {
        let is_its = |(sent, by, id): &Key| (*sent, by, id) == (sent_to, request.by, request.id);
        self.begun.iter().any(|(other, key)| other.as_str() == end && is_its(key))
    }

    /// The receipt here, on `here`, of the id of a command that was sent to `addressee`. Whether it is that command's,
    /// [`Receipt::answers`] says.
    pub(crate) fn find(&self, here: CaseId, addressee: Addressee, request: &Request<'_>) -> Option<&Receipt> {
        let (by, id) = (request.by.clone(), request.id.clone());
        if addressee == here.into() {
            return self.own.get(&(by, id));
        }
        let sent_there = self.sent_to_others.get(&(addressee, by.clone(), id.clone()));
        // Once, entries did not say whom a command was sent to. The body of one that fits does; and no such entry is keyed.
        sent_there.or_else(|| {
            self.own.get(&(by, id)).filter(|receipt| receipt.key.is_none() && receipt.has(&receipt.salt, request))
        })
    }
}
