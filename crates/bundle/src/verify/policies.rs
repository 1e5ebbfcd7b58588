//! The versions of the policy that a bundle discloses.

use std::sync::Arc;

use bytes::Bytes;
use docket_calendar::zones::Zones;
use docket_domain::authority;
use docket_domain::policy::{Policies, Policy};
use docket_eventlog::{Recorded, Subject, Tail, follow};
use docket_messages::{
    Digest, PolicyEntry, PolicyEvent, PolicyVersion, Position, PrincipalName, Timestamp, Via, proposal_of,
};

use super::completeness::subject_of;
use super::{Finding, Findings, Kind};
use crate::record::{Closed, Disclosed};
use crate::report::millis;

/// A command may be decided under the version before for as long as this, by a service that has not heard yet.
const HEARS_WITHIN_NANOS: i64 = 60_000_000_000;

/// The moment of a policy may lie so far from the server's clock: clocks differ, and a service waits for its answer.
const AWAY_MS: i64 = 60_000;

/// The versions, in order from the first.
#[derive(Default)]
pub(super) struct PublishedPolicies {
    versions: Vec<Published>,
    /// What was proposed, in order.
    proposals: Vec<Proposal>,
    tail: Option<Tail>,
    /// The moment of the last entry of the policy.
    at: Option<Timestamp>,
    /// Whether entries stand as hashes since then.
    is_hidden: bool,
    /// Whether entries were disclosed behind those.
    is_unsure: bool,
    /// Whether one could not be read, so that what follows is not known.
    is_broken: bool,
}

/// A policy that somebody has proposed.
struct Proposal {
    by: PrincipalName,
    /// How many versions there were.
    against: usize,
    document: Digest,
}

/// A version of the policy, with all before it.
struct Published {
    policies: Policies,
    position: u64,
    nanos: i64,
}

/// An entry of a bundle as a log would bring it.
pub(super) fn recorded(position: u64, subject: Subject, entry: &Disclosed) -> Recorded {
    Recorded {
        position: Position(position),
        recorded_at: millis(entry.head.nanos),
        subject: Ok(subject),
        headers: docket_eventlog::MessageHeaders::default(),
        payload: Bytes::copy_from_slice(&entry.payload),
    }
}

impl PublishedPolicies {
    /// How many there are.
    pub(super) fn count(&self) -> u64 {
        u64::try_from(self.versions.len()).unwrap_or(u64::MAX)
    }

    /// Notes that entries stand as hashes.
    pub(super) fn hashed(&mut self) {
        self.is_hidden = true;
    }

    /// Notes an entry that is not disclosed: none of the policy may be missing.
    pub(super) fn closed(&self, position: u64, entry: &Closed, findings: &mut Findings) {
        if subject_of(&entry.head.subject) == Some(Subject::Policy) {
            let message = "it is one of the policy, and not disclosed".to_owned();
            findings.add(Finding::new(Kind::Incomplete, Some(position), message));
        }
    }

    /// Whether a version of the policy may have been published that is not disclosed, and would have counted.
    pub(super) fn is_unsure(&self) -> bool {
        self.is_unsure
    }

    /// Notes an entry, if it is one of the policy.
    pub(super) fn note(&mut self, position: u64, entry: &Disclosed, findings: &mut Findings) {
        if subject_of(&entry.head.subject) != Some(Subject::Policy) {
            self.is_unsure |= self.is_hidden;
            return;
        }
        // It names the one before it, so none is missing between them.
        self.is_hidden = false;
        if self.is_broken {
            return;
        }
        if let Err(message) = self.publish(position, entry) {
            self.is_broken = true;
            findings.add(Finding::new(Kind::Semantics, Some(position), message));
        }
    }

    fn publish(&mut self, position: u64, entry: &Disclosed) -> Result<(), String> {
        let (read, tail) = follow::<PolicyEvent>(&recorded(position, Subject::Policy, entry), self.tail)
            .map_err(|flaw| flaw.message)?;
        if let Some(before) = self.versions.last() {
            let delegated = read.on_behalf_of.is_some();
            let request =
                authority::Request { by: &read.by, kind: "policy", verb: &read.verb, delegated, backdated: false };
            authority::check(before.policies.current(), &request).map_err(|refused| refused.message)?;
        }
        self.check_moment(&read, entry.head.nanos)?;
        if let Some(document) = self.brings(&read)? {
            self.bring(&document, &read, position, entry.head.nanos)?;
        }
        self.tail = Some(tail);
        self.at = Some(read.at);
        Ok(())
    }

    /// A policy comes into force when it is published: nobody may date it back.
    fn check_moment(&self, read: &PolicyEntry, nanos: i64) -> Result<(), String> {
        let taken_in = millis(nanos);
        if read.at.millis_since(taken_in).abs() > AWAY_MS && self.at != Some(read.at) {
            return Err(format!("it is of {}, and was taken in at {taken_in}", read.at));
        }
        match self.at.filter(|at| read.at < *at) {
            Some(at) => Err(format!("it is of {}, and the one before it of {at}", read.at)),
            None => Ok(()),
        }
    }

    /// The document that an entry brings into force, if it brings one: its events must be those of its verb.
    fn brings(&mut self, read: &PolicyEntry) -> Result<Option<String>, String> {
        if read.verb != "publish" && read.on_behalf_of.is_some() {
            return Err(format!("nobody can {} a policy on behalf of somebody", read.verb));
        }
        match (read.verb.as_str(), read.events.as_slice()) {
            ("publish", [PolicyEvent::PolicyPublished(published)]) => {
                if self.takes_two() {
                    return Err("it takes two principals to change the policy, and here is one".to_owned());
                }
                Ok(Some(published.document.clone()))
            }
            ("propose", [PolicyEvent::PolicyProposed(proposed)]) => {
                let number = u32::try_from(self.proposals.len()).unwrap_or(u32::MAX).saturating_add(1);
                if proposed.proposal != number {
                    return Err(format!("it is called proposal {}, and is proposal {number}", proposed.proposal));
                }
                let (by, against) = (read.by.clone(), self.versions.len());
                self.proposals.push(Proposal { by, against, document: Digest::of(&[proposed.document.as_bytes()]) });
                Ok(None)
            }
            ("approve", [PolicyEvent::PolicyApproved(approved), PolicyEvent::PolicyPublished(published)]) => {
                if read.via == Some(Via::Operator) {
                    return Err(format!("the operator approves in the name of `{}`", read.by));
                }
                self.check_approval(approved.proposal, &read.by, &published.document)?;
                Ok(Some(published.document.clone()))
            }
            _ => Err(format!("its events are not those of `policy.{}`", read.verb)),
        }
    }

    fn takes_two(&self) -> bool {
        self.versions.last().is_some_and(|before| before.policies.current().document.publication.four_eyes)
    }

    /// One has proposed what another one approves.
    fn check_approval(&self, number: u32, by: &PrincipalName, document: &str) -> Result<(), String> {
        match proposal_of(&self.proposals, number) {
            None => Err(format!("it approves proposal {number}, which nobody has made")),
            Some(proposed) if proposed.by == *by => Err(format!("`{by}` approves what `{by}` has proposed")),
            Some(proposed) if proposed.document != Digest::of(&[document.as_bytes()]) => {
                Err(format!("it approves proposal {number}, and publishes another document"))
            }
            Some(proposed) if proposed.against != self.versions.len() => Err(format!(
                "it approves proposal {number}, which was made when version {} of the policy was in force",
                proposed.against
            )),
            Some(_) => Ok(()),
        }
    }

    fn bring(&mut self, document: &str, read: &PolicyEntry, position: u64, nanos: i64) -> Result<(), String> {
        let number = u32::try_from(self.versions.len()).unwrap_or(u32::MAX).saturating_add(1);
        let policy = Policy::compile_published(document, PolicyVersion(number), read.at, Zones::bundled());
        let policy = Arc::new(policy.map_err(|findings| {
            let first = findings.first().map(ToString::to_string).unwrap_or_default();
            format!("the policy that it publishes is none: {first}")
        })?);
        let policies = match self.versions.last() {
            Some(before) => before.policies.with(policy),
            None => Policies::new(policy),
        };
        self.versions.push(Published { policies, position, nanos });
        Ok(())
    }

    /// The policies up to the version that an entry was decided under, if it can have been.
    pub(super) fn under(&self, version: PolicyVersion, position: u64, nanos: i64) -> Result<&Policies, Finding> {
        let index = usize::try_from(version.get()).unwrap_or(usize::MAX);
        let found = index.checked_sub(1).and_then(|index| self.versions.get(index));
        let Some(published) = found else {
            let message = format!("it was decided under version {version} of the policy, which is not in the bundle");
            return Err(Finding::new(Kind::Incomplete, Some(position), message));
        };
        let wrong = |message: String| Err(Finding::new(Kind::Semantics, Some(position), message));
        if published.position > position {
            return wrong(format!(
                "it was decided under version {version} of the policy, which was published at position {} only",
                published.position
            ));
        }
        match self.versions.get(index) {
            Some(next) if next.position < position && nanos.saturating_sub(next.nanos) > HEARS_WITHIN_NANOS => wrong(
                format!("it was decided under version {version} of the policy, long after another took its place"),
            ),
            Some(_) | None => Ok(&published.policies),
        }
    }
}
