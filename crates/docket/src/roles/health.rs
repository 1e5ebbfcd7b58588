//! How the roles of this process are.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use docket_messages::{Position, Timestamp};
use docket_projection::Progress;

use super::Role;

/// How a role is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoleState {
    /// Not at work yet.
    Starting,
    /// At work.
    Running,
    /// Waits for the place of an instance that is at work elsewhere.
    StandingBy,
    /// Waits for an engine that is away, and goes on by itself when it is there.
    Waiting(String),
    /// Failed, and about to start again.
    Failed(String),
    /// Stands at something that a person must look at.
    Halted(String),
}

impl RoleState {
    fn describe(&self) -> String {
        match self {
            Self::Starting => "starting".to_owned(),
            Self::Running => "running".to_owned(),
            Self::StandingBy => "standing by".to_owned(),
            Self::Waiting(cause) => format!("waiting: {cause}"),
            Self::Failed(cause) => format!("failed, starting again: {cause}"),
            Self::Halted(cause) => format!("halted: {cause}"),
        }
    }
}

/// A projection that has entries to apply and applies none for so long stalls, whatever it believes itself.
const STALL: Duration = Duration::from_secs(30);
/// A projection whose oldest entry is older than this is not up to date enough to be asked.
const BEHIND: Duration = Duration::from_secs(30);

/// How the roles of this process are. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Health(Arc<Mutex<State>>);

/// How the roles are.
#[derive(Debug, Default)]
pub struct State {
    roles: BTreeMap<Role, RoleState>,
    /// Why each role last failed, since it was last at work.
    failures: BTreeMap<Role, String>,
    projection: Option<Projection>,
}

#[derive(Debug)]
struct Projection {
    progress: Progress,
    /// When it last applied something, or last had nothing to apply.
    moved_at: Timestamp,
    /// The position of the log's last entry, as the log itself said.
    head: Position,
    /// When the log said so.
    head_seen_at: Timestamp,
}

impl Projection {
    /// Whether there is anything to apply, as it believes itself or as the log says.
    fn has_work(&self) -> bool {
        self.progress.pending_since.is_some() || self.head > self.progress.position
    }
}

impl State {
    /// The age of the oldest entry that is not applied.
    fn lag(&self, now: Timestamp) -> Duration {
        let since = self.projection.as_ref().and_then(|projection| projection.progress.pending_since);
        since.map_or(Duration::ZERO, |since| elapsed(since, now))
    }

    /// How long the projection has stood still over entries that wait.
    fn stalled(&self, now: Timestamp) -> Option<Duration> {
        let projection = self.projection.as_ref().filter(|projection| projection.has_work())?;
        Some(elapsed(projection.moved_at, now)).filter(|still| *still > STALL)
    }

    fn is_ready(&self, role: Role, now: Timestamp) -> bool {
        let is_up = matches!(self.roles.get(&role), Some(RoleState::Running | RoleState::StandingBy));
        is_up && (role.is_current)(self, now)
    }

    fn is_healthy(&self, role: Role, now: Timestamp) -> bool {
        let is_well = match self.roles.get(&role) {
            Some(RoleState::Running | RoleState::StandingBy | RoleState::Starting | RoleState::Waiting(_)) => true,
            Some(RoleState::Failed(_) | RoleState::Halted(_)) | None => false,
        };
        is_well && (role.is_moving)(self, now)
    }

    /// Whether the projection is up to date enough to be asked.
    pub(super) fn is_projection_current(&self, now: Timestamp) -> bool {
        self.lag(now) <= BEHIND && self.deaf(now).is_none()
    }

    /// Whether the projection goes on, and hears of what happens.
    pub(super) fn is_projection_moving(&self, now: Timestamp) -> bool {
        self.stalled(now).is_none() && self.deaf(now).is_none()
    }

    /// How long the log has not said where it ends: what follows it then hears nothing, and believes that nothing
    /// happens.
    fn deaf(&self, now: Timestamp) -> Option<Duration> {
        Some(elapsed(self.projection.as_ref()?.head_seen_at, now)).filter(|silent| *silent > STALL)
    }
}

fn elapsed(since: Timestamp, now: Timestamp) -> Duration {
    Duration::from_millis(u64::try_from(now.millis_since(since)).unwrap_or(0))
}

impl Health {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes how a role is.
    pub fn set(&self, role: Role, role_state: RoleState) {
        let mut state = self.state();
        if matches!(role_state, RoleState::Running | RoleState::StandingBy) {
            state.failures.remove(&role);
        }
        state.roles.insert(role, role_state);
    }

    /// Notes why a role failed; says whether that is news.
    pub fn note_failure(&self, role: Role, cause: &str) -> bool {
        self.state().failures.insert(role, cause.to_owned()).as_deref() != Some(cause)
    }

    /// Notes how far the projection is.
    pub fn note_projection(&self, progress: Progress, now: Timestamp) {
        let mut state = self.state();
        let last = state.projection.take();
        let still = last.as_ref().filter(|last| last.has_work() && last.progress.position == progress.position);
        let moved_at = still.map_or(now, |last| last.moved_at);
        let (head, head_seen_at) = last.map_or((Position(0), now), |last| (last.head, last.head_seen_at));
        state.projection = Some(Projection { progress, moved_at, head, head_seen_at });
    }

    /// Notes where the log ends, for the projection of this process if it has one at work.
    pub fn note_head(&self, head: Position, now: Timestamp) {
        if let Some(projection) = &mut self.state().projection {
            if !projection.has_work() {
                projection.moved_at = now;
            }
            (projection.head, projection.head_seen_at) = (head, now);
        }
    }

    /// Notes that the projection of this process is no longer at work.
    pub fn forget_projection(&self) {
        self.state().projection = None;
    }

    /// The position of the log's last entry, as the projection of this process last saw it.
    pub fn head(&self) -> Option<Position> {
        self.state().projection.as_ref().map(|projection| projection.head.max(projection.progress.read))
    }

    /// How far the projection is, if this process has one.
    pub fn projection(&self) -> Option<Progress> {
        self.state().projection.as_ref().map(|projection| projection.progress.clone())
    }

    /// How long the oldest entry that was read has been waiting to be applied.
    pub fn projection_lag(&self, now: Timestamp) -> Duration {
        self.state().lag(now)
    }

    /// Whether every role is at work, and up to date, or would be at work if no other instance were.
    pub fn is_ready(&self, now: Timestamp) -> bool {
        let state = self.state();
        state.roles.keys().all(|role| state.is_ready(*role, now))
    }

    /// Whether this process is worth keeping. If it decides commands, that is what counts: what else it does may wait
    /// for Postgres or stand at an entry, and a restart would only keep commands waiting as well.
    pub fn is_healthy(&self, now: Timestamp) -> bool {
        let state = self.state();
        let is_vital = state.roles.keys().any(|role| role.is_vital);
        state.roles.keys().filter(|role| role.is_vital == is_vital).all(|role| state.is_healthy(*role, now))
    }

    /// Whether a role is at work and up to date; none when this process does not play it.
    pub fn is_role_ready(&self, role: Role, now: Timestamp) -> Option<bool> {
        let state = self.state();
        state.roles.contains_key(&role).then(|| state.is_ready(role, now))
    }

    /// Whether a role neither stands, fails nor stalls; none when this process does not play it.
    pub fn is_role_healthy(&self, role: Role, now: Timestamp) -> Option<bool> {
        let state = self.state();
        state.roles.contains_key(&role).then(|| state.is_healthy(role, now))
    }

    /// Each role and how it is, line by line.
    pub fn describe(&self, now: Timestamp) -> String {
        let state = self.state();
        let line = |(role, state): (&Role, &RoleState)| format!("{}: {}\n", role.name, state.describe());
        let mut lines: String = state.roles.iter().map(line).collect();
        if let Some(still) = state.stalled(now) {
            lines.push_str(&format!("projection: stalled: nothing was applied for {} s\n", still.as_secs()));
        }
        if let Some(silent) = state.deaf(now) {
            lines.push_str(&format!("projection: deaf: the log has said nothing for {} s\n", silent.as_secs()));
        }
        let lag = state.lag(now);
        if lag > BEHIND {
            lines.push_str(&format!("projection: behind: its oldest entry is {} s old\n", lag.as_secs()));
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roles::{command, projection, timers};

    #[test]
    fn a_process_that_decides_commands_is_worth_keeping_whatever_else_it_waits_for() {
        let (health, now) = (Health::default(), Timestamp::from_millis(1_000_000));
        health.set(projection::ROLE, RoleState::Failed("the log ended".to_owned()));
        assert!(!health.is_healthy(now), "nothing else is done here");
        health.set(command::ROLE, RoleState::Running);
        for state in [RoleState::Waiting("no Postgres".to_owned()), RoleState::Halted("position 7".to_owned())] {
            health.set(projection::ROLE, state.clone());
            assert!(health.is_healthy(now) && !health.is_ready(now), "{state:?}");
            assert_eq!(health.is_role_ready(command::ROLE, now), Some(true));
            let is_waiting = matches!(state, RoleState::Waiting(_));
            assert_eq!(health.is_role_healthy(projection::ROLE, now), Some(is_waiting), "{state:?}");
        }
        assert_eq!(health.is_role_healthy(timers::ROLE, now), None);
        health.set(command::ROLE, RoleState::Failed("no NATS".to_owned()));
        assert!(!health.is_healthy(now));
    }

    fn progress(position: u64, pending_since: Option<Timestamp>) -> Progress {
        Progress { position: Position(position), pending_since, ..Progress::default() }
    }

    #[test]
    fn a_worker_that_applies_nothing_though_entries_wait_is_neither_ready_nor_healthy() {
        let (health, read_at) = (Health::default(), Timestamp::from_millis(1_000_000));
        health.set(projection::ROLE, RoleState::Running);
        health.note_projection(progress(7, None), read_at);
        health.note_projection(progress(7, Some(read_at)), read_at);
        // More was read, nothing applied.
        health.note_projection(progress(7, Some(read_at)), read_at.plus_millis(29_000));
        health.note_head(Position(8), read_at.plus_millis(29_000));
        assert!(health.is_ready(read_at.plus_millis(30_000)) && health.is_healthy(read_at.plus_millis(30_000)));
        let later = read_at.plus_millis(31_000);
        assert!(!health.is_ready(later) && !health.is_healthy(later));
        assert!(health.describe(later).contains("stalled: nothing was applied for 31 s"));
        health.note_projection(progress(8, None), later);
        assert!(health.is_ready(later) && health.is_healthy(later));
    }

    #[test]
    fn a_worker_that_catches_up_is_healthy_but_not_ready() {
        let (health, now) = (Health::default(), Timestamp::from_millis(10_000_000));
        let an_hour_ago = now.plus_millis(-3_600_000);
        health.set(projection::ROLE, RoleState::Running);
        for (position, second) in (1..).zip(0..60) {
            health.note_head(Position(1_000), now.plus_millis(second * 1_000));
            health.note_projection(progress(position, Some(an_hour_ago)), now.plus_millis(second * 1_000));
        }
        let later = now.plus_millis(60_000);
        assert!(health.is_healthy(later) && !health.is_ready(later));
        assert!(health.describe(later).contains("behind: its oldest entry is 3660 s old"));
    }
    #[test]
    fn a_worker_that_hears_nothing_of_what_the_log_has_is_not_healthy() {
        let (health, start) = (Health::default(), Timestamp::from_millis(1_000_000));
        health.set(projection::ROLE, RoleState::Running);
        health.note_projection(progress(7, None), start);
        for second in 0..60 {
            health.note_head(Position(7), start.plus_millis(second * 1_000));
        }
        let caught_up = start.plus_millis(60_000);
        assert!(health.is_healthy(caught_up), "nothing happens, and it knows");
        // The log goes on, and nothing of it arrives.
        for second in 60..92 {
            health.note_head(Position(9), start.plus_millis(second * 1_000));
        }
        let later = start.plus_millis(92_000);
        assert!(!health.is_healthy(later) && health.describe(later).contains("stalled"));
        health.note_projection(progress(9, None), later);
        assert!(health.is_healthy(later));
        // The log itself is out of reach.
        let silent = later.plus_millis(31_000);
        assert!(!health.is_healthy(silent) && !health.is_ready(silent));
        assert!(health.describe(silent).contains("deaf: the log has said nothing"));
    }
}
