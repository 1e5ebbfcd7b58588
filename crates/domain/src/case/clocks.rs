//! What the events of a command do to the clocks of its case, in one order: meet, cancel, pause or resume, retarget,
//! start. One file per clock says which events these are.

use docket_messages::policy::{ClockRule, Passing};
use docket_messages::{
    CaseEvent, Cause, ClockChange, ClockName, ClockState, EndingEvent, IntakeEvent, MergeEvent, Status, Timestamp,
    WorkEvent,
};

use super::Case;
use super::draft::Draft;
use crate::clock::{Clock, Start};
use crate::policy::{Policy, Target};

mod first_response;
mod next_response;
mod ownership;
mod resolution;
mod update;

/// What a clock is for, as events say it.
struct Rules {
    clock: ClockName,
    /// Whether an event starts it, if the case wants one and none is pending.
    starts: fn(&CaseEvent) -> bool,
    /// Whether a case wants it, as the command has left the case.
    is_wanted: fn(&Case) -> bool,
    /// Since when the case owes what it waits for, if it does, by the policy that the clock pins.
    owed_since: fn(&Case, &ClockRule) -> Option<Timestamp>,
    /// Whether an event is what it waits for, by the policy that the clock pinned.
    is_met: fn(&CaseEvent, &ClockRule) -> bool,
    /// Whether an event takes away what it waits for, though nobody has ended the case.
    is_dropped: fn(&CaseEvent) -> bool,
    /// Whether it waits for an answer: then it does not start in a history that does not say what was answered.
    waits_for_answer: bool,
    /// Whether what a resolution took away is owed again when the resolution does not hold.
    outlasts_resolution: bool,
}

/// In the order in which clocks are told of.
const CLOCKS: [Rules; 5] =
    [first_response::RULES, next_response::RULES, update::RULES, resolution::RULES, ownership::RULES];

/// What the events of a command mean for a clock.
struct Plan {
    rules: Rules,
    is_dropped: bool,
    starts: bool,
}

impl Plan {
    fn of(rules: Rules, events: &[CaseEvent]) -> Self {
        let any = |is: fn(&CaseEvent) -> bool| events.iter().any(is);
        Self { is_dropped: any(rules.is_dropped), starts: any(rules.starts), rules }
    }
}

/// What the events of a command mean for all clocks.
struct Happened {
    is_resolved: bool,
    is_classified: bool,
    is_unmerged: bool,
    is_reopened: bool,
}

impl Happened {
    fn of(events: &[CaseEvent]) -> Self {
        let any = |is: fn(&CaseEvent) -> bool| events.iter().any(is);
        Self {
            is_resolved: any(|event| matches!(event, CaseEvent::Ending(EndingEvent::Resolved(_)))),
            is_classified: any(|event| matches!(event, CaseEvent::Intake(IntakeEvent::Classified(_)))),
            is_unmerged: any(|event| matches!(event, CaseEvent::Merge(MergeEvent::Unmerged(_)))),
            is_reopened: any(|event| matches!(event, CaseEvent::Ending(EndingEvent::Reopened(_)))),
        }
    }

    /// Whether a clock ended with the case, which has come back, or with what the case was about, which may have.
    fn takes_back(&self, ended: &Clock, rules: &Rules) -> bool {
        let was = |cause| ended.was_cancelled_by(cause);
        (self.is_classified || self.is_unmerged || self.is_reopened) && was(Cause::NoTarget)
            || self.is_unmerged && was(Cause::Merge)
            || self.is_reopened && (was(Cause::Close) || rules.outlasts_resolution && was(Cause::Resolve))
    }
}

/// Whether a human has answered the customer, perhaps in a case that this one went on in for a while.
fn is_answer(event: &CaseEvent) -> bool {
    matches!(event, CaseEvent::Work(WorkEvent::Responded(responded)) if !responded.automatic)
        || matches!(event, CaseEvent::Merge(MergeEvent::Unmerged(unmerged)) if unmerged.answered_at.is_some())
}

/// Whether a case was resolved, and that is answer enough for the policy.
fn is_resolution_enough(event: &CaseEvent, rule: &ClockRule) -> bool {
    rule.met_by_resolution && matches!(event, CaseEvent::Ending(EndingEvent::Resolved(_)))
}

/// A clock that has passed its warning instant or its deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Passed {
    pub(super) clock: ClockName,
    pub(super) instance: u32,
    pub(super) passing: Passing,
}

impl Draft<'_> {
    /// Brings the clocks in line with what has happened at an instant: the events from an index on.
    pub(super) fn settle_clocks(&mut self, from: usize, at: Timestamp) {
        let events = self.events.get(from..).unwrap_or_default();
        if events.is_empty() {
            return;
        }
        let happened = Happened::of(events);
        let plans = CLOCKS.map(|rules| Plan::of(rules, events));
        self.meet_clocks(from, &happened, at);
        self.end_clocks(&plans, &happened, at);
        for clock in CLOCKS {
            self.take_up(&clock, &happened, at);
        }
        for clock in ClockName::ALL {
            self.pause_or_resume(clock, at);
        }
        if happened.is_classified {
            self.retarget_all(at);
        }
        let is_silent = self.is_backdated && self.case.are_responses_unknown;
        for Plan { rules, starts, .. } in plans.iter().filter(|plan| !(is_silent && plan.rules.waits_for_answer)) {
            if (rules.is_wanted)(&self.case) && self.case.pending_clock(rules.clock).is_none() {
                if *starts {
                    self.start(rules, &happened, at);
                } else if happened.is_classified || happened.is_reopened {
                    self.start_by_class(rules, at);
                }
                self.pause_or_resume(rules.clock, at);
            }
        }
        for passed in std::mem::take(&mut self.passed) {
            self.escalate_for(passed, at);
        }
    }

    /// Ends the clocks whose wait is over by what has happened.
    fn meet_clocks(&mut self, from: usize, happened: &Happened, at: Timestamp) {
        let owed = CLOCKS.into_iter().filter_map(|rules| Some((self.owed(&rules, happened)?, rules)));
        let is_met = |(clock, rules): &(Clock, Rules)| {
            // What has no target is owed by nobody.
            if clock.was_cancelled_by(Cause::NoTarget) {
                return false;
            }
            let rule = self.policy_of(clock).clock_rule(clock.name);
            self.events.iter().skip(from).any(|event| (rules.is_met)(event, rule))
        };
        let cause = happened.is_resolved.then_some(Cause::Resolve);
        for (clock, _) in owed.filter(is_met).collect::<Vec<_>>() {
            self.change_clock(&clock, ClockChange::Met, at, cause);
        }
    }

    /// Ends what the case no longer waits for, and, if the case has ended, whatever runs.
    fn end_clocks(&mut self, plans: &[Plan], happened: &Happened, at: Timestamp) {
        for Plan { rules, .. } in plans.iter().filter(|plan| plan.is_dropped) {
            let cause = if happened.is_resolved { Cause::Resolve } else { Cause::Transfer };
            self.change_pending(rules.clock, ClockChange::Cancelled, at, Some(cause));
        }
        if happened.is_classified {
            self.end_without_target(at);
        }
        if matches!(self.case.status(), Status::Closed | Status::Cancelled | Status::Merged) {
            let is_merged = self.case.status() == Status::Merged;
            let cause = if is_merged { Cause::Merge } else { Cause::Close };
            for clock in ClockName::ALL {
                self.change_pending(clock, ClockChange::Cancelled, at, Some(cause));
            }
        }
    }

    /// Lets a clock go on that ended with the case, now that the case has come back, if what it waits for is still
    /// owed.
    fn take_up(&mut self, rules: &Rules, happened: &Happened, at: Timestamp) {
        let owed = self.owed(rules, happened).filter(|owed| !owed.is_pending());
        let Some(owed) = owed else { return };
        let Some(since) = (rules.owed_since)(&self.case, self.policy_of(&owed).clock_rule(owed.name)) else { return };
        if !owed.was_cancelled_by(Cause::NoTarget) {
            self.change_clock(&owed, ClockChange::Resumed, at, Some(Cause::Reopen));
        } else if self.case.status().is_active() && owed.is_for_wait(since) && self.has_target(&owed) {
            self.change_clock(&owed, ClockChange::Resumed, at, Some(Cause::Retarget));
        }
    }

    /// The clock that is pending, or that ended with a case that has come back.
    fn owed(&self, rules: &Rules, happened: &Happened) -> Option<Clock> {
        let mut clocks = self.case.clocks.iter();
        clocks.find(|last| last.name == rules.clock && (last.is_pending() || happened.takes_back(last, rules))).cloned()
    }

    fn pending_clocks(&self) -> Vec<Clock> {
        ClockName::ALL.into_iter().filter_map(|clock| self.case.pending_clock(clock)).cloned().collect()
    }

    fn change_pending(&mut self, clock: ClockName, change: ClockChange, at: Timestamp, cause: Option<Cause>) {
        if let Some(clock) = self.case.pending_clock(clock).cloned() {
            self.change_clock(&clock, change, at, cause);
        }
    }

    fn pause_or_resume(&mut self, clock: ClockName, at: Timestamp) {
        let Some(pending) = self.case.pending_clock(clock) else { return };
        let pauses = self.policy_of(pending).pauses(clock, self.case.status());
        if pauses && pending.state == ClockState::Running {
            self.change_pending(clock, ClockChange::Paused, at, None);
        } else if !pauses && pending.state == ClockState::Paused {
            self.change_pending(clock, ClockChange::Resumed, at, None);
        }
    }

    /// Gives clocks the targets that their pinned policies have for the case as it is now.
    fn retarget_all(&mut self, at: Timestamp) {
        for clock in self.pending_clocks() {
            let pinned = self.policy_of(&clock);
            match self.target_less_carried(&clock, pinned) {
                Some(target) if clock.has_other_target(&target) => {
                    self.give_target(&clock, pinned, &target, None, at);
                }
                // It may have gone on only now.
                Some(_) => self.pass_by_retarget(clock.name, at),
                // A breach stays, and so does what was missed.
                None => {}
            }
        }
    }

    /// Ends the clocks that the pinned policy names no target for by now, unless they were breached.
    fn end_without_target(&mut self, at: Timestamp) {
        for clock in self.pending_clocks() {
            if clock.breached_at.is_none() && !self.has_target(&clock) {
                self.change_clock(&clock, ClockChange::Cancelled, at, Some(Cause::NoTarget));
            }
        }
    }

    /// Whether the policy that a clock pinned has a target for it, as the case is now.
    fn has_target(&self, clock: &Clock) -> bool {
        self.policy_of(clock).target(clock.name, &self.case.targeted(), clock.first_start()).is_some()
    }

    /// Starts a clock that the case has come to have a target for, counted from when what it waits for was owed. What
    /// is late by then is late now.
    fn start_by_class(&mut self, rules: &Rules, at: Timestamp) {
        if let Some(since) = self.owed_since(rules)
            && self.case.status().is_active()
            && !self.had_clock(rules.clock, since)
        {
            self.start_since(rules.clock, since, at);
        }
    }

    /// Since when the case owes what a clock that starts now waits for.
    fn owed_since(&self, rules: &Rules) -> Option<Timestamp> {
        (rules.owed_since)(&self.case, self.policy().clock_rule(rules.clock))
    }

    /// Whether there was a clock already for what is owed since then: it was met, or ended for another reason.
    fn had_clock(&self, clock: ClockName, since: Timestamp) -> bool {
        self.case.clocks.iter().any(|last| last.name == clock && last.is_for_wait(since))
    }

    /// Starts a clock that counts from an instant that may have passed, but for when the case was over.
    fn start_since(&mut self, clock: ClockName, since: Timestamp, at: Timestamp) {
        self.start_anew(clock, since, Some(Cause::Retarget), at);
        self.pass_by_retarget(clock, at);
    }

    /// Brings what runs under the policy in force. What it names no target for ends.
    pub(super) fn rebase_clocks(&mut self) {
        let (policy, at) = (self.policy(), self.at);
        for clock in self.pending_clocks().into_iter().filter(|clock| clock.policy() != policy.version) {
            match self.target_less_carried(&clock, policy) {
                Some(target) => self.give_target(&clock, policy, &target, Some(Cause::Rebase), at),
                None => self.change_clock(&clock, ClockChange::Cancelled, at, Some(Cause::Rebase)),
            }
        }
    }

    fn target_less_carried<'p>(&self, clock: &Clock, policy: &'p Policy) -> Option<Target<'p>> {
        let whole = policy.target(clock.name, &self.case.targeted(), clock.first_start())?;
        Some(Target { millis: clock.left_of(&whole), ..whole })
    }

    /// Another target: the deadline is computed afresh from the same start, less the same pauses. What has passed by
    /// that is said at once.
    fn give_target(
        &mut self,
        clock: &Clock,
        pinned: &Policy,
        target: &Target<'_>,
        cause: Option<Cause>,
        at: Timestamp,
    ) {
        let mut reading = clock.read(target, at, cause);
        (reading.policy, reading.at) = (pinned.version, self.own_instant(at));
        self.emit(CaseEvent::Clock(ClockChange::Retargeted, reading));
        self.pass_by_retarget(clock.name, at);
    }

    /// Says of a clock whose deadline was computed afresh what has passed by that.
    fn pass_by_retarget(&mut self, clock: ClockName, at: Timestamp) {
        let after = self.case.pending_clock(clock).filter(|after| after.breached_at.is_none()).cloned();
        if let Some(after) = after
            && let Some(passing) = after.has_passed(self.policies(), at)
        {
            self.pass(&after, passing, at, Some(Cause::Retarget));
        }
    }

    /// A clock passes its warning instant or its deadline; what the policy says of that is done when all has settled.
    pub(super) fn pass(&mut self, clock: &Clock, passing: Passing, at: Timestamp, cause: Option<Cause>) {
        let change = match passing {
            Passing::Warning => ClockChange::Warned,
            Passing::Breach => ClockChange::Breached,
        };
        self.change_clock(clock, change, at, cause);
        self.passed.push(Passed { clock: clock.name, instance: clock.instance, passing });
    }

    /// A customer who waited longer in the case that was taken in has waited longer in this one.
    pub(super) fn wait_since(&mut self, since: Option<Timestamp>) {
        let Some(since) = since else { return };
        let waits = [ClockName::FirstResponse, ClockName::NextResponse];
        let pending = waits.iter().find_map(|clock| self.case.pending_clock(*clock));
        let (waits_for, cause) = (pending.map_or(ClockName::NextResponse, |clock| clock.name), Some(Cause::Merge));
        match pending {
            Some(clock) if clock.started_at() <= since => return,
            Some(clock) => {
                // Days, weeks and months are counted from the start that the clock has now.
                let target = self.policy_of(clock).target(clock.name, &self.case.targeted(), since);
                let target = target.unwrap_or_else(|| clock.target(self.policies()));
                let reading = clock.read_from(since, &target, self.at, cause);
                self.emit(CaseEvent::Clock(ClockChange::Retargeted, reading));
            }
            None => self.start_anew(waits_for, since, cause, self.at),
        }
        self.pass_by_retarget(waits_for, self.at);
    }

    /// Starts a clock under the policy in force, if that has a target for it.
    fn start_anew(&mut self, clock: ClockName, since: Timestamp, cause: Option<Cause>, at: Timestamp) {
        let pinned = self.policy();
        if let Some(target) = pinned.target(clock, &self.case.targeted(), since) {
            let instance = self.case.next_instance(clock);
            self.start_clock(&Start { clock, instance, pinned, target, since, cause }, at);
        }
    }

    /// A resolution goes on with the time that the one before it left. What a case that comes back owed before, and had
    /// no clock for, counts from then.
    fn start(&mut self, rules: &Rules, happened: &Happened, at: Timestamp) {
        let clock = rules.clock;
        let is_before = |before: &&Clock| before.name == clock && clock == ClockName::Resolution;
        if let Some(before) = self.case.clocks.iter().find(is_before).cloned() {
            return self.start_with_what_was_left(&before, at);
        }
        let owed_since = self.owed_since(rules).filter(|since| happened.is_reopened && *since < at);
        match owed_since.filter(|since| !self.had_clock(clock, *since)) {
            Some(since) => self.start_since(clock, since, at),
            None => self.start_anew(clock, at, None, at),
        }
    }

    /// The next instance goes on under the policy that the one before pinned, with the time that was left; the resolved
    /// span does not count. Where the policy names no target by now, what was left of the last one counts. None starts
    /// if none was left, or if the policy that the clock was brought under had no target for it.
    fn start_with_what_was_left(&mut self, before: &Clock, at: Timestamp) {
        if before.was_cancelled_by(Cause::Rebase) {
            return;
        }
        let pinned = self.policy_of(before);
        let target = match pinned.target(before.name, &self.case.targeted(), before.first_start()) {
            Some(whole) => Target { millis: before.left_for_next(&whole), ..whole },
            None => before.left(self.policies()),
        };
        if target.millis > 0 {
            let (clock, instance) = (before.name, self.case.next_instance(before.name));
            self.start_clock(&Start { clock, instance, pinned, target, since: at, cause: Some(Cause::Reopen) }, at);
        }
    }
}
