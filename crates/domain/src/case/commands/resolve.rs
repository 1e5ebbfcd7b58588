use docket_messages::{CaseEvent, EndingEvent, Personal, Rejection, Resolve, Resolved, ResolvedText, Status};

use crate::case::act::{Act, Recorded, Rules, Statuses};
use crate::case::draft::Draft;
use crate::case::{Case, requirements};
use crate::policy::Policy;

/// Declares the case solved.
impl Act for Resolve {
    const RULES: Rules = Rules::new(Statuses::ACTIVE, &["resolved"]);

    fn require_values(&self, _: &Case, policy: &Policy) -> Result<(), Rejection> {
        policy.require_listed("resolution code", "code", &self.code, policy.document.resolution_codes.keys())
    }

    fn holds_already(&self, case: &Case) -> bool {
        case.status() == Status::Resolved && case.facts.resolution_code.as_ref() == Some(&self.code)
    }

    fn recorded(case: &Case, facts: &[&CaseEvent]) -> Recorded<Self> {
        match facts {
            [CaseEvent::Ending(EndingEvent::Resolved(resolved))] => {
                Recorded::of(resolved.personal.open().map(|text| Self {
                    case_id: case.id,
                    code: resolved.code.clone(),
                    steps: text.steps.clone(),
                    article_id: resolved.article_id.clone(),
                }))
            }
            _ => Recorded::Never,
        }
    }

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        requirements::at_resolve(&draft.case, draft.policy())?;
        draft.emit(Resolved {
            code: self.code.clone(),
            status: Status::Resolved,
            article_id: self.article_id.clone(),
            personal: Personal::Plain(ResolvedText { steps: self.steps.clone() }),
        });
        Ok(())
    }
}
