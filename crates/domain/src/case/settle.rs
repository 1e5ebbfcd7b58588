//! What a command does to the clocks of its case, in one order: meet, cancel, pause or resume, retarget, start.

use docket_messages::{Cause, ClockChange, ClockName, ClockState, Status};

use super::draft::{Draft, Start};
use crate::clock::Clock;
use crate::policy::Target;

/// Which clocks a command starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Starts {
    /// None.
    Nothing,
    /// The first instance of every clock that has a target.
    Intake,
    /// The next instance of `resolution`, with what was left.
    Reopen,
}

impl Draft<'_> {
    /// Brings the clocks in line with the case as the command has left it.
    pub(super) fn settle_clocks(&mut self, meets: &[ClockName], starts: Starts) {
        let status = self.case.status();
        for clock in self.pending_clocks().filter(|clock| meets.contains(&clock.name)).collect::<Vec<_>>() {
            let cause = (status == Status::Resolved).then_some(Cause::Resolve);
            self.change_clock(&clock, ClockChange::Met, self.at, cause);
        }
        if matches!(status, Status::Closed | Status::Cancelled | Status::Merged) {
            for clock in self.pending_clocks().collect::<Vec<_>>() {
                self.change_clock(&clock, ClockChange::Cancelled, self.at, Some(Cause::Close));
            }
        }
        for clock in self.pending_clocks().collect::<Vec<_>>() {
            self.pause_or_resume(&clock, status);
        }
        for clock in self.pending_clocks().collect::<Vec<_>>() {
            self.retarget(&clock);
        }
        match starts {
            Starts::Nothing => {}
            Starts::Intake => self.start_all(),
            Starts::Reopen => self.start_with_what_was_left(),
        }
    }

    fn pending_clocks(&self) -> impl Iterator<Item = Clock> {
        self.case.clocks.iter().filter(|clock| clock.is_pending()).cloned()
    }

    fn pause_or_resume(&mut self, clock: &Clock, status: Status) {
        let pauses = self.policy_of(clock).pauses(clock.name, status);
        if pauses && clock.state == ClockState::Running {
            self.change_clock(clock, ClockChange::Paused, self.at, None);
        } else if !pauses && clock.state == ClockState::Paused {
            self.change_clock(clock, ClockChange::Resumed, self.at, None);
        }
    }

    /// Gives a clock the target that its pinned policy has for the case as it is now. The deadline is
    /// computed afresh from the same start, less the same pauses.
    fn retarget(&mut self, clock: &Clock) {
        let pinned = self.policy_of(clock);
        let class = &self.case.class;
        // Where the policy names no target for it, the clock keeps the one that it has.
        let Some(whole) = pinned.target(clock.name, class.priority.as_ref(), &class.case_type) else { return };
        let used = u32::try_from(clock.carried_millis(whole.calendar).div_euclid(1000)).unwrap_or(u32::MAX);
        let target = Target { seconds: whole.seconds.saturating_sub(used), ..whole };
        if target.seconds == clock.target_seconds() && target.calendar_name == clock.calendar() {
            return;
        }
        self.retarget_clock(clock, &target);
        let Some(after) = self.clock_like(clock) else { return };
        if after.breached_at.is_some() {
            return;
        }
        if after.is_past(&target, self.at) {
            self.change_clock(&after, ClockChange::Breached, self.at, Some(Cause::Retarget));
        } else if after.wants_warning(&target, self.at) {
            self.change_clock(&after, ClockChange::Warned, self.at, Some(Cause::Retarget));
        }
    }

    fn clock_like(&self, clock: &Clock) -> Option<Clock> {
        let same = |other: &&Clock| other.name == clock.name && other.instance == clock.instance;
        self.case.clocks.iter().find(same).cloned()
    }

    fn start_all(&mut self) {
        let policy = self.policy();
        for clock in ClockName::ALL {
            let class = &self.case.class;
            if let Some(target) = policy.target(clock, class.priority.as_ref(), &class.case_type) {
                self.start_clock(&Start { clock, instance: 1, pinned: policy, target, cause: None });
            }
        }
    }

    /// The next instance of `resolution` goes on under the policy that the first one pinned, with the time
    /// that was left; the resolved span does not count. None starts if none was left.
    fn start_with_what_was_left(&mut self) {
        let resolutions = self.case.clocks.iter().rev();
        let Some(last) = resolutions.into_iter().find(|clock| clock.name == ClockName::Resolution).cloned() else {
            return;
        };
        let pinned = self.policy_of(&last);
        let class = &self.case.class;
        let Some(whole) = pinned.target(last.name, class.priority.as_ref(), &class.case_type) else { return };
        let seconds = last.left_for_next(&whole);
        if seconds > 0 {
            let target = Target { seconds, ..whole };
            let (clock, instance) = (last.name, last.instance.saturating_add(1));
            self.start_clock(&Start { clock, instance, pinned, target, cause: Some(Cause::Reopen) });
        }
    }
}
