//! Service-level clocks.
//!
//! A clock counts open time over the stretches in which it ran. Its deadline is always computed afresh from
//! those stretches, so no order of pauses and retargets can make it drift.

use docket_messages::{
    Cause, ClockChange, ClockName, ClockReading, ClockState, ClockView, Event, Name, PolicyVersion, Timestamp,
};

use crate::calendar::Calendar;
use crate::policy::{Policies, Target};

/// A stretch of time in which a clock ran. Without an end, it still runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stretch {
    from: Timestamp,
    to: Option<Timestamp>,
}

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
    stretches: Vec<Stretch>,
    /// What earlier instances ran: their time is used up already.
    carried: Vec<Stretch>,
    last: ClockReading,
}

/// What time alone will make true of a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Passing {
    /// It passes its warning instant.
    Warning,
    /// It passes its deadline.
    Deadline,
}

impl Clock {
    /// The clock that `clockStarted` describes; `previous` is the instance before it.
    #[must_use]
    pub fn started(reading: &ClockReading, previous: Option<&Self>) -> Self {
        let carried = previous.map_or_else(Vec::new, |p| [p.carried.as_slice(), &p.stretches].concat());
        Self {
            name: reading.clock,
            instance: reading.instance,
            state: ClockState::Running,
            breached_at: None,
            warned: false,
            met_at: None,
            stretches: vec![Stretch { from: reading.started_at, to: None }],
            carried,
            last: reading.clone(),
        }
    }

    /// Takes in an event about this clock that happened at `at`.
    pub fn evolve(&mut self, change: ClockChange, reading: &ClockReading, at: Timestamp) {
        self.transition(change, at);
        // A later deadline takes the warning back: it will come again.
        if reading.warn_at.is_some_and(|warn| warn > at) {
            self.warned = false;
        }
        self.last = reading.clone();
    }

    /// What a change would read: a pause or resumption as it is after it, everything else as it was until then.
    #[must_use]
    pub fn read_change(
        &self,
        change: ClockChange,
        policies: &Policies,
        at: Timestamp,
        cause: Option<Cause>,
    ) -> ClockReading {
        match change {
            ClockChange::Paused | ClockChange::Resumed => {
                let mut after = self.clone();
                after.transition(change, at);
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

    fn transition(&mut self, change: ClockChange, at: Timestamp) {
        match change {
            ClockChange::Paused => {
                self.stop(at);
                self.state = ClockState::Paused;
            }
            ClockChange::Resumed => {
                self.stretches.push(Stretch { from: at, to: None });
                self.state = ClockState::Running;
            }
            ClockChange::Started | ClockChange::Retargeted => {}
            ClockChange::Warned => self.warned = true,
            ClockChange::Breached => self.breached_at = Some(at),
            ClockChange::Met => {
                self.stop(at);
                self.state = ClockState::Met;
                self.met_at = Some(at);
            }
            ClockChange::Cancelled => {
                self.stop(at);
                self.state = ClockState::Cancelled;
            }
        }
    }

    fn stop(&mut self, at: Timestamp) {
        if let Some(stretch) = self.stretches.last_mut().filter(|stretch| stretch.to.is_none()) {
            stretch.to = Some(at);
        }
    }

    /// Whether it is neither met nor cancelled.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        matches!(self.state, ClockState::Running | ClockState::Paused)
    }

    /// The policy version that it started under.
    #[must_use]
    pub fn policy(&self) -> PolicyVersion {
        self.last.policy
    }

    /// The calendar that it counts by.
    #[must_use]
    pub fn calendar(&self) -> &Name {
        &self.last.calendar
    }

    /// The target in open seconds.
    #[must_use]
    pub fn target_seconds(&self) -> u32 {
        self.last.target_seconds
    }

    /// What comes next for a running clock, and when.
    #[must_use]
    pub fn next_passing(&self) -> Option<(Timestamp, Passing)> {
        if self.state != ClockState::Running || self.breached_at.is_some() {
            return None;
        }
        let warning = self.last.warn_at.filter(|_| !self.warned).map(|at| (at, Passing::Warning));
        let deadline = self.last.due_at.map(|at| (at, Passing::Deadline));
        warning.into_iter().chain(deadline).min()
    }

    /// Open milliseconds that earlier instances used, by a calendar.
    #[must_use]
    pub fn carried_millis(&self, calendar: &Calendar) -> i64 {
        open_millis(&self.carried, calendar, Timestamp::EPOCH)
    }

    /// The target that the next instance would have: what is left of the whole target, in whole seconds.
    #[must_use]
    pub fn left_for_next(&self, target: &Target<'_>) -> u32 {
        let used = self.carried_millis(target.calendar)
            + open_millis(&self.stretches, target.calendar, Timestamp::from_millis(i64::MAX));
        let left = i64::from(target.seconds) - used.div_euclid(1000);
        u32::try_from(left.max(0)).unwrap_or(u32::MAX)
    }

    /// The reading of the clock at an instant, under a target that may be new.
    #[must_use]
    pub fn read(&self, target: &Target<'_>, at: Timestamp, cause: Option<Cause>) -> ClockReading {
        let used = open_millis(&self.stretches, target.calendar, at);
        let due = self.passes(target.calendar, i64::from(target.seconds) * 1000);
        let running = self.state == ClockState::Running;
        let business_seconds = used.div_euclid(1000);
        ClockReading {
            clock: self.name,
            instance: self.instance,
            policy: self.last.policy,
            calendar: target.calendar_name.clone(),
            target_seconds: target.seconds,
            started_at: self.last.started_at,
            due_at: due.filter(|_| running),
            warn_at: self.passes(target.calendar, target.warn_millis()).filter(|_| running),
            remaining_seconds: i32::try_from(i64::from(target.seconds) - business_seconds).unwrap_or(i32::MIN),
            elapsed_seconds: u32::try_from(self.wall_millis(at).div_euclid(1000)).unwrap_or(u32::MAX),
            business_elapsed_seconds: u32::try_from(business_seconds).unwrap_or(u32::MAX),
            cause,
            at: None,
        }
    }

    fn read_on(&self, policies: &Policies, at: Timestamp, cause: Option<Cause>) -> ClockReading {
        let policy = policies.get(self.last.policy);
        let target = policy.target_of_clock(self.name, &self.last.calendar, self.last.target_seconds);
        self.read(&target, at, cause)
    }

    /// Whether a target's deadline has passed for what ran up to `at`.
    #[must_use]
    pub fn is_past(&self, target: &Target<'_>, at: Timestamp) -> bool {
        self.passes(target.calendar, i64::from(target.seconds) * 1000).is_some_and(|due| due < at)
    }

    /// Whether a target's warning instant has passed for what ran up to `at`, and was not yet said.
    #[must_use]
    pub fn wants_warning(&self, target: &Target<'_>, at: Timestamp) -> bool {
        !self.warned && self.passes(target.calendar, target.warn_millis()).is_some_and(|warn| warn < at)
    }

    /// When the clock passes an amount of open milliseconds, over all its stretches. None while it is
    /// stopped and has not passed it.
    fn passes(&self, calendar: &Calendar, amount: i64) -> Option<Timestamp> {
        let mut left = amount;
        for stretch in &self.stretches {
            let Some(to) = stretch.to else { return Some(calendar.deadline(stretch.from, left)) };
            let open = calendar.elapsed(stretch.from, to);
            if left <= open {
                return Some(calendar.deadline(stretch.from, left));
            }
            left -= open;
        }
        None
    }

    fn wall_millis(&self, at: Timestamp) -> i64 {
        self.stretches.iter().map(|s| s.to.unwrap_or(at).millis_since(s.from).max(0)).sum()
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

fn open_millis(stretches: &[Stretch], calendar: &Calendar, at: Timestamp) -> i64 {
    stretches.iter().map(|stretch| calendar.elapsed(stretch.from, stretch.to.unwrap_or(at))).sum()
}

/// The event that says of a clock what changed.
#[must_use]
pub fn event(change: ClockChange, reading: ClockReading) -> Event {
    match change {
        ClockChange::Started => Event::ClockStarted(reading),
        ClockChange::Paused => Event::ClockPaused(reading),
        ClockChange::Resumed => Event::ClockResumed(reading),
        ClockChange::Retargeted => Event::ClockRetargeted(reading),
        ClockChange::Warned => Event::ClockWarned(reading),
        ClockChange::Breached => Event::ClockBreached(reading),
        ClockChange::Met => Event::ClockMet(reading),
        ClockChange::Cancelled => Event::ClockCancelled(reading),
    }
}

/// The first reading of a clock that starts at `at`.
#[must_use]
pub fn first_reading(
    name: ClockName,
    instance: u32,
    policy: PolicyVersion,
    target: &Target<'_>,
    at: Timestamp,
) -> ClockReading {
    ClockReading {
        clock: name,
        instance,
        policy,
        calendar: target.calendar_name.clone(),
        target_seconds: target.seconds,
        started_at: at,
        due_at: Some(target.calendar.deadline(at, i64::from(target.seconds) * 1000)),
        warn_at: Some(target.calendar.deadline(at, target.warn_millis())),
        remaining_seconds: i32::try_from(target.seconds).unwrap_or(i32::MAX),
        elapsed_seconds: 0,
        business_elapsed_seconds: 0,
        cause: None,
        at: None,
    }
}
