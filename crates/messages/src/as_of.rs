//! Moments of the log: positions and times.

use std::fmt;
use std::str::FromStr;

use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::{Position, Timestamp, number, shorten};

/// A moment of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum AsOf {
    /// After the entry at this position.
    Position(Position),
    /// After the last entry whose moment is not later.
    Time(Timestamp),
}

/// Why a text is not a moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is neither a position such as 1234 nor a time such as 2026-11-22T09:14:03Z")]
pub struct InvalidAsOf {
    given: String,
}

impl FromStr for AsOf {
    type Err = InvalidAsOf;

    fn from_str(text: &str) -> Result<Self, InvalidAsOf> {
        if let Ok(position) = text.parse() {
            return Ok(Self::Position(Position(position)));
        }
        text.parse().map(Self::Time).map_err(|_| InvalidAsOf { given: shorten(text).into_owned() })
    }
}

impl<'de> Deserialize<'de> for AsOf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Moment;

        impl Visitor<'_> for Moment {
            type Value = AsOf;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a position such as 1234, or a time such as \"2026-11-22T09:14:03Z\"")
            }

            fn visit_u64<E: Error>(self, position: u64) -> Result<AsOf, E> {
                Ok(AsOf::Position(Position(position)))
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<AsOf, E> {
                let position = number::whole(number).and_then(|whole| u64::try_from(whole).ok());
                let position = position.ok_or_else(|| E::invalid_value(Unexpected::Float(number), &self))?;
                Ok(AsOf::Position(Position(position)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<AsOf, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_any(Moment)
    }
}
