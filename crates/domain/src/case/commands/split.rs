use docket_messages::{CaseId, OpenedText, Personal, Rejection, RejectionCode, Split, SplitRequested};

use crate::case::act::{Act, Asks, Rules, Statuses};
use crate::case::draft::Draft;
use crate::case::process::next_version;

/// Asks for a case that takes up a part of this one; see [`crate::case::process`] for how it goes on.
impl Act for Split {
    const RULES: Rules = Rules::new(Statuses::UNMERGED, &["splitRequested"]).asks(Asks::OtherCase);

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        refuse_backdated(draft)?;
        draft.case.refuse_while_waiting("caseId")?;
        let (case, class) = (&draft.case, &draft.case.facts.class);
        let (impact, urgency) =
            (self.impact.as_ref().or(class.impact.as_ref()), self.urgency.as_ref().or(class.urgency.as_ref()));
        let requested = SplitRequested {
            into: CaseId::of_split(case.id, next_version(case)),
            case_type: self.case_type.clone(),
            category: self.category.clone(),
            subcategory: self.subcategory.clone(),
            channel: None,
            impact: impact.ok_or_else(|| missing("impact"))?.clone(),
            urgency: urgency.ok_or_else(|| missing("urgency"))?.clone(),
            cause: None,
            personal: Personal::Plain(OpenedText {
                subject: self.subject.clone(),
                description: self.description.clone(),
            }),
        };
        draft.emit(requested);
        Ok(())
    }
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
