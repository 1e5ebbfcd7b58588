//! Instants, in whole milliseconds.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, Timelike, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::shorten;

/// An instant in UTC with a resolution of one millisecond, written as RFC 3339.
///
/// Invariant: between 1970-01-01 and 9999-12-31, so that every instant can be written and calculated with.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(i64);

/// Why a text is not an instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is not a time: write it as RFC 3339 says, between 1970 and 9999, such as 2026-11-22T09:14:03Z")]
pub struct InvalidTimestamp {
    given: String,
}

impl Timestamp {
    /// The first instant there is, 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);
    const LAST: i64 = 253_402_300_799_999;

    /// The instant so many milliseconds after 1970, held within what can be written.
    #[must_use]
    pub fn from_millis(millis: i64) -> Self {
        Self(millis.clamp(0, Self::LAST))
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn as_millis(self) -> i64 {
        self.0
    }

    /// So many milliseconds later, or earlier when negative.
    #[must_use]
    pub fn plus_millis(self, millis: i64) -> Self {
        Self::from_millis(self.0.saturating_add(millis))
    }

    /// Milliseconds from `earlier` to this instant; negative when it is later.
    #[must_use]
    pub fn millis_since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }

    /// The instant as it is written; on the stack, since an entry has many of them.
    fn written(self) -> [u8; 24] {
        let instant = self.to_chrono();
        let mut text = *b"YYYY-MM-DDThh:mm:ss.mmmZ";
        let fields = [
            (0..4, instant.year().unsigned_abs()),
            (5..7, instant.month()),
            (8..10, instant.day()),
            (11..13, instant.hour()),
            (14..16, instant.minute()),
            (17..19, instant.second()),
            (20..23, instant.timestamp_subsec_millis()),
        ];
        for (places, mut number) in fields {
            for digit in text.get_mut(places).into_iter().flatten().rev() {
                *digit = b'0' + (number % 10) as u8;
                number /= 10;
            }
        }
        text
    }

    /// The instant as chrono has it.
    #[must_use]
    pub fn to_chrono(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or(DateTime::UNIX_EPOCH)
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(instant: DateTime<Utc>) -> Self {
        Self::from_millis(instant.timestamp_millis())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.written()).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    fn from_str(text: &str) -> Result<Self, InvalidTimestamp> {
        let invalid = || InvalidTimestamp { given: shorten(text).into_owned() };
        let millis = DateTime::parse_from_rfc3339(text).map_err(|_| invalid())?.timestamp_millis();
        (0..=Self::LAST).contains(&millis).then_some(Self(millis)).ok_or_else(invalid)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.written();
        serializer.serialize_str(std::str::from_utf8(&text).map_err(serde::ser::Error::custom)?)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Rfc3339;

        impl serde::de::Visitor<'_> for Rfc3339 {
            type Value = Timestamp;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an RFC 3339 time such as 2026-11-22T09:14:03Z")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Timestamp, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_str(Rfc3339)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_written_in_utc_with_milliseconds() {
        let instant: Timestamp = "2026-11-22T10:14:03.12+01:00".parse().unwrap();
        assert_eq!(instant.to_string(), "2026-11-22T09:14:03.120Z");
        assert_eq!(Timestamp::EPOCH.to_string(), "1970-01-01T00:00:00.000Z");
        assert_eq!(Timestamp(Timestamp::LAST).to_string(), "9999-12-31T23:59:59.999Z");
    }

    #[test]
    fn an_instant_outside_the_calendar_is_refused() {
        assert!("1969-12-31T23:59:59Z".parse::<Timestamp>().is_err());
        assert!("yesterday".parse::<Timestamp>().is_err());
    }
}
