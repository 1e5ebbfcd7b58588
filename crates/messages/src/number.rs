//! Numbers as JSON has them: a toolchain may write a whole number as `17` or as `17.0`.

use std::fmt;

use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};

/// The largest whole number that every JSON toolchain keeps exactly: 2^53.
pub(crate) const EXACT: u64 = 1 << 53;

/// The whole number that a float is, if it is one and is exact.
pub(crate) fn whole(number: f64) -> Option<i64> {
    #[expect(clippy::cast_precision_loss, reason = "2^53 is exact")]
    let is_exact = number.fract() == 0.0 && number.abs() <= EXACT as f64;
    #[expect(clippy::cast_possible_truncation, reason = "whole, and within 2^53")]
    is_exact.then_some(number as i64)
}

/// A small whole number, such as a score.
struct Small(u32);

impl<'de> Deserialize<'de> for Small {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Whole;

        impl Visitor<'_> for Whole {
            type Value = Small;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a whole number from 0 to {}", u32::MAX)
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Small, E> {
                let small = u32::try_from(number).map(Small);
                small.map_err(|_| E::invalid_value(Unexpected::Unsigned(number), &self))
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Small, E> {
                let small = whole(number).and_then(|whole| u32::try_from(whole).ok()).map(Small);
                small.ok_or_else(|| E::invalid_value(Unexpected::Float(number), &self))
            }
        }

        deserializer.deserialize_u32(Whole)
    }
}

pub(crate) fn small<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    Small::deserialize(deserializer).map(|small| small.0)
}

pub(crate) fn small_maybe<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    Ok(Option::<Small>::deserialize(deserializer)?.map(|small| small.0))
}

#[cfg(test)]
mod tests {
    use crate::{CaseCommand, Verb};

    #[test]
    fn a_whole_number_may_be_written_as_a_float_and_no_other_may() {
        let read = |seconds: &str| {
            let body = format!(r#"{{"caseId":"0199a7a0-5c3e-7d41-9a52-3b6f0c8e1d01","seconds":{seconds}}}"#);
            CaseCommand::read(Verb::LogEffort, body.as_bytes())
        };
        assert_eq!(read("60"), read("60.0"));
        assert!(read("60").is_ok());
        for number in ["60.5", "-1", "-1.0", "4294967296", "4294967296.0", "\"60\"", "true"] {
            let rejection = read(number).unwrap_err();
            assert_eq!(rejection.path.as_deref(), Some("seconds"), "{number}: {rejection}");
        }
    }
}
