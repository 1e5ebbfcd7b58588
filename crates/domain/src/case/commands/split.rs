use docket_messages::{CaseEvent, CaseId, OpenedText, Personal, Rejection, RejectionCode, Split, SplitRequested};

use crate::case::draft::Draft;
use crate::case::process::next_version;

/// Asks for a case that takes up a part of this one; see [`crate::case::process`] for how it goes on.
pub(in crate::case) fn split(draft: &mut Draft<'_>, command: &Split) -> Result<(), Rejection> {
    refuse_backdated(draft)?;
    draft.case.refuse_while_waiting("caseId")?;
    let (case, class) = (&draft.case, &draft.case.class);
    let (impact, urgency) =
        (command.impact.as_ref().or(class.impact.as_ref()), command.urgency.as_ref().or(class.urgency.as_ref()));
    let requested = SplitRequested {
        into: CaseId::of_split(case.id, next_version(case)),
        case_type: command.case_type.clone(),
        category: command.category.clone(),
        subcategory: command.subcategory.clone(),
        channel: None,
        impact: impact.ok_or_else(|| missing("impact"))?.clone(),
        urgency: urgency.ok_or_else(|| missing("urgency"))?.clone(),
        cause: None,
        personal: Personal::Plain(OpenedText {
            subject: command.subject.clone(),
            description: command.description.clone(),
        }),
    };
    draft.emit(CaseEvent::SplitRequested(requested));
    Ok(())
}

pub(super) fn missing(what: &str) -> Rejection {
    Rejection::new(RejectionCode::BadRequest, format!("the case has no {what}; say it")).at(what)
}

/// What takes up a part of this one begins by the rules of a live case.
fn refuse_backdated(draft: &Draft<'_>) -> Result<(), Rejection> {
    if !draft.is_backdated {
        return Ok(());
    }
    let message = "a case is split now; leave `Docket-Occurred-At` out";
    Err(Rejection::new(RejectionCode::BadRequest, message).at("Docket-Occurred-At"))
}
