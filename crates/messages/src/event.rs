//! Events: what happened, in the past tense. An entry holds those of one accepted command.
//!
//! An event says all that a reader needs: the resulting status, the priority, a clock's reading. So the read
//! models know no rules. What is personal (names, addresses, free text) stands together under `personal`.
//!
//! Each kind of aggregate has events of its own; [`Event`] is any of them, for who reads the whole log.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, EnumAccess, Error as _, VariantAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{AgentEvent, CaseEvent, ClaimEvent, CustomerEvent, EntryKind, PersonalEvent, PersonalPart, PolicyEvent};

/// The events of one kind of aggregate.
pub trait AggregateEvent: Serialize + DeserializeOwned + PersonalEvent {
    /// The kind.
    const KIND: EntryKind;
    /// The names of all its events, as the log has them.
    const NAMES: &'static [&'static str];
}

/// An event of any aggregate.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Of a case.
    Case(CaseEvent),
    /// Of the policy.
    Policy(PolicyEvent),
    /// Of an agent.
    Agent(AgentEvent),
    /// Of a claim.
    Claim(ClaimEvent),
    /// Of a customer.
    Customer(CustomerEvent),
}

impl Event {
    /// The name of the event, as the log has it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Case(event) => event.name(),
            Self::Policy(event) => event.name(),
            Self::Agent(event) => event.name(),
            Self::Claim(event) => event.name(),
            Self::Customer(event) => event.name(),
        }
    }

    /// The kind of aggregate that it happens to.
    #[must_use]
    pub fn kind(&self) -> EntryKind {
        match self {
            Self::Case(_) => CaseEvent::KIND,
            Self::Policy(_) => PolicyEvent::KIND,
            Self::Agent(_) => AgentEvent::KIND,
            Self::Claim(_) => ClaimEvent::KIND,
            Self::Customer(_) => CustomerEvent::KIND,
        }
    }

    /// The names of the events of every kind.
    pub fn names() -> impl Iterator<Item = &'static str> {
        let all = [CaseEvent::NAMES, PolicyEvent::NAMES, AgentEvent::NAMES, ClaimEvent::NAMES, CustomerEvent::NAMES];
        all.into_iter().flatten().copied()
    }
}

impl PersonalEvent for Event {
    fn personal_part(&mut self) -> Option<&mut dyn PersonalPart> {
        match self {
            Self::Case(event) => event.personal_part(),
            Self::Policy(event) => event.personal_part(),
            Self::Agent(event) => event.personal_part(),
            Self::Claim(event) => event.personal_part(),
            Self::Customer(event) => event.personal_part(),
        }
    }
}

/// As the event of its own kind.
impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Case(event) => event.serialize(serializer),
            Self::Policy(event) => event.serialize(serializer),
            Self::Agent(event) => event.serialize(serializer),
            Self::Claim(event) => event.serialize(serializer),
            Self::Customer(event) => event.serialize(serializer),
        }
    }
}

/// By its name, which is that of one kind only.
impl Read for Event {
    fn read<'de, A: VariantAccess<'de>>(name: &str, body: A) -> Result<Self, A::Error> {
        let is_of = |names: &[&str]| names.contains(&name);
        if is_of(CaseEvent::NAMES) {
            CaseEvent::read(name, body).map(Self::Case)
        } else if is_of(PolicyEvent::NAMES) {
            PolicyEvent::read(name, body).map(Self::Policy)
        } else if is_of(AgentEvent::NAMES) {
            AgentEvent::read(name, body).map(Self::Agent)
        } else if is_of(ClaimEvent::NAMES) {
            ClaimEvent::read(name, body).map(Self::Claim)
        } else if is_of(CustomerEvent::NAMES) {
            CustomerEvent::read(name, body).map(Self::Customer)
        } else {
            Err(A::Error::custom(format_args!("unknown variant `{name}`, which is no event")))
        }
    }
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Who asks for names in advance is told of none: JSON does not.
        deserialize(deserializer, &[])
    }
}

/// The error of a name that no event has.
pub(crate) fn unknown<E: AggregateEvent, R: serde::de::Error>(name: &str) -> R {
    R::unknown_variant(name, E::NAMES)
}

/// What reads an event once its name is known.
pub(crate) trait Read: Sized {
    /// Reads the body of the event of a name.
    fn read<'de, A: VariantAccess<'de>>(name: &str, body: A) -> Result<Self, A::Error>;
}

/// Reads an event: an object with one key, its name.
pub(crate) fn deserialize<'de, E: Read, D: Deserializer<'de>>(
    deserializer: D,
    names: &'static [&'static str],
) -> Result<E, D::Error> {
    /// A name, copied only if it is escaped.
    #[derive(Deserialize)]
    struct Named<'a>(#[serde(borrow)] Cow<'a, str>);

    struct Events<E>(PhantomData<E>);

    impl<'de, E: Read> Visitor<'de> for Events<E> {
        type Value = E;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an event: an object with one key, its name")
        }

        fn visit_enum<A: EnumAccess<'de>>(self, event: A) -> Result<E, A::Error> {
            let (Named(name), body) = event.variant()?;
            E::read(&name, body)
        }
    }

    deserializer.deserialize_enum("Event", names, Events(PhantomData))
}

macro_rules! into_event {
    ($($kind:ident($events:ty),)*) => {
        $(impl From<$events> for Event {
            fn from(event: $events) -> Self {
                Self::$kind(event)
            }
        })*
    };
}

into_event! {
    Case(CaseEvent),
    Policy(PolicyEvent),
    Agent(AgentEvent),
    Claim(ClaimEvent),
    Customer(CustomerEvent),
}
