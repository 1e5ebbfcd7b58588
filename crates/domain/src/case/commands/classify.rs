use docket_messages::{
    CaseEvent, Classified, ClassifiedText, Classify, Fields, Name, Personal, Rejection, RejectionCode,
};

use super::intake::priority;
use crate::case::draft::Draft;
use crate::case::{Case, Classification};
use crate::policy::Policy;

/// Changes the classification; what the command leaves out stays. The priority follows from the matrix.
pub(in crate::case) fn classify(draft: &mut Draft<'_>, command: &Classify) -> Result<(), Rejection> {
    let policy = draft.policy();
    let changed_fields = changed_fields(&draft.case, command);
    let classified = classified(&draft.case, command, policy, &changed_fields)?;
    if is_same(&draft.case.class, &classified) && changed_fields.is_empty() {
        return Ok(());
    }
    draft.emit(CaseEvent::Classified(classified));
    Ok(())
}

fn classified(case: &Case, command: &Classify, policy: &Policy, fields: &Fields) -> Result<Classified, Rejection> {
    let class = &case.class;
    let category = command.category.as_ref().or(class.category.as_ref());
    let subcategory = command.subcategory.as_ref().or_else(|| class.subcategory_within(category));
    let impact = known(command.impact.as_ref().or(class.impact.as_ref()), "impact")?;
    let urgency = known(command.urgency.as_ref().or(class.urgency.as_ref()), "urgency")?;
    let priority = match &class.priority {
        // What was decided stays decided, even when a later policy would decide otherwise.
        Some(priority) if command.impact.is_none() && command.urgency.is_none() => priority.clone(),
        Some(_) | None => priority(policy, impact, urgency)?,
    };
    let (fields, personal) = policy.split_fields(fields);
    Ok(Classified {
        case_type: command.case_type.as_ref().unwrap_or(&class.case_type).clone(),
        category: category.cloned(),
        subcategory: subcategory.cloned(),
        impact: impact.clone(),
        urgency: urgency.clone(),
        priority,
        fields,
        personal: (!personal.is_empty()).then_some(Personal::Plain(ClassifiedText { fields: personal })),
    })
}

fn known<'n>(name: Option<&'n Name>, what: &str) -> Result<&'n Name, Rejection> {
    name.ok_or_else(|| {
        Rejection::new(RejectionCode::BadRequest, format!("the case has no {what} yet; say it")).at(what)
    })
}

fn changed_fields(case: &Case, command: &Classify) -> Fields {
    let is_new = |(name, value): &(&Name, &docket_messages::FieldValue)| case.fields.get(*name) != Some(*value);
    command.fields.iter().filter(is_new).map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn is_same(class: &Classification, classified: &Classified) -> bool {
    class.case_type == classified.case_type
        && class.category == classified.category
        && class.subcategory == classified.subcategory
        && class.impact.as_ref() == Some(&classified.impact)
        && class.urgency.as_ref() == Some(&classified.urgency)
        && class.priority.as_ref() == Some(&classified.priority)
}
