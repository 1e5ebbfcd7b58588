//! `day_resolutions`: cases by the day on which they were first resolved, and how many of them nobody had answered.

use std::ops::AddAssign;

use chrono::NaiveDate;
use docket_messages::{Name, Timestamp};

use super::Sign;
use crate::column::OrNone;
use crate::models::cases::CaseRow;

read_model! {
    /// A row of `day_resolutions`.
    ResolutionDayRow in "day_resolutions" by ["day", "queue", "priority", "type"] filled to 60 {
        day: NaiveDate,
        group: Group,
        counts: Counts,
    }
}

/// What is counted together.
pub(crate) type Key = (NaiveDate, Group);

/// What is counted together of a day: what cases were when they were first resolved.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Group {
    queue: OrNone<Name>,
    priority: OrNone<Name>,
    case_type: OrNone<Name>,
}

columns!(Group { queue: OrNone<Name>, priority: OrNone<Name>, case_type as "type": OrNone<Name>, });

/// What is counted.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Counts {
    resolved: i64,
    /// Those whose history says what was answered.
    responses_known: i64,
    /// Those of these that nobody had answered.
    unanswered: i64,
}

columns!(Counts { resolved: i64, responses_known: i64, unanswered: i64 });

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.resolved += other.resolved;
        self.responses_known += other.responses_known;
        self.unanswered += other.unanswered;
    }
}

/// That a case was first resolved.
#[derive(Debug, PartialEq)]
pub(crate) struct Resolution {
    pub at: Timestamp,
    pub group: Group,
    responses_known: bool,
    first_response_at: Option<Timestamp>,
}

columns!(Resolution {
    at: Timestamp,
    group: Group,
    responses_known: bool,
    first_response_at: Option<Timestamp>,
});

impl Resolution {
    pub(super) const ALL: &str = "SELECT first_resolved_at AS at, coalesce(first_resolution_queue, '') AS queue,
        coalesce(first_resolution_priority, '') AS priority, coalesce(first_resolution_type, '') AS type,
        responses_known, first_response_at FROM cases WHERE first_resolved_at IS NOT NULL";

    /// That of a case, if it ever was resolved.
    pub(super) fn of(case: &CaseRow) -> Option<Self> {
        let at = case.facts.first_resolved_at?;
        let group = Group {
            queue: OrNone(case.times.first_resolution_queue.clone()),
            priority: OrNone(case.times.first_resolution_priority.clone()),
            case_type: OrNone(case.times.first_resolution_type.clone()),
        };
        let (responses_known, first_response_at) = (case.responses_known, case.facts.first_response_at);
        Some(Self { at, group, responses_known, first_response_at })
    }

    pub(super) fn counts(&self, sign: Sign) -> Counts {
        let is_unanswered = self.first_response_at.is_none_or(|answered| answered > self.at);
        Counts {
            resolved: sign.if_so(true),
            responses_known: sign.if_so(self.responses_known),
            unanswered: sign.if_so(self.responses_known && is_unanswered),
        }
    }
}
