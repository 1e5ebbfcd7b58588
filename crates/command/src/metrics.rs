//! What the service counts.

use docket_messages::Reply;

/// Commands that were answered, by outcome and, when they were not accepted, by code.
pub const COMMANDS: &str = "docket_commands_total";
/// Appends that met an entry which another writer appended first.
pub const CONFLICTS: &str = "docket_append_conflicts_total";

/// What a reply comes to, and its code when it is not accepted.
#[must_use]
pub fn outcome(reply: &Reply) -> (&'static str, &'static str) {
    match reply {
        Reply::Accepted { repeated: false, .. } => ("accepted", ""),
        Reply::Accepted { repeated: true, .. } => ("repeated", ""),
        Reply::Rejected { rejected } => ("rejected", rejected.code.as_str()),
        Reply::Failed { failed } => ("failed", failed.code.as_str()),
    }
}

/// Counts a reply.
pub(crate) fn answered(reply: &Reply) {
    let (outcome, code) = outcome(reply);
    ::metrics::counter!(COMMANDS, "outcome" => outcome, "code" => code).increment(1);
}

/// Counts a conflict.
pub(crate) fn conflicted() {
    ::metrics::counter!(CONFLICTS).increment(1);
}
