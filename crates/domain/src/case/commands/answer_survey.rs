use docket_messages::{AnswerSurvey, ClosedText, Event, Personal, Rejection, RejectionCode, SurveyAnswered};

use super::request_survey::rule;
use crate::case::draft::Draft;

/// Records the customer's rating, if it was asked for in this cycle, was not given, and is not too late.
pub(in crate::case) fn answer_survey(draft: &mut Draft<'_>, command: &AnswerSurvey) -> Result<(), Rejection> {
    let survey = command.survey;
    let (scale_min, scale_max) = survey.scale();
    if !(scale_min..=scale_max).contains(&command.score) {
        let message = format!("a `{survey}` score is {scale_min} to {scale_max}, not {}", command.score);
        return Err(Rejection::new(RejectionCode::BadRequest, message).at("score"));
    }
    let cycle = draft.case.cycle();
    let round = draft.case.surveys.iter().find(|round| round.survey == survey && round.cycle == cycle);
    let Some(round) = round else {
        // A survey that was sent can be answered, whatever the policy says by now.
        rule(draft.policy(), survey)?;
        let message = format!("no survey `{survey}` was requested since the case was last resolved");
        return Err(Rejection::new(RejectionCode::SurveyNotRequested, message).at("survey"));
    };
    if round.is_over {
        let message = format!("the survey `{survey}` was answered already or has expired");
        return Err(Rejection::new(RejectionCode::SurveyClosed, message).at("survey"));
    }
    let comment = command.comment.clone();
    draft.emit(Event::SurveyAnswered(SurveyAnswered {
        survey,
        cycle,
        score: command.score,
        scale_min,
        scale_max,
        personal: comment.map(|comment| Personal::Plain(ClosedText { comment: Some(comment) })),
    }));
    Ok(())
}
