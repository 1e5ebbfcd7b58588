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

/// An entry that waits for longer than this to be applied: the projection stalls, whatever it believes itself.
const STALL: Duration = Duration::from_secs(30);

/// How the roles of this process are. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Health(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    roles: BTreeMap<Role, RoleState>,
    projection: Option<Progress>,
}

impl State {
    fn lag(&self, now: Timestamp) -> Duration {
        let since = self.projection.as_ref().and_then(|progress| progress.pending_since);
        let millis = since.map_or(0, |since| now.millis_since(since));
        Duration::from_millis(u64::try_from(millis).unwrap_or(0))
    }
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
    pub fn note_projection(&self, progress: Progress) {
        self.state().projection = Some(progress);
    }

    /// How far the projection is, if this process has one.
    pub fn projection(&self) -> Option<Progress> {
        self.state().projection.clone()
    }

    /// How long the oldest entry that was read has been waiting to be applied.
    pub fn projection_lag(&self, now: Timestamp) -> Duration {
        self.state().lag(now)
    }

    /// Whether every role is at work, and none stalls.
    pub fn is_ready(&self, now: Timestamp) -> bool {
        let state = self.state();
        state.roles.values().all(|state| *state == RoleState::Running) && state.lag(now) <= STALL
    }

    /// Whether no role stands, fails or stalls.
    pub fn is_healthy(&self, now: Timestamp) -> bool {
        let state = self.state();
        let is_well = |state: &RoleState| matches!(state, RoleState::Running | RoleState::Starting);
        state.roles.values().all(is_well) && state.lag(now) <= STALL
    }

    /// Each role and how it is, line by line.
    pub fn describe(&self, now: Timestamp) -> String {
        let state = self.state();
        let line = |(role, state): (&Role, &RoleState)| format!("{role:?}: {}\n", state.describe()).to_lowercase();
        let mut lines: String = state.roles.iter().map(line).collect();
        let lag = state.lag(now);
        if lag > STALL {
            lines.push_str(&format!("projection: stalled: an entry has been waiting for {} s\n", lag.as_secs()));
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_that_stalls_is_neither_ready_nor_healthy() {
        let (health, read_at) = (Health::default(), Timestamp::from_millis(1_000_000));
        health.set(Role::Projection, RoleState::Running);
        health.note_projection(Progress { pending_since: Some(read_at), ..Progress::default() });
        assert!(health.is_ready(read_at.plus_millis(30_000)) && health.is_healthy(read_at.plus_millis(30_000)));
        let later = read_at.plus_millis(31_000);
        assert!(!health.is_ready(later) && !health.is_healthy(later));
        assert!(health.describe(later).contains("stalled: an entry has been waiting for 31 s"));
        health.note_projection(Progress::default());
        assert!(health.is_ready(later));
    }
}
