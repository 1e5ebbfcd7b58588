//! What is decided on a case.

use serde::{Serialize, Serializer};

use super::{CaseCommand, CaseStep};
use crate::CaseId;

/// What is decided on a case: a command of a principal, or a step of Docket's own.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "nearly all are commands; a box would cost each of them")]
pub enum CaseAction {
    /// A command.
    Command(CaseCommand),
    /// A step.
    Step(CaseStep),
}

impl From<CaseCommand> for CaseAction {
    fn from(command: CaseCommand) -> Self {
        Self::Command(command)
    }
}

impl From<CaseStep> for CaseAction {
    fn from(step: CaseStep) -> Self {
        Self::Step(step)
    }
}

impl CaseAction {
    /// The verb, as entries have it.
    #[must_use]
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Command(command) => command.verb().as_str(),
            Self::Step(step) => step.verb().as_str(),
        }
    }

    /// The case that it is for; none for an intake that leaves it out, and for a claim of the next case.
    #[must_use]
    pub fn case_id(&self) -> Option<CaseId> {
        match self {
            Self::Command(command) => command.case_id(),
            Self::Step(step) => step.case_id(),
        }
    }

    /// The same for another case.
    #[must_use]
    pub fn for_case(self, id: CaseId) -> Self {
        match self {
            Self::Command(command) => Self::Command(command.for_case(id)),
            Self::Step(step) => Self::Step(step.for_case(id)),
        }
    }

    /// The body as it goes on the wire.
    ///
    /// # Errors
    /// Never for a value that was made through its types; the signature is serde's.
    pub fn body(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }
}

/// Its body.
impl Serialize for CaseAction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Command(command) => command.serialize(serializer),
            Self::Step(step) => step.serialize(serializer),
        }
    }
}
