//! When and under what a command is decided.

use docket_messages::{Timestamp, Version};

use super::CaseTexts;
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
    /// What was said of the case, opened from its log; only asked where [`needs_texts`](super::needs_texts) says so.
    pub texts: Option<&'a CaseTexts>,
    /// All versions of the policy.
    pub policies: &'a Policies,
}
