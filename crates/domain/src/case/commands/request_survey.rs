use docket_messages::{CaseEvent, Rejection, RejectionCode, RequestSurvey, Survey, SurveyEvent, SurveyRequested};

use crate::case::Case;
use crate::case::act::{Act, Asks, Recorded, Rules, Statuses};
use crate::case::draft::Draft;
use crate::policy::{DAY_MS, Policy};

/// Asks the customer for a rating: once per resolution cycle.
impl Act for RequestSurvey {
    const RULES: Rules = Rules::new(Statuses::ENDED, &["surveyRequested"]).asks(Asks::Customer);

    fn require_values(&self, _: &Case, policy: &Policy) -> Result<(), Rejection> {
        survey_rule(policy, self.survey).map(|_| ())
    }

    fn recorded(case: &Case, facts: &[&CaseEvent]) -> Recorded<Self> {
        match facts {
            [CaseEvent::Survey(SurveyEvent::SurveyRequested(requested))] => {
                Recorded::As(Self { case_id: case.id, survey: requested.survey })
            }
            _ => Recorded::Never,
        }
    }

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        let survey = self.survey;
        let rule = survey_rule(draft.policy(), survey)?;
        let cycle = draft.case.cycle();
        if let Some(round) = draft.case.surveys.iter().find(|round| round.survey == survey && round.cycle == cycle) {
            if round.is_over {
                let message =
                    format!("the survey `{survey}` of this cycle was answered or has expired; there is one per cycle");
                return Err(Rejection::new(RejectionCode::SurveyClosed, message).at("survey"));
            }
            return Ok(());
        }
        let expires_at = Some(draft.at.plus_millis(i64::from(rule.expires_after_days) * DAY_MS));
        draft.emit(SurveyRequested { survey, cycle, expires_at });
        Ok(())
    }
}

pub(in crate::case) fn survey_rule(
    policy: &Policy,
    survey: Survey,
) -> Result<&docket_messages::policy::SurveyRule, Rejection> {
    policy.document.surveys.get(&survey).ok_or_else(|| {
        let known: Vec<&str> = policy.document.surveys.keys().map(|survey| survey.as_str()).collect();
        let message = format!("the policy has no survey `{survey}`; allowed: {}", known.join(", "));
        Rejection::new(RejectionCode::UnknownValue, message).at("survey")
    })
}
