//! A message in its canonical form, which is the same however its sender wrote it: the JSON Canonicalization Scheme
//! (RFC 8785). Members stand in the order of their names, nothing is between them, and a number has one form.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

/// Writes a message in its canonical form.
pub(crate) fn canonical(message: &impl Serialize) -> Result<Vec<u8>, serde_json::Error> {
    let json = serde_json::to_string(message)?;
    let mut out = Vec::with_capacity(json.len());
    write(&json, &mut out)?;
    Ok(out)
}

fn write(json: &str, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
    match json.as_bytes().first() {
        Some(b'{') => {
            let mut members = serde_json::from_str::<Members<'_>>(json)?.0;
            members.sort_unstable_by(|(one, _), (other, _)| by_code_units(&one.0, &other.0));
            out.push(b'{');
            for (index, (name, value)) in members.iter().enumerate() {
                separate(index, out);
                serde_json::to_writer(&mut *out, &name.0)?;
                out.push(b':');
                write(value.get(), out)?;
            }
            out.push(b'}');
        }
        Some(b'[') => {
            out.push(b'[');
            for (index, item) in serde_json::from_str::<Vec<&RawValue>>(json)?.iter().enumerate() {
                separate(index, out);
                write(item.get(), out)?;
            }
            out.push(b']');
        }
        Some(b'-' | b'0'..=b'9') if json.contains(['.', 'e', 'E']) => {
            let number: f64 = serde_json::from_str(json)?;
            out.extend(ryu_js::Buffer::new().format(number).as_bytes());
        }
        // Texts, whole numbers, true, false and null have one form, and serde_json writes it.
        _ => out.extend(json.as_bytes()),
    }
    Ok(())
}

/// The order of names by their code units of UTF-16. Nearly all are ASCII, where that is the order of their bytes.
fn by_code_units(one: &str, other: &str) -> Ordering {
    if one.is_ascii() && other.is_ascii() { one.cmp(other) } else { one.encode_utf16().cmp(other.encode_utf16()) }
}

fn separate(index: usize, out: &mut Vec<u8>) {
    if index > 0 {
        out.push(b',');
    }
}

/// A name, copied only if it is escaped.
#[derive(Deserialize)]
struct Member<'a>(#[serde(borrow)] Cow<'a, str>);

/// The members of an object, in the order in which they came.
struct Members<'a>(Vec<(Member<'a>, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::with_capacity(16);
                while let Some(member) = object.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Object)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::canonical;
    use crate::{CaseCommand, Verb};

    fn of(message: &impl serde::Serialize) -> String {
        String::from_utf8(canonical(message).unwrap()).unwrap()
    }

    #[test]
    fn numbers_and_texts_are_written_as_the_rfc_has_them() {
        // The example of RFC 8785, section 3.2.2.
        let numbers =
            json!({ "numbers": [333_333_333.333_333_3, 1E30, 4.50, 2e-3, 0.000_000_000_000_000_000_000_000_001] });
        assert_eq!(of(&numbers), r#"{"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27]}"#);
        let text = json!({ "string": "\u{20ac}$\u{000F}\u{000a}A'\u{0042}\u{0022}\u{005c}\\\"/" });
        assert_eq!(of(&text), r#"{"string":"€$\u000f\nA'B\"\\\\\"/"}"#);
    }

    #[test]
    fn members_stand_in_the_order_of_their_names() {
        // The example of RFC 8785, section 3.2.3: by code units of UTF-16.
        let members =
            json!({ "\u{20ac}": 1, "\r": 2, "\u{fb33}": 3, "1": 4, "\u{1f600}": 5, "\u{80}": 6, "\u{f6}": 7 });
        assert_eq!(
            of(&members),
            "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"\u{f6}\":7,\"\u{20ac}\":1,\"\u{1f600}\":5,\"\u{fb33}\":3}"
        );
        assert_eq!(of(&json!({ "b": [{ "d": 1, "c": null }], "a": {} })), r#"{"a":{},"b":[{"c":null,"d":1}]}"#);
    }

    #[test]
    fn one_command_written_in_two_ways_has_one_canonical_form() {
        let read = |body: &str| of(&CaseCommand::read(Verb::Classify, body.as_bytes()).unwrap());
        let one = read(
            r#"{"caseId":"0199a7a0-5c3e-7d41-9a52-3b6f0c8e1d01","type":"refund","fields":{"amount":1,"ratio":0.1}}"#,
        );
        let other = read(
            r#"{ "fields": { "ratio": 1.0e-1, "amount": 1.0 }, "category": null, "type": "\u0072efund",
                 "caseId": "0199A7A0-5C3E-7D41-9A52-3B6F0C8E1D01" }"#,
        );
        assert_eq!(one, other);
        let expected =
            r#"{"caseId":"0199a7a0-5c3e-7d41-9a52-3b6f0c8e1d01","fields":{"amount":1,"ratio":0.1},"type":"refund"}"#;
        assert_eq!(one, expected);
    }
}
