//! A history as it is replayed: back-dated commands, case by case.

use docket_messages::{CaseCommand, CaseId, CommandId, Timestamp};

/// One back-dated command of a history.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// When it happened.
    pub at: Timestamp,
    /// Its id, the same on every run, so that a history that is replayed twice changes nothing.
    pub id: CommandId,
    /// What happened.
    pub command: CaseCommand,
    /// How the same was said once, if it is said otherwise now: a history that was replayed then has it under this id.
    pub once: Option<CaseCommand>,
    /// The line of the file that it came from, if it came from one.
    pub line: Option<u64>,
}

/// All commands of one case, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Story {
    /// The case.
    pub case_id: CaseId,
    /// What happened to it; the first step opens it.
    pub steps: Vec<Step>,
}
