//! Values of every wire type: one with everything in it, one with nothing but what it must have.

mod entries;
mod events;
mod replies;

pub(super) use entries::entry;
pub(super) use events::{events, sealed_events};
pub(super) use replies::{case_replies, replies, view};

use docket_messages::{AgentId, CaseId, FieldValue, Fields, Line, Name, Text, Timestamp};

/// How much of a value is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// Everything that it can have.
    Full,
    /// Only what it must have.
    Minimal,
}

impl Extent {
    pub(super) const ALL: [Self; 2] = [Self::Full, Self::Minimal];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Minimal => "minimal",
        }
    }

    /// What a value may go without.
    fn maybe<T>(self, value: T) -> Option<T> {
        match self {
            Self::Full => Some(value),
            Self::Minimal => None,
        }
    }

    /// Custom fields, of each kind that there is.
    fn fields(self) -> Fields {
        match self {
            Self::Full => Fields::from([
                (name("amount"), FieldValue::Number(serde_json::Number::from_f64(12.5).expect("a finite number"))),
                (name("orderNumber"), FieldValue::Text("A-17".to_owned())),
                (name("vip"), FieldValue::Flag(false)),
            ]),
            Self::Minimal => Fields::new(),
        }
    }
}

pub(super) fn case_id() -> CaseId {
    "0199a7a0-5c3e-7d41-9a52-3b6f0c8e1d01".parse().expect("a UUID")
}

fn other_case_id() -> CaseId {
    "0199a7a0-5c3e-7d41-9a52-3b6f0c8e1d02".parse().expect("a UUID")
}

fn name(text: &str) -> Name {
    Name::parse(text).expect("a name")
}

fn agent(text: &str) -> AgentId {
    AgentId::parse(text).expect("an agent")
}

fn line(line: &str) -> Line {
    Line::parse(line).expect("a line")
}

fn text(text: &str) -> Text {
    Text::parse(text).expect("a text")
}

fn time(text: &str) -> Timestamp {
    text.parse().expect("a time")
}
