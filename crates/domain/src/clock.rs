//! Service-level clocks.
//!
//! A clock counts open time over the stretches in which it ran. Its deadline is always computed from those
//! stretches, so no order of pauses and retargets can make it drift.

use docket_messages::policy::Passing;
use docket_messages::{Cause, ClockChange, ClockName, ClockReading, ClockState, ClockView, PolicyVersion, Timestamp};

use crate::policy::{Policies, Policy, Target};

mod running_time;

pub(crate) use running_time::Interval;
use running_time::RunningTime;

/// One clock of one case.
#[derive(Debug, Clone, PartialEq)]
pub struct Clock {
    /// Which clock.
    pub name: ClockName,
    /// The n-th of its kind on this case, counted from 1.
    pub instance: u32,
    /// What it does now.
    pub state: ClockState,
    /// When its deadline passed. Never cleared.
    pub breached_at: Option<Timestamp>,
    warned: bool,
    met_at: Option<Timestamp>,
    /// Whether it stood still when it was cancelled.
    stood_still: bool,
    ran: RunningTime,
    /// When the first of the instances that it goes on from started; its own start if it goes on from none.
    first_start: Timestamp,
    /// What the instances that it goes on from ran: their time is used up already.
    carried: RunningTime,
    last: ClockReading,
}

impl Clock {
    /// The clock that `clockStarted` describes; `goes_on` is the instance whose time it goes on counting, and `over`
    /// the stretches in which its case was over: they do not count for one that the case has only come to have a target
    /// for.
    #[must_use]
    pub(crate) fn started(reading: &ClockReading, goes_on: Option<&Self>, over: &[Interval]) -> Self {
        let without = if reading.cause == Some(Cause::Retarget) { over } else { &[] };
        let carried = goes_on.map_or_else(RunningTime::default, |before| before.carried.clone().and_then(&before.ran));
        Self {
            name: reading.clock,
            instance: reading.instance,
            state: ClockState::Running,
            breached_at: None,
            warned: false,
            met_at: None,
            stood_still: false,
            ran: RunningTime::from_without(reading.started_at, without),
            first_start: goes_on.map_or(reading.started_at, |before| before.first_start),
            carried,
            last: reading.clone(),
        }
    }

    /// Takes in an event about this clock that happened at `at`, when its case had been over for these stretches.
    pub(crate) fn evolve(&mut self, change: ClockChange, reading: &ClockReading, at: Timestamp, over: &[Interval]) {
        self.transition(change, at, over);
        if change == ClockChange::Breached {
            self.breached_at = Some(reading.breached_at(at));
        }
        if reading.started_at != self.last.started_at {
            self.ran = RunningTime::from(reading.started_at);
            self.first_start = reading.started_at;
        }
        // A later deadline takes the warning back: it will come again.
        if reading.warn_at.is_some_and(|warn| warn > at) {
            self.warned = false;
        }
        self.last = reading.clone();
    }

    /// What a change would read: a pause or resumption as it is after it, everything else as it was until then.
    #[must_use]
    pub(crate) fn read_change(
        &self,
        change: ClockChange,
        policies: &Policies,
        (at, over): (Timestamp, &[Interval]),
        cause: Option<Cause>,
    ) -> ClockReading {
        match change {
            ClockChange::Paused | ClockChange::Resumed => {
                let mut after = self.clone();
                after.transition(change, at, over);
                after.read_on(policies, at, cause)
            }
            ClockChange::Started
            | ClockChange::Retargeted
            | ClockChange::Warned
            | ClockChange::Breached
            | ClockChange::Met
            | ClockChange::Cancelled => self.read_on(policies, at, cause),
        }
    }

    fn transition(&mut self, change: ClockChange, at: Timestamp, over: &[Interval]) {
        match change {
            ClockChange::Paused => {
                self.ran.stop(at);
                self.state = ClockState::Paused;
            }
            ClockChange::Resumed => {
                // What ended for want of a target, and has one again, counts as if it had not ended, but for when the
                // case was over.
                if self.was_cancelled_by(Cause::NoTarget) && !self.stood_still {
                    self.ran.undo_stop(over);
                } else {
                    self.ran.go_on(at);
                }
                self.state = ClockState::Running;
            }
            ClockChange::Started | ClockChange::Retargeted | ClockChange::Breached => {}
            ClockChange::Warned => self.warned = true,
            ClockChange::Met => {
                self.ran.stop(at);
                self.state = ClockState::Met;
                self.met_at = Some(at);
            }
            ClockChange::Cancelled => {
                self.stood_still = self.state == ClockState::Paused;
                self.ran.stop(at);
                self.state = ClockState::Cancelled;
            }
        }
    }

    /// Remembers what it ran by the calendar that it counts by, so that deciding is quick however often it was paused.
    pub fn count(&mut self, policies: &Policies) {
        let calendar = self.target(policies).calendar.clone();
        self.ran.count(&calendar);
        self.carried.count(&calendar);
    }

    /// Whether it is neither met nor cancelled.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        matches!(self.state, ClockState::Running | ClockState::Paused)
    }

    /// Whether it was cancelled, and for that cause.
    #[must_use]
    pub fn was_cancelled_by(&self, cause: Cause) -> bool {
        self.state == ClockState::Cancelled && self.last.cause == Some(cause)
    }

    /// The policy version that it started under.
    #[must_use]
    pub fn policy(&self) -> PolicyVersion {
        self.last.policy
    }

    /// Whether a target is another one than it has. Less than a second makes no other one.
    #[must_use]
    pub fn has_other_target(&self, target: &Target<'_>) -> bool {
        let wall = self.last.wall.unwrap_or(false);
        (self.last.target_seconds, &self.last.calendar, wall)
            != (target.seconds(), target.calendar_name, target.is_wall)
    }

    /// What comes next for a running clock, and when.
    #[must_use]
    pub fn next_passing(&self) -> Option<(Timestamp, Passing)> {
        if self.state != ClockState::Running || self.breached_at.is_some() {
            return None;
        }
        let warning = self.last.warn_at.filter(|_| !self.warned).map(|at| (at, Passing::Warning));
        let deadline = self.last.due_at.map(|at| (at, Passing::Breach));
        warning.into_iter().chain(deadline).min()
    }

    /// What earlier instances left of a whole target, in milliseconds.
    #[must_use]
    pub fn left_of(&self, whole: &Target<'_>) -> i64 {
        left(whole, self.carried.open_millis(whole.calendar, Timestamp::EPOCH))
    }

    /// What it leaves of a whole target for the next instance, in milliseconds.
    #[must_use]
    pub fn left_for_next(&self, whole: &Target<'_>) -> i64 {
        let used = [&self.carried, &self.ran].map(|ran| ran.open_millis(whole.calendar, Timestamp::EPOCH));
        left(whole, used.iter().sum())
    }

    /// What it leaves of the target that it has.
    #[must_use]
    pub fn left<'a>(&'a self, policies: &'a Policies) -> Target<'a> {
        let target = self.target(policies);
        Target { millis: left(&target, self.ran.open_millis(target.calendar, Timestamp::EPOCH)), ..target }
    }

    /// The reading of the clock at an instant, under a target that may be new.
    #[must_use]
    pub fn read(&self, target: &Target<'_>, at: Timestamp, cause: Option<Cause>) -> ClockReading {
        let used = self.ran.open_millis(target.calendar, at);
        let due = self.ran.passes(target.calendar, target.millis);
        let running = self.state == ClockState::Running;
        // What was open is said by the named calendar, whatever the target is counted in.
        let open = if target.is_wall { self.ran.open_millis(target.named, at) } else { used };
        ClockReading {
            clock: self.name,
            instance: self.instance,
            policy: self.last.policy,
            calendar: target.calendar_name.clone(),
            target_seconds: target.seconds(),
            target_millis: target.odd_millis(),
            wall: target.is_wall.then_some(true),
            started_at: self.last.started_at,
            due_at: due.filter(|_| running),
            warn_at: self.ran.passes(target.calendar, target.warn_millis()).filter(|_| running),
            remaining_seconds: i32::try_from(i64::from(target.seconds()) - used.div_euclid(1000)).unwrap_or(i32::MIN),
            elapsed_seconds: u32::try_from(self.ran.wall_millis(at).div_euclid(1000)).unwrap_or(u32::MAX),
            business_elapsed_seconds: u32::try_from(open.div_euclid(1000)).unwrap_or(u32::MAX),
            cause,
            at: None,
        }
    }

    fn read_on(&self, policies: &Policies, at: Timestamp, cause: Option<Cause>) -> ClockReading {
        self.read(&self.target(policies), at, cause)
    }

    /// The target that it has, with the calendar of the policy that it pinned.
    #[must_use]
    pub fn target<'a>(&'a self, policies: &'a Policies) -> Target<'a> {
        policies.get(self.last.policy).target_of_clock(
            self.name,
            &self.last.calendar,
            i64::from(self.last.target_seconds) * 1000 + i64::from(self.last.target_millis.unwrap_or(0)),
            self.last.wall.unwrap_or(false),
        )
    }

    /// The reading of a clock that was never paused, had it started earlier.
    #[must_use]
    pub fn read_from(
        &self,
        since: Timestamp,
        target: &Target<'_>,
        at: Timestamp,
        cause: Option<Cause>,
    ) -> ClockReading {
        let earlier = Self { ran: RunningTime::from(since), ..self.clone() };
        ClockReading { started_at: since, ..earlier.read(target, at, cause) }
    }

    /// What it has passed by what it ran up to `at`, and was not yet said.
    #[must_use]
    pub fn has_passed(&self, policies: &Policies, at: Timestamp) -> Option<Passing> {
        let target = self.target(policies);
        let is_past = |millis| self.ran.passes(target.calendar, millis).is_some_and(|passed| passed < at);
        if is_past(target.millis) {
            return Some(Passing::Breach);
        }
        (!self.warned && is_past(target.warn_millis())).then_some(Passing::Warning)
    }

    /// From when its whole target is counted: the start of the first instance that it goes on from.
    #[must_use]
    pub fn first_start(&self) -> Timestamp {
        self.first_start
    }

    /// Whether it is for what is owed since then. A first response and a resolution are owed once.
    #[must_use]
    pub fn is_for_wait(&self, since: Timestamp) -> bool {
        matches!(self.name, ClockName::FirstResponse | ClockName::Resolution) || self.started_at() >= since
    }

    /// When it started.
    #[must_use]
    pub fn started_at(&self) -> Timestamp {
        self.last.started_at
    }

    /// The columns of `docket.clocks`. A breach that nobody has recorded yet is computed as of `now`.
    #[must_use]
    pub fn view(&self, now: Timestamp) -> ClockView {
        let overdue = self.last.due_at.filter(|due| self.state == ClockState::Running && *due < now);
        ClockView {
            clock: self.name,
            instance: self.instance,
            state: self.state,
            target_seconds: self.last.target_seconds,
            calendar: self.last.calendar.clone(),
            policy: self.last.policy,
            started_at: self.last.started_at,
            due_at: self.last.due_at,
            remaining_seconds: self.last.remaining_seconds,
            met_at: self.met_at,
            breached_at: self.breached_at.or(overdue),
            elapsed_seconds: self.last.elapsed_seconds,
            business_elapsed_seconds: self.last.business_elapsed_seconds,
        }
    }
}

fn left(whole: &Target<'_>, used_millis: i64) -> i64 {
    (whole.millis - used_millis).max(0)
}

/// The first reading of a clock that counts from `since`, as of `at`; see [`Clock::started`] for `over`.
#[must_use]
pub(crate) fn first_reading(start: &Start<'_>, at: Timestamp, over: &[Interval]) -> ClockReading {
    let Start { clock, instance, pinned, target, since, cause } = start;
    let begins = ClockReading {
        clock: *clock,
        instance: *instance,
        policy: pinned.version,
        calendar: target.calendar_name.clone(),
        target_seconds: target.seconds(),
        target_millis: target.odd_millis(),
        wall: target.is_wall.then_some(true),
        started_at: *since,
        due_at: None,
        warn_at: None,
        remaining_seconds: 0,
        elapsed_seconds: 0,
        business_elapsed_seconds: 0,
        cause: *cause,
        at: None,
    };
    Clock::started(&begins, None, over).read(target, at, *cause)
}

/// A clock that is about to start.
pub(crate) struct Start<'a> {
    pub(crate) clock: ClockName,
    pub(crate) instance: u32,
    pub(crate) pinned: &'a Policy,
    pub(crate) target: Target<'a>,
    /// From when it counts.
    pub(crate) since: Timestamp,
    pub(crate) cause: Option<Cause>,
}
