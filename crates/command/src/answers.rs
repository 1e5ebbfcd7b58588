//! Answers that more than one kind of command gets.

use docket_keyring::KeyError;
use docket_messages::{
    Accepted, CaseId, CommandId, Failure, FailureCode, Position, Rejection, RejectionCode, Reply, Version,
};

/// A command to an aggregate that is no case was accepted.
pub(crate) fn accepted(version: Version, position: Position) -> Accepted {
    Accepted { case_id: None, version: Some(version), follow_up: None, policy: None, proposal: None, position }
}

/// A command to a case was accepted.
pub(crate) fn accepted_of_case(
    id: CaseId,
    version: Version,
    position: Position,
    follow_up: Option<CaseId>,
) -> Accepted {
    Accepted { case_id: Some(id), version: Some(version), follow_up, policy: None, proposal: None, position }
}

/// Another command has that id.
pub(crate) fn reused(id: &CommandId) -> Rejection {
    let message = format!("the command id `{id}` was used before, for another command; give each command its own");
    Rejection::new(RejectionCode::CommandIdReused, message).at("Docket-Command-Id")
}

/// Nothing can be decided without a policy.
pub(crate) fn no_policy() -> Rejection {
    let message = "no policy has been published yet; publish one with `docket policy publish FILE`";
    Rejection::new(RejectionCode::NoPolicy, message)
}

/// A failure with all its causes.
pub(crate) fn failure(code: FailureCode, error: &dyn std::error::Error, retryable: bool) -> Failure {
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        message = format!("{message}: {cause}");
        source = cause.source();
    }
    Failure { code, message, retryable }
}

/// The keys of what is personal cannot be had: what needs them waits, and nothing is written in clear.
pub(crate) fn without_keys(error: &KeyError) -> Failure {
    failure(FailureCode::KeysUnavailable, error, error.is_passing())
}

/// The same as a reply.
pub(crate) fn failed(code: FailureCode, error: &dyn std::error::Error, retryable: bool) -> Reply {
    Reply::Failed { failed: failure(code, error, retryable) }
}

/// The service stops before the command is decided.
pub(crate) fn stopping() -> Reply {
    let message = "the service is stopping; send the command again".to_owned();
    Reply::Failed { failed: Failure { code: FailureCode::ShuttingDown, message, retryable: true } }
}
