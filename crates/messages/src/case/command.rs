//! Commands: what a principal may ask of a case. Bodies refuse unknown fields.

mod begin;
mod endings;
mod families;
mod offers;
mod tick;
mod work;

use serde::{Deserialize, Serialize};

use crate::{AsOf, CaseId, Rejection, body};

pub use begin::*;
pub use endings::*;
pub use families::*;
pub use offers::*;
pub use tick::*;
pub use work::*;

commands! {
    /// The verb of a command to a case, as subjects and entries have it.
    Verb,
    /// A command to a case.
    CaseCommand {
        Intake,
        Classify,
        Route,
        Assign,
        Unassign,
        Claim,
        AcceptOffer,
        DeclineOffer,
        Receive,
        Respond,
        Note,
        Pend,
        Resume,
        Escalate,
        Deescalate,
        RebaseClocks,
        Resolve,
        Confirm,
        LogEffort,
        Attach,
        Detach,
        Link,
        AcceptParent,
        Split,
        Merge,
        Unmerge,
        Close,
        Reopen,
        Cancel,
        RequestSurvey,
        AnswerSurvey,
        Tick,
    }
}

impl Verb {
    /// The verb that is meant by a name that is none, if one is near.
    #[must_use]
    pub fn nearest(name: &str) -> Option<Self> {
        /// Below this likeness nothing is meant.
        const LIKE: f64 = 0.75;
        let likeness = |verb: Self| strsim::jaro_winkler(&verb.as_str().to_lowercase(), &name.to_lowercase());
        let nearest = Self::ALL.iter().map(|verb| (likeness(*verb), *verb)).max_by(|(a, _), (b, _)| a.total_cmp(b))?;
        (nearest.0 >= LIKE).then_some(nearest.1)
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
