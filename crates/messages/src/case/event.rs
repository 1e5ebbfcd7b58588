//! What happens to a case.

use serde::{Deserialize, Serialize};

use crate::names::word;
use crate::{Name, Timestamp};

mod clocks;
mod endings;
mod families;
mod intake;
mod merging;
mod offers;
mod surveys;
mod work;

pub use clocks::*;
pub use endings::*;
pub use families::*;
pub use intake::*;
pub use merging::*;
pub use offers::*;
pub use surveys::*;
pub use work::*;

grouped_events! {
    /// Something that happened to a case. On the wire: an object with one key, the event's name.
    CaseEvent of Case {
        /// What a case begins with, and where it goes.
        Intake(IntakeEvent) {
            /// A case began.
            Opened = "opened",
            /// Type, category, impact or urgency became known or changed, and so perhaps the priority.
            Classified = "classified",
            /// The case moved to a queue.
            Routed = "routed",
        }
        /// Work on a case.
        Work(WorkEvent) {
            /// An agent took the case on.
            Assigned = "assigned",
            /// The agent gave the case back.
            Unassigned = "unassigned",
            /// The customer wrote.
            MessageReceived = "messageReceived",
            /// Somebody, or a bot, answered the customer.
            Responded = "responded",
            /// An internal note was made.
            Noted = "noted",
            /// The case began to wait.
            Pended = "pended",
            /// The case is being worked on again.
            Resumed = "resumed",
            /// The moment came at which a waiting case wanted to be looked at.
            FollowUpDue = "followUpDue",
            /// The case was raised to a level.
            Escalated = "escalated",
            /// The case was lowered to a level.
            Deescalated = "deescalated",
            /// Somebody is to be told that a clock is at risk or late.
            Notified = "notified",
            /// Somebody worked on the case.
            EffortLogged = "effortLogged",
        }
        /// Knowledge articles.
        Article(ArticleEvent) {
            /// A knowledge article was attached.
            ArticleAttached = "articleAttached",
            /// A knowledge article was taken off.
            ArticleDetached = "articleDetached",
            /// The knowledge base was searched in vain.
            ArticleNotFound = "articleNotFound",
        }
        /// A case is offered to an agent.
        Offer(OfferEvent) {
            /// The case was offered to an agent.
            Offered = "offered",
            /// The agent did not want the case.
            OfferDeclined = "offerDeclined",
            /// The agent did not answer in time.
            OfferExpired = "offerExpired",
        }
        /// How cases belong together.
        Family(FamilyEvent) {
            /// The case was linked to another.
            Linked = "linked",
            /// Another case is asked to be the parent or a child.
            LinkRequested = "linkRequested",
            /// The other case refused.
            LinkRefused = "linkRefused",
            /// What happens to the case is passed on to its children from now on.
            ParentAccepted = "parentAccepted",
            /// Something is being passed on to the children.
            PassingOn = "passingOn",
            /// All children were told.
            PassedOn = "passedOn",
            /// A part is to go on as a case of its own.
            SplitRequested = "splitRequested",
        }
        /// A case goes on in another one.
        Merge(MergeEvent) {
            /// The case is to be merged into another.
            MergeRequested = "mergeRequested",
            /// The other case refused.
            MergeRefused = "mergeRefused",
            /// Another case goes on in this one.
            Absorbed = "absorbed",
            /// The case goes on in another one.
            Merged = "merged",
            /// A merge is to be taken back.
            UnmergeRequested = "unmergeRequested",
            /// A case that went on in this one goes on by itself.
            Released = "released",
            /// The case goes on by itself.
            Unmerged = "unmerged",
        }
        /// How a case ends and comes back.
        Ending(EndingEvent) {
            /// The case was solved.
            Resolved = "resolved",
            /// The customer agrees that the case is solved.
            ResolutionConfirmed = "resolutionConfirmed",
            /// The customer does not agree.
            ResolutionRejected = "resolutionRejected",
            /// The case is over.
            Closed = "closed",
            /// The case came back.
            Reopened = "reopened",
            /// The case was withdrawn.
            Cancelled = "cancelled",
        }
        /// The customer is asked for a rating.
        Survey(SurveyEvent) {
            /// The customer was asked for a rating.
            SurveyRequested = "surveyRequested",
            /// The customer rated.
            SurveyAnswered = "surveyAnswered",
            /// The time to answer ran out.
            SurveyExpired = "surveyExpired",
        }
    } and {
        /// A clock changed.
        Clock(ClockChange, ClockReading) {
            Started = "clockStarted",
            Paused = "clockPaused",
            Resumed = "clockResumed",
            Retargeted = "clockRetargeted",
            Warned = "clockWarned",
            Breached = "clockBreached",
            Met = "clockMet",
            Cancelled = "clockCancelled",
        }
    }
}

/// What an event does to a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockChange {
    /// It began to run.
    Started,
    /// It stopped for a while.
    Paused,
    /// It runs again.
    Resumed,
    /// It has another target.
    Retargeted,
    /// It passed its warning instant.
    Warned,
    /// It passed its deadline.
    Breached,
    /// What it waits for happened.
    Met,
    /// It no longer matters.
    Cancelled,
}

impl CaseEvent {
    /// What the event does to a clock, if it speaks of one, and how the clock stands after it.
    #[must_use]
    pub fn clock(&self) -> Option<(ClockChange, &ClockReading)> {
        if let Self::Clock(change, reading) = self { Some((*change, reading)) } else { None }
    }
}

impl CaseEvent {
    /// Whether somebody took the case with `force`, which takes a right of its own.
    #[must_use]
    pub fn is_forced(&self) -> bool {
        matches!(self, Self::Work(WorkEvent::Assigned(assigned)) if assigned.forced == Some(true))
    }
}

/// Why something happened that nobody asked for in so many words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The target of a clock changed.
    Retarget,
    /// The customer wrote.
    Message,
    /// Time passed.
    Time,
    /// The case was reopened, and the clock goes on with what was left.
    Reopen,
    /// The case was resolved.
    Resolve,
    /// The case was closed or cancelled.
    Close,
    /// The case moved to another queue.
    Transfer,
    /// A clock passed its warning instant, and the policy says what follows.
    Warning,
    /// A clock passed its deadline, and the policy says what follows.
    Breach,
    /// Running clocks were brought under the policy in force.
    Rebase,
    /// The customer did not agree that the case was solved.
    Rejection,
    /// The case was merged into another, or another into it.
    Merge,
    /// The customer confirmed that the case was solved.
    Confirmation,
    /// It happened to the parent, which passes it on.
    Parent,
    /// The queue gives its cases to agents by itself.
    Push,
    /// The policy has no target for what the case is about by now.
    NoTarget,
}

/// What another case is to this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", try_from = "String")]
pub enum Relation {
    /// They have something to do with each other.
    Related,
    /// The other case brought this one about.
    CausedBy,
    /// The other case is the one disturbance behind this one and others.
    Parent,
    /// This case is the one disturbance behind the other.
    Child,
    /// The other case takes up what this one left.
    FollowUp,
    /// This case takes up what the other left.
    FollowUpOf,
}

impl TryFrom<String> for Relation {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        word(Self::ALL, Self::as_str, &text)
    }
}

impl Relation {
    /// Every relation.
    pub const ALL: [Self; 6] =
        [Self::Related, Self::CausedBy, Self::Parent, Self::Child, Self::FollowUp, Self::FollowUpOf];

    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Related => "related",
            Self::CausedBy => "caused_by",
            Self::Parent => "parent",
            Self::Child => "child",
            Self::FollowUp => "follow_up",
            Self::FollowUpOf => "follow_up_of",
        }
    }
}

/// A skill that a case asks for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SkillNeed {
    /// The skill, as the policy names it.
    pub skill: Name,
    /// The least level.
    pub level: u32,
    /// Until when it is asked for; absent: for as long as the case is in the queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}
