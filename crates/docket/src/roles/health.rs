//! How the roles of this process are.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use docket_messages::Timestamp;
use docket_projection::Progress;

use super::Role;

/// How a role is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoleState {
    /// Not at work yet.
    Starting,
    /// At work.
    Running,
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

#[derive(Debug, Default)]
struct State {
    roles: BTreeMap<Role, RoleState>,
    projection: Option<Projection>,
}

#[derive(Debug)]
struct Projection {
    progress: Progress,
    /// When it last applied something, or last had nothing to apply.
    moved_at: Timestamp,
}

impl State {
    /// The age of the oldest entry that is not applied.
    fn lag(&self, now: Timestamp) -> Duration {
        let since = self.projection.as_ref().and_then(|projection| projection.progress.pending_since);
        since.map_or(Duration::ZERO, |since| elapsed(since, now))
    }

    /// How long the projection has stood still over entries that wait.
    fn stalled(&self, now: Timestamp) -> Option<Duration> {
        let projection = self.projection.as_ref().filter(|projection| projection.progress.pending_since.is_some())?;
        Some(elapsed(projection.moved_at, now)).filter(|still| *still > STALL)
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
    pub fn set(&self, role: Role, state: RoleState) {
        self.state().roles.insert(role, state);
    }

    /// Notes how far the projection is.
    pub fn note_projection(&self, progress: Progress, now: Timestamp) {
        let mut state = self.state();
        let still = state
            .projection
            .as_ref()
            .filter(|last| last.progress.pending_since.is_some() && last.progress.position == progress.position);
        let moved_at = still.map_or(now, |last| last.moved_at);
        state.projection = Some(Projection { progress, moved_at });
    }

    /// How far the projection is, if this process has one.
    pub fn projection(&self) -> Option<Progress> {
        self.state().projection.as_ref().map(|projection| projection.progress.clone())
    }

    /// How long the oldest entry that was read has been waiting to be applied.
    pub fn projection_lag(&self, now: Timestamp) -> Duration {
        self.state().lag(now)
    }

    /// Whether every role is at work, and up to date.
    pub fn is_ready(&self, now: Timestamp) -> bool {
        let state = self.state();
        state.roles.values().all(|state| *state == RoleState::Running) && state.lag(now) <= BEHIND
    }

    /// Whether no role stands, fails or stalls.
    pub fn is_healthy(&self, now: Timestamp) -> bool {
        let state = self.state();
        let is_well = |state: &RoleState| matches!(state, RoleState::Running | RoleState::Starting);
        state.roles.values().all(is_well) && state.stalled(now).is_none()
    }

    /// Each role and how it is, line by line.
    pub fn describe(&self, now: Timestamp) -> String {
        let state = self.state();
        let line = |(role, state): (&Role, &RoleState)| format!("{role:?}: {}\n", state.describe()).to_lowercase();
        let mut lines: String = state.roles.iter().map(line).collect();
        if let Some(still) = state.stalled(now) {
            lines.push_str(&format!("projection: stalled: nothing was applied for {} s\n", still.as_secs()));
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
    use docket_messages::Position;

    use super::*;

    fn progress(position: u64, pending_since: Option<Timestamp>) -> Progress {
        Progress { position: Position(position), pending_since, ..Progress::default() }
    }

    #[test]
    fn a_worker_that_applies_nothing_though_entries_wait_is_neither_ready_nor_healthy() {
        let (health, read_at) = (Health::default(), Timestamp::from_millis(1_000_000));
        health.set(Role::Projection, RoleState::Running);
        health.note_projection(progress(7, None), read_at);
        health.note_projection(progress(7, Some(read_at)), read_at);
        // More was read, nothing applied.
        health.note_projection(progress(7, Some(read_at)), read_at.plus_millis(29_000));
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
        health.set(Role::Projection, RoleState::Running);
        for (position, second) in (1..).zip(0..60) {
            health.note_projection(progress(position, Some(an_hour_ago)), now.plus_millis(second * 1_000));
        }
        let later = now.plus_millis(60_000);
        assert!(health.is_healthy(later) && !health.is_ready(later));
        assert!(health.describe(later).contains("behind: its oldest entry is 3660 s old"));
    }
}
