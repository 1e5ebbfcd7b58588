//! Entries: one accepted command and the events that followed, as one message of the log.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::event::{AggregateEvent, Event};
use crate::{
    Addressee, CaseEvent, CommandId, Digest, KeyId, OnBehalfOf, PersonalEvent, PersonalPart, PolicyEvent,
    PolicyVersion, PrincipalName, Salt, Timestamp, Version, json,
};

/// The version of the log's format that this code writes, and the only one that it reads.
pub const FORMAT_VERSION: u32 = 1;

/// The kind of aggregate that an entry belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// A case.
    Case,
    /// The policy.
    Policy,
    /// An agent: whether cases are taken on.
    Agent,
    /// A claim of the next case of a queue.
    Claim,
    /// A customer: what was asked of them beside their cases.
    Customer,
}

impl EntryKind {
    /// The name on the wire and in subjects.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Case => "case",
            Self::Policy => "policy",
            Self::Agent => "agent",
            Self::Claim => "claim",
            Self::Customer => "customer",
        }
    }
}

/// How a command came in the name of a principal, if not from that principal itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// The operator sent it, who may send as anybody.
    Operator,
}

/// One accepted command: who asked, on whose behalf, under which policy, and what followed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry<E> {
    /// The version of the format: [`FORMAT_VERSION`].
    pub v: u32,
    /// The sender's id of the command.
    pub id: CommandId,
    /// The command's verb.
    pub verb: String,
    /// The kind of aggregate.
    pub kind: EntryKind,
    /// The aggregate's id.
    pub of: String,
    /// The command's moment. Events that fell due earlier carry their own.
    pub at: Timestamp,
    /// Whether the sender named the moment (`Docket-Occurred-At`), so that the entry records what happened; absent in
    /// entries from before it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backdated: Option<bool>,
    /// Who asked.
    pub by: PrincipalName,
    /// On whose behalf.
    #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<OnBehalfOf>,
    /// How it came in that principal's name, if not from the principal, as the server's users vouch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<Via>,
    /// The version of the policy that it was decided under; for a policy, its own.
    pub policy: PolicyVersion,
    /// The version of the entry's last event.
    pub version: Version,
    /// The hash of the request, see [`Digest::of_request`].
    pub request: Digest,
    /// The hash of the message, see [`Digest::of_salted_message`]; absent in entries from before it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Digest>,
    /// The case or the claim that the command was sent to, if that is not this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_to: Option<Addressee>,
    /// The hash of the payload of this subject's previous entry; absent on the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prev: Option<Digest>,
    /// When the case next needs attention.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wake_at: Option<Timestamp>,
    /// The salt of `request`.
    pub salt: Salt,
    /// The data key that what is personal in the events is sealed with, and that `request` and `message` are keyed by;
    /// absent where nothing was sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<KeyId>,
    /// What followed; empty when the command changed nothing.
    #[serde(default = "Vec::new")]
    pub events: Vec<E>,
}

/// Why the bytes of a message are not an entry.
#[derive(Debug, thiserror::Error)]
pub enum UnreadableEntry {
    /// An entry of another kind of aggregate.
    #[error("it is an entry of kind `{}`, where one of kind `{}` is due", found.as_str(), due.as_str())]
    Kind {
        /// The kind found.
        found: EntryKind,
        /// The kind that is read.
        due: EntryKind,
    },
    /// Not the JSON of an entry, or an event that this code does not know.
    #[error("it is not an entry that this version of Docket knows: {0}")]
    Json(#[from] serde_json::Error),
    /// Another format.
    #[error("its format is version {found}; this version of Docket reads version {FORMAT_VERSION}")]
    Format {
        /// The version found.
        found: u32,
    },
}

/// What an entry may hold: the events of one kind of aggregate, or of any.
pub trait EntryEvent: DeserializeOwned {
    /// The kind that the entry must be of; none for any.
    const DUE: Option<EntryKind>;
}

impl<E: AggregateEvent> EntryEvent for E {
    const DUE: Option<EntryKind> = Some(E::KIND);
}

impl EntryEvent for Event {
    const DUE: Option<EntryKind> = None;
}

/// An entry of a case.
pub type CaseEntry = Entry<CaseEvent>;
/// An entry of the policy.
pub type PolicyEntry = Entry<PolicyEvent>;
/// An entry of any aggregate.
pub type AnyEntry = Entry<Event>;

impl<E: Serialize> Entry<E> {
    /// The bytes that go into the log.
    ///
    /// # Errors
    /// Never for a value that was made through its types; the signature is serde's.
    pub fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        // Most entries fit, so the memory is asked for once.
        let mut bytes = Vec::with_capacity(2_048);
        serde_json::to_writer(&mut bytes, self)?;
        Ok(bytes)
    }
}

impl<E: EntryEvent> Entry<E> {
    /// Reads an entry back. Unknown fields are ignored; an unknown event or format is an error, and so is an event of
    /// another kind of aggregate.
    ///
    /// # Errors
    /// [`UnreadableEntry`] says what is wrong with it.
    pub fn decode(payload: &[u8]) -> Result<Self, UnreadableEntry> {
        let entry: Self = json::read(payload).map_err(|error| explain(payload, error))?;
        if entry.v != FORMAT_VERSION {
            return Err(UnreadableEntry::Format { found: entry.v });
        }
        if let Some(due) = E::DUE.filter(|due| *due != entry.kind) {
            return Err(UnreadableEntry::Kind { found: entry.kind, due });
        }
        Ok(entry)
    }
}

impl<E> Entry<E> {
    /// Whether it records what happened, at a moment that the sender named. Of an entry that does not say so itself,
    /// the moment at which it was recorded tells.
    #[must_use]
    pub fn is_backdated(&self, recorded_at: Timestamp) -> bool {
        self.backdated.unwrap_or_else(|| self.is_late(recorded_at))
    }

    /// Whether it is part of a history: it records what happened long before, so there may be more of that to come. A
    /// sender who names the moment of what has only just happened tells no history.
    #[must_use]
    pub fn is_history(&self, recorded_at: Timestamp) -> bool {
        self.is_backdated(recorded_at) && self.is_late(recorded_at)
    }

    /// A live entry takes the time of its decision, and is recorded within the log's timeouts.
    fn is_late(&self, recorded_at: Timestamp) -> bool {
        const MILLIS: i64 = 60_000;
        recorded_at.millis_since(self.at) > MILLIS
    }
}

impl<E: PersonalEvent> Entry<E> {
    /// What is personal in its events, each with the version of its event.
    pub fn personal_parts(&mut self) -> impl Iterator<Item = (Version, &mut dyn PersonalPart)> {
        let count = u32::try_from(self.events.len()).unwrap_or(u32::MAX);
        let before = self.version.get().saturating_sub(count);
        let versions = (1..).map(move |nth| Version(before.saturating_add(nth)));
        versions.zip(&mut self.events).filter_map(|(version, event)| Some((version, event.personal_part()?)))
    }
}

/// An entry of another format fails to parse for some reason of its own; the format is the better answer.
fn explain(payload: &[u8], error: serde_json::Error) -> UnreadableEntry {
    #[derive(Deserialize)]
    struct Format {
        v: u32,
    }
    match serde_json::from_slice::<Format>(payload) {
        Ok(Format { v }) if v != FORMAT_VERSION => UnreadableEntry::Format { found: v },
        _ => UnreadableEntry::Json(error),
    }
}
