//! Values in one form, whatever they were written in.

use chrono::DateTime;
use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Text,
    Time,
    Json,
    Texts,
    Jsons,
    Times,
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cell {
    Null,
    Number(i64),
    Text(String),
    /// Microseconds since 1970.
    Time(i64),
    /// A document with its names in order, and each number in one form.
    Json(String),
    List(Vec<Cell>),
}

/// A row: the position of its entry, and its columns in the order of the relation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Row {
    pub position: u64,
    pub cells: Vec<Cell>,
}

impl Cell {
    pub(super) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    pub(super) fn json(value: Value) -> Self {
        if value.is_null() { Self::Null } else { Self::Json(plain(value).to_string()) }
    }

    /// A value of JSON that is of a kind.
    pub(super) fn of_json(kind: Kind, value: Value) -> Option<Self> {
        if value.is_null() {
            return Some(Self::Null);
        }
        Some(match kind {
            Kind::Number => Self::Number(value.as_i64()?),
            Kind::Text => Self::text(value.as_str()?),
            Kind::Time => Self::Time(micros(value.as_str()?)?),
            Kind::Json => Self::json(value),
            Kind::Texts => Self::list(Kind::Text, value)?,
            Kind::Jsons => Self::list(Kind::Json, value)?,
            Kind::Times => Self::list(Kind::Time, value)?,
        })
    }

    fn list(kind: Kind, value: Value) -> Option<Self> {
        let Value::Array(values) = value else { return None };
        values.into_iter().map(|value| Self::of_json(kind, value)).collect::<Option<_>>().map(Self::List)
    }

    /// A text that is of a kind.
    pub(super) fn of_text(kind: Kind, text: &str) -> Option<Self> {
        Some(match kind {
            Kind::Number => Self::Number(text.parse().ok()?),
            Kind::Text => Self::text(text),
            Kind::Time => Self::Time(micros(text)?),
            Kind::Json => Self::json(document(text)?),
            Kind::Texts | Kind::Jsons | Kind::Times => Self::of_json(kind, document(text)?)?,
        })
    }
}

/// A document of JSON in which no name stands twice: readers differ in which of them they take.
pub(super) fn document(text: &str) -> Option<Value> {
    serde_json::from_str::<Strict>(text).ok().map(|Strict(value)| value)
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reading).map(Self)
    }
}

struct Reading;

impl<'de> Visitor<'de> for Reading {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON in which no name stands twice")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(Strict(value)) = values.next_element()? {
            all.push(value);
        }
        Ok(Value::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut all = serde_json::Map::new();
        while let Some((name, Strict(value))) = fields.next_entry::<String, Strict>()? {
            if all.insert(name, value).is_some() {
                return Err(A::Error::custom("a name stands twice"));
            }
        }
        Ok(Value::Object(all))
    }
}

/// A moment as the server writes it, in microseconds since 1970.
fn micros(text: &str) -> Option<i64> {
    let text = text.replacen(' ', "T", 1);
    DateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M:%S%.f%#z").ok().map(|moment| moment.timestamp_micros())
}

/// A document whose numbers are the same whenever they have the same value: 1 and 1.0 are.
fn plain(value: Value) -> Value {
    /// Below this, whole doubles are whole numbers of 64 bits.
    const WHOLE: f64 = 9_223_372_036_854_775_807.0;
    match value {
        Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            Some(double) if double.fract() == 0.0 && double.abs() < WHOLE =>
            {
                #[expect(clippy::cast_possible_truncation, reason = "it is a whole number that fits")]
                Value::from(double as i64)
            }
            Some(_) | None => Value::Number(number),
        },
        Value::Array(values) => values.into_iter().map(plain).collect(),
        Value::Object(values) => values.into_iter().map(|(name, value)| (name, plain(value))).collect(),
        Value::Null | Value::Bool(_) | Value::String(_) => value,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_is_the_same_in_whatever_it_was_written() {
        let moment = Cell::Time(1_796_064_459_592_000);
        for text in ["2026-11-30 18:47:39.592+00", "2026-11-30T18:47:39.592+00:00", "2026-11-30T18:47:39.592000+00:00"]
        {
            assert_eq!(Cell::of_text(Kind::Time, text), Some(moment.clone()), "{text}");
            assert_eq!(Cell::of_json(Kind::Time, json!(text)), Some(moment.clone()), "{text}");
        }
        let document = Cell::of_json(Kind::Json, json!({"b": 1, "a": [2.5, 1e20]}));
        assert_eq!(Cell::of_text(Kind::Json, r#"{"a": [2.50, 100000000000000000000], "b": 1.0}"#), document);
        assert_eq!(Cell::of_json(Kind::Jsons, json!([{"a": 1}])), Cell::of_text(Kind::Jsons, r#"[{"a": 1}]"#));
        assert_eq!(Cell::of_text(Kind::Json, r#"{"a": {"b": 1, "b": 2}}"#), None, "a name stands twice");
        assert_eq!(Cell::of_text(Kind::Json, "1e16"), Cell::of_text(Kind::Json, "10000000000000000"));
        let [one, other] = ["9007199254740993", "9007199254740992"].map(|text| Cell::of_text(Kind::Json, text));
        assert_ne!(one, other, "whole numbers are compared as such");
        assert_eq!(Cell::of_text(Kind::Number, "7"), Some(Cell::Number(7)));
        assert_eq!(Cell::of_text(Kind::Number, "seven"), None);
        assert_eq!(Cell::of_text(Kind::Texts, r#"["a", null]"#), Some(Cell::List(vec![Cell::text("a"), Cell::Null])));
    }
}
