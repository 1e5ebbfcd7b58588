//! A whole log, checked entry by entry.

use std::collections::HashMap;

use docket_messages::{Event, Position};

use crate::chain::{Flaw, Tail, follow};
use crate::{Recorded, Subject};

/// Checks a whole log from its first entry: positions without a gap, and every subject's [chain](crate::follow).
#[derive(Debug, Default)]
pub struct Verifier {
    position: Position,
    /// Only entries of one subject are checked, so there are positions between them.
    is_of_one_subject: bool,
    tails: HashMap<Subject, Tail>,
    entries: u64,
}

impl Verifier {
    /// Checks the entries of one subject from its first: the same, but for the positions between them.
    #[must_use]
    pub fn of_one_subject() -> Self {
        Self { is_of_one_subject: true, ..Self::default() }
    }

    /// How many entries were checked.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.entries
    }

    /// Checks the next entry.
    ///
    /// # Errors
    /// The flaw, if there is one.
    pub fn check(&mut self, recorded: &Recorded) -> Result<(), Flaw> {
        let flaw = |message: String| Flaw { position: recorded.position, message };
        let follows = if self.is_of_one_subject {
            recorded.position > self.position
        } else {
            recorded.position == self.position.next()
        };
        if !follows {
            return Err(flaw(format!("follows position {}", self.position)));
        }
        self.position = recorded.position;
        let subject = recorded.subject.clone().map_err(|unknown| flaw(unknown.to_string()))?;
        let (_, tail) = follow::<Event>(recorded, self.tails.get(&subject).copied())?;
        self.tails.insert(subject, tail);
        self.entries += 1;
        Ok(())
    }
}
