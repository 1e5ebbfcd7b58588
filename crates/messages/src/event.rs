//! Events: what happened, in the past tense. An entry holds those of one accepted command.
//!
//! An event says all that a reader needs: the resulting status, the priority, a clock's reading. So the read
//! models know no rules. What is personal (names, addresses, free text) stands together under `personal`.

mod bodies;
mod detail;
mod ran_in;

use serde::{Deserialize, Serialize};

pub use bodies::*;
pub use detail::Detail;
pub use ran_in::RanIn;

use crate::Timestamp;

macro_rules! events {
    ($($(#[$doc:meta])* $variant:ident($body:ty) = $name:literal,)*) => {
        /// Something that happened. On the wire: an object with one key, the event's name.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub enum Event {
            $($(#[$doc])* #[serde(rename = $name)] $variant($body),)*
        }

        impl Event {
            /// The names of all events, as the log has them.
            pub const NAMES: &'static [&'static str] = &[$($name),*];

            /// The name of the event, as the log has it.
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => $name,)*
                }
            }
        }
    };
}

events! {
    /// A case began.
    Opened(Opened) = "opened",
    /// Type, category, impact or urgency became known or changed, and so perhaps the priority.
    Classified(Classified) = "classified",
    /// The case moved to a queue.
    Routed(Routed) = "routed",
    /// An agent took the case on.
    Assigned(Assigned) = "assigned",
    /// The agent gave the case back.
    Unassigned(Unassigned) = "unassigned",
    /// The customer wrote.
    MessageReceived(MessageReceived) = "messageReceived",
    /// Somebody, or a bot, answered the customer.
    Responded(Responded) = "responded",
    /// An internal note was made.
    Noted(Noted) = "noted",
    /// The case began to wait.
    Pended(Pended) = "pended",
    /// The case is being worked on again.
    Resumed(Resumed) = "resumed",
    /// The case was raised to a level.
    Escalated(Escalated) = "escalated",
    /// The case was lowered to a level.
    Deescalated(Deescalated) = "deescalated",
    /// Somebody is to be told that a clock is at risk or late.
    Notified(Notified) = "notified",
    /// The case was solved.
    Resolved(Resolved) = "resolved",
    /// The customer agrees that the case is solved.
    ResolutionConfirmed(ResolutionConfirmed) = "resolutionConfirmed",
    /// The customer does not agree.
    ResolutionRejected(ResolutionRejected) = "resolutionRejected",
    /// Somebody worked on the case.
    EffortLogged(EffortLogged) = "effortLogged",
    /// The case was linked to another.
    Linked(Linked) = "linked",
    /// A knowledge article was attached.
    ArticleAttached(ArticleAttached) = "articleAttached",
    /// A knowledge article was taken off.
    ArticleDetached(ArticleDetached) = "articleDetached",
    /// The knowledge base was searched in vain.
    ArticleNotFound(ArticleNotFound) = "articleNotFound",
    /// Another case is asked to be the parent or a child.
    LinkRequested(LinkRequested) = "linkRequested",
    /// The other case refused.
    LinkRefused(LinkRefused) = "linkRefused",
    /// What happens to the case is passed on to its children from now on.
    ParentAccepted(ParentAccepted) = "parentAccepted",
    /// Something is being passed on to the children.
    PassingOn(PassingOn) = "passingOn",
    /// All children were told.
    PassedOn(PassedOn) = "passedOn",
    /// A part is to go on as a case of its own.
    SplitRequested(SplitRequested) = "splitRequested",
    /// The case was offered to an agent.
    Offered(Offered) = "offered",
    /// The agent did not want the case.
    OfferDeclined(OfferDeclined) = "offerDeclined",
    /// The agent did not answer in time.
    OfferExpired(OfferExpired) = "offerExpired",
    /// The case is to be merged into another.
    MergeRequested(MergeRequested) = "mergeRequested",
    /// The other case refused.
    MergeRefused(MergeRefused) = "mergeRefused",
    /// Another case goes on in this one.
    Absorbed(Absorbed) = "absorbed",
    /// The case goes on in another one.
    Merged(Merged) = "merged",
    /// A merge is to be taken back.
    UnmergeRequested(UnmergeRequested) = "unmergeRequested",
    /// A case that went on in this one goes on by itself.
    Released(Released) = "released",
    /// The case goes on by itself.
    Unmerged(Unmerged) = "unmerged",
    /// The case is over.
    Closed(Closed) = "closed",
    /// The case came back.
    Reopened(Reopened) = "reopened",
    /// The case was withdrawn.
    Cancelled(Cancelled) = "cancelled",
    /// The customer was asked for a rating.
    SurveyRequested(SurveyRequested) = "surveyRequested",
    /// The customer rated.
    SurveyAnswered(SurveyAnswered) = "surveyAnswered",
    /// The time to answer ran out.
    SurveyExpired(SurveyExpired) = "surveyExpired",
    /// The moment came at which a waiting case wanted to be looked at.
    FollowUpDue(FollowUpDue) = "followUpDue",
    /// A clock began to run.
    ClockStarted(ClockReading) = "clockStarted",
    /// A clock stopped for a while.
    ClockPaused(ClockReading) = "clockPaused",
    /// A clock runs again.
    ClockResumed(ClockReading) = "clockResumed",
    /// A clock got another target, and its deadline was computed afresh.
    ClockRetargeted(ClockReading) = "clockRetargeted",
    /// A clock passed its warning instant.
    ClockWarned(ClockReading) = "clockWarned",
    /// A clock passed its deadline.
    ClockBreached(ClockReading) = "clockBreached",
    /// What the clock waits for happened.
    ClockMet(ClockReading) = "clockMet",
    /// The clock no longer matters.
    ClockCancelled(ClockReading) = "clockCancelled",
    /// An agent began or ceased to take cases on.
    PresenceChanged(PresenceChanged) = "presenceChanged",
    /// A claim found a case for its agent.
    CaseProposed(CaseProposed) = "caseProposed",
    /// A customer is to be asked for a rating, and for a time not again.
    SurveyReserved(SurveyReserved) = "surveyReserved",
    /// A policy came into force.
    PolicyPublished(PolicyPublished) = "policyPublished",
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

impl Event {
    /// What the event does to a clock, if it speaks of one, and how the clock stands after it.
    #[must_use]
    pub fn clock(&self) -> Option<(ClockChange, &ClockReading)> {
        match self {
            Self::ClockStarted(reading) => Some((ClockChange::Started, reading)),
            Self::ClockPaused(reading) => Some((ClockChange::Paused, reading)),
            Self::ClockResumed(reading) => Some((ClockChange::Resumed, reading)),
            Self::ClockRetargeted(reading) => Some((ClockChange::Retargeted, reading)),
            Self::ClockWarned(reading) => Some((ClockChange::Warned, reading)),
            Self::ClockBreached(reading) => Some((ClockChange::Breached, reading)),
            Self::ClockMet(reading) => Some((ClockChange::Met, reading)),
            Self::ClockCancelled(reading) => Some((ClockChange::Cancelled, reading)),
            Self::Opened(_)
            | Self::Classified(_)
            | Self::Routed(_)
            | Self::Assigned(_)
            | Self::Unassigned(_)
            | Self::MessageReceived(_)
            | Self::Responded(_)
            | Self::Noted(_)
            | Self::Pended(_)
            | Self::Resumed(_)
            | Self::Escalated(_)
            | Self::Deescalated(_)
            | Self::Notified(_)
            | Self::Resolved(_)
            | Self::ResolutionConfirmed(_)
            | Self::ResolutionRejected(_)
            | Self::EffortLogged(_)
            | Self::Linked(_)
            | Self::ArticleAttached(_)
            | Self::ArticleDetached(_)
            | Self::ArticleNotFound(_)
            | Self::LinkRequested(_)
            | Self::LinkRefused(_)
            | Self::ParentAccepted(_)
            | Self::PassingOn(_)
            | Self::PassedOn(_)
            | Self::SplitRequested(_)
            | Self::Offered(_)
            | Self::OfferDeclined(_)
            | Self::OfferExpired(_)
            | Self::MergeRequested(_)
            | Self::MergeRefused(_)
            | Self::Absorbed(_)
            | Self::Merged(_)
            | Self::UnmergeRequested(_)
            | Self::Released(_)
            | Self::Unmerged(_)
            | Self::Closed(_)
            | Self::Reopened(_)
            | Self::Cancelled(_)
            | Self::SurveyRequested(_)
            | Self::SurveyAnswered(_)
            | Self::SurveyExpired(_)
            | Self::FollowUpDue(_)
            | Self::PresenceChanged(_)
            | Self::CaseProposed(_)
            | Self::SurveyReserved(_)
            | Self::PolicyPublished(_) => None,
        }
    }

    /// The event's own instant, when it fell due before the command that its entry holds.
    #[must_use]
    pub fn at(&self) -> Option<Timestamp> {
        match self {
            Self::Routed(routed) => routed.at,
            Self::Assigned(assigned) => assigned.at,
            Self::Escalated(escalated) => escalated.at,
            Self::Notified(notified) => notified.at,
            Self::Closed(closed) => closed.at,
            Self::SurveyExpired(expired) => expired.at,
            Self::OfferExpired(expired) => expired.at,
            Self::FollowUpDue(due) => due.at,
            Self::ClockStarted(reading)
            | Self::ClockPaused(reading)
            | Self::ClockResumed(reading)
            | Self::ClockRetargeted(reading)
            | Self::ClockWarned(reading)
            | Self::ClockBreached(reading)
            | Self::ClockMet(reading)
            | Self::ClockCancelled(reading) => reading.at,
            Self::Opened(_)
            | Self::Classified(_)
            | Self::Unassigned(_)
            | Self::MessageReceived(_)
            | Self::Responded(_)
            | Self::Noted(_)
            | Self::Pended(_)
            | Self::Resumed(_)
            | Self::Deescalated(_)
            | Self::Resolved(_)
            | Self::ResolutionConfirmed(_)
            | Self::ResolutionRejected(_)
            | Self::EffortLogged(_)
            | Self::Linked(_)
            | Self::ArticleAttached(_)
            | Self::ArticleDetached(_)
            | Self::ArticleNotFound(_)
            | Self::LinkRequested(_)
            | Self::LinkRefused(_)
            | Self::ParentAccepted(_)
            | Self::PassingOn(_)
            | Self::PassedOn(_)
            | Self::SplitRequested(_)
            | Self::Offered(_)
            | Self::OfferDeclined(_)
            | Self::MergeRequested(_)
            | Self::MergeRefused(_)
            | Self::Absorbed(_)
            | Self::Merged(_)
            | Self::UnmergeRequested(_)
            | Self::Released(_)
            | Self::Unmerged(_)
            | Self::Reopened(_)
            | Self::Cancelled(_)
            | Self::SurveyRequested(_)
            | Self::SurveyAnswered(_)
            | Self::PresenceChanged(_)
            | Self::CaseProposed(_)
            | Self::SurveyReserved(_)
            | Self::PolicyPublished(_) => None,
        }
    }
}
