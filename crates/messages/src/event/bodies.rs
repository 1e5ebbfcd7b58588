//! The bodies of events: what each of them says.

use serde::{Deserialize, Serialize};

use crate::{
    AgentId, CaseId, ClockName, CustomerId, Fields, Line, Name, PolicyVersion, Status, Survey, Text, Timestamp, Version,
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
    /// It happened to the parent, which passes it on.
    Parent,
    /// The queue gives its cases to agents by itself.
    Push,
}

/// How one case stands to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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

/// Whether an agent takes on cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Takes cases on.
    Online,
    /// At work, and takes nothing new on.
    Busy,
    /// Not at work.
    Offline,
}

impl Presence {
    /// Every presence.
    pub const ALL: [Self; 3] = [Self::Online, Self::Busy, Self::Offline];

    /// The name on the wire and in SQL.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Busy => "busy",
            Self::Offline => "offline",
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
        /// The case that this one takes up.
        #[serde(skip_serializing_if = "Option::is_none")]
        follow_up_of: Option<CaseId>,
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
        /// What an agent must know to be given the case.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        skills: Vec<SkillNeed>,
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
    /// Body of `offered`: the case was offered to an agent.
    Offered {
        /// To whom.
        agent: AgentId,
        /// The last instant for an answer.
        expires_at: Timestamp,
    }
    /// Body of `offerDeclined`.
    OfferDeclined {
        /// Who does not want the case.
        agent: AgentId,
        /// Why.
        #[serde(skip_serializing_if = "Option::is_none")]
        personal: Option<Personal<ReasonText>>,
    }
    /// Body of `offerExpired`.
    OfferExpired {
        /// Who did not answer.
        agent: AgentId,
        /// When the time ran out.
        #[serde(skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
    }
    /// Body of `articleAttached`.
    ArticleAttached {
        /// The knowledge article.
        article_id: Name,
    }
    /// Body of `articleDetached`.
    ArticleDetached {
        /// The knowledge article.
        article_id: Name,
    }
    /// Body of `articleNotFound`: somebody searched the knowledge base in vain.
    ArticleNotFound {
        /// What was searched for.
        personal: Personal<WrittenText>,
    }
    /// Body of `linkRequested`: the other case is asked to be the parent or a child.
    LinkRequested {
        /// The other case.
        to: CaseId,
        /// What it is to be to this case.
        relation: Relation,
    }
    /// Body of `linkRefused`.
    LinkRefused {
        /// The other case.
        to: CaseId,
        /// What it was to be to this case.
        relation: Relation,
        /// Why it refused: the code of its rejection.
        code: Name,
    }
    /// Body of `parentAccepted`: what happens to the case is passed on to its children from now on.
    ParentAccepted {
        /// How many children it has.
        children: u32,
    }
    /// Body of `passingOn`: something that happened to the case is passed on to its children.
    PassingOn {
        /// The version that the event has which is passed on.
        of: Version,
        /// The first so many children, in the order in which they came.
        children: u32,
    }
    /// Body of `passedOn`: all children have been told.
    PassedOn {
        /// The version of the event that was passed on.
        of: Version,
        /// How many children took it over.
        taken: u32,
        /// How many did not: they were resolved or over, or a rule of theirs forbade it.
        refused: u32,
    }
    /// Body of `splitRequested`: a part of the case is to go on as a case of its own.
    SplitRequested {
        /// That case.
        into: CaseId,
        /// Its type, if another.
        #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
        case_type: Option<Name>,
        /// Its category, if another.
        #[serde(skip_serializing_if = "Option::is_none")]
        category: Option<Name>,
        /// Its subcategory, if another.
        #[serde(skip_serializing_if = "Option::is_none")]
        subcategory: Option<Name>,
        /// Its impact.
        impact: Name,
        /// Its urgency.
        urgency: Name,
        /// Its subject and description.
        personal: Personal<OpenedText>,
    }
    /// Body of `presenceChanged`, of an agent.
    PresenceChanged {
        /// The agent.
        agent: AgentId,
        /// Whether cases are taken on now.
        presence: Presence,
    }
    /// Body of `caseProposed`, of a claim: the case that its agent is to have, if it still can be had.
    CaseProposed {
        /// The case.
        case_id: CaseId,
        /// Who claims.
        agent: AgentId,
        /// From which queue.
        queue: Name,
    }
    /// Body of `surveyReserved`, of a customer: from here on for a time no other survey of the kind is asked for.
    SurveyReserved {
        /// The customer.
        customer_id: CustomerId,
        /// The kind of survey.
        survey: Survey,
        /// The case that it is about.
        case_id: CaseId,
        /// The resolution cycle of that case.
        cycle: u32,
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
