//! What is wrong with a bundle.

use serde::Serialize;

/// What kind of thing is wrong; each has an exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Something is not what was sealed, or the file is damaged (10).
    Integrity,
    /// A signature is false, or the auditor's policy does not trust what is signed (11).
    Signature,
    /// Something is left out, or cannot be seen not to be (12).
    Incomplete,
    /// The rules would not have allowed it (13).
    Semantics,
}

impl Kind {
    /// Its exit code.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Integrity => 10,
            Self::Signature => 11,
            Self::Incomplete => 12,
            Self::Semantics => 13,
        }
    }
}

/// Something that is wrong with a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Of which kind it is.
    pub kind: Kind,
    /// At which position of the log, if at one.
    pub position: Option<u64>,
    /// What it is.
    pub message: String,
}

impl Finding {
    /// A finding, its message in one line.
    #[must_use]
    pub fn new(kind: Kind, position: Option<u64>, message: impl Into<String>) -> Self {
        Self { kind, position, message: in_line(message.into()) }
    }
}

/// So much of a message is told: what an entry says is written by whoever wrote it, at any length.
const CHARACTERS: usize = 500;

/// A message as one line, of a length that can be read.
fn in_line(message: String) -> String {
    if message.len() <= CHARACTERS && !message.contains(char::is_control) {
        return message;
    }
    let mut characters = message.chars();
    let mut line: String = characters
        .by_ref()
        .take(CHARACTERS)
        .map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c })
        .collect();
    if characters.next().is_some() {
        line.push('…');
    }
    line
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.position {
            Some(position) => write!(f, "position {position}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// All that is wrong with a bundle.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Findings {
    /// The first of them.
    pub first: Vec<Finding>,
    /// How many there are.
    pub count: u64,
    #[serde(skip)]
    worst: Option<Kind>,
}

impl Findings {
    /// So many are told one by one.
    const TOLD: usize = 100;

    /// Adds one.
    pub fn add(&mut self, finding: Finding) {
        self.count += 1;
        self.worst = Some(self.worst.map_or(finding.kind, |worst| worst.min(finding.kind)));
        if self.first.len() < Self::TOLD {
            self.first.push(finding);
        }
    }

    /// The gravest kind among them; nothing if all holds.
    #[must_use]
    pub fn worst(&self) -> Option<Kind> {
        self.worst
    }
}
