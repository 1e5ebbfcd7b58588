//! What happens to a customer.

use serde::{Deserialize, Serialize};

use crate::{CaseId, CustomerId, Survey};

events! {
    /// Something that happened to a customer.
    CustomerEvent of Customer {
        /// The customer is to be asked for a rating, and for a time not again.
        SurveyReserved(SurveyReserved) = "surveyReserved",
    }
}

body! {
    /// Body of `surveyReserved`: from here on for a time no other survey of the kind is asked for.
    SurveyReserved {
        /// The customer.
        customer_id: CustomerId,
        /// The kind of survey.
        survey: Survey,
        /// The case that it is about.
        case_id: CaseId,
        /// The resolution cycle of that case.
        cycle: u32,
    }
}
