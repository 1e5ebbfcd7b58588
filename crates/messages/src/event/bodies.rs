//! The bodies of events: what each of them says.

use serde::{Deserialize, Serialize};

use crate::{
    AgentId, CaseId, ClockName, CustomerId, Fields, Line, Name, PolicyVersion, Status, Survey, Text, Timestamp,
};

/// What is personal in an event, in one place, so that it can be sealed without touching the rest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Personal<T> {
    /// Readable.
    Plain(T),
}

impl<T> Personal<T> {
    /// The readable content.
    pub fn plain(&self) -> &T {
        match self {
            Self::Plain(content) => content,
        }
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
}

/// How one case stands to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// They have something to do with each other.
    Related,
    /// The other case brought this one about.
    CausedBy,
}

impl Relation {
    /// Every relation.
    pub const ALL: [Self; 2] = [Self::Related, Self::CausedBy];

    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Related => "related",
            Self::CausedBy => "caused_by",
        }
    }
}

macro_rules! body {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $kind:ty,)* })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
            #[serde(rename_all = "camelCase")]
            pub struct $name {
                $($(#[$field_meta])* pub $field: $kind,)*
            }
        )*
    };
}

body! {
    /// Body of `opened`. The classification follows in `classified`.
    Opened {
        /// What the case is about, as the policy names it.
        #[serde(rename = "type")]
        case_type: Name,
        /// The status that the case has now.
        status: Status,
        /// How the customer came.
        channel: Name,
        /// The customer, if known.
        #[serde(skip_serializing_if = "Option::is_none")]
        customer_id: Option<CustomerId>,
        /// The customer's language.
        #[serde(skip_serializing_if = "Option::is_none")]
        language: Option<Name>,
        /// The customer's tier.
        #[serde(skip_serializing_if = "Option::is_none")]
        tier: Option<Name>,
        /// What the customer is entitled to, such as a support plan.
        #[serde(skip_serializing_if = "Option::is_none")]
        entitlement: Option<Name>,
        /// The case that this one belongs to.
        #[serde(skip_serializing_if = "Option::is_none")]
        parent_id: Option<CaseId>,
        /// Subject and description.
        personal: Personal<OpenedText>,
    }
    /// What is personal in `opened`.
    OpenedText {
        /// The need in one line.
        subject: Line,
        /// The need in full.
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<Text>,
    }
    /// Body of `classified`: the whole classification as it is now.
    Classified {
        /// The type.
        #[serde(rename = "type")]
        case_type: Name,
        /// The category.
        #[serde(skip_serializing_if = "Option::is_none")]
        category: Option<Name>,
        /// The subcategory.
        #[serde(skip_serializing_if = "Option::is_none")]
        subcategory: Option<Name>,
        /// How much is affected.
        impact: Name,
        /// How soon it matters.
        urgency: Name,
        /// What the policy's matrix makes of the two.
        priority: Name,
        /// Custom fields that are not personal: those that were set by this command.
        #[serde(default, skip_serializing_if = "Fields::is_empty")]
        fields: Fields,
        /// Custom fields that are personal: those that were set by this command.
        #[serde(skip_serializing_if = "Option::is_none")]
        personal: Option<Personal<ClassifiedText>>,
    }
    /// What is personal in `classified`.
    ClassifiedText {
        /// The fields by name.
        #[serde(default, skip_serializing_if = "Fields::is_empty")]
        fields: Fields,
    }
    /// Body of `routed`.
    Routed {
        /// The queue that the case is in now.
        queue: Name,
        /// The policy's rule that chose it, counted from 1; absent when somebody chose.
        #[serde(skip_serializing_if = "Option::is_none")]
        rule: Option<u32>,
        /// What moved it, when no command did.
        #[serde(skip_serializing_if = "Option::is_none")]
        cause: Option<Cause>,
        /// When it fell due, if before the command of its entry.
        #[serde(skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
        /// Why somebody chose it.
        #[serde(skip_serializing_if = "Option::is_none")]
        personal: Option<Personal<ReasonText>>,
    }
    /// A reason in free text.
    ReasonText {
        /// The reason.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<Text>,
    }
    /// Body of `assigned`.
    Assigned {
        /// Who has the case now.
        agent: AgentId,
        /// The status that the case has now.
        status: Status,
        /// What assigned it, when no command did.
        #[serde(skip_serializing_if = "Option::is_none")]
        cause: Option<Cause>,
        /// When it fell due, if before the command of its entry.
        #[serde(skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
    }
    /// Body of `unassigned`.
    Unassigned {
        /// Who had the case.
        agent: AgentId,
        /// What took it from the agent, when no command did.
        #[serde(skip_serializing_if = "Option::is_none")]
        cause: Option<Cause>,
        /// Why it was given back.
        #[serde(skip_serializing_if = "Option::is_none")]
        personal: Option<Personal<ReasonText>>,
    }
    /// Body of `messageReceived`.
    MessageReceived {
        /// How it came, when not by the case's channel.
        #[serde(skip_serializing_if = "Option::is_none")]
        channel: Option<Name>,
        /// Whether it wants no answer ("thanks").
        ack: bool,
        /// The message.
        personal: Personal<WrittenText>,
    }
    /// Something that somebody wrote.
    WrittenText {
        /// The text.
        text: Text,
    }
    /// Body of `responded`.
    Responded {
        /// How it went, when not by the case's channel.
        #[serde(skip_serializing_if = "Option::is_none")]
        channel: Option<Name>,
        /// Whether a bot or an automatic acknowledgement answered, which meets no clock.
        automatic: bool,
        /// The status that the case has now.
        status: Status,
        /// The answer.
        personal: Personal<WrittenText>,
    }
    /// Body of `noted`.
    Noted {
        /// The note.
        personal: Personal<WrittenText>,
    }
    /// Body of `pended`.
    Pended {
        /// Why it waits, as the policy names it.
        reason: Name,
        /// The status that the case has now.
        status: Status,
        /// When it wants to be looked at again.
        #[serde(skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
    }
    /// Body of `resumed`.
    Resumed {
        /// The status that the case has now.
        status: Status,
        /// What resumed it, when no command did.
        #[serde(skip_serializing_if = "Option::is_none")]
        cause: Option<Cause>,
    }
    /// Body of `escalated`.
    Escalated {
        /// The level that the case is at now; 0 is none.
        level: u32,
        /// What raised it, when no command did.
        #[serde(skip_serializing_if = "Option::is_none")]
        cause: Option<Cause>,
        /// When it fell due, if before the command of its entry.
        #[serde(skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
        /// Why, when a command did.
        #[serde(skip_serializing_if = "Option::is_none")]
        personal: Option<Personal<ReasonText>>,
    }
    /// Body of `deescalated`.
    Deescalated {
        /// The level that the case is at now; 0 is none.
        level: u32,
        /// Why.
        personal: Personal<ReasonText>,
    }
    /// Body of `notified`: somebody is to be told of a clock.
    Notified {
        /// Who, as the policy names them.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        to: Vec<Name>,
        /// The clock.
        clock: ClockName,
        /// Which of its kind, counted from 1.
        instance: u32,
        /// What the clock did.
        cause: Cause,
        /// When it fell due, if before the command of its entry.
        #[serde(skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
    }
    /// Body of `resolved`.
    Resolved {
        /// The resolution code, as the policy names it.
        code: Name,
        /// The status that the case has now.
        status: Status,
        /// The knowledge article that solved it.
        #[serde(skip_serializing_if = "Option::is_none")]
        article_id: Option<Name>,
        /// What was done.
        personal: Personal<ResolvedText>,
    }
    /// What is personal in `resolved`.
    ResolvedText {
        /// The steps taken.
        steps: Text,
    }
    /// Body of `resolutionConfirmed`.
    ResolutionConfirmed {
        /// What the customer said.
        #[serde(skip_serializing_if = "Option::is_none")]
        personal: Option<Personal<ClosedText>>,
    }
    /// Body of `resolutionRejected`.
    ResolutionRejected {
        /// What the customer said.
        #[serde(skip_serializing_if = "Option::is_none")]
        personal: Option<Personal<ClosedText>>,
    }
    /// Body of `effortLogged`.
    EffortLogged {
        /// Seconds that somebody worked on the case.
        seconds: u32,
        /// At what.
        #[serde(skip_serializing_if = "Option::is_none")]
        activity: Option<Name>,
    }
    /// Body of `linked`.
    Linked {
        /// The other case.
        to: CaseId,
        /// How this case stands to it.
        relation: Relation,
    }
    /// Body of `mergeRequested`.
    MergeRequested {
        /// The case that is to go on.
        into: CaseId,
        /// Since when the customer waits for an answer, if it does.
        #[serde(skip_serializing_if = "Option::is_none")]
        waiting_since: Option<Timestamp>,
    }
    /// Body of `mergeRefused`.
    MergeRefused {
        /// The case that was to go on.
        into: CaseId,
        /// Why it refused: the code of its rejection.
        code: Name,
    }
    /// Body of `absorbed`.
    Absorbed {
        /// The case that ends.
        from: CaseId,
        /// Since when its customer waits for an answer, if it does.
        #[serde(skip_serializing_if = "Option::is_none")]
        waiting_since: Option<Timestamp>,
    }
    /// Body of `merged`.
    Merged {
        /// The case that goes on.
        into: CaseId,
        /// The status that the case has now.
        status: Status,
    }
    /// Body of `unmergeRequested`.
    UnmergeRequested {
        /// The case that it was merged into.
        from: CaseId,
        /// Why.
        personal: Personal<ReasonText>,
    }
    /// Body of `released`.
    Released {
        /// The case that is one of its own again.
        from: CaseId,
    }
    /// Body of `unmerged`.
    Unmerged {
        /// The case that it was merged into.
        from: CaseId,
        /// The status that the case has now: the one that it had.
        status: Status,
    }
    /// Body of `closed`.
    Closed {
        /// The closure code, as the policy names it.
        code: Name,
        /// The status that the case has now.
        status: Status,
        /// When it fell due, if time closed it.
        #[serde(skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
        /// What closed it, when no command did.
        #[serde(skip_serializing_if = "Option::is_none")]
        cause: Option<Cause>,
        /// A comment.
        #[serde(skip_serializing_if = "Option::is_none")]
        personal: Option<Personal<ClosedText>>,
    }
    /// What is personal in `closed`, `surveyAnswered` and the answers to a resolution.
    ClosedText {
        /// The comment.
        #[serde(skip_serializing_if = "Option::is_none")]
        comment: Option<Text>,
    }
    /// Body of `reopened`.
    Reopened {
        /// The status that the case has now.
        status: Status,
        /// What reopened it, when no command did.
        #[serde(skip_serializing_if = "Option::is_none")]
        cause: Option<Cause>,
        /// Why.
        #[serde(skip_serializing_if = "Option::is_none")]
        personal: Option<Personal<ReasonText>>,
    }
    /// Body of `cancelled`.
    Cancelled {
        /// The status that the case has now.
        status: Status,
        /// Why.
        personal: Personal<ReasonText>,
    }
    /// Body of `surveyRequested`.
    SurveyRequested {
        /// The kind of survey.
        survey: Survey,
        /// The resolution cycle that it is about, counted from 1.
        cycle: u32,
        /// The last instant for an answer.
        #[serde(skip_serializing_if = "Option::is_none")]
        expires_at: Option<Timestamp>,
    }
    /// Body of `surveyAnswered`.
    SurveyAnswered {
        /// The kind of survey.
        survey: Survey,
        /// The resolution cycle that it is about, counted from 1.
        cycle: u32,
        /// The score.
        score: u32,
        /// The lowest score of the scale.
        scale_min: u32,
        /// The highest score of the scale.
        scale_max: u32,
        /// A comment.
        #[serde(skip_serializing_if = "Option::is_none")]
        personal: Option<Personal<ClosedText>>,
    }
    /// Body of `surveyExpired`.
    SurveyExpired {
        /// The kind of survey.
        survey: Survey,
        /// The resolution cycle that it was about.
        cycle: u32,
        /// When the time ran out.
        #[serde(skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
    }
    /// Body of `followUpDue`.
    FollowUpDue {
        /// Why the case waits.
        reason: Name,
        /// The instant that was asked for.
        #[serde(skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
    }
    /// A clock as it stands after an event: all that a report needs, with no calendar at hand.
    ClockReading {
        /// Which clock.
        clock: ClockName,
        /// The n-th of its kind on this case, counted from 1.
        instance: u32,
        /// The policy version that it started under.
        policy: PolicyVersion,
        /// The calendar that it counts by.
        calendar: Name,
        /// The target, in open seconds of the calendar.
        target_seconds: u32,
        /// Whether every second counts, since the target is in calendar days, weeks or months.
        #[serde(skip_serializing_if = "Option::is_none")]
        wall: Option<bool>,
        /// When it started.
        started_at: Timestamp,
        /// The deadline; absent while paused.
        #[serde(skip_serializing_if = "Option::is_none")]
        due_at: Option<Timestamp>,
        /// When it is at risk; absent while paused.
        #[serde(skip_serializing_if = "Option::is_none")]
        warn_at: Option<Timestamp>,
        /// Open seconds left, as of the event; negative when late.
        remaining_seconds: i32,
        /// Seconds run, pauses left out, as of the event.
        elapsed_seconds: u32,
        /// Open seconds run, pauses left out, as of the event.
        business_elapsed_seconds: u32,
        /// Why it happened, where the event's name does not say.
        #[serde(skip_serializing_if = "Option::is_none")]
        cause: Option<Cause>,
        /// When it fell due, if before the command of its entry.
        #[serde(skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
    }
    /// Body of `policyPublished`.
    PolicyPublished {
        /// The whole document, as it was sent.
        document: String,
    }
}
