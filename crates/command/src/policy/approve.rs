//! `policy.approve`: what one principal has proposed comes into force by another.

use docket_messages::{
    ApprovePolicy, PolicyApproved, PolicyEvent, PolicyPublished, PolicyVersion, PrincipalName, Rejection,
    RejectionCode, proposal_of,
};

use super::book::KnownPolicies;
use super::change::Draft;

pub(super) fn draft(known: &KnownPolicies, command: &ApprovePolicy, by: &PrincipalName) -> Result<Draft, Rejection> {
    let proposal = command.proposal;
    let Some(proposed) = proposal_of(&known.proposals, proposal) else {
        let message = match known.proposals.len() {
            0 => "no policy has been proposed; propose one with `policy.propose`".to_owned(),
            count => format!("there is no proposal {proposal}; there are 1 to {count}"),
        };
        return Err(Rejection::new(RejectionCode::BadRequest, message).at("proposal"));
    };
    if proposed.by == *by {
        let message = format!("`{by}` has proposed it; another principal must approve it");
        return Err(Rejection::new(RejectionCode::Forbidden, message));
    }
    let version = known.version();
    if proposed.against != version {
        let message = format!(
            "proposal {proposal} was made when version {} of the policy was in force, and now it is version {version}; propose \
             it again",
            proposed.against
        );
        return Err(Rejection::new(RejectionCode::VersionConflict, message).at("proposal"));
    }
    Ok(Draft {
        document: proposed.document.clone(),
        policy: PolicyVersion(version.get().saturating_add(1)),
        events: Box::new(move |document, zone_version| {
            vec![
                PolicyEvent::PolicyApproved(PolicyApproved { proposal }),
                PolicyEvent::PolicyPublished(PolicyPublished { document, zone_version }),
            ]
        }),
    })
}
