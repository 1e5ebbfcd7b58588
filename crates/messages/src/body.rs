//! The body of a command: how it is read, and what it takes, for those who are told so.

mod reading;
mod said;

use serde::de::DeserializeOwned;

use crate::Rejection;

pub(crate) use reading::read;
pub(crate) use said::require;

/// The body of a command.
pub(crate) trait CommandBody: DeserializeOwned {
    /// The verb of the command.
    const VERB: &'static str;
    /// What it asks for, in a sentence.
    const TOLD: &'static str;
    /// A body as somebody would write it under the sample policy.
    const EXAMPLE: &'static str;
    /// Its fields, in the order of the body.
    const FIELDS: &'static [BodyField];

    /// Refuses a field that cannot be meant.
    fn require(&self) -> Result<(), Rejection>;
}

/// Reads the body of a command.
pub(crate) fn read_command<C: CommandBody>(body: &[u8]) -> Result<C, Rejection> {
    let command: C = read(body, C::FIELDS)?;
    command.require()?;
    Ok(command)
}

/// A field of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BodyField {
    /// The name in Rust.
    field: &'static str,
    /// Whether the body must have it.
    pub is_required: bool,
    told: &'static str,
}

impl BodyField {
    /// A field by its name, its type and its description in Rust.
    pub(crate) const fn of(field: &'static str, kind: &str, told: &'static str) -> Self {
        let is_required = !matches!(kind.as_bytes(), [b'O', b'p', b't', b'i', b'o', b'n', ..] | b"Fields");
        Self { field, is_required, told: told.trim_ascii() }
    }

    /// The name on the wire.
    #[must_use]
    pub fn name(&self) -> String {
        // The one field that Rust has a word of its own for.
        if self.field == "case_type" {
            return "type".to_owned();
        }
        let mut words = self.field.split('_');
        let first = words.next().unwrap_or_default().to_owned();
        words.fold(first, |name, word| {
            let (initial, rest) = word.split_at_checked(1).unwrap_or((word, ""));
            name + &initial.to_uppercase() + rest
        })
    }

    /// What it says, in a sentence.
    #[must_use]
    pub fn told(&self) -> &'static str {
        self.told
    }
}

#[cfg(test)]
mod tests {
    use crate::{CaseCommand, CaseStep, StepVerb, Verb};

    #[test]
    fn a_body_tells_which_fields_it_takes_and_which_it_must_have() {
        let fields: Vec<_> = Verb::Intake.fields().iter().map(|field| (field.name(), field.is_required)).collect();
        let required: Vec<&str> = fields.iter().filter(|(_, must)| *must).map(|(name, _)| name.as_str()).collect();
        assert_eq!(required, ["type", "subject", "channel", "impact", "urgency"]);
        assert!(fields.contains(&("followUpOf".to_owned(), false)) && fields.contains(&("fields".to_owned(), false)));
        assert_eq!(Verb::Intake.told(), "Opens a case.");
        assert_eq!(Verb::Pend.fields()[2].told(), "When to look at it again.");
    }

    #[test]
    fn every_example_is_a_body_of_its_command() {
        for verb in Verb::ALL {
            let read = CaseCommand::read(*verb, verb.example().as_bytes());
            assert!(read.is_ok(), "the example of {verb:?}: {read:?}");
        }
        for verb in StepVerb::ALL {
            let read = CaseStep::read(*verb, verb.example().as_bytes());
            assert!(read.is_ok(), "the example of {verb:?}: {read:?}");
        }
    }
}
