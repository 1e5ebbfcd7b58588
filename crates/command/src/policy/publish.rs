//! `policy.publish`: a document comes into force, unless that takes two.

use docket_messages::{PolicyEvent, PolicyPublished, PolicyVersion, PublishPolicy, Rejection, RejectionCode};

use super::book::KnownPolicies;
use super::change::Draft;

pub(super) fn draft(known: &KnownPolicies, command: &PublishPolicy) -> Result<Draft, Rejection> {
    let takes_two = known.policies.as_ref().is_some_and(|all| all.current().document.publication.four_eyes);
    if takes_two {
        let message = "the policy in force takes two principals to change it: propose the document with `policy.propose`, and \
                       have another principal approve it with `policy.approve`";
        return Err(Rejection::new(RejectionCode::Forbidden, message));
    }
    Ok(Draft {
        document: command.document.clone(),
        policy: PolicyVersion(known.version().get().saturating_add(1)),
        events: Box::new(|document, zone_version| {
            vec![PolicyEvent::PolicyPublished(PolicyPublished { document, zone_version })]
        }),
    })
}
