use docket_messages::{
    CaseEvent, Classification, Classified, ClassifiedText, Classify, Fields, IntakeEvent, Name, Personal, Rejection,
    RejectionCode,
};

use super::intake::priority;
use crate::case::Case;
use crate::case::act::{Act, Recorded, Rules, Statuses};
use crate::case::draft::Draft;
use crate::policy::Policy;

/// Changes the classification; what the command leaves out stays. The priority follows from the matrix.
impl Act for Classify {
    const RULES: Rules = Rules::new(Statuses::LIVE, &["classified"]);

    fn require_values(&self, case: &Case, policy: &Policy) -> Result<(), Rejection> {
        classification(case, policy, self)
    }

    fn recorded(case: &Case, facts: &[&CaseEvent]) -> Recorded<Self> {
        let [CaseEvent::Intake(IntakeEvent::Classified(classified))] = facts else { return Recorded::Never };
        // Whether a personal field changes depends on what was said of this case.
        if classified.personal.is_some() {
            return Recorded::InPart;
        }
        let class = &case.facts.class;
        let Classified { case_type, category, subcategory, impact, urgency, priority, fields, .. } = classified;
        let is_decided = (class.impact.as_ref(), class.urgency.as_ref(), class.priority.as_ref())
            == (Some(impact), Some(urgency), Some(priority));
        let said = |name: &Name| (!is_decided).then(|| name.clone());
        let within = case.subcategory_within(category.as_ref());
        Recorded::As(Self {
            case_id: case.id,
            case_type: Some(case_type).filter(|said| **said != class.case_type).cloned(),
            category: category.clone().filter(|said| class.category.as_ref() != Some(said)),
            subcategory: subcategory.clone().filter(|said| within != Some(said)),
            impact: said(impact),
            urgency: said(urgency),
            fields: fields.clone(),
        })
    }

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        let policy = draft.policy();
        let changed_fields = changed_fields(draft, self);
        let classified = classified(&draft.case, self, policy, &changed_fields)?;
        if draft.case.facts.class == Classification::from(&classified) && changed_fields.is_empty() {
            return Ok(());
        }
        draft.emit(classified);
        Ok(())
    }
}

fn classified(case: &Case, command: &Classify, policy: &Policy, fields: &Fields) -> Result<Classified, Rejection> {
    let class = &case.facts.class;
    let category = command.category.as_ref().or(class.category.as_ref());
    let subcategory = command.subcategory.as_ref().or_else(|| case.subcategory_within(category));
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
        personal_fields: personal.keys().cloned().collect(),
        personal: (!personal.is_empty()).then_some(Personal::Plain(ClassifiedText { fields: personal })),
    })
}

fn known<'n>(name: Option<&'n Name>, what: &str) -> Result<&'n Name, Rejection> {
    name.ok_or_else(|| {
        Rejection::new(RejectionCode::BadRequest, format!("the case has no {what} yet; say it")).at(what)
    })
}

/// The fields that the command changes. What a personal one says is not kept; if it cannot be opened either, setting it
/// is a change.
fn changed_fields(draft: &Draft<'_>, command: &Classify) -> Fields {
    let said = |name: &Name| draft.texts.and_then(|texts| texts.fields.get(name));
    let is_new = |(name, value): &(&Name, &docket_messages::FieldValue)| {
        draft.case.fields.get(*name).or_else(|| said(name)) != Some(*value)
    };
    command.fields.iter().filter(is_new).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Refuses a classification by words that the policy does not list. What the command leaves out is not looked at.
fn classification(case: &Case, policy: &Policy, command: &Classify) -> Result<(), Rejection> {
    let document = &policy.document;
    policy.require_fields(&command.fields)?;
    if let Some(case_type) = &command.case_type {
        policy.require_listed("type", "type", case_type, document.types.keys())?;
    }
    if command.category.is_some() || command.subcategory.is_some() {
        let category = command.category.as_ref().or(case.facts.class.category.as_ref());
        let subcategory = command.subcategory.as_ref().or_else(|| case.subcategory_within(category));
        policy.require_category(category, subcategory)?;
    }
    if let Some(impact) = &command.impact {
        policy.require_listed("impact", "impact", impact, document.matrix.impact.iter())?;
    }
    if let Some(urgency) = &command.urgency {
        policy.require_listed("urgency", "urgency", urgency, document.matrix.urgency.iter())?;
    }
    Ok(())
}
