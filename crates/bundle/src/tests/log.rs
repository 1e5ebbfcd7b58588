//! A small log, as a server would have it, with what seals it.

use std::io::Cursor;
use std::sync::Arc;

use docket_calendar::zones::Zones;
use docket_domain::case::{Case, Request, decide};
use docket_domain::policy::{Policies, Policy as DeskPolicy};
use docket_evidence::checkpoint::{Checkpoint, SignedCheckpoint};
use docket_evidence::note::{Algorithm, KeyName, SigningKey};
use docket_evidence::policy::Policy;
use docket_evidence::tree::Frontier;
use docket_messages::{
    CaseAction, CaseCommand, CaseEntry, CaseId, CommandId, Digest, Entry, EntryKind, PolicyApproved, PolicyEntry,
    PolicyEvent, PolicyProposed, PolicyPublished, PolicyVersion, PrincipalName, Salt, Timestamp, Verb, Version,
};

use crate::claim::{Claim, Of};
use crate::record::{Closed, Disclosed, Head};
use crate::verify::{Findings, Given, Kind, Verified, verify};
use crate::write::Bundle;

pub(super) const POLICY: &str = include_str!("policy.toml");
/// Monday, 2026-11-23, 09:00 UTC.
const BEGIN: i64 = 1_795_424_400_000;

/// Two cases that come and go.
pub(super) const ONE: &str = "00000000-0000-0000-0000-000000000001";
pub(super) const OTHER: &str = "00000000-0000-0000-0000-000000000002";
pub(super) const THIRD: &str = "00000000-0000-0000-0000-000000000003";
pub(super) const INTAKE: &str = "'type':'question','subject':'Hm','channel':'web','impact':'low','urgency':'low'";

pub(super) struct Keys {
    pub log: SigningKey,
    pub clock: SigningKey,
}

pub(super) fn keys(seed: u8) -> Keys {
    let name = |name: &str| KeyName::parse(name).unwrap();
    Keys {
        log: SigningKey::new(name("desk.example/log/abc"), Algorithm::Ed25519, &[seed; 32]),
        clock: SigningKey::new(name("desk.example/log/abc/clock"), Algorithm::Ed25519Cosignature, &[seed + 1; 32]),
    }
}

/// A log, entry by entry.
pub(super) struct TestLog {
    pub entries: Vec<Disclosed>,
    /// Sizes of the log at which it was sealed, and when, in milliseconds.
    pub seals: Vec<(u64, i64)>,
    policies: Option<Policies>,
    policy_events: u32,
    cases: Vec<(CaseId, Case)>,
    pub now: i64,
}

pub(super) fn id(text: &str) -> CaseId {
    text.parse().unwrap()
}

impl TestLog {
    pub(super) fn new() -> Self {
        Self { entries: Vec::new(), seals: Vec::new(), policies: None, policy_events: 0, cases: Vec::new(), now: BEGIN }
    }

    /// A log of a few entries: one case is resolved, another one comes between.
    pub(super) fn small() -> Self {
        let mut log = Self::new();
        log.publish(POLICY, "admin");
        log.send(
            "desk",
            ONE,
            "intake",
            "'type':'question','subject':'Hm','channel':'web','impact':'low','urgency':'low'",
        );
        log.seal();
        log.send(
            "desk",
            OTHER,
            "intake",
            "'type':'question','subject':'Oh','channel':'web','impact':'low','urgency':'low'",
        );
        log.send("desk", ONE, "assign", "'agent':'ana'");
        log.seal();
        log.send("desk", ONE, "respond", "'text':'So'");
        log.send("desk", OTHER, "note", "'text':'Aha'");
        log.seal();
        log
    }

    /// Appends an entry with these bytes.
    pub(super) fn append(&mut self, subject: &str, payload: Vec<u8>) {
        self.now += 100;
        let head = Head::new(self.now * 1_000_000 + 17, format!("docket.log.{subject}"), &[("traceparent", "00-1")]);
        self.entries.push(Disclosed { head, payload });
    }

    pub(super) fn seal(&mut self) {
        self.now += 500;
        self.seals.push((u64::try_from(self.entries.len()).unwrap(), self.now));
    }

    fn prev(&self, subject: &str) -> Option<Digest> {
        let subject = format!("docket.log.{subject}");
        let last = self.entries.iter().rev().find(|entry| entry.head.subject == subject);
        last.map(|entry| Digest::of(&[&entry.payload]))
    }

    pub(super) fn publish(&mut self, document: &str, by: &str) {
        let published = PolicyPublished { document: document.to_owned(), zone_version: None };
        self.policy("publish", by, vec![PolicyEvent::PolicyPublished(published)]);
    }

    pub(super) fn propose(&mut self, document: &str, by: &str) {
        let proposed = PolicyProposed { proposal: 1, document: document.to_owned(), zone_version: None };
        self.policy("propose", by, vec![PolicyEvent::PolicyProposed(proposed)]);
    }

    pub(super) fn approve(&mut self, proposal: u32, document: &str, by: &str) {
        let published = PolicyPublished { document: document.to_owned(), zone_version: None };
        let approved = PolicyEvent::PolicyApproved(PolicyApproved { proposal });
        self.policy("approve", by, vec![approved, PolicyEvent::PolicyPublished(published)]);
    }

    fn policy(&mut self, verb: &str, by: &str, events: Vec<PolicyEvent>) {
        let version = self.policies.as_ref().map_or(0, |all| all.current().version.get());
        let published = events.iter().find_map(PolicyEvent::published).map(|published| published.document.clone());
        let next = PolicyVersion(if published.is_some() { version + 1 } else { version });
        self.policy_events += u32::try_from(events.len()).unwrap();
        let entry = PolicyEntry {
            verb: verb.to_owned(),
            policy: next,
            version: Version(self.policy_events),
            prev: self.prev("policy.main"),
            ..self.entry(EntryKind::Policy, "main", by, events)
        };
        self.append("policy.main", entry.encode().unwrap());
        if let Some(document) = published {
            let now = Timestamp::from_millis(self.now);
            let policy = Arc::new(DeskPolicy::compile_published(&document, next, now, Zones::bundled()).unwrap());
            self.policies = Some(match self.policies.take() {
                Some(all) => all.with(policy),
                None => Policies::new(policy),
            });
        }
    }

    fn entry<E>(&self, kind: EntryKind, of: &str, by: &str, events: Vec<E>) -> Entry<E> {
        Entry {
            v: 1,
            id: CommandId::parse(&format!("c-{}", self.entries.len())).unwrap(),
            verb: String::new(),
            kind,
            of: of.to_owned(),
            at: Timestamp::from_millis(self.now),
            backdated: Some(false),
            by: PrincipalName::parse(by).unwrap(),
            on_behalf_of: None,
            via: None,
            policy: PolicyVersion(1),
            version: Version(0),
            request: Digest::of(&[]),
            message: None,
            sent_to: None,
            prev: None,
            wake_at: None,
            salt: Salt::new([7; 16]),
            key: None,
            events,
        }
    }

    /// Decides a command as the service would, and appends its entry.
    pub(super) fn send(&mut self, by: &str, case: &str, verb: &str, body: &str) {
        let entry = self.decided(by, case, verb, body);
        self.append(&format!("case.{case}"), entry.encode().unwrap());
    }

    pub(super) fn decided(&mut self, by: &str, case: &str, verb: &str, body: &str) -> CaseEntry {
        self.now += 1_000;
        let body = format!("{{'caseId':'{case}',{body}}}").replace('\'', "\"");
        let command = CaseAction::from(CaseCommand::read(Verb::parse(verb).unwrap(), body.as_bytes()).unwrap());
        let policies = self.policies.as_ref().unwrap();
        let known = self.cases.iter().find(|(known, _)| *known == id(case)).map(|(_, case)| case);
        let now = Timestamp::from_millis(self.now);
        let request = Request { now, occurred_at: None, expected: None, texts: None, policies };
        let decision = decide(id(case), known, &command, &request).unwrap();
        self.cases.retain(|(known, _)| *known != id(case));
        self.cases.push((id(case), decision.case.clone()));
        CaseEntry {
            verb: verb.to_owned(),
            policy: self.policies.as_ref().unwrap().current().version,
            version: decision.case.version,
            prev: self.prev(&format!("case.{case}")),
            ..self.entry(EntryKind::Case, case, by, decision.events)
        }
    }

    pub(super) fn checkpoint(&self, size: u64, at: i64, keys: &Keys) -> SignedCheckpoint {
        let mut frontier = Frontier::default();
        for (position, entry) in (1..=size).zip(&self.entries) {
            frontier.append(entry.leaf(position).unwrap().hash(), |_, _, _| {});
        }
        let origin = keys.log.verifier().name().clone();
        let mut signed = SignedCheckpoint::new(Checkpoint { origin, size, root: frontier.root() }).unwrap();
        let seconds = u64::try_from(at / 1_000).unwrap();
        signed.sign(&keys.log, seconds);
        signed.sign(&keys.clock, seconds);
        signed
    }

    /// The newest seal.
    pub(super) fn head(&self, keys: &Keys) -> SignedCheckpoint {
        let (size, at) = *self.seals.last().unwrap();
        self.checkpoint(size, at, keys)
    }

    /// A bundle; `form` says how each position stands in it.
    pub(super) fn bundle(&self, of: Of, form: impl Fn(u64) -> Form) -> Vec<u8> {
        let keys = keys(1);
        let head = self.head(&keys);
        let claim = Claim::new(head.checkpoint().origin.to_string(), head.checkpoint().size, of);
        let mut bundle = Bundle::begin(Vec::new(), claim, head).unwrap();
        for (position, entry) in (1..).zip(&self.entries) {
            match form(position) {
                Form::Hashed => bundle.subtree(0, entry.leaf(position).unwrap().hash()).unwrap(),
                Form::Closed => bundle.closed(closed(entry)).unwrap(),
                Form::Disclosed => bundle.disclosed(entry.clone()).unwrap(),
            }
            for (size, at) in self.seals.iter().filter(|(size, _)| *size == position) {
                bundle.checkpoint(self.checkpoint(*size, *at, &keys).to_string().into_bytes()).unwrap();
            }
        }
        bundle.finish().unwrap()
    }

    /// The bundle of a case: all since its first entry is told.
    pub(super) fn of_case(&self, case: &str) -> Vec<u8> {
        let own = format!("docket.log.case.{case}");
        let first = self.entries.iter().position(|entry| entry.head.subject == own).unwrap();
        self.bundle(Of::Case(id(case)), |position| {
            let index = usize::try_from(position).unwrap() - 1;
            let subject = &self.entries[index].head.subject;
            let is_disclosed = *subject == own || subject == "docket.log.policy.main";
            match (is_disclosed, index >= first) {
                (true, _) => Form::Disclosed,
                (false, true) => Form::Closed,
                (false, false) => Form::Hashed,
            }
        })
    }

    /// The bundle of all entries.
    pub(super) fn of_all(&self) -> Vec<u8> {
        let to = u64::try_from(self.entries.len()).unwrap();
        self.bundle(Of::Positions { from: 1, to }, |_| Form::Disclosed)
    }
}

#[derive(Clone, Copy)]
pub(super) enum Form {
    Hashed,
    Closed,
    Disclosed,
}

pub(super) fn closed(entry: &Disclosed) -> Closed {
    let payload = docket_evidence::leaf::Leaf::of(&docket_evidence::leaf::Message {
        sequence: 1,
        time: 0,
        subject: "",
        headers: &[],
        payload: &entry.payload,
    });
    let length = u64::try_from(entry.payload.len()).unwrap();
    Closed { head: entry.head.clone(), payload: payload.unwrap().payload, length }
}

/// A policy that trusts these keys.
pub(super) fn trusting(keys: &Keys) -> Policy {
    let (log, clock) = (keys.log.verifier(), keys.clock.verifier());
    Policy::parse(format!("log {log}\nwitness clock {clock}\nquorum none\n").as_bytes()).unwrap()
}

/// What an auditor finds who trusts the log's keys, and kept these checkpoints.
pub(super) fn check_with(bundle: &[u8], kept: &[SignedCheckpoint]) -> (Verified, Findings) {
    let policy = trusting(&keys(1));
    verify(Cursor::new(bundle), &Given { policy: &policy, kept }, &mut |_, _| {}).unwrap()
}

pub(super) fn check(bundle: &[u8]) -> (Verified, Findings) {
    check_with(bundle, &[])
}

/// The findings, each with its kind and position.
pub(super) fn told(findings: &Findings) -> Vec<String> {
    findings.first.iter().map(|finding| format!("{:?} {finding}", finding.kind)).collect()
}

/// Checks that there is one finding, of a kind and with these words.
pub(super) fn finds(bundle: &[u8], kind: Kind, words: &str) {
    let (_, findings) = check(bundle);
    let told = told(&findings);
    assert_eq!(findings.worst(), Some(kind), "{told:?}");
    assert!(told.iter().any(|finding| finding.contains(words)), "{words}: {told:?}");
}
