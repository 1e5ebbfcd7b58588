use docket_messages::{
    CaseId, Classified, ClassifiedText, Intake, LinkRequested, Name, Opened, OpenedText, Personal, Rejection,
    RejectionCode, Relation, Status, Timestamp,
};

use crate::case::act::{Act, Rules, Statuses};
use crate::case::draft::Draft;
use crate::case::{Request, requirements};
use crate::policy::Policy;
use crate::routing;

/// Opens a case, classifies it, and routes it where a rule matches.
pub(in crate::case) fn intake<'a>(
    id: CaseId,
    command: &Intake,
    at: Timestamp,
    request: &Request<'a>,
) -> Result<Draft<'a>, Rejection> {
    let policy = request.policies.current();
    require_values(id, command, policy)?;
    if command.responses_unknown == Some(true) && request.occurred_at.is_none() {
        let message =
            "only a back-dated intake may send `responsesUnknown`: a live case records its responses from the start";
        return Err(Rejection::new(RejectionCode::BadRequest, message).at("responsesUnknown"));
    }
    let mut draft = Draft::opening(id, opened(command), at, request.occurred_at.is_some(), request.policies);
    draft.emit(classified(command, policy)?);
    requirements::at_intake(&draft.case, policy)?;
    // Anybody may propose a parent; whether it agrees is its own affair.
    if let Some(to) = command.parent_id {
        let occurred_at = draft.occurred_at();
        draft.emit(LinkRequested { to, relation: Relation::Parent, occurred_at });
    }
    if !draft.is_backdated
        && let Some(routed) = routing::route(&draft.case, &command.fields, policy, at)
    {
        draft.emit(routed);
    }
    Ok(draft)
}

/// A case that there is.
impl Act for Intake {
    const RULES: Rules = Rules::new(Statuses::ANY, &["opened", "classified", "linkRequested"]).stays();

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        let message = format!("there is a case {} already; choose another `caseId`, or leave it out", draft.case.id);
        Err(Rejection::new(RejectionCode::CaseExists, message).at("caseId"))
    }
}

fn require_values(id: CaseId, command: &Intake, policy: &Policy) -> Result<(), Rejection> {
    let document = &policy.document;
    policy.require_listed("type", "type", &command.case_type, document.types.keys())?;
    policy.require_listed("channel", "channel", &command.channel, document.channels.iter())?;
    policy.require_listed("impact", "impact", &command.impact, document.matrix.impact.iter())?;
    policy.require_listed("urgency", "urgency", &command.urgency, document.matrix.urgency.iter())?;
    policy.require_category(command.category.as_ref(), command.subcategory.as_ref())?;
    if let Some(tier) = command.tier.as_ref().filter(|_| !document.tiers.is_empty()) {
        policy.require_listed("tier", "tier", tier, document.tiers.iter())?;
    }
    if let Some(entitlement) = command.entitlement.as_ref().filter(|_| !document.entitlements.is_empty()) {
        policy.require_listed("entitlement", "entitlement", entitlement, document.entitlements.iter())?;
    }
    if command.parent_id == Some(id) {
        return Err(Rejection::new(RejectionCode::SameCase, "a case cannot be its own parent").at("parentId"));
    }
    policy.require_fields(&command.fields)
}

fn opened(command: &Intake) -> Opened {
    let (subject, description) = (command.subject.clone(), command.description.clone());
    Opened {
        case_type: command.case_type.clone(),
        status: Status::New,
        channel: command.channel.clone(),
        customer_id: command.customer_id.clone(),
        language: command.language.clone(),
        tier: command.tier.clone(),
        entitlement: command.entitlement.clone(),
        parent_id: command.parent_id,
        follow_up_of: command.follow_up_of,
        responses_unknown: command.responses_unknown,
        described: description.is_some().then_some(true),
        personal: Personal::Plain(OpenedText { subject, description }),
    }
}

fn classified(command: &Intake, policy: &Policy) -> Result<Classified, Rejection> {
    let (fields, personal) = policy.split_fields(&command.fields);
    Ok(Classified {
        case_type: command.case_type.clone(),
        category: command.category.clone(),
        subcategory: command.subcategory.clone(),
        impact: command.impact.clone(),
        urgency: command.urgency.clone(),
        priority: priority(policy, &command.impact, &command.urgency)?,
        fields,
        personal_fields: personal.keys().cloned().collect(),
        personal: (!personal.is_empty()).then_some(Personal::Plain(ClassifiedText { fields: personal })),
    })
}

/// The matrix has no holes for impacts and urgencies that the policy lists; those it no longer lists are refused.
pub(super) fn priority(policy: &Policy, impact: &Name, urgency: &Name) -> Result<Name, Rejection> {
    let matrix = &policy.document.matrix;
    policy.require_listed("impact", "impact", impact, matrix.impact.iter())?;
    policy.require_listed("urgency", "urgency", urgency, matrix.urgency.iter())?;
    policy.priority(impact, urgency).cloned().ok_or_else(|| {
        let message = format!("the matrix gives impact `{impact}` with urgency `{urgency}` no priority");
        Rejection::new(RejectionCode::UnknownValue, message).at("impact")
    })
}
