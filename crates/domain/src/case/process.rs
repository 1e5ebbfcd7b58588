//! What a case has begun with another one, and how it goes on.
//!
//! A command is decided on one case, so whatever touches two goes step by step, and every step is an entry of its own.
//! The case that was asked for it remembers that it waits for the other (`mergeRequested`), the other answers
//! (`absorbed`), and the first one is told (`merged`, or `mergeRefused`). The ids of the steps follow from the entry
//! that began it, so taking a step twice is the same as taking it once, and whoever finds a case that waits can go on.
//! While it waits, a case refuses to be merged and to take others in: no cycle can form by racing.

use docket_messages::{
    Absorb, CaseCommand, CaseId, ClockName, Name, Rejection, RejectionCode, Release, SettleMerge, Status, Timestamp,
    Version,
};

use super::{Case, Stage};

/// What a case waits for another one for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Process {
    /// To take it in.
    Merge {
        /// The case that is to go on.
        into: CaseId,
        /// The version at which it began.
        since: Version,
        /// Since when its customer waited for an answer then: a step that is taken again says the same.
        waiting_since: Option<Timestamp>,
    },
    /// To let it go.
    Unmerge {
        /// The case that it was merged into.
        from: CaseId,
        /// The version at which it began.
        since: Version,
    },
}

/// The next step of a process.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The command to the other case.
    pub command: CaseCommand,
    /// Tells the step from every other: the same process has the same one, whoever takes it.
    pub id: String,
    case: CaseId,
    with: CaseId,
}

impl Step {
    /// The command that tells the case what the other one has answered, and its id.
    #[must_use]
    pub fn settle(&self, refused: Option<Name>) -> (CaseCommand, String) {
        let settle = SettleMerge { case_id: self.case, with: self.with, refused };
        (CaseCommand::SettleMerge(settle), format!("settle-{}", self.id))
    }
}

impl Case {
    /// What is to be done next about what the case waits for, if it waits for another case.
    #[must_use]
    pub fn next_step(&self) -> Option<Step> {
        let (case, process) = (self.id, self.process?);
        Some(match process {
            Process::Merge { into, since, waiting_since } => {
                let command = CaseCommand::Absorb(Absorb { case_id: into, from: case, waiting_since });
                Step { command, id: format!("{}-{since}", short(case)), case, with: into }
            }
            Process::Unmerge { from, since } => {
                let command = CaseCommand::Release(Release { case_id: from, from: case });
                Step { command, id: format!("{}-{since}", short(case)), case, with: from }
            }
        })
    }

    /// The case that it goes on in, if it was merged into one.
    #[must_use]
    pub fn merged_into(&self) -> Option<CaseId> {
        match &self.stage {
            Stage::Merged { into, .. } => Some(*into),
            Stage::New
            | Stage::Open
            | Stage::Pending(_)
            | Stage::Resolved(_)
            | Stage::Closed(..)
            | Stage::Cancelled => None,
        }
    }

    pub(super) fn status_before_merge(&self) -> Status {
        if let Stage::Merged { before, .. } = &self.stage { before.status() } else { self.status() }
    }

    pub(super) fn refuse_while_merging(&self, path: &str) -> Result<(), Rejection> {
        let Some(process) = self.process else { return Ok(()) };
        let (what, other) = match process {
            Process::Merge { into, .. } => ("merged into", into),
            Process::Unmerge { from, .. } => ("separated from", from),
        };
        let message = format!("the case {} is just being {what} {other}; wait until that is done", self.id);
        Err(Rejection::new(RejectionCode::MergePending, message).at(path))
    }

    /// Since when the customer waits for an answer.
    pub(super) fn waiting_since(&self) -> Option<Timestamp> {
        let waits = [ClockName::FirstResponse, ClockName::NextResponse];
        waits.iter().filter_map(|clock| self.pending_clock(*clock)).map(crate::clock::Clock::started_at).min()
    }
}

/// A UUID without its hyphens: an id has room for 64 characters.
fn short(case: CaseId) -> String {
    case.uuid().simple().to_string()
}
