//! `policy.propose`: a document is kept until somebody else approves it.

use docket_messages::{PolicyEvent, PolicyProposed, ProposePolicy};

use super::book::KnownPolicies;
use super::change::Draft;

pub(super) fn draft(known: &KnownPolicies, command: &ProposePolicy) -> Draft {
    let proposal = u32::try_from(known.proposals.len()).unwrap_or(u32::MAX).saturating_add(1);
    Draft {
        document: command.document.clone(),
        policy: known.version(),
        events: Box::new(move |document, zone_version| {
            vec![PolicyEvent::PolicyProposed(PolicyProposed { proposal, document, zone_version })]
        }),
    }
}
