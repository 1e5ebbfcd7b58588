//! Surveys: once per resolution cycle, on their scale, in time.

use docket_messages::{CaseAction, CaseEvent, RejectionCode, SurveyEvent};

use super::commands::*;
use super::harness::{Story, given};

fn resolved() -> Story {
    given([intake().at("mon 09:00"), resolve().at("mon 10:00")])
}

#[test]
fn a_survey_is_requested_once_per_resolution_cycle() {
    let answered = resolved()
        .when(request_survey("csat"))
        .then(["surveyRequested csat/1"])
        .when(request_survey("csat"))
        .then([])
        .when(answer_survey("csat", 4))
        .then(["surveyAnswered csat/1"])
        .when(request_survey("csat"))
        .then_rejected(RejectionCode::SurveyClosed, "survey", "one per cycle");
    answered.and([reopen(), resolve()]).when(request_survey("csat")).then(["surveyRequested csat/2"]);
}

#[test]
fn surveys_of_different_kinds_do_not_meet() {
    resolved()
        .and([request_survey("csat"), request_survey("nps"), answer_survey("nps", 0)])
        .when(answer_survey("ces", 1))
        .then_rejected(RejectionCode::SurveyNotRequested, "survey", "no survey `ces` was requested")
        .when(answer_survey("csat", 5))
        .then(["surveyAnswered csat/1"]);
}

#[test]
fn a_score_keeps_to_its_scale() {
    for (survey, lowest, highest) in [("csat", 1, 5), ("ces", 1, 7), ("nps", 0, 10)] {
        let asked = resolved().and([request_survey(survey)]);
        for score in [lowest, highest] {
            let mut story = asked.clone();
            let decision = story.take(&answer_survey(survey, score).into()).unwrap();
            let [CaseEvent::Survey(SurveyEvent::SurveyAnswered(answered))] = decision.events.as_slice() else {
                panic!("{decision:?}")
            };
            assert_eq!((answered.score, answered.scale_min, answered.scale_max), (score, lowest, highest));
        }
        let says = format!("a `{survey}` score is {lowest} to {highest}");
        asked.clone().when(answer_survey(survey, highest + 1)).then_rejected(RejectionCode::BadRequest, "score", &says);
        if lowest > 0 {
            asked.when(answer_survey(survey, 0)).then_rejected(RejectionCode::BadRequest, "score", &says);
        }
    }
}

#[test]
fn an_answer_comes_once() {
    let story = resolved().and([request_survey("csat"), answer_survey("csat", 2)]);
    let story = story.when(answer_survey("csat", 5)).then_rejected(RejectionCode::SurveyClosed, "survey", "already");
    assert_eq!(story.view().csat, Some(2));
}

#[test]
fn an_answer_belongs_to_the_cycle_that_asked_whatever_became_of_the_case() {
    let asked = resolved().and([request_survey("csat")]);
    let others: [&[CaseAction]; 6] = [
        &[reopen()],
        &[reopen(), resolve()],
        &[close("completed")],
        &[close("completed"), reopen()],
        &[cancel()],
        &[reopen(), merge(), merge_is_settled()],
    ];
    for steps in others {
        let later = asked.clone().and(steps.to_vec());
        later.when(answer_survey("csat", 3)).then(["surveyAnswered csat/1"]);
    }
    // One that was asked later is the one that is answered; the first may be answered still.
    let twice = asked.and([reopen(), resolve(), request_survey("csat")]);
    twice
        .when(answer_survey("csat", 5))
        .then(["surveyAnswered csat/2"])
        .when(answer_survey("csat", 1))
        .then(["surveyAnswered csat/1"])
        .when(answer_survey("csat", 2))
        .then_rejected(RejectionCode::SurveyClosed, "survey", "already");
}

#[test]
fn a_survey_expires_in_a_case_that_came_back_as_well() {
    resolved()
        .and([request_survey("csat").at("mon 11:00"), reopen().at("mon 12:00"), resolve().at("mon 12:30")])
        .and([close("completed").at("mon 13:00")])
        .when(answer_survey("csat", 3).at("mon+2 11:00:01"))
        .then_rejected(RejectionCode::SurveyClosed, "survey", "has expired");
}

#[test]
fn a_survey_expires_when_its_days_are_over() {
    resolved()
        .and([close("completed").at("mon 10:00"), request_survey("csat").at("mon 11:00")])
        .wakes("mon+2 11:00")
        .when(tick().at("tue+2 09:00"))
        .then(["surveyExpired csat/1, mon+2 11:00"])
        .wakes("never")
        .when(answer_survey("csat", 3))
        .then_rejected(RejectionCode::SurveyClosed, "survey", "has expired")
        .when(request_survey("csat"))
        .then_rejected(RejectionCode::SurveyClosed, "survey", "one per cycle");
}

#[test]
fn an_answer_that_comes_too_late_finds_the_survey_expired_without_a_tick() {
    resolved()
        .and([request_survey("nps").at("mon 10:00"), close("completed").at("mon 10:00")])
        .when(answer_survey("nps", 9).at("mon+2 10:00:01"))
        .then_rejected(RejectionCode::SurveyClosed, "survey", "has expired");
}

#[test]
fn an_answered_survey_does_not_expire() {
    resolved()
        .and([close("completed"), request_survey("csat"), answer_survey("csat", 5)])
        .wakes("never")
        .when(tick().at("mon+4 09:00"))
        .then([]);
}

#[test]
fn the_latest_csat_counts() {
    let story = resolved().and([request_survey("csat"), answer_survey("csat", 2), reopen(), resolve()]);
    let story = story.and([request_survey("csat"), answer_survey("csat", 5)]);
    assert_eq!(story.view().csat, Some(5));
}

#[test]
fn a_comment_is_personal() {
    let mut story = resolved().and([request_survey("csat")]);
    let command = send("answerSurvey", "'survey':'csat','score':4,'comment':'Swift'");
    let decision = story.take(&command.into()).unwrap();
    let [CaseEvent::Survey(SurveyEvent::SurveyAnswered(answered))] = decision.events.as_slice() else {
        panic!("{decision:?}")
    };
    let personal = answered.personal.as_ref().unwrap().open().unwrap();
    assert_eq!(personal.comment.as_ref().unwrap().as_str(), "Swift");
}
