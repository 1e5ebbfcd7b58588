//! What has been answered: a command id is remembered for ever, for the principal that used it and the case that it was
//! sent to, wherever the command was carried out.

use std::collections::HashMap;

use docket_eventlog::TraceParent;
use docket_messages::{
    Addressee, CaseEntry, CaseEvent, CaseId, CommandId, Digest, Entry, FamilyEvent, OnBehalfOf, Position,
    PrincipalName, Salt, Version, Via,
};

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
    request: Digest,
    message: Option<Digest>,
    salt: Salt,
    pub version: Version,
    pub position: Position,
    /// The case that the command has opened to go on with something of this one.
    pub follow_up: Option<CaseId>,
}

impl Receipt {
    pub(crate) fn of<E>(entry: &Entry<E>, position: Position) -> Self {
        let (request, message, salt) = (entry.request, entry.message, entry.salt.clone());
        Self { request, message, salt, version: entry.version, position, follow_up: None }
    }

    /// Whether it is the answer to this very command, and not to another one with the same id: to the same message, or
    /// to the same bytes. Older entries know the bytes only; and what a message says in this version of Docket is not
    /// what decides about bytes that an older one took in.
    pub(crate) fn answers(&self, request: &Request<'_>) -> bool {
        let (bytes, message) = request.digests(&self.salt);
        self.message == Some(message) || self.request == bytes
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
#[derive(Debug, Clone, Copy)]
pub(crate) enum Remembered<'a> {
    /// This very command was answered.
    Answered(&'a Receipt),
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

    /// What is known here, on `here`, of a command that was sent to `addressee`.
    pub(crate) fn find(&self, here: CaseId, addressee: Addressee, request: &Request<'_>) -> Option<Remembered<'_>> {
        let (by, id) = (request.by.clone(), request.id.clone());
        let known = |receipt| {
            if Receipt::answers(receipt, request) { Remembered::Answered(receipt) } else { Remembered::Reused }
        };
        if addressee == here.into() {
            return self.own.get(&(by, id)).map(known);
        }
        let sent_there = self.sent_to_others.get(&(addressee, by.clone(), id.clone())).map(known);
        // Once, entries did not say whom a command was sent to. The body of one that fits does.
        sent_there
            .or_else(|| self.own.get(&(by, id)).filter(|receipt| receipt.answers(request)).map(Remembered::Answered))
    }
}
