//! Stories: given some commands, when one more comes, then this follows.
//!
//! Every accepted step also proves what must hold always: deciding is deterministic; the events, written to
//! an entry and folded, give the decided case; replaying what people did gives the same events; versions are
//! gapless; time never runs backwards; and no clock runs twice.

use std::sync::{Arc, LazyLock};

use docket_calendar::zones::Zones;
use docket_messages::{
    CaseEntry, CaseEvent, CaseView, CommandId, Digest, EntryKind, FORMAT_VERSION, Intake, PolicyVersion, Position,
    PrincipalName, Rejection, RejectionCode, Salt, Status, Timestamp, Version,
};

use super::commands::{Step, case_id};
use super::moment::{at, tell};
use super::telling::{clock_line, line};
use crate::case::conformance::conform;
use crate::case::replay::{pass_time, replay};
use crate::case::{Case, CaseHistory, Decision, Request, decide, fold, needs_texts};
use crate::ledger::Ledger;
use crate::policy::{Finding, Policies, Policy};

pub const SAMPLE: &str = include_str!("../../../../../policies/sample.toml");

static SAMPLE_POLICIES: LazyLock<Policies> = LazyLock::new(|| Policies::new(policy(1, &[])));

/// The sample with pieces of it replaced.
pub fn policy(version: u32, changes: &[(&str, &str)]) -> Arc<Policy> {
    Arc::new(compile(version, changes, at("mon 00:00")).unwrap())
}

/// What is wrong with it then.
pub fn findings(changes: &[(&str, &str)]) -> Vec<Finding> {
    compile(1, changes, at("mon 00:00")).unwrap_err()
}

fn compile(version: u32, changes: &[(&str, &str)], now: Timestamp) -> Result<Policy, Vec<Finding>> {
    let text = changes.iter().fold(SAMPLE.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "the sample has no `{from}`");
        text.replace(from, to)
    });
    Policy::compile(&text, PolicyVersion(version), now, Zones::bundled())
}

/// What happened so far.
#[derive(Debug, Clone)]
pub struct Story {
    pub policies: Policies,
    pub case: Option<Case>,
    pub all: CaseHistory,
    /// The case by replaying what people did, as long as there is one policy.
    replayed: Option<Case>,
    pub now: Timestamp,
    pub wake_at: Option<Timestamp>,
    /// Every entry, and whether its command was back-dated.
    payloads: Vec<(Vec<u8>, bool)>,
    /// Every event in a line of its own, with its instant.
    pub history: Vec<(Timestamp, String)>,
}

pub fn given(steps: impl IntoIterator<Item = impl Into<Step>>) -> Story {
    given_under(&SAMPLE_POLICIES, steps)
}

pub fn given_under(policies: &Policies, steps: impl IntoIterator<Item = impl Into<Step>>) -> Story {
    let policies = policies.clone();
    let (all, history) = (CaseHistory::default(), Vec::new());
    let (now, payloads) = (at("mon 09:00"), Vec::new());
    let story = Story { policies, case: None, all, replayed: None, now, wake_at: None, payloads, history };
    story.and(steps)
}

impl Story {
    /// Takes further steps, all of which must be accepted.
    pub fn and(mut self, steps: impl IntoIterator<Item = impl Into<Step>>) -> Self {
        for step in steps {
            let step = step.into();
            if let Err(rejection) = self.take(&step) {
                panic!("{step:?} was rejected: {rejection}");
            }
        }
        self
    }

    /// Publishes one more policy.
    pub fn under(mut self, changes: &[(&str, &str)]) -> Self {
        let next = self.policies.current().version.get() + 1;
        self.policies = self.policies.with(Arc::new(compile(next, changes, self.now).unwrap()));
        self
    }

    /// The same at a moment.
    pub fn under_from(mut self, moment: &str, changes: &[(&str, &str)]) -> Self {
        self.now = at(moment);
        self.under(changes)
    }

    pub fn when(mut self, step: impl Into<Step>) -> Reaction {
        let result = self.take(&step.into());
        Reaction { story: self, result }
    }

    /// Takes a step, and checks what must hold always.
    pub fn take(&mut self, step: &Step) -> Result<Decision, Rejection> {
        self.now = step.now.unwrap_or(self.now);
        let (occurred_at, expected) = (step.occurred_at, step.expected);
        let request = Request { now: self.now, occurred_at, expected, texts: None, policies: &self.policies };
        let needs = self.case.as_ref().is_some_and(|case| needs_texts(case, &step.command, &request));
        let texts = self.all.texts().clone();
        let request = Request { texts: needs.then_some(&texts), ..request };
        let decided = || decide(case_id(), self.case.as_ref(), &step.command, &request);
        let result = decided();
        assert_eq!(result, decided(), "deciding is deterministic");
        let decision = result?;
        self.check_versions_and_instants(&decision);
        check_clocks(&decision.case);
        let payload = self.entry(step, &decision).encode().unwrap();
        self.payloads.push((payload.clone(), occurred_at.is_some()));
        let entry = CaseEntry::decode(&payload).unwrap();
        self.all.fold(case_id(), &entry).unwrap();
        self.check_replay(&entry, occurred_at.is_some());
        let checked = conform(self.case.clone(), case_id(), &entry, occurred_at.is_some(), &self.policies);
        let checked = checked.unwrap_or_else(|error| panic!("the rules would not have made it: {error}"));
        assert_eq!(checked.as_ref(), Some(&decision.case), "checking an entry folds it");
        self.case = fold(self.case.take(), case_id(), &entry).unwrap();
        assert_eq!(self.all.case(), self.case.as_ref(), "with its texts it is the same case");
        assert_eq!(self.case.as_ref(), Some(&decision.case), "folding the events gives the decided case");
        self.wake_at = decision.wake_at;
        self.history.extend(decision.events.iter().map(|e| (e.at().unwrap_or(decision.at), line(e))));
        Ok(decision)
    }

    /// Replaying what people did, under the policy that it was done under, makes the same of it.
    fn check_replay(&mut self, entry: &CaseEntry, is_backdated: bool) {
        if self.policies.current().version != PolicyVersion(1) {
            return;
        }
        let again = replay(self.replayed.take(), case_id(), entry, is_backdated, &self.policies).unwrap();
        let events: Vec<CaseEvent> = again.events.into_iter().map(|(_, event)| event).collect();
        assert_eq!(events, entry.events, "replaying gives the same events");
        self.replayed = Some(again.case);
    }

    fn check_versions_and_instants(&self, decision: &Decision) {
        let before = self.case.as_ref().map_or(0, |case| case.version.get());
        let events = u32::try_from(decision.events.len()).unwrap();
        assert_eq!(decision.case.version.get(), before + events, "versions are gapless");
        let mut last = self.case.as_ref().map_or(Timestamp::EPOCH, |case| case.last_at);
        for event in &decision.events {
            let own = event.at().unwrap_or(decision.at);
            assert!(last <= own && own <= decision.at, "`{}` of {own} is told after {last}", event.name());
            last = own;
        }
    }

    /// The same story as another policy would have it, until an instant: every event in a line of its own.
    pub fn under_another(&self, changes: &[(&str, &str)], until: &str) -> Vec<String> {
        let policies = Policies::new(Arc::new(compile(2, changes, Timestamp::EPOCH).unwrap()));
        let (mut case, mut history) = (None, Vec::new());
        for (payload, is_backdated) in &self.payloads {
            let entry = CaseEntry::decode(payload).unwrap();
            let replayed = replay(case.take(), case_id(), &entry, *is_backdated, &policies).unwrap();
            history.extend(replayed.events);
            case = Some(replayed.case);
        }
        history.extend(pass_time(case.unwrap(), at(until), &policies).events);
        history
            .iter()
            .map(|(at, event)| format!("{} {}", tell(*at), line(event).split(',').next().unwrap_or("")))
            .collect()
    }

    fn entry(&self, step: &Step, decision: &Decision) -> CaseEntry {
        CaseEntry {
            verb: step.command.verb().to_owned(),
            at: decision.at,
            policy: self.policies.current().version,
            version: decision.case.version,
            wake_at: decision.wake_at,
            events: decision.events.clone(),
            ..empty_entry()
        }
    }

    pub fn case(&self) -> &Case {
        self.case.as_ref().unwrap()
    }

    /// Its entries, as the log has them.
    pub fn entries(&self) -> Vec<CaseEntry> {
        self.payloads.iter().map(|(payload, _)| CaseEntry::decode(payload).unwrap()).collect()
    }

    /// What became of its service levels, by its events alone.
    pub fn ledger(&self) -> Ledger {
        let mut ledger = Ledger::default();
        for (payload, _) in &self.payloads {
            let entry = CaseEntry::decode(payload).unwrap();
            ledger.apply(entry.events.iter().map(|event| (event.at().unwrap_or(entry.at), event)));
        }
        ledger
    }

    /// How the case begins that it was last asked to split off.
    pub fn split_off(&self) -> Option<Intake> {
        let into = self.case().next_step()?.with;
        self.all.intake_of_split(into).cloned()
    }

    pub fn view(&self) -> CaseView {
        self.all.view(Position(1), self.now).unwrap()
    }

    pub fn is(self, status: Status) -> Self {
        assert_eq!(self.case().status(), status);
        self
    }

    pub fn at_level(self, level: u32) -> Self {
        assert_eq!(self.case().facts.escalation_level, level);
        self
    }

    /// Checks a clock, named as `resolution/2`, in the words of [`clock_line`].
    pub fn clock(self, name: &str, expected: &str) -> Self {
        let clocks = self.view().clocks;
        let clock = clocks.iter().find(|clock| format!("{}/{}", clock.clock, clock.instance) == name);
        assert_eq!(clock.map_or("absent".to_owned(), clock_line), expected, "{name}");
        self
    }

    /// Checks when the case wants attention; `never` if it does not.
    pub fn wakes(self, expected: &str) -> Self {
        assert_eq!(self.wake_at.map_or("never".to_owned(), tell), expected);
        self
    }
}

/// An entry in which nothing happened, to fill in.
pub fn empty_entry() -> CaseEntry {
    CaseEntry {
        v: FORMAT_VERSION,
        id: CommandId::parse("c-1").unwrap(),
        verb: "note".to_owned(),
        kind: EntryKind::Case,
        of: case_id().to_string(),
        at: at("mon 09:00"),
        backdated: None,
        by: PrincipalName::parse("desk").unwrap(),
        on_behalf_of: None,
        via: None,
        policy: PolicyVersion(1),
        version: Version(0),
        request: Digest::of(&[]),
        message: None,
        sent_to: None,
        prev: None,
        wake_at: None,
        salt: Salt::new([0; 16]),
        key: None,
        events: Vec::new(),
    }
}

/// What followed from the last command.
#[derive(Debug)]
pub struct Reaction {
    story: Story,
    result: Result<Decision, Rejection>,
}

impl Reaction {
    /// Checks the events, in the words of [`line`].
    pub fn then<const N: usize>(self, expected: [&str; N]) -> Story {
        match self.result {
            Ok(decision) => assert_eq!(decision.events.iter().map(line).collect::<Vec<_>>(), expected),
            Err(rejection) => panic!("rejected: {rejection}"),
        }
        self.story
    }

    /// Checks the rejection: its code, the place that it points at, and a part of what it says.
    pub fn then_rejected(self, code: RejectionCode, path: &str, says: &str) -> Story {
        let rejection = self.result.expect_err("the command was accepted");
        assert_eq!((rejection.code, rejection.path.as_deref().unwrap_or("")), (code, path), "{rejection}");
        assert!(rejection.message.contains(says), "`{}` does not say `{says}`", rejection.message);
        self.story
    }
}

fn check_clocks(case: &Case) {
    let mut pending: Vec<_> = case.clocks.iter().filter(|clock| clock.is_pending()).map(|clock| clock.name).collect();
    let all = pending.len();
    pending.sort_unstable();
    pending.dedup();
    assert_eq!(pending.len(), all, "at most one instance of a clock is pending");
}
