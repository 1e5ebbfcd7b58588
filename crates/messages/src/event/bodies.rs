//! The bodies of events: what each of them says. One file for each part of a case's life; what they share stands here.

use serde::{Deserialize, Serialize};

use crate::names::word;
use crate::{Name, Timestamp};

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

mod clocks;
mod desk;
mod endings;
mod families;
mod intake;
mod merging;
mod offers;
mod surveys;
mod work;

pub use clocks::*;
pub use desk::*;
pub use endings::*;
pub use families::*;
pub use intake::*;
pub use merging::*;
pub use offers::*;
pub use surveys::*;
pub use work::*;

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

/// Whether an agent takes on cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", try_from = "String")]
pub enum Presence {
    /// Takes cases on.
    Online,
    /// At work, and takes nothing new on.
    Busy,
    /// Not at work.
    Offline,
}

impl TryFrom<String> for Presence {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        word(Self::ALL, Self::as_str, &text)
    }
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
