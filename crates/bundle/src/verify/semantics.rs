//! What the rules say of the disclosed entries: chains, versions, grants, transitions, and what the policy derives.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Read;

use docket_domain::authority;
use docket_domain::case::Case;
use docket_domain::case::conformance::conform;
use docket_eventlog::{Recorded, Subject, Tail, follow};
use docket_messages::{
    AgentEvent, CaseEntry, CaseEvent, ClaimEvent, CustomerEvent, Entry, EntryEvent, IntakeEvent, PrincipalName,
    StepVerb,
};

use super::completeness::subject_of;
use super::policies::{PublishedPolicies, recorded};
use super::walk::each_disclosed;
use super::{Finding, Findings, Kind, Stop, Verified};
use crate::record::Disclosed;

/// So many entries are looked at in one reading, about: their aggregates are kept meanwhile.
const AT_ONCE: u64 = 100_000;
/// A live entry's moment may lie so far ahead of the server's clock: clocks differ.
const AHEAD_MS: i64 = 60_000;

/// In how many readings so many entries are looked at.
pub(super) fn parts(disclosed: u64) -> u64 {
    disclosed.div_ceil(AT_ONCE).max(1)
}

/// Reads a bundle for one part of its aggregates.
pub(super) fn read<R: Read>(
    input: R,
    policies: &PublishedPolicies,
    (part, parts): (u64, u64),
    findings: &mut Findings,
    verified: &mut Verified,
) -> Result<(), Stop> {
    let mut replay = Replay { policies, findings, aggregates: HashMap::new(), backdated: 0 };
    let is_wanted = |subject: &str| is_of_part(subject, (part, parts));
    each_disclosed(input, is_wanted, &mut |position, entry| replay.take(position, entry))?;
    let (mut cases, mut partial) = (0, 0);
    for (subject, aggregate) in &replay.aggregates {
        cases += u64::from(aggregate.is_whole && matches!(subject, Subject::Case(_)));
        partial += u64::from(!aggregate.is_whole);
    }
    verified.cases += cases;
    verified.partial += partial;
    verified.backdated += replay.backdated;
    Ok(())
}

/// Whether the aggregate of a subject is looked at in this reading.
fn is_of_part(subject: &str, (part, parts): (u64, u64)) -> bool {
    let mut hasher = DefaultHasher::new();
    subject.hash(&mut hasher);
    hasher.finish() % parts == part
}

struct Replay<'a> {
    policies: &'a PublishedPolicies,
    findings: &'a mut Findings,
    aggregates: HashMap<Subject, Aggregate>,
    backdated: u64,
}

/// What is known of an aggregate.
struct Aggregate {
    tail: Option<Tail>,
    /// Whether its first entry was seen, and all since conformed.
    is_whole: bool,
    case: Option<Case>,
}

impl Replay<'_> {
    fn take(&mut self, position: u64, entry: &Disclosed) {
        let Some(subject) = subject_of(&entry.head.subject) else {
            self.add(position, "its subject is none of the log's".to_owned());
            return;
        };
        let read = recorded(position, subject.clone(), entry);
        let nanos = entry.head.nanos;
        match subject {
            // They were looked at when they were read.
            Subject::Policy => {}
            Subject::Case(_) => self.case(&read, nanos),
            Subject::Agent(_) => self.other::<AgentEvent>(&read, nanos, ("presence", Some("agent"))),
            Subject::Claim(_) => self.other::<ClaimEvent>(&read, nanos, ("claim", Some("case"))),
            // Docket alone notes something of a customer.
            Subject::Customer(_) => self.other::<CustomerEvent>(&read, nanos, ("reserveSurvey", None)),
        }
    }

    /// The entry, if it follows in its chain.
    fn chained<E: EntryEvent>(&mut self, read: &Recorded) -> Option<Entry<E>> {
        let subject = read.subject.clone().ok()?;
        let known = self.aggregates.entry(subject).or_insert_with(|| Aggregate::begin(read));
        match follow::<E>(read, known.tail) {
            Ok((entry, tail)) => {
                known.tail = Some(tail);
                Some(entry)
            }
            Err(flaw) => {
                known.is_whole = false;
                // What follows is compared with what stands here.
                known.tail = Aggregate::tail_of(read);
                self.add(read.position.get(), flaw.message);
                None
            }
        }
    }

    fn case(&mut self, read: &Recorded, nanos: i64) {
        let (position, Ok(Subject::Case(id))) = (read.position.get(), read.subject.clone()) else { return };
        let Some(entry) = self.chained::<CaseEvent>(read) else { return };
        self.moment(&entry, read);
        let policies = match self.policies.under(entry.policy, position, nanos) {
            Ok(policies) => policies,
            Err(finding) => {
                // What follows cannot be replayed without it.
                if let Some(aggregate) = self.aggregates.get_mut(&Subject::Case(id)) {
                    aggregate.is_whole = false;
                }
                return self.findings.add(finding);
            }
        };
        let is_backdated = entry.is_backdated(read.recorded_at);
        for (kind, verb) in asked(&entry) {
            let delegated = entry.on_behalf_of.is_some();
            let request = authority::Request { by: &entry.by, kind, verb, delegated, backdated: is_backdated };
            if let Err(refused) = authority::check(policies.current(), &request) {
                self.add(position, refused.message);
            }
        }
        let is_first = entry.prev.is_none();
        if is_first && entry.by.as_str() == PrincipalName::SYSTEM && !is_split_off(&entry) {
            self.add(position, "Docket itself opens only cases that are split off".to_owned());
        }
        if StepVerb::parse(&entry.verb).is_some() && entry.by.as_str() != PrincipalName::SYSTEM {
            self.add(position, format!("`{}` is a step of Docket's own, and by `{}`", entry.verb, entry.by));
        }
        let Some(aggregate) = self.aggregates.get_mut(&Subject::Case(id)) else { return };
        if !aggregate.is_whole {
            return;
        }
        match conform(aggregate.case.take(), id, &entry, is_backdated, policies) {
            Ok(case) => aggregate.case = case,
            Err(nonconformity) => {
                aggregate.is_whole = false;
                self.add(position, nonconformity.to_string());
            }
        }
    }

    /// An entry beside cases. Entries there come of one verb, which is granted for one kind.
    fn other<E: EntryEvent>(&mut self, read: &Recorded, nanos: i64, (verb, kind): (&str, Option<&str>)) {
        let Some(entry) = self.chained::<E>(read) else { return };
        let position = read.position.get();
        self.moment(&entry, read);
        if entry.verb != verb {
            self.add(position, format!("no `{}` writes such an entry, only `{verb}`", entry.verb));
        }
        let policies = match self.policies.under(entry.policy, position, nanos) {
            Ok(policies) => policies,
            Err(finding) => return self.findings.add(finding),
        };
        let refused = match kind {
            Some(kind) => {
                let (delegated, backdated) = (entry.on_behalf_of.is_some(), entry.is_backdated(read.recorded_at));
                let request = authority::Request { by: &entry.by, kind, verb: &entry.verb, delegated, backdated };
                authority::check(policies.current(), &request).err().map(|refused| refused.message)
            }
            None if entry.by.as_str() == PrincipalName::SYSTEM => None,
            None => Some(format!("only Docket itself writes such an entry, and this one is by `{}`", entry.by)),
        };
        if let Some(message) = refused {
            self.add(position, message);
        }
    }

    /// An entry that does not say that it is back-dated happened when it was taken in.
    fn moment<E>(&mut self, entry: &Entry<E>, read: &Recorded) {
        let ahead = entry.at.millis_since(read.recorded_at);
        let position = read.position.get();
        self.backdated += u64::from(entry.is_backdated(read.recorded_at));
        if ahead > AHEAD_MS {
            self.add(position, format!("it is of {}, and was taken in at {} already", entry.at, read.recorded_at));
        } else if entry.backdated == Some(false) && -ahead > AHEAD_MS {
            let message = format!(
                "it is of {} and does not say that it is back-dated; it was taken in at {}",
                entry.at, read.recorded_at
            );
            self.add(position, message);
        }
    }

    fn add(&mut self, position: u64, message: String) {
        self.findings.add(Finding::new(Kind::Semantics, Some(position), message));
    }
}

/// Whether it opens a case that goes on with a part of another one.
fn is_split_off(entry: &CaseEntry) -> bool {
    let opened = entry.events.first();
    matches!(opened, Some(CaseEvent::Intake(IntakeEvent::Opened(opened))) if opened.follow_up_of.is_some())
}

/// What its principal must have been granted, by kind and verb.
fn asked(entry: &CaseEntry) -> Vec<(&'static str, &str)> {
    if StepVerb::parse(&entry.verb).is_some() {
        return Vec::new();
    }
    let mut asked = vec![("case", entry.verb.as_str())];
    if entry.events.iter().any(CaseEvent::is_forced) {
        asked.push(("claim", "force"));
    }
    asked
}

impl Aggregate {
    /// An aggregate whose first disclosed entry this is. If it is not its very first, only what follows can be checked.
    fn begin(read: &Recorded) -> Self {
        let first = docket_messages::AnyEntry::decode(&read.payload).ok();
        let is_whole = first.as_ref().is_none_or(|entry| entry.prev.is_none());
        let tail = first.filter(|_| !is_whole).and_then(|entry| {
            let events = u32::try_from(entry.events.len()).ok()?;
            let before = docket_messages::Version(entry.version.get().checked_sub(events)?);
            // The entry before is known by its digest alone.
            Some(Tail { position: docket_messages::Position(0), digest: entry.prev?, version: before })
        });
        Self { tail, is_whole, case: None }
    }

    /// The end of a chain at an entry that did not follow.
    fn tail_of(read: &Recorded) -> Option<Tail> {
        let entry = docket_messages::AnyEntry::decode(&read.payload).ok()?;
        Some(Tail::of(read.position, &read.payload, entry.version))
    }
}
