//! What time alone makes true.

use serde::{Deserialize, Serialize};

use crate::CaseId;

command_bodies! {
    /// Decides what time alone has made true.
    Tick = "tick" like case!("") => {
        /// The case.
        case_id: CaseId,
    }
}
