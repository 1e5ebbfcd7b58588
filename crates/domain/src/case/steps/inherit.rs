use docket_messages::{
    CaseEvent, Cause, Classify, Closed, Fields, Inherit, Pend, Rejection, RejectionCode, Relation, Respond, Resume,
    Status, StepVerb,
};

use crate::case::act::{Act, Recorded, Rules, Statuses, wrong_status};
use crate::case::draft::Draft;
use crate::case::passing_on::Inherited;
use crate::case::{Case, PendingProcess};

/// Takes over what happened to the parent. What the parent was asked for when it was resolved or closed is not asked
/// of each child again.
impl Act for Inherit {
    const RULES: Rules =
        Rules::new(Statuses::ACTIVE, &["classified", "pended", "resumed", "responded", "resolved", "closed"]).stays();

    fn recorded(case: &Case, facts: &[&CaseEvent]) -> Recorded<Self> {
        let asked = case.process.as_ref().and_then(PendingProcess::parent);
        match (case.facts.parent_id.or(asked), facts) {
            // What the child takes over of an event stands in its own.
            (Some(from), [event]) => Recorded::As(Self { case_id: case.id, from, event: Box::new((*event).clone()) }),
            _ => Recorded::Never,
        }
    }

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        let Inherit { case_id, from, event } = self;
        let case_id = *case_id;
        // The parent may know of the link a moment before this case does.
        let is_linking = draft.case.process.as_ref().is_some_and(|process| process.is_link(*from, Relation::Parent));
        if draft.case.facts.parent_id != Some(*from) && !is_linking {
            let message = format!("the case {case_id} is no child of {from}");
            return Err(Rejection::new(RejectionCode::CaseNotFound, message).at("from"));
        }
        let Some(inherited) = Inherited::of(event) else {
            let message = format!("`{}` is not passed on", event.name());
            return Err(Rejection::new(RejectionCode::BadRequest, message).at("event"));
        };
        match inherited {
            Inherited::Priority(parent) => {
                let (impact, urgency) = (Some(parent.impact.clone()), Some(parent.urgency.clone()));
                let (case_type, category, subcategory, fields) = (None, None, None, Fields::new());
                act(draft, &Classify { case_id, case_type, category, subcategory, impact, urgency, fields })
            }
            Inherited::Wait(parent) => {
                // The children may be told later than the parent wanted to be looked at.
                let until = parent.until.filter(|until| *until > draft.at);
                act(draft, &Pend { case_id, reason: parent.reason.clone(), until })
            }
            Inherited::Resumption => act(draft, &Resume { case_id }),
            Inherited::Response(parent) => {
                let Some(written) = parent.personal.open() else {
                    let message = "the response to the customer of the parent case cannot be read";
                    return Err(Rejection::new(RejectionCode::BadRequest, message).at("event"));
                };
                let (text, channel) = (written.text.clone(), parent.channel.clone());
                act(draft, &Respond { case_id, text, channel, automatic: Some(parent.automatic) })
            }
            Inherited::Resolution(parent) => {
                draft.emit(parent.clone());
                Ok(())
            }
            Inherited::Closure(parent) => {
                let status = draft.case.status();
                if !matches!(status, Status::New | Status::Open | Status::PendingCustomer) {
                    return Err(wrong_status(
                        status,
                        StepVerb::Inherit.as_str(),
                        "new, open or waiting for the customer",
                    ));
                }
                draft.emit(Closed { at: None, cause: Some(Cause::Parent), ..parent.clone() });
                Ok(())
            }
        }
    }
}

/// Does what the parent was asked for.
fn act<A: Act>(draft: &mut Draft<'_>, action: &A) -> Result<(), Rejection> {
    action.require_values(&draft.case, draft.policy())?;
    action.act(draft)
}
