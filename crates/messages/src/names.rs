//! Fixed vocabularies beside [`Status`](crate::Status): clocks and surveys.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::shorten;

/// One of a fixed list, from a text only: serde would take an object with the name as its key, too.
pub(crate) fn word<T: Copy, const N: usize>(all: [T; N], name: fn(T) -> &'static str, text: &str) -> Result<T, String> {
    all.into_iter()
        .find(|one| name(*one) == text)
        .ok_or_else(|| format!("unknown variant `{}`, expected one of `{}`", shorten(text), all.map(name).join("`, `")))
}

/// A service-level clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockName {
    /// From intake to the first public response by a human.
    FirstResponse,
    /// From the oldest message of the customer that nobody answered to the next public response by a human.
    NextResponse,
    /// From a public response to the next.
    Update,
    /// From intake to resolved.
    Resolution,
    /// From a queue to an agent.
    Ownership,
}

impl ClockName {
    /// Every clock.
    pub const ALL: [Self; 5] =
        [Self::FirstResponse, Self::NextResponse, Self::Update, Self::Resolution, Self::Ownership];

    /// The name on the wire and in SQL.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FirstResponse => "first_response",
            Self::NextResponse => "next_response",
            Self::Update => "update",
            Self::Resolution => "resolution",
            Self::Ownership => "ownership",
        }
    }
}

impl fmt::Display for ClockName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A kind of survey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", try_from = "String")]
pub enum Survey {
    /// Customer satisfaction, 1 to 5.
    Csat,
    /// Customer effort score, 1 to 7.
    Ces,
    /// Net promoter score, 0 to 10.
    Nps,
}

impl TryFrom<String> for Survey {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        word(Self::ALL, Self::as_str, &text)
    }
}

impl Survey {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Csat, Self::Ces, Self::Nps];

    /// The lowest and the highest score.
    #[must_use]
    pub fn scale(self) -> (u32, u32) {
        match self {
            Self::Csat => (1, 5),
            Self::Ces => (1, 7),
            Self::Nps => (0, 10),
        }
    }

    /// The name on the wire and in SQL.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csat => "csat",
            Self::Ces => "ces",
            Self::Nps => "nps",
        }
    }
}

impl fmt::Display for Survey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
