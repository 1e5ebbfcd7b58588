//! Commands: what a principal may ask for. Bodies refuse unknown fields.

use serde::{Deserialize, Serialize, Serializer};

use crate::body::{self, BodyField};
use crate::{
    AgentId, AsOf, CaseEvent, CaseId, CustomerId, Fields, Line, Name, Rejection, Relation, Survey, Text, Timestamp,
    Version, field, number,
};

macro_rules! commands {
    ($(
        $(#[doc = $told:literal])+
        $name:ident = $verb:literal {
            $($(#[doc = $field_told:literal])+ $(#[serde($($serde:tt)*)])? $field:ident: $kind:ty,)*
        }
    )*) => {
        $(
            $(#[doc = $told])+
            #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
            #[serde(rename_all = "camelCase", deny_unknown_fields)]
            pub struct $name {
                $($(#[doc = $field_told])+ $(#[serde($($serde)*)])? pub $field: $kind,)*
            }
        )*

        /// The verb of a case command, as subjects and entries have it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Verb {
            $($(#[doc = $told])+ $name,)*
        }

        impl Verb {
            /// Every verb.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name on the wire.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $verb,)*
                }
            }

            /// The verb of that name, if there is one.
            #[must_use]
            pub fn parse(name: &str) -> Option<Self> {
                match name {
                    $($verb => Some(Self::$name),)*
                    _ => None,
                }
            }

            /// What the command does, in a sentence.
            #[must_use]
            pub fn told(self) -> &'static str {
                match self {
                    $(Self::$name => concat!($($told),+).trim_ascii(),)*
                }
            }

            /// The fields of the command's body.
            #[must_use]
            pub fn fields(self) -> &'static [BodyField] {
                match self {
                    $(Self::$name => const {
                        &[$(BodyField::of(stringify!($field), stringify!($kind), concat!($($field_told),+))),*]
                    },)*
                }
            }
        }

        /// A command to a case.
        #[derive(Debug, Clone, PartialEq)]
        pub enum CaseCommand {
            $($(#[doc = $told])+ $name($name),)*
        }

        impl CaseCommand {
            /// Reads the body of a command.
            ///
            /// # Errors
            /// A `bad_request` rejection that says where and what, and for an unknown field the nearest known one.
            pub fn read(verb: Verb, body: &[u8]) -> Result<Self, Rejection> {
                match verb {
                    $(Verb::$name => {
                        let command: $name = body::read(body, verb.fields())?;
                        let mut fields = verb.fields().iter();
                        $(body::require(fields.next(), &command.$field)?;)*
                        Ok(Self::$name(command))
                    })*
                }
            }

            /// The verb of the command.
            #[must_use]
            pub fn verb(&self) -> Verb {
                match self {
                    $(Self::$name(_) => Verb::$name,)*
                }
            }

            /// The case that the command is for; none for an intake that leaves it out.
            #[must_use]
            pub fn case_id(&self) -> Option<CaseId> {
                match self {
                    $(Self::$name(command) => command.case_id.into(),)*
                }
            }

            /// The same command for another case.
            #[must_use]
            pub fn for_case(mut self, id: CaseId) -> Self {
                match &mut self {
                    $(Self::$name(command) => command.case_id = id.into(),)*
                }
                self
            }

            /// The body as it goes on the wire.
            ///
            /// # Errors
            /// Never for a value that was made through its types; the signature is serde's.
            pub fn body(&self) -> Result<Vec<u8>, serde_json::Error> {
                serde_json::to_vec(self)
            }
        }

        /// Its body.
        impl Serialize for CaseCommand {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$name(command) => command.serialize(serializer),)*
                }
            }
        }
    };
}

commands! {
    /// Opens a case.
    Intake = "intake" {
        /// The case to open; left out, it is derived from principal and command id.
        #[serde(skip_serializing_if = "Option::is_none")]
        case_id: Option<CaseId>,
        /// What it is about.
        #[serde(rename = "type")]
        case_type: Name,
        /// The need in one line.
        subject: Line,
        /// The need in full.
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<Text>,
        /// How the customer came.
        channel: Name,
        /// Who the customer is.
        #[serde(skip_serializing_if = "Option::is_none")]
        customer_id: Option<CustomerId>,
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
        /// Custom fields.
        #[serde(default, deserialize_with = "field::distinct", skip_serializing_if = "Fields::is_empty")]
        fields: Fields,
        /// Whether the history that it belongs to does not say what was answered; only for a back-dated intake.
        #[serde(skip_serializing_if = "Option::is_none")]
        responses_unknown: Option<bool>,
    }
    /// Changes the classification; what is left out stays.
    Classify = "classify" {
        /// The case.
        case_id: CaseId,
        /// The type.
        #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
        case_type: Option<Name>,
        /// The category.
        #[serde(skip_serializing_if = "Option::is_none")]
        category: Option<Name>,
        /// The subcategory.
        #[serde(skip_serializing_if = "Option::is_none")]
        subcategory: Option<Name>,
        /// How much is affected.
        #[serde(skip_serializing_if = "Option::is_none")]
        impact: Option<Name>,
        /// How soon it matters.
        #[serde(skip_serializing_if = "Option::is_none")]
        urgency: Option<Name>,
        /// Custom fields to set.
        #[serde(default, deserialize_with = "field::distinct", skip_serializing_if = "Fields::is_empty")]
        fields: Fields,
    }
    /// Moves the case to a queue.
    Route = "route" {
        /// The case.
        case_id: CaseId,
        /// The queue.
        queue: Name,
        /// Why.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<Text>,
    }
    /// Gives the case to an agent.
    Assign = "assign" {
        /// The case.
        case_id: CaseId,
        /// The agent.
        agent: AgentId,
        /// The queue to move it to first.
        #[serde(skip_serializing_if = "Option::is_none")]
        queue: Option<Name>,
    }
    /// Takes the case from its agent.
    Unassign = "unassign" {
        /// The case.
        case_id: CaseId,
        /// Why.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<Text>,
    }
    /// Takes the case on for an agent; without a case, the next one of the queue.
    Claim = "claim" {
        /// The case; left out, the next one of the queue.
        #[serde(skip_serializing_if = "Option::is_none")]
        case_id: Option<CaseId>,
        /// The queue; needed when the case is left out.
        #[serde(skip_serializing_if = "Option::is_none")]
        queue: Option<Name>,
        /// The agent.
        agent: AgentId,
        /// Whether the agent gets the case even if offline, without room, or not of its queue.
        #[serde(skip_serializing_if = "Option::is_none")]
        force: Option<bool>,
    }
    /// Gives a case to an agent whom nobody chose, or offers it, as its queue says. Only Docket itself sends it.
    Push = "push" {
        /// The case.
        case_id: CaseId,
        /// The queue that it is in.
        queue: Name,
        /// The agent.
        agent: AgentId,
    }
    /// Takes on a case that was offered.
    AcceptOffer = "acceptOffer" {
        /// The case.
        case_id: CaseId,
        /// The agent to whom it was offered.
        agent: AgentId,
    }
    /// Declines a case that was offered, so that it goes to the next.
    DeclineOffer = "declineOffer" {
        /// The case.
        case_id: CaseId,
        /// The agent to whom it was offered.
        agent: AgentId,
        /// Why.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<Text>,
    }
    /// Records a message of the customer.
    Receive = "receive" {
        /// The case.
        case_id: CaseId,
        /// The message.
        text: Text,
        /// How it came.
        #[serde(skip_serializing_if = "Option::is_none")]
        channel: Option<Name>,
        /// Whether it wants no answer ("thanks").
        #[serde(skip_serializing_if = "Option::is_none")]
        ack: Option<bool>,
    }
    /// Answers the customer.
    Respond = "respond" {
        /// The case.
        case_id: CaseId,
        /// The answer.
        text: Text,
        /// How it went.
        #[serde(skip_serializing_if = "Option::is_none")]
        channel: Option<Name>,
        /// Whether a bot answered.
        #[serde(skip_serializing_if = "Option::is_none")]
        automatic: Option<bool>,
    }
    /// Makes an internal note.
    Note = "note" {
        /// The case.
        case_id: CaseId,
        /// The note.
        text: Text,
    }
    /// Lets the case wait.
    Pend = "pend" {
        /// The case.
        case_id: CaseId,
        /// Why, as the policy names it.
        reason: Name,
        /// When to look at it again.
        #[serde(skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
    }
    /// Takes the case up again.
    Resume = "resume" {
        /// The case.
        case_id: CaseId,
    }
    /// Raises the case.
    Escalate = "escalate" {
        /// The case.
        case_id: CaseId,
        /// Why.
        reason: Text,
        /// The level; left out, one more than now.
        #[serde(default, deserialize_with = "number::small_maybe", skip_serializing_if = "Option::is_none")]
        level: Option<u32>,
        /// The queue to move it to.
        #[serde(skip_serializing_if = "Option::is_none")]
        queue: Option<Name>,
    }
    /// Lowers the case by one level.
    Deescalate = "deescalate" {
        /// The case.
        case_id: CaseId,
        /// Why.
        reason: Text,
    }
    /// Brings the running clocks under the policy in force.
    RebaseClocks = "rebaseClocks" {
        /// The case.
        case_id: CaseId,
    }
    /// Declares the case solved.
    Resolve = "resolve" {
        /// The case.
        case_id: CaseId,
        /// The resolution code.
        code: Name,
        /// What was done.
        steps: Text,
        /// The knowledge article that solved it.
        #[serde(skip_serializing_if = "Option::is_none")]
        article_id: Option<Name>,
    }
    /// Says whether the customer agrees that the case is solved.
    Confirm = "confirm" {
        /// The case.
        case_id: CaseId,
        /// Whether the customer agrees; if not, the case is reopened.
        accepted: bool,
        /// What the customer said.
        #[serde(skip_serializing_if = "Option::is_none")]
        comment: Option<Text>,
    }
    /// Records time that somebody worked on the case.
    LogEffort = "logEffort" {
        /// The case.
        case_id: CaseId,
        /// How long.
        #[serde(deserialize_with = "number::small")]
        seconds: u32,
        /// At what.
        #[serde(skip_serializing_if = "Option::is_none")]
        activity: Option<Name>,
    }
    /// Attaches a knowledge article, or records that none was found.
    Attach = "attach" {
        /// The case.
        case_id: CaseId,
        /// The article. Exactly one of the two is said.
        #[serde(skip_serializing_if = "Option::is_none")]
        article_id: Option<Name>,
        /// What was searched for in vain.
        #[serde(skip_serializing_if = "Option::is_none")]
        search: Option<Text>,
    }
    /// Takes a knowledge article off.
    Detach = "detach" {
        /// The case.
        case_id: CaseId,
        /// The article.
        article_id: Name,
    }
    /// Says how the case stands to another.
    Link = "link" {
        /// The case.
        case_id: CaseId,
        /// The other case.
        to: CaseId,
        /// What the other case is to this one.
        relation: Relation,
    }
    /// Answers a case that asks to be the parent or a child of this one. Only Docket itself sends it.
    AcceptLink = "acceptLink" {
        /// The case.
        case_id: CaseId,
        /// The case that asks.
        from: CaseId,
        /// What that case is to be to this one.
        relation: Relation,
    }
    /// Ends a link or a split that the other case has answered. Only Docket itself sends it.
    SettleLink = "settleLink" {
        /// The case that asked.
        case_id: CaseId,
        /// The case that answered.
        with: CaseId,
        /// The code of its rejection, if it refused.
        #[serde(skip_serializing_if = "Option::is_none")]
        refused: Option<Name>,
    }
    /// Lets the case pass on to its children what happens to it.
    AcceptParent = "acceptParent" {
        /// The case.
        case_id: CaseId,
    }
    /// Takes over what happened to the parent. Only Docket itself sends it.
    Inherit = "inherit" {
        /// The case.
        case_id: CaseId,
        /// The parent.
        from: CaseId,
        /// What happened to it.
        event: Box<CaseEvent>,
    }
    /// Notes that all children have been told. Only Docket itself sends it.
    SettlePassing = "settlePassing" {
        /// The parent.
        case_id: CaseId,
        /// The version of the event that was passed on.
        of: Version,
        /// How many children took it over.
        taken: u32,
        /// How many did not.
        refused: u32,
    }
    /// Lets a part of the case go on as a case of its own, which follows it up.
    Split = "split" {
        /// The case.
        case_id: CaseId,
        /// The part in one line.
        subject: Line,
        /// The part in full.
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<Text>,
        /// The type, if another.
        #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
        case_type: Option<Name>,
        /// The category, if another.
        #[serde(skip_serializing_if = "Option::is_none")]
        category: Option<Name>,
        /// The subcategory, if another.
        #[serde(skip_serializing_if = "Option::is_none")]
        subcategory: Option<Name>,
        /// The impact, if another.
        #[serde(skip_serializing_if = "Option::is_none")]
        impact: Option<Name>,
        /// The urgency, if another.
        #[serde(skip_serializing_if = "Option::is_none")]
        urgency: Option<Name>,
    }
    /// Lets the case go on in another one.
    Merge = "merge" {
        /// The case that ends.
        case_id: CaseId,
        /// The case that goes on.
        into: CaseId,
    }
    /// Takes a merge back.
    Unmerge = "unmerge" {
        /// The case that was merged into another.
        case_id: CaseId,
        /// Why.
        reason: Text,
    }
    /// Takes in a case that is to be merged into this one. Only Docket itself sends it.
    Absorb = "absorb" {
        /// The case that goes on.
        case_id: CaseId,
        /// The case that ends.
        from: CaseId,
        /// Since when its customer waits for an answer, if it does.
        #[serde(skip_serializing_if = "Option::is_none")]
        waiting_since: Option<Timestamp>,
    }
    /// Lets go of a case that was merged into this one. Only Docket itself sends it.
    Release = "release" {
        /// The case that goes on.
        case_id: CaseId,
        /// The case that was merged into it.
        from: CaseId,
    }
    /// Ends a merge, or taking one back, that the other case has answered. Only Docket itself sends it.
    SettleMerge = "settleMerge" {
        /// The case that asked.
        case_id: CaseId,
        /// The case that answered.
        with: CaseId,
        /// The code of its rejection, if it refused.
        #[serde(skip_serializing_if = "Option::is_none")]
        refused: Option<Name>,
        /// When the customer was first answered in the other case, for one that is taken back.
        #[serde(skip_serializing_if = "Option::is_none")]
        answered_at: Option<Timestamp>,
    }
    /// Ends the case.
    Close = "close" {
        /// The case.
        case_id: CaseId,
        /// The closure code.
        code: Name,
        /// A comment.
        #[serde(skip_serializing_if = "Option::is_none")]
        comment: Option<Text>,
    }
    /// Brings the case back.
    Reopen = "reopen" {
        /// The case.
        case_id: CaseId,
        /// Why.
        reason: Text,
    }
    /// Withdraws the case.
    Cancel = "cancel" {
        /// The case.
        case_id: CaseId,
        /// Why.
        reason: Text,
    }
    /// Asks the customer for a rating.
    RequestSurvey = "requestSurvey" {
        /// The case.
        case_id: CaseId,
        /// The kind.
        survey: Survey,
    }
    /// Records the customer's rating.
    AnswerSurvey = "answerSurvey" {
        /// The case.
        case_id: CaseId,
        /// The kind.
        survey: Survey,
        /// The score.
        #[serde(deserialize_with = "number::small")]
        score: u32,
        /// A comment.
        #[serde(skip_serializing_if = "Option::is_none")]
        comment: Option<Text>,
    }
    /// Decides what time alone has made true.
    Tick = "tick" {
        /// The case.
        case_id: CaseId,
    }
}

impl Verb {
    /// The verb that is meant by a name that is none, if one is near; never one that only Docket itself may send.
    #[must_use]
    pub fn nearest(name: &str) -> Option<Self> {
        /// Below this likeness nothing is meant.
        const LIKE: f64 = 0.75;
        let likeness = |verb: Self| strsim::jaro_winkler(&verb.as_str().to_lowercase(), &name.to_lowercase());
        let known = Self::ALL.iter().copied().filter(|verb| !verb.is_internal());
        let nearest = known.map(|verb| (likeness(verb), verb)).max_by(|(a, _), (b, _)| a.total_cmp(b))?;
        (nearest.0 >= LIKE).then_some(nearest.1)
    }

    /// Whether only Docket itself may send it: a step of a process between cases, or a case given out by its queue.
    #[must_use]
    pub fn is_internal(self) -> bool {
        matches!(
            self,
            Self::Absorb
                | Self::Release
                | Self::SettleMerge
                | Self::AcceptLink
                | Self::SettleLink
                | Self::Inherit
                | Self::SettlePassing
                | Self::Push
        )
    }
}

/// Asks for the state of one case: the body of `case.get`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetCase {
    /// The case.
    pub case_id: CaseId,
    /// A position (a number) or a time (RFC 3339): the case as it was then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<AsOf>,
}

impl GetCase {
    /// Reads the body of the query.
    ///
    /// # Errors
    /// A `bad_request` rejection that says where and what.
    pub fn read(body: &[u8]) -> Result<Self, Rejection> {
        body::read(body, &[])
    }
}
