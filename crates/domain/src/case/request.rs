//! When and under what a command is decided.

use docket_messages::{Line, Timestamp, Version};

use crate::policy::Policies;

/// When and under what a command is decided.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The time now.
    pub now: Timestamp,
    /// When it happened, if the sender says so.
    pub occurred_at: Option<Timestamp>,
    /// The version that the sender expects the case to have.
    pub expected: Option<Version>,
    /// What the case is about, opened from its log; only asked where [`copies_subject`](super::copies_subject) says so.
    pub subject: Option<&'a Line>,
    /// All versions of the policy.
    pub policies: &'a Policies,
}
