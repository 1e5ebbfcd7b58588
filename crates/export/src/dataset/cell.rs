//! Values in one form, whatever they were written in.

use chrono::DateTime;
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
    /// Null, or an empty text, which CSV hardly tells apart.
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
        if text.is_empty() { Self::Null } else { Self::Text(text.to_owned()) }
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
            // In a list of documents each is one, or its text.
            Kind::Json => match value {
                Value::String(text) => Self::json(serde_json::from_str(&text).ok()?),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                    Self::json(value)
                }
            },
            Kind::Texts => Self::list(Kind::Text, value)?,
            Kind::Jsons => Self::list(Kind::Json, value)?,
            Kind::Times => Self::list(Kind::Time, value)?,
        })
    }

    fn list(kind: Kind, value: Value) -> Option<Self> {
        let Value::Array(values) = value else { return None };
        values.into_iter().map(|value| Self::of_json(kind, value)).collect::<Option<_>>().map(Self::List)
    }

    /// A value of a file of text that is of a kind.
    pub(super) fn of_text(kind: Kind, text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(Self::Null);
        }
        Some(match kind {
            Kind::Number => Self::Number(text.parse().ok()?),
            Kind::Text => Self::text(text),
            Kind::Time => Self::Time(micros(text)?),
            Kind::Json => Self::json(serde_json::from_str(text).ok()?),
            Kind::Texts | Kind::Jsons | Kind::Times => Self::of_json(kind, serde_json::from_str(text).ok()?)?,
        })
    }
}

/// A moment as the server writes it, in microseconds since 1970.
fn micros(text: &str) -> Option<i64> {
    let text = text.replacen(' ', "T", 1);
    DateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M:%S%.f%#z").ok().map(|moment| moment.timestamp_micros())
}

/// A document whose numbers are the same whenever they have the same value: 1 and 1.0 are.
fn plain(value: Value) -> Value {
    /// Below this, doubles tell whole numbers apart.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::Number(number) => {
            let double = number.as_f64().unwrap_or(f64::NAN);
            if number.is_f64() && double.fract() == 0.0 && double.abs() < EXACT {
                #[expect(clippy::cast_possible_truncation, reason = "it is a whole number that fits")]
                return Value::from(double as i64);
            }
            if double.abs() < EXACT { Value::Number(number) } else { Value::from(double) }
        }
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
        assert_eq!(Cell::of_json(Kind::Jsons, json!(["{\"a\":1}"])), Cell::of_text(Kind::Jsons, r#"[{"a": 1}]"#));
        assert_eq!(Cell::of_text(Kind::Number, "7"), Some(Cell::Number(7)));
        assert_eq!(Cell::of_text(Kind::Number, "seven"), None);
        assert_eq!(Cell::of_text(Kind::Texts, r#"["a", null]"#), Some(Cell::List(vec![Cell::text("a"), Cell::Null])));
    }
}
