//! Cases that go on in other ones.

use serde::{Deserialize, Serialize};

use super::ReasonText;
use crate::{CaseId, Name, Personal, Status, Timestamp};

body! {
    /// Body of `mergeRequested`.
    MergeRequested {
        /// The case that is to go on.
        into: CaseId,
        /// Since when the customer waits for an answer, if it does.
        #[serde(skip_serializing_if = "Option::is_none")]
        waiting_since: Option<Timestamp>,
        /// When, if the command was back-dated: then the steps that follow are, too.
        #[serde(skip_serializing_if = "Option::is_none")]
        occurred_at: Option<Timestamp>,
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
        /// When, if the command was back-dated: then the steps that follow are, too.
        #[serde(skip_serializing_if = "Option::is_none")]
        occurred_at: Option<Timestamp>,
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
        /// The first public response by a human that the customer got in the other case meanwhile.
        #[serde(skip_serializing_if = "Option::is_none")]
        answered_at: Option<Timestamp>,
    }
}
