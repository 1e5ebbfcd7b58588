//! Whether a bundle leaves out nothing of what it claims to disclose.

use std::collections::HashMap;

use docket_eventlog::Subject;
use docket_messages::{AnyEntry, CaseEvent, CustomerId, Event, IntakeEvent, Timestamp};

use super::{Finding, Kind};
use crate::claim::Of;
use crate::record::{Closed, Disclosed};
use crate::report::millis;

/// What every subject of the log begins with.
const PREFIX: &str = "docket.log.";

/// The aggregate of a subject, if it is one of the log's.
pub(super) fn subject_of(text: &str) -> Option<Subject> {
    Subject::parse(text.strip_prefix(PREFIX)?).ok()
}

/// What was seen, as records come.
pub(super) enum Completeness {
    /// Of some aggregates.
    Subjects(Subjects),
    /// Of positions.
    Positions { from: u64, to: u64 },
    /// Of a period.
    Period(Period),
}

/// What was seen of some aggregates.
pub(super) struct Subjects {
    /// The subjects, and whether the first entry of each was seen.
    claimed: Vec<(String, bool)>,
    /// Where each of them stands there: a customer may have very many cases.
    index: HashMap<String, usize>,
    /// Of so many from the first on, the first entry was seen.
    in_order: usize,
    /// How many of them are cases, which come first, and of which each must be seen.
    cases: usize,
    /// The customer whom they must be of.
    customer: Option<CustomerId>,
    has_begun: bool,
    is_told: bool,
}

/// What was seen of a period.
pub(super) struct Period {
    from: Timestamp,
    to: Timestamp,
    /// Where the last entry that has a time was.
    last: Place,
    /// Whether there are entries since then that stand as hashes.
    is_hidden: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Start,
    Before,
    Within,
    After,
}

impl Completeness {
    pub(super) fn of(claim: &Of) -> Self {
        let subject = |subject: Subject| (format!("{PREFIX}{subject}"), false);
        let subjects = |claimed: Vec<(String, bool)>, cases, customer| {
            let mut index = HashMap::new();
            for (at, (subject, _)) in claimed.iter().enumerate() {
                // One that is claimed twice cannot be seen twice.
                index.entry(subject.clone()).or_insert(at);
            }
            Self::Subjects(Subjects { claimed, index, in_order: 0, cases, customer, has_begun: false, is_told: false })
        };
        match claim {
            Of::Case(id) => subjects(vec![subject(Subject::Case(*id))], 1, None),
            Of::Customer { id, cases } => {
                let all = cases.iter().map(|case| Subject::Case(*case)).chain([Subject::Customer(id.clone())]);
                subjects(all.map(subject).collect(), cases.len(), Some(id.clone()))
            }
            Of::Positions { from, to } => Self::Positions { from: *from, to: *to },
            Of::Period { from, to } => {
                Self::Period(Period { from: *from, to: *to, last: Place::Start, is_hidden: false })
            }
        }
    }

    /// Entries after a position, up to another, that stand as hashes.
    pub(super) fn hashed(&mut self, after: u64, last: u64) -> Option<Finding> {
        match self {
            Self::Subjects(subjects) => subjects.hashed(after),
            Self::Positions { from, to } => {
                let overlaps = after < *to && last >= *from;
                overlaps.then(|| missing((*from).max(after + 1), "it is not disclosed"))
            }
            Self::Period(period) => {
                period.is_hidden |= period.last != Place::After;
                None
            }
        }
    }

    pub(super) fn closed(&mut self, position: u64, entry: &Closed) -> Option<Finding> {
        match self {
            Self::Subjects(subjects) => {
                let is_claimed = subjects.index.contains_key(&entry.head.subject);
                is_claimed
                    .then(|| missing(position, "it is one of the entries that the bundle is of, and not disclosed"))
            }
            Self::Positions { from, to } => {
                (*from..=*to).contains(&position).then(|| missing(position, "it is not disclosed"))
            }
            Self::Period(period) => period.entry(position, entry.head.nanos, false),
        }
    }

    pub(super) fn disclosed(&mut self, position: u64, entry: &Disclosed) -> Option<Finding> {
        match self {
            Self::Subjects(subjects) => subjects.disclosed(position, entry),
            Self::Positions { .. } => None,
            Self::Period(period) => period.entry(position, entry.head.nanos, true),
        }
    }

    /// At the end of the log, which has so many entries.
    pub(super) fn end(&self, size: u64) -> Option<Finding> {
        match self {
            Self::Subjects(subjects) => {
                let unseen = subjects.claimed.iter().take(subjects.cases).find(|(_, is_seen)| !is_seen);
                unseen.map(|(subject, _)| incomplete(None, format!("the bundle has no entry of {subject}")))
            }
            Self::Positions { from, to } => (*from == 0 || from > to || *to > size).then(|| {
                let message = format!("there are no positions from {from} to {to} among the first {size}");
                incomplete(None, message)
            }),
            Self::Period(period) => {
                let message = "entries at the end stand as hashes, which may be of the period";
                (period.is_hidden && period.last != Place::After).then(|| incomplete(None, message.to_owned()))
            }
        }
    }
}

impl Subjects {
    /// Before the first entry of the first of them, others may be hidden: the first entry says that it is the first.
    fn hashed(&mut self, after: u64) -> Option<Finding> {
        let is_first = self.has_begun && !std::mem::replace(&mut self.is_told, self.has_begun);
        is_first
            .then(|| missing(after + 1, "only its hash is told, so it may be one of the entries that the bundle is of"))
    }

    fn disclosed(&mut self, position: u64, entry: &Disclosed) -> Option<Finding> {
        let index = *self.index.get(&entry.head.subject)?;
        let is_out_of_order = self.in_order < index.min(self.cases);
        let (_, is_seen) = self.claimed.get_mut(index)?;
        if std::mem::replace(is_seen, true) {
            return None;
        }
        while self.claimed.get(self.in_order).is_some_and(|(_, is_seen)| *is_seen) {
            self.in_order += 1;
        }
        self.has_begun = true;
        let is_case = index < self.cases;
        if is_out_of_order && is_case {
            return Some(missing(position, "the cases are not told in the order of their first entries"));
        }
        let first = AnyEntry::decode(&entry.payload).ok();
        if !first.as_ref().is_some_and(is_first) {
            return Some(missing(position, "it is not the first entry of what the bundle is of"));
        }
        let is_foreign =
            is_case && self.customer.is_some() && first.as_ref().and_then(customer_of) != self.customer.as_ref();
        is_foreign.then(|| missing(position, "the case that it opens is not of the customer that the bundle is of"))
    }
}

/// Whether an entry is the first of its aggregate.
fn is_first(entry: &AnyEntry) -> bool {
    let events = u64::try_from(entry.events.len());
    entry.prev.is_none() && events.is_ok_and(|events| events == u64::from(entry.version.get()))
}

/// The customer of the case that an entry opens.
fn customer_of(entry: &AnyEntry) -> Option<&CustomerId> {
    entry.events.iter().find_map(|event| match event {
        Event::Case(CaseEvent::Intake(IntakeEvent::Opened(opened))) => opened.customer_id.as_ref(),
        Event::Case(_) | Event::Policy(_) | Event::Agent(_) | Event::Claim(_) | Event::Customer(_) => None,
    })
}

impl Period {
    fn entry(&mut self, position: u64, nanos: i64, is_disclosed: bool) -> Option<Finding> {
        let at = millis(nanos);
        let place = if at < self.from {
            Place::Before
        } else if at < self.to {
            Place::Within
        } else {
            Place::After
        };
        let (was_hidden, last) =
            (std::mem::replace(&mut self.is_hidden, false), std::mem::replace(&mut self.last, place));
        let hides = match place {
            Place::Start | Place::Before => false,
            Place::Within => was_hidden,
            Place::After => was_hidden && last != Place::After,
        };
        if hides {
            return Some(missing(position, "entries before it stand as hashes, which may be of the period"));
        }
        (place == Place::Within && !is_disclosed).then(|| missing(position, "it is of the period, and not disclosed"))
    }
}

fn missing(position: u64, message: &str) -> Finding {
    incomplete(Some(position), message.to_owned())
}

fn incomplete(position: Option<u64>, message: String) -> Finding {
    Finding::new(Kind::Incomplete, position, message)
}
