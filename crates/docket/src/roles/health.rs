//! How the roles of this process are.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

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

/// How the roles of this process are. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Health {
    roles: Arc<Mutex<BTreeMap<Role, RoleState>>>,
}

impl Health {
    /// Notes how a role is.
    pub fn set(&self, role: Role, state: RoleState) {
        self.roles.lock().unwrap_or_else(PoisonError::into_inner).insert(role, state);
    }

    /// Whether every role is at work.
    pub fn is_ready(&self) -> bool {
        let roles = self.roles.lock().unwrap_or_else(PoisonError::into_inner);
        roles.values().all(|state| *state == RoleState::Running)
    }

    /// Whether no role stands or fails.
    pub fn is_healthy(&self) -> bool {
        let roles = self.roles.lock().unwrap_or_else(PoisonError::into_inner);
        roles.values().all(|state| matches!(state, RoleState::Running | RoleState::Starting))
    }

    /// Each role and how it is, line by line.
    pub fn describe(&self) -> String {
        let roles = self.roles.lock().unwrap_or_else(PoisonError::into_inner);
        let line = |(role, state): (&Role, &RoleState)| format!("{role:?}: {}\n", state.describe()).to_lowercase();
        roles.iter().map(line).collect()
    }
}
