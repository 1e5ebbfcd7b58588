//! What a customer is asked beside their cases.

mod reserve_survey;

pub(crate) use reserve_survey::reserve;
