//! The three ways to count: in the log, in a case, in the policy.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

macro_rules! counter {
    ($(#[$doc:meta])* $name:ident, $inner:ty) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize)]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl $name {
            /// The number itself.
            #[must_use]
            pub fn get(self) -> $inner {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    };
}

counter!(
    /// A place in the whole log: the stream sequence of the entry there. The first entry has position 1.
    Position, u64
);
counter!(
    /// The number of events of one case, so the version of its last event. The first event has version 1.
    #[derive(Deserialize)]
    Version, u32
);
counter!(
    /// The version of the policy. The first published policy has version 1.
    #[derive(Deserialize)]
    PolicyVersion, u32
);

impl Position {
    /// The place after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The place before this one.
    #[must_use]
    pub fn previous(self) -> Self {
        Self(self.0.saturating_sub(1))
    }
}

/// proto3 JSON writes a `uint64` as a string; Docket writes a number. Both are read.
impl<'de> Deserialize<'de> for Position {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Wire {
            Number(u64),
            Text(String),
        }
        match Wire::deserialize(deserializer)? {
            Wire::Number(number) => Ok(Self(number)),
            Wire::Text(text) => text.parse().map(Self).map_err(serde::de::Error::custom),
        }
    }
}
