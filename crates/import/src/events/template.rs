//! A value of a mapping: a text with columns in it, or a column's value by a list of words.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use serde_json::Value;

use super::table::Line;

/// How a value is made of a line.
#[derive(Debug, Clone)]
pub(super) enum Template {
    /// A text, such as `Customer {customer}`.
    Text(Vec<Part>),
    /// What the words say of a column's value.
    Words(Words),
    /// A column's value as a number.
    Number(String),
    /// Always the same, and no text.
    Constant(Value),
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Part {
    Plain(String),
    Column(String),
}

/// What a column's values are called in Docket.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    column: String,
    words: BTreeMap<String, String>,
    /// What every other value is called; without it, one that is not listed is an error of its line.
    default: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Number {
    number: String,
}

/// As TOML has it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    Words(Words),
    Number(Number),
    Integer(i64),
    Boolean(bool),
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected = "a text such as \"Team {group}\", a number, true or false, { column = \"…\", words = { … } }, or \
            { number = \"column\" }";
        let written =
            Written::deserialize(deserializer).map_err(|_| D::Error::custom(format!("expected {expected}")))?;
        Ok(match written {
            Written::Text(text) => Self::Text(parts(&text).map_err(D::Error::custom)?),
            Written::Words(words) => Self::Words(words),
            Written::Number(Number { number }) => Self::Number(number),
            Written::Integer(number) => Self::Constant(number.into()),
            Written::Boolean(is_so) => Self::Constant(is_so.into()),
        })
    }
}

/// The parts of a text; `{{` and `}}` are braces.
fn parts(text: &str) -> Result<Vec<Part>, String> {
    let (mut parts, mut plain, mut rest) = (Vec::new(), String::new(), text);
    while let Some(at) = rest.find(['{', '}']) {
        let (before, after) = rest.split_at(at);
        plain.push_str(before);
        if let Some(after) = after.strip_prefix("{{").or_else(|| after.strip_prefix("}}")) {
            plain.push_str(after_brace(rest, at));
            rest = after;
            continue;
        }
        let column = after.strip_prefix('{').and_then(|after| after.split_once('}'));
        let Some((column, after)) = column else {
            return Err(format!("`{text}`: a column is written as {{column}}, and a brace as {{{{ or }}}}"));
        };
        if !plain.is_empty() {
            parts.push(Part::Plain(std::mem::take(&mut plain)));
        }
        parts.push(Part::Column(column.to_owned()));
        rest = after;
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        parts.push(Part::Plain(plain));
    }
    Ok(parts)
}

/// The brace at a place.
fn after_brace(text: &str, at: usize) -> &str {
    text.get(at..=at).unwrap_or_default()
}

impl Template {
    /// The columns that it reads.
    pub(super) fn columns(&self) -> Vec<&str> {
        match self {
            Self::Text(parts) => parts.iter().filter_map(Part::column).collect(),
            Self::Words(words) => vec![&words.column],
            Self::Number(column) => vec![column],
            Self::Constant(_) => Vec::new(),
        }
    }

    /// Its value in a line; none if a column of it has none there.
    ///
    /// # Errors
    /// That a value is not among the words, or no number.
    pub(super) fn value(&self, line: &Line) -> Result<Option<Value>, String> {
        match self {
            Self::Text(parts) => {
                let texts: Option<Vec<&str>> = parts.iter().map(|part| part.text(line)).collect();
                Ok(texts.map(|texts| Value::String(texts.concat())))
            }
            Self::Words(Words { column, words, default }) => {
                let Some(value) = line.get(column) else { return Ok(None) };
                let word = words.get(value).or(default.as_ref());
                let word =
                    word.ok_or_else(|| format!("`{value}` of `{column}` is not among the words of the mapping"))?;
                Ok(Some(Value::String(word.clone())))
            }
            Self::Number(column) => {
                let Some(value) = line.get(column) else { return Ok(None) };
                let number: serde_json::Number =
                    value.parse().map_err(|_| format!("`{value}` of `{column}` is no number"))?;
                Ok(Some(Value::Number(number)))
            }
            Self::Constant(value) => Ok(Some(value.clone())),
        }
    }
}

impl Part {
    fn column(&self) -> Option<&str> {
        match self {
            Self::Plain(_) => None,
            Self::Column(column) => Some(column),
        }
    }

    fn text<'l>(&'l self, line: &'l Line) -> Option<&'l str> {
        match self {
            Self::Plain(text) => Some(text),
            Self::Column(column) => line.get(column),
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(text) => f.write_str(text),
            Self::Column(column) => write!(f, "{{{column}}}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_columns_and_braces() {
        let told =
            |text: &str| parts(text).map(|parts| parts.iter().map(|part| format!("{part:?}")).collect::<Vec<_>>());
        assert_eq!(told("Team {a b}: {c}").unwrap().len(), 4);
        assert_eq!(parts("a {{b}} c").unwrap(), [Part::Plain("a {b} c".to_owned())]);
        for wrong in ["{a", "a}", "{a}}", "{{a}"] {
            assert!(parts(wrong).unwrap_err().contains("a column is written as {column}"), "{wrong}");
        }
        assert_eq!(parts("{a}").unwrap()[0].to_string(), "{a}");
    }
}
