use docket_messages::{
    AnswerSurvey, CaseEvent, ClosedText, Personal, Rejection, RejectionCode, Survey, SurveyAnswered, SurveyEvent,
};

use super::request_survey::survey_rule;
use crate::case::Case;
use crate::case::act::{Act, Recorded, Rules, Statuses, opened};
use crate::case::draft::Draft;

/// Records the customer's rating for the cycle in which it was asked for, if it was not given and is not too late.
/// Whatever became of the case since, makes no difference.
impl Act for AnswerSurvey {
    // Whatever has become of the case since it was asked.
    const RULES: Rules = Rules::new(Statuses::ANY, &["surveyAnswered"]);

    fn recorded(case: &Case, facts: &[&CaseEvent]) -> Recorded<Self> {
        match facts {
            [CaseEvent::Survey(SurveyEvent::SurveyAnswered(answered))] => {
                let comment = opened(answered.personal.as_ref()).map(|text| text.and_then(|text| text.comment.clone()));
                let (survey, score) = (answered.survey, answered.score);
                Recorded::of(comment.map(|comment| Self { case_id: case.id, survey, score, comment }))
            }
            _ => Recorded::Never,
        }
    }

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        let survey = self.survey;
        let (scale_min, scale_max) = survey.scale();
        if !(scale_min..=scale_max).contains(&self.score) {
            let message = format!("a `{survey}` score is {scale_min} to {scale_max}, not {}", self.score);
            return Err(Rejection::new(RejectionCode::BadRequest, message).at("score"));
        }
        let Some(round) = draft.case.open_survey(survey) else { return Err(not_open(draft, survey)) };
        let cycle = round.cycle;
        let comment = self.comment.clone();
        draft.emit(SurveyAnswered {
            survey,
            cycle,
            score: self.score,
            scale_min,
            scale_max,
            personal: comment.map(|comment| Personal::Plain(ClosedText { comment: Some(comment) })),
        });
        Ok(())
    }
}

/// A survey that was sent can be answered, whatever the policy says by now.
fn not_open(draft: &Draft<'_>, survey: Survey) -> Rejection {
    if draft.case.has_asked(survey) {
        let message = format!("the survey `{survey}` was answered already or has expired");
        return Rejection::new(RejectionCode::SurveyClosed, message).at("survey");
    }
    let message = format!("no survey `{survey}` was requested of this case");
    let not_requested = Rejection::new(RejectionCode::SurveyNotRequested, message).at("survey");
    survey_rule(draft.policy(), survey).err().unwrap_or(not_requested)
}
