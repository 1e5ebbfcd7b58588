//! Replies to commands and queries. Three kinds of no never mix: *rejected* is the rules' answer, *failed*
//! the machine's; a *conflict* is the service's own affair and never reaches a sender.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{CaseId, CaseView, PolicyVersion, Position, Version};

/// The answer to a command.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, try_from = "AnyReply")]
pub enum Reply {
    /// The command is in the log, on disk.
    Accepted {
        /// Where.
        accepted: Accepted,
        /// Whether this id was answered before; then this is the first answer again.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        repeated: bool,
    },
    /// The rules said no. Nothing was written.
    Rejected {
        /// Why.
        rejected: Rejection,
    },
    /// The machine failed.
    Failed {
        /// How.
        failed: Failure,
    },
}

/// A reply as it stands on the wire: one of three keys.
#[derive(Deserialize)]
struct AnyReply {
    accepted: Option<Accepted>,
    #[serde(default)]
    repeated: bool,
    rejected: Option<Rejection>,
    failed: Option<Failure>,
}

impl Reply {
    /// Whether the machine failed, and sending the same command again may succeed.
    #[must_use]
    pub fn is_retryable_failure(&self) -> bool {
        matches!(self, Self::Failed { failed } if failed.retryable)
    }
}

impl TryFrom<AnyReply> for Reply {
    type Error = &'static str;

    fn try_from(any: AnyReply) -> Result<Self, Self::Error> {
        match any {
            AnyReply { accepted: Some(accepted), repeated, .. } => Ok(Self::Accepted { accepted, repeated }),
            AnyReply { rejected: Some(rejected), .. } => Ok(Self::Rejected { rejected }),
            AnyReply { failed: Some(failed), .. } => Ok(Self::Failed { failed }),
            AnyReply { .. } => Err("a reply is `accepted`, `rejected` or `failed`"),
        }
    }
}

/// Where an accepted command stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Accepted {
    /// The case, for a case command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case_id: Option<CaseId>,
    /// The version of the case after it, for a case command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// The case that was opened to go on with a part of this one, or with what was written to it when it was closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follow_up: Option<CaseId>,
    /// The version of the policy, for `policy.publish` and `policy.approve`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<PolicyVersion>,
    /// The number of the proposal, for `policy.propose`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposal: Option<u32>,
    /// The position of the entry in the log.
    pub position: Position,
}

/// The answer to `case.get`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum CaseReply {
    /// The state of the case.
    Case {
        /// The state.
        case: Box<CaseView>,
    },
    /// There is no such case, or not for this principal, or the question was wrong.
    Rejected {
        /// Why.
        rejected: Rejection,
    },
    /// The machine failed.
    Failed {
        /// How.
        failed: Failure,
    },
}

/// The answer to `policy.get`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum PolicyReply {
    /// The policy in force.
    Policy {
        /// The policy.
        policy: PolicyView,
    },
    /// There is none, or not for this principal, or the question was wrong.
    Rejected {
        /// Why.
        rejected: Rejection,
    },
    /// The machine failed.
    Failed {
        /// How.
        failed: Failure,
    },
}

/// A policy as it was published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PolicyView {
    /// Its version.
    pub version: PolicyVersion,
    /// Its TOML text.
    pub document: String,
}

macro_rules! codes {
    ($(#[$enum_doc:meta])* $enum:ident { $($(#[$doc:meta])* $name:ident = $code:literal,)* }) => {
        $(#[$enum_doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $enum {
            $($(#[$doc])* #[serde(rename = $code)] $name,)*
        }

        impl $enum {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The code on the wire.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }
        }

        impl fmt::Display for $enum {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

codes! {
    /// Why the rules said no. The list is closed; `docs/CONTRACT.md` describes each.
    RejectionCode {
        /// The body or a header is not what the contract says.
        BadRequest = "bad_request",
        /// There is no such kind or verb.
        UnknownCommand = "unknown_command",
        /// `Docket-Command-Id` is absent.
        MissingCommandId = "missing_command_id",
        /// The id was used before, with another body.
        CommandIdReused = "command_id_reused",
        /// The policy does not grant it to this principal.
        Forbidden = "forbidden",
        /// There is no such case.
        CaseNotFound = "case_not_found",
        /// There is such a case already.
        CaseExists = "case_exists",
        /// The case's status does not allow it.
        WrongStatus = "wrong_status",
        /// The policy does not list the value.
        UnknownValue = "unknown_value",
        /// The policy requires a field.
        RequiredFieldMissing = "required_field_missing",
        /// The case is not at the version that `Docket-Expect-Version` names.
        VersionConflict = "version_conflict",
        /// Back-dated before the case's last entry.
        OutOfOrder = "out_of_order",
        /// Over the limit of a body.
        TooLarge = "too_large",
        /// No policy has been published yet.
        NoPolicy = "no_policy",
        /// The policy document has errors.
        InvalidPolicy = "invalid_policy",
        /// Too long closed to come back: intake a follow-up.
        ReopenWindowPassed = "reopen_window_passed",
        /// No such survey was requested of the case.
        SurveyNotRequested = "survey_not_requested",
        /// The survey was requested, answered or has expired already.
        SurveyClosed = "survey_closed",
        /// A case cannot be merged into itself or linked to itself.
        SameCase = "same_case",
        /// The case to merge into is resolved, closed, cancelled or merged.
        MergeTargetEnded = "merge_target_ended",
        /// The case is just being merged, or separated.
        MergePending = "merge_pending",
        /// The case is just being linked to another, or split.
        LinkPending = "link_pending",
        /// A case that has a parent cannot be one, and a parent cannot have one.
        ParentCycle = "parent_cycle",
        /// The case has another parent already.
        HasParent = "has_parent",
        /// A case that has children cannot be merged into another.
        HasChildren = "has_children",
        /// Somebody has the case, or it is offered to somebody else.
        CaseTaken = "case_taken",
        /// The case was not offered to this agent, or no longer is.
        NotOffered = "not_offered",
        /// The queue has no case that the agent could take.
        QueueEmpty = "queue_empty",
        /// The agent is not online.
        AgentOffline = "agent_offline",
        /// The agent has as much as the policy allows.
        AgentFull = "agent_full",
        /// The agent lacks a skill that the case asks for.
        SkillMissing = "skill_missing",
        /// The customer was asked for such a rating a short while ago.
        SurveySuppressed = "survey_suppressed",
        /// A submission that was given to a command service again and again, and never decided.
        Undecidable = "undecidable",
    }
}

codes! {
    /// How the machine failed. The list is closed; `docs/CONTRACT.md` describes each.
    FailureCode {
        /// The log could not be read or written.
        LogUnavailable = "log_unavailable",
        /// A bound was hit.
        Overloaded = "overloaded",
        /// The service is stopping.
        ShuttingDown = "shutting_down",
        /// Who waits in which queue is not known yet.
        RoutingUnavailable = "routing_unavailable",
        /// The keys of what is personal cannot be had.
        KeysUnavailable = "keys_unavailable",
        /// An entry of this case cannot be read.
        LogUnreadable = "log_unreadable",
    }
}

/// The rules said no.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Rejection {
    /// Which rule.
    pub code: RejectionCode,
    /// What is wrong and how to mend it.
    pub message: String,
    /// Where in the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

impl Rejection {
    /// The longest message, in bytes. A policy that is refused may have many findings; more of them are cut off.
    pub const MESSAGE_LIMIT: usize = 16 * 1024;
    /// The longest path, in bytes. What is longer came from a sender whose fields have such names.
    pub const PATH_LIMIT: usize = 256;

    /// A rejection of the whole command.
    #[must_use]
    pub fn new(code: RejectionCode, message: impl Into<String>) -> Self {
        Self { code, message: bounded(message.into(), Self::MESSAGE_LIMIT), path: None }
    }

    /// The same, pointing at a place in the body.
    #[must_use]
    pub fn at(self, path: impl Into<String>) -> Self {
        Self { path: Some(bounded(path.into(), Self::PATH_LIMIT)), ..self }
    }
}

/// A text that is cut where it is too long, and shows it.
fn bounded(mut text: String, limit: usize) -> String {
    const CUT: &str = "…";
    if text.len() > limit {
        text.truncate(text.floor_char_boundary(limit.saturating_sub(CUT.len())));
        text.push_str(CUT);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_sender_wrote_comes_back_at_a_bounded_length() {
        let rejection = Rejection::new(RejectionCode::BadRequest, "é".repeat(100_000)).at("ü".repeat(1_000));
        assert!(rejection.message.len() <= Rejection::MESSAGE_LIMIT && rejection.message.ends_with("é…"));
        let path = rejection.path.unwrap();
        assert!(path.len() <= Rejection::PATH_LIMIT && path.ends_with("ü…"));
        let short = Rejection::new(RejectionCode::BadRequest, "no").at("fields.a");
        assert_eq!((short.message.as_str(), short.path.as_deref()), ("no", Some("fields.a")));
    }
}

/// The machine failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Failure {
    /// How.
    pub code: FailureCode,
    /// What we were doing.
    pub message: String,
    /// Whether sending the same command again, with the same id, may help.
    pub retryable: bool,
}
