//! `contacts`: one row each time that a customer came: by an intake, or by a message.

use docket_messages::{CaseEvent, IntakeEvent, Name, Position, Timestamp, Version, WorkEvent};

use crate::models::Mark;
use crate::models::cases::CaseRow;

read_model! {
    /// A row of `contacts`.
    ContactRow in "contacts" by ["case_no", "version"]
        indexed by contacts_time ("USING brin (at) WITH (pages_per_range = 32)")
    {
        case_no: Position,
        version: Version,
        at: Timestamp,
        kind: Kind,
        channel: Name,
        queue: Option<Name>,
    }
}

/// How a customer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Intake,
    Message,
}

impl Kind {
    pub(crate) const ALL: [Self; 2] = [Self::Intake, Self::Message];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Intake => "intake",
            Self::Message => "message",
        }
    }
}

impl ContactRow {
    /// The row of an event, if a customer came by it.
    pub(crate) fn of(case: &CaseRow, mark: Mark, event: &CaseEvent) -> Option<Self> {
        let Mark { version, at, .. } = mark;
        let (kind, channel) = if let CaseEvent::Intake(IntakeEvent::Opened(opened)) = event {
            (Kind::Intake, opened.channel.clone())
        } else if let CaseEvent::Work(WorkEvent::MessageReceived(message)) = event {
            (Kind::Message, message.channel.as_ref().unwrap_or(&case.facts.channel).clone())
        } else {
            return None;
        };
        Some(Self { case_no: case.case_no, version, at, kind, channel, queue: case.facts.queue.clone() })
    }
}
