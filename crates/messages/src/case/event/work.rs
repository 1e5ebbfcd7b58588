//! Work on a case.

use serde::{Deserialize, Serialize};

use super::{Cause, ReasonText};
use crate::{AgentId, ClockName, Name, Personal, Status, Text, Timestamp};

body! {
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
        /// True when it was claimed with `force`, whether or not the agent was online and had room.
        #[serde(skip_serializing_if = "Option::is_none")]
        forced: Option<bool>,
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
    /// Body of `followUpDue`.
    FollowUpDue {
        /// Why the case waits.
        reason: Name,
        /// The instant that was asked for.
        #[serde(skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
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
    /// Body of `effortLogged`.
    EffortLogged {
        /// Seconds that somebody worked on the case.
        seconds: u32,
        /// At what.
        #[serde(skip_serializing_if = "Option::is_none")]
        activity: Option<Name>,
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
}
