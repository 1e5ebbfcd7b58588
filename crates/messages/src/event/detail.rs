//! What a reader may be shown of an event: its body as the log has it, less what is personal.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The body of an event, field by field as the log has it, without what is personal and without the event's own
/// instant, which its reader knows as [`Event::at`](crate::Event::at).
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Detail<'p>(Fields<'p>);

type Fields<'p> = BTreeMap<Key<'p>, &'p RawValue>;

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
struct Key<'p>(#[serde(borrow)] Cow<'p, str>);

#[derive(Deserialize)]
struct Bodies<'p> {
    #[serde(borrow, default)]
    events: Vec<BTreeMap<Key<'p>, Fields<'p>>>,
}

impl<'p> Detail<'p> {
    /// The details of all events of an entry, in order.
    ///
    /// # Errors
    /// When the payload is not the JSON of an entry.
    pub fn of_payload(payload: &'p [u8]) -> Result<Vec<Self>, serde_json::Error> {
        let entry: Bodies<'p> = serde_json::from_slice(payload)?;
        Ok(entry.events.into_iter().map(|named| Self::of(named.into_values().next().unwrap_or_default())).collect())
    }

    fn of(mut body: Fields<'p>) -> Self {
        body.retain(|key, _| !matches!(&*key.0, "personal" | "at"));
        Self(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_personal_is_left_out_and_the_rest_is_as_the_log_has_it() {
        let payload = br#"{"v":1,"events":[{"noted":{"personal":{"plain":{"text":"Call Ada."}}}},
            {"clockMet":{"at":"2026-11-22T09:14:03.000Z","new\u0065r":{"a":[1, 2]},"clock":"resolution"}}]}"#;
        let details = Detail::of_payload(payload).unwrap();
        let details: Vec<String> = details.iter().map(|detail| serde_json::to_string(detail).unwrap()).collect();
        assert_eq!(details, ["{}", r#"{"clock":"resolution","newer":{"a":[1, 2]}}"#]);
    }
}
