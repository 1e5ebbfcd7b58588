//! What a case has begun with another one, and how it goes on.
//!
//! A command is decided on one case, so whatever touches two goes step by step, and every step is an entry of its own.
//! The case that was asked for it remembers that it waits for the other (`mergeRequested`), the other answers
//! (`absorbed`), and the first one is told (`merged`, or `mergeRefused`). The ids of the steps follow from the entry
//! that began it, so taking a step twice is the same as taking it once, and anything that finds a case that waits can
//! go on. While it waits, a case refuses to be merged, to take others in, and to be parent or child: no cycle can form
//! by racing.

use docket_messages::{
    Absorb, AcceptLink, CaseEvent, CaseId, CaseStep, ClockName, FamilyEvent, MergeEvent, Name, Rejection,
    RejectionCode, Relation, Release, SettleLink, SettleMerge, Status, Timestamp, Version,
};

use super::Case;

/// What a case waits for another one for.
#[derive(Debug, Clone, PartialEq)]
pub enum PendingProcess {
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
    /// To be its parent or its child.
    Link {
        /// The other case.
        to: CaseId,
        /// What that is to be to this one.
        relation: Relation,
        /// The version at which it began.
        since: Version,
    },
    /// To begin, with a part of this one.
    Split {
        /// The case that is to begin.
        into: CaseId,
        /// The version at which it began: the new case begins as this one stood then, and [`CaseHistory`] says how.
        ///
        /// [`CaseHistory`]: super::CaseHistory
        since: Version,
    },
}

impl PendingProcess {
    /// The case that it asks to be the parent, if it does.
    pub(super) fn parent(&self) -> Option<CaseId> {
        if let Self::Link { to, relation: Relation::Parent, .. } = self { Some(*to) } else { None }
    }

    /// Whether it is about a link to that case.
    pub(super) fn is_link(&self, other: CaseId, as_what: Relation) -> bool {
        match self {
            Self::Link { to, relation, .. } => (*to, *relation) == (other, as_what),
            Self::Split { into, .. } => (*into, Relation::FollowUp) == (other, as_what),
            Self::Merge { .. } | Self::Unmerge { .. } => false,
        }
    }
}

/// What a step asks of the other case.
#[derive(Debug, Clone, PartialEq)]
pub enum Asked {
    /// This.
    Step(CaseStep),
    /// To begin, with a part of the one that asks: [`CaseHistory::intake_of_split`] says how.
    ///
    /// [`CaseHistory::intake_of_split`]: super::CaseHistory::intake_of_split
    Intake,
}

/// The next step of a process.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What the other case is asked.
    pub asked: Asked,
    /// Tells the step from every other: the same process has the same one at every try.
    pub id: String,
    /// When it happened, if it is a history.
    pub occurred_at: Option<Timestamp>,
    /// Where the command that began it names the other case.
    pub path: &'static str,
    /// The case that waits.
    pub case: CaseId,
    /// The other case.
    pub with: CaseId,
}

impl Step {
    /// The step that tells the case what the other one has answered; with the first answer to the customer in the
    /// other case, if that lets it go.
    #[must_use]
    pub fn complete(&self, refused: Option<Name>, answered_at: Option<Timestamp>) -> CaseStep {
        let (case_id, with) = (self.case, self.with);
        if matches!(self.asked, Asked::Intake | Asked::Step(CaseStep::AcceptLink(_))) {
            CaseStep::SettleLink(SettleLink { case_id, with, refused })
        } else {
            CaseStep::SettleMerge(SettleMerge { case_id, with, refused, answered_at })
        }
    }

    /// The id of that step.
    #[must_use]
    pub fn completion_id(&self) -> String {
        format!("settle-{}", self.id)
    }
}

impl Case {
    /// What is to be done next about what the case waits for, if it waits for another case.
    #[must_use]
    pub fn next_step(&self) -> Option<Step> {
        let case = self.id;
        let (asked, since, with, path) = match self.process.as_ref()? {
            PendingProcess::Merge { into, since, waiting_since } => {
                let absorb = Absorb { case_id: *into, from: case, waiting_since: *waiting_since };
                (Asked::Step(CaseStep::Absorb(absorb)), since, *into, "into")
            }
            PendingProcess::Unmerge { from, since } => {
                (Asked::Step(CaseStep::Release(Release { case_id: *from, from: case })), since, *from, "caseId")
            }
            PendingProcess::Link { to, relation, since } => {
                let relation = if *relation == Relation::Parent { Relation::Child } else { Relation::Parent };
                (Asked::Step(CaseStep::AcceptLink(AcceptLink { case_id: *to, from: case, relation })), since, *to, "to")
            }
            PendingProcess::Split { into, since } => (Asked::Intake, since, *into, "caseId"),
        };
        let (id, occurred_at) = (format!("{}-{since}", short(case)), self.process_at);
        Some(Step { asked, id, occurred_at, path, case, with })
    }

    /// The case that it goes on in, if it was merged into one.
    #[must_use]
    pub fn merged_into(&self) -> Option<CaseId> {
        self.facts.merged_into
    }

    /// Whether another case goes on in this one.
    #[must_use]
    pub fn has_taken_in(&self, other: CaseId) -> bool {
        self.taken_in.iter().any(|taken_in| taken_in.case == other && !taken_in.is_released)
    }

    /// The first answer by a human that the customer of a case got in this one after it was merged into it, and before
    /// it went on by itself.
    #[must_use]
    pub fn answered_for(&self, other: CaseId) -> Option<Timestamp> {
        self.taken_in.iter().find(|taken_in| taken_in.case == other)?.answered_at
    }

    pub(super) fn status_before_merge(&self) -> Status {
        if self.status() == Status::Merged { self.status_before_merge } else { self.status() }
    }

    pub(super) fn refuse_while_waiting(&self, path: &str) -> Result<(), Rejection> {
        let Some(process) = &self.process else { return Ok(()) };
        let (code, what, other) = match process {
            PendingProcess::Merge { into, .. } => (RejectionCode::MergePending, "merged into", into),
            PendingProcess::Unmerge { from, .. } => (RejectionCode::MergePending, "separated from", from),
            PendingProcess::Link { to, .. } => (RejectionCode::LinkPending, "linked to", to),
            PendingProcess::Split { into, .. } => (RejectionCode::LinkPending, "split into", into),
        };
        let message = format!("the case {} is just being {what} {other}; wait until that is done", self.id);
        Err(Rejection::new(code, message).at(path))
    }

    /// Since when the customer waits for an answer.
    pub(super) fn waiting_since(&self) -> Option<Timestamp> {
        let waits = [ClockName::FirstResponse, ClockName::NextResponse];
        waits.iter().filter_map(|clock| self.pending_clock(*clock)).map(crate::clock::Clock::started_at).min()
    }
}

/// Whether events begin what another case is to take the next step of.
#[must_use]
pub fn begins(events: &[CaseEvent]) -> bool {
    let is_request = |event: &CaseEvent| {
        matches!(
            event,
            CaseEvent::Merge(MergeEvent::MergeRequested(_) | MergeEvent::UnmergeRequested(_))
                | CaseEvent::Family(FamilyEvent::LinkRequested(_) | FamilyEvent::SplitRequested(_))
        )
    };
    events.iter().any(is_request)
}

/// The version that the next event gives the case.
pub(super) fn next_version(case: &Case) -> Version {
    Version(case.version.get().saturating_add(1))
}

/// A UUID without its hyphens: an id has room for 64 characters.
fn short(case: CaseId) -> String {
    case.uuid().simple().to_string()
}
