//! What keys are called.

use std::fmt;

/// The name of a key: not empty, without blanks of any script and without a plus; by custom an address without its scheme.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyName(String);

impl KeyName {
    /// The longest name in bytes. What is signed with ML-DSA-44 has room for as many.
    pub const LIMIT: usize = 255;

    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_allowed = |c: char| !c.is_whitespace() && !c.is_control() && c != '+';
        ((1..=Self::LIMIT).contains(&text.len()) && text.chars().all(is_allowed)).then(|| Self(text.to_owned()))
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
