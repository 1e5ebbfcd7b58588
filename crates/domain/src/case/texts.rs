//! What people said of a case, as far as it can be opened: for who reads the case, and for what a new one copies of it.
//! No rule asks it.

use docket_messages::{CaseEvent, Fields, Intake, IntakeEvent, Line, Name, Personal, SplitRequested};

use super::Case;

/// The personal parts of a case that are shown of it.
#[derive(Debug, Clone, Default)]
pub struct CaseTexts {
    /// The need in one line; none when it cannot be opened.
    pub subject: Option<Line>,
    /// The custom fields that are personal.
    pub fields: Fields,
}

impl CaseTexts {
    pub(super) fn apply(&mut self, event: &CaseEvent) {
        let CaseEvent::Intake(event) = event else { return };
        match event {
            IntakeEvent::Opened(opened) => self.subject = opened.personal.open().map(|text| text.subject.clone()),
            IntakeEvent::Classified(classified) => {
                self.fields.retain(|name, _| !classified.fields.contains_key(name));
                let personal = classified.personal.as_ref().and_then(Personal::open);
                self.fields.extend(personal.into_iter().flat_map(|text| text.fields.clone()));
            }
            IntakeEvent::Routed(_) => {}
        }
    }

    /// How the case begins that takes up a part of another: as that one is, but for what the split says. None when what
    /// was said of it cannot be opened.
    #[must_use]
    pub fn intake_of_split(&self, case: &Case, asked: &SplitRequested) -> Option<Intake> {
        let (text, class) = (asked.personal.open()?, &case.facts.class);
        let own = |given: &Option<Name>, inherited: &Option<Name>| given.clone().or_else(|| inherited.clone());
        Some(Intake {
            case_id: Some(asked.into),
            case_type: asked.case_type.as_ref().unwrap_or(&class.case_type).clone(),
            subject: text.subject.clone(),
            description: text.description.clone(),
            channel: asked.channel.as_ref().unwrap_or(&case.facts.channel).clone(),
            customer_id: case.facts.customer_id.clone(),
            category: own(&asked.category, &class.category),
            // A subcategory belongs to its category; another category leaves it behind.
            subcategory: if asked.category.is_some() {
                asked.subcategory.clone()
            } else {
                own(&asked.subcategory, &class.subcategory)
            },
            impact: asked.impact.clone(),
            urgency: asked.urgency.clone(),
            language: case.facts.language.clone(),
            tier: case.facts.tier.clone(),
            entitlement: case.entitlement.clone(),
            parent_id: None,
            follow_up_of: Some(case.id),
            fields: self.all_fields(case),
            responses_unknown: None,
        })
    }

    /// All custom fields of a case, personal or not.
    pub(super) fn all_fields(&self, case: &Case) -> Fields {
        let (open, personal) = (case.fields.iter(), self.fields.iter());
        open.chain(personal).map(|(name, value)| (name.clone(), value.clone())).collect()
    }
}
