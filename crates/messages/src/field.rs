//! Custom fields, whose names and types the policy defines.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Number;

use crate::{Name, number, text};

/// The value of a custom field: what a `google.protobuf.Value` can hold without nesting.
#[derive(Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum FieldValue {
    /// Text, at most 2,000 characters.
    Text(String),
    /// A finite number.
    Number(Number),
    /// Yes or no.
    Flag(bool),
}

pub(crate) const TOO_LARGE: &str = "a whole number beyond 2^53 would lose digits on its way; send it as text";

/// Values by the names of their fields.
pub type Fields = BTreeMap<Name, FieldValue>;

/// Values of which each is said once. Of one that is said twice nobody knows which is meant.
pub(crate) fn distinct<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Fields, D::Error> {
    struct Distinct;

    impl<'de> Visitor<'de> for Distinct {
        type Value = Fields;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("custom fields by their names")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
            let mut fields = Fields::new();
            while let Some((name, value)) = map.next_entry::<Name, FieldValue>()? {
                if fields.contains_key(&name) {
                    return Err(A::Error::custom(format!("the field `{name}` is there twice; send it once")));
                }
                fields.insert(name, value);
            }
            Ok(fields)
        }
    }

    deserializer.deserialize_map(Distinct)
}

impl FieldValue {
    /// The most characters that a text value may have.
    pub const LIMIT: usize = 2_000;

    /// The kind of value, as an error would say it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Number(_) => "a number",
            Self::Flag(_) => "true or false",
        }
    }
}

impl FieldValue {
    /// Whether it is a whole number that was written so that nobody knows which one was meant.
    pub(crate) fn is_rounded(&self) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "2^53 is exact")]
        let is_large = |number: f64| number.fract() == 0.0 && number.abs() >= number::EXACT as f64;
        matches!(self, Self::Number(number) if number.is_f64() && number.as_f64().is_some_and(is_large))
    }

    /// The value as a text. It may be personal, which is why there is no `Display`.
    #[must_use]
    pub fn to_text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Flag(flag) => flag.to_string(),
        }
    }
}

impl<'de> Deserialize<'de> for FieldValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Scalar;

        impl Visitor<'_> for Scalar {
            type Value = FieldValue;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, a number, true or false")
            }

            fn visit_str<E: Error>(self, value: &str) -> Result<FieldValue, E> {
                text::check(value, FieldValue::LIMIT).map_err(E::custom)?;
                Ok(FieldValue::Text(value.to_owned()))
            }

            fn visit_bool<E: Error>(self, flag: bool) -> Result<FieldValue, E> {
                Ok(FieldValue::Flag(flag))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<FieldValue, E> {
                i64::try_from(number).map_err(|_| E::custom(TOO_LARGE)).and_then(|number| self.visit_i64(number))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<FieldValue, E> {
                if number.unsigned_abs() > number::EXACT {
                    return Err(E::custom(TOO_LARGE));
                }
                Ok(FieldValue::Number(number.into()))
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<FieldValue, E> {
                // A toolchain may write 17 as 17.0; both are one value.
                // From 2^53 on, nobody knows which one was meant.
                let whole = number::whole(number).filter(|whole| whole.unsigned_abs() < number::EXACT);
                if let Some(whole) = whole {
                    return Ok(FieldValue::Number(whole.into()));
                }
                Number::from_f64(number).map(FieldValue::Number).ok_or_else(|| E::custom("not a finite number"))
            }
        }

        deserializer.deserialize_any(Scalar)
    }
}

/// The value may be personal: it is not shown where a value happens to be printed.
impl fmt::Debug for FieldValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}>", self.kind())
    }
}
