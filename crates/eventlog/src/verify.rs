//! Chains and gapless versions, checked entry by entry.

use std::collections::HashMap;
use std::fmt;

use docket_messages::{AnyEntry, Digest, Position, Version};

use crate::Recorded;

/// Checks a whole log from its first entry: positions without a gap, every entry readable and on its own
/// subject, every subject's chain of hashes unbroken, every subject's versions without a gap.
#[derive(Debug, Default)]
pub struct Verifier {
    position: Position,
    /// Only entries of one subject are checked, so there are positions between them.
    is_of_one_subject: bool,
    heads: HashMap<String, (Digest, Version)>,
    entries: u64,
}

/// Something that a log must not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// Where.
    pub position: Position,
    /// What.
    pub message: String,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "position {}: {}", self.position, self.message)
    }
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
        let entry = AnyEntry::decode(&recorded.payload).map_err(|error| flaw(error.to_string()))?;
        let subject = format!("{}.{}", entry.kind.as_str(), entry.of);
        if subject != recorded.subject {
            return Err(flaw(format!("an entry of {subject} on the subject {}", recorded.subject)));
        }
        let head = self.heads.get(&subject);
        if entry.prev.as_ref() != head.map(|(digest, _)| digest) {
            return Err(flaw(format!("the chain of {subject} is broken")));
        }
        let events = u32::try_from(entry.events.len()).unwrap_or(u32::MAX);
        let before = head.map_or(Version(0), |(_, version)| *version);
        if entry.version.get() != before.get().saturating_add(events) {
            return Err(flaw(format!("{subject} goes from version {before} to {} by {events} events", entry.version)));
        }
        self.heads.insert(subject, (Digest::of(&[&recorded.payload]), entry.version));
        self.entries += 1;
        Ok(())
    }
}
