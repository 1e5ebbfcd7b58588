//! The versions of the policy that a bundle discloses.

use std::sync::Arc;

use bytes::Bytes;
use docket_calendar::zones::Zones;
use docket_domain::authority;
use docket_domain::policy::{Policies, Policy};
use docket_eventlog::{Recorded, Subject, Tail, follow};
use docket_messages::{PolicyEntry, PolicyEvent, PolicyVersion, Position, PrincipalName};

use super::completeness::subject_of;
use super::{Finding, Findings, Kind};
use crate::record::Disclosed;
use crate::report::millis;

/// A command may be decided under the version before for as long as this, by a service that has not heard yet.
const HEARS_WITHIN_NANOS: i64 = 60_000_000_000;

/// The versions, in order from the first.
#[derive(Default)]
pub(super) struct PublishedPolicies {
    versions: Vec<Published>,
    /// What was proposed, by whom, in order.
    proposals: Vec<(PrincipalName, String)>,
    tail: Option<Tail>,
    /// Whether one could not be read, so that what follows is not known.
    is_broken: bool,
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

    /// Notes an entry, if it is one of the policy.
    pub(super) fn note(&mut self, position: u64, entry: &Disclosed, findings: &mut Findings) {
        if self.is_broken || subject_of(&entry.head.subject) != Some(Subject::Policy) {
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
        self.check_approval(&read)?;
        for event in &read.events {
            if let PolicyEvent::PolicyProposed(proposed) = event {
                self.proposals.push((read.by.clone(), proposed.document.clone()));
            }
            let Some(published) = event.published() else { continue };
            let number = u32::try_from(self.versions.len()).unwrap_or(u32::MAX).saturating_add(1);
            let policy =
                Policy::compile_published(&published.document, PolicyVersion(number), read.at, Zones::bundled());
            let policy = Arc::new(policy.map_err(|findings| {
                let first = findings.first().map(ToString::to_string).unwrap_or_default();
                format!("the policy that it publishes is none: {first}")
            })?);
            let policies = match self.versions.last() {
                Some(before) => before.policies.with(policy),
                None => Policies::new(policy),
            };
            self.versions.push(Published { policies, position, nanos: entry.head.nanos });
        }
        self.tail = Some(tail);
        Ok(())
    }

    /// Where it takes two, one has proposed what another one approves.
    fn check_approval(&self, read: &PolicyEntry) -> Result<(), String> {
        let Some(published) = read.events.iter().find_map(PolicyEvent::published) else { return Ok(()) };
        let approved = read.events.iter().find_map(|event| match event {
            PolicyEvent::PolicyApproved(approved) => Some(approved.proposal),
            PolicyEvent::PolicyPublished(_) | PolicyEvent::PolicyProposed(_) => None,
        });
        let takes_two =
            self.versions.last().is_some_and(|before| before.policies.current().document.publication.four_eyes);
        let Some(number) = approved else {
            return if takes_two {
                Err("it takes two principals to change the policy, and here is one".to_owned())
            } else {
                Ok(())
            };
        };
        let index = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
        match index.and_then(|index| self.proposals.get(index)) {
            None => Err(format!("it approves proposal {number}, which nobody has made")),
            Some((by, _)) if *by == read.by => Err(format!("`{by}` approves what `{by}` has proposed")),
            Some((_, document)) if *document != published.document => {
                Err(format!("it approves proposal {number}, and publishes another document"))
            }
            Some(_) => Ok(()),
        }
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
