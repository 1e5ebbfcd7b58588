//! What a case is about: type, category, impact, channel, and where it belongs.

use docket_messages::{CaseCommand, CustomerId, FieldValue, Fields, Intake};

use super::plan::{self, Fate};
use super::script::{Illegal, Script, line, name};
use super::words;

/// What a case is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Need {
    pub case_type: &'static str,
    pub category: &'static str,
    pub subcategory: &'static str,
    /// Whether the customer knew the category; otherwise an agent finds it.
    pub is_classified: bool,
    pub impact: &'static str,
    pub urgency: &'static str,
    pub channel: &'static str,
    /// The queue that the case is in.
    pub queue: &'static str,
    /// The queue that it belongs to in the end.
    pub home: &'static str,
}

impl Need {
    pub(super) fn draw(script: &mut Script, fate: Fate) -> Self {
        let case_type =
            script.pick(&[(28, "question"), (38, "incident"), (20, "request"), (8, "refund"), (6, "complaint")]);
        let (category, subcategory) = script.pick(categories(case_type));
        let is_classified = script.chance(640);
        let (impact, urgency) = match fate {
            Fate::AtRisk => ("high", "high"),
            // Its story is told on a forgotten case of a target in days.
            Fate::Lingering => ("medium", "medium"),
            Fate::Ordinary | Fate::Fresh | Fate::Working | Fate::Waiting => script.pick(&[
                (900, ("medium", "medium")),
                (20, ("high", "low")),
                (20, ("low", "high")),
                (8, ("high", "high")),
                (9, ("high", "medium")),
                (9, ("medium", "high")),
                (14, ("medium", "low")),
                (12, ("low", "medium")),
                (8, ("low", "low")),
            ]),
        };
        script.is_round_the_clock = (impact, urgency) == ("high", "high");
        let channel = if plan::is_staffed(script.at) {
            script.pick(&[(36, "email"), (28, "phone"), (16, "chat"), (20, "web")])
        } else {
            script.pick(&[(45, "email"), (55, "web")])
        };
        let known = if is_classified { category } else { "" };
        let (queue, home) = (queue_of(case_type, known), queue_of(case_type, category));
        Self { case_type, category, subcategory, is_classified, impact, urgency, channel, queue, home }
    }

    /// The command that opens the case.
    pub(super) fn intake(&self, script: &mut Script) -> Result<CaseCommand, Illegal> {
        let order = script.number_to(89_999) + 10_000;
        let mut fields = Fields::new();
        if self.case_type == "refund" || self.category == "delivery" {
            fields.insert(name("orderNumber")?, FieldValue::Text(format!("A-{order}")));
        }
        if self.case_type == "refund" {
            fields.insert(name("amount")?, FieldValue::Number(script.number_to(240).into()));
        }
        let category = if self.is_classified { Some(name(self.category)?) } else { None };
        let subcategory = if self.is_classified { Some(name(self.subcategory)?) } else { None };
        let customer = script.number_to(900);
        let subject = words::subject(script, self.case_type, self.subcategory);
        let description = if script.chance(850) { Some(script.text(words::DESCRIPTIONS)?) } else { None };
        Ok(CaseCommand::Intake(Intake {
            case_id: Some(script.case_id),
            case_type: name(self.case_type)?,
            subject: line(subject)?,
            description,
            channel: name(self.channel)?,
            customer_id: Some(CustomerId::parse(&format!("customer-{customer:04}"))?),
            category,
            subcategory,
            impact: name(self.impact)?,
            urgency: name(self.urgency)?,
            language: Some(name(script.pick(&[(70, "nl"), (22, "en"), (8, "de")]))?),
            tier: Some(name(script.pick(&[(85, "standard"), (15, "gold")]))?),
            entitlement: None,
            parent_id: None,
            follow_up_of: None,
            fields,
            responses_unknown: None,
        }))
    }
}

/// Weighted categories with their subcategories, by type.
fn categories(case_type: &str) -> &'static [(u32, (&'static str, &'static str))] {
    match case_type {
        "incident" => &[
            (22, ("account", "access")),
            (48, ("product", "defect")),
            (14, ("product", "usage")),
            (8, ("delivery", "late")),
            (8, ("delivery", "damaged")),
        ],
        "refund" => &[(55, ("delivery", "damaged")), (20, ("delivery", "late")), (25, ("billing", "payment"))],
        "complaint" => &[
            (40, ("delivery", "late")),
            (20, ("delivery", "damaged")),
            (25, ("billing", "invoice")),
            (15, ("product", "defect")),
        ],
        "request" => &[
            (40, ("account", "profile")),
            (25, ("account", "access")),
            (20, ("billing", "invoice")),
            (15, ("product", "usage")),
        ],
        _ => &[
            (30, ("product", "usage")),
            (25, ("billing", "invoice")),
            (15, ("billing", "payment")),
            (20, ("delivery", "late")),
            (10, ("account", "profile")),
        ],
    }
}

/// Where a case belongs, as the sample policy's rules have it.
fn queue_of(case_type: &str, category: &str) -> &'static str {
    match (case_type, category) {
        ("complaint", _) => "complaints",
        ("refund", _) | (_, "billing") => "billing",
        ("incident", "product") => "technical",
        _ => "frontline",
    }
}
