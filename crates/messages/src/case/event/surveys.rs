//! Ratings.

use serde::{Deserialize, Serialize};

use super::ClosedText;
use crate::{Personal, Survey, Timestamp};

body! {
    /// Body of `surveyRequested`.
    SurveyRequested {
        /// The kind of survey.
        survey: Survey,
        /// The resolution cycle that it is about, counted from 1.
        cycle: u32,
        /// The last instant for an answer.
        #[serde(skip_serializing_if = "Option::is_none")]
        expires_at: Option<Timestamp>,
    }
    /// Body of `surveyAnswered`.
    SurveyAnswered {
        /// The kind of survey.
        survey: Survey,
        /// The resolution cycle that it is about, counted from 1.
        cycle: u32,
        /// The score.
        score: u32,
        /// The lowest score of the scale.
        scale_min: u32,
        /// The highest score of the scale.
        scale_max: u32,
        /// A comment.
        #[serde(skip_serializing_if = "Option::is_none")]
        personal: Option<Personal<ClosedText>>,
    }
    /// Body of `surveyExpired`.
    SurveyExpired {
        /// The kind of survey.
        survey: Survey,
        /// The resolution cycle that it was about.
        cycle: u32,
        /// When the time ran out.
        #[serde(skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
    }
}
