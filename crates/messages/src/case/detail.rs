//! What a reader may be shown of an event: its body as the log has it, less what is personal.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::json;

/// The body of an event, field by field as the log has it, without what is personal and without the event's own
/// instant, which its reader knows as [`Event::at`](crate::CaseEvent::at).
#[derive(Debug, Default)]
pub struct Detail<'p>(Vec<(Key<'p>, &'p RawValue)>);

#[derive(Debug, Serialize, serde::Deserialize)]
#[serde(transparent)]
struct Key<'p>(#[serde(borrow)] Cow<'p, str>);

impl<'p> Detail<'p> {
    /// The details of all events of an entry, in order.
    ///
    /// # Errors
    /// When the payload is not the JSON of an entry.
    pub fn of_payload(payload: &'p [u8]) -> Result<Vec<Self>, serde_json::Error> {
        #[derive(serde::Deserialize)]
        struct Bodies<'p> {
            #[serde(borrow, default)]
            events: Vec<Named<'p>>,
        }
        let entry: Bodies<'p> = json::read(payload)?;
        Ok(entry.events.into_iter().map(|Named(body)| body).collect())
    }
}

/// An event: its body by its name.
struct Named<'p>(Detail<'p>);

impl<'de: 'p, 'p> Deserialize<'de> for Named<'p> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;

        impl<'de> Visitor<'de> for Name {
            type Value = Named<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an event by its name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut event: A) -> Result<Named<'de>, A::Error> {
                let named = event.next_entry::<IgnoredAny, Detail<'de>>()?;
                while event.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Named(named.map(|(_, body)| body).unwrap_or_default()))
            }
        }

        deserializer.deserialize_map(Name)
    }
}

impl Serialize for Detail<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

impl<'de: 'p, 'p> Deserialize<'de> for Detail<'p> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Body;

        impl<'de> Visitor<'de> for Body {
            type Value = Detail<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the body of an event")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut body: A) -> Result<Detail<'de>, A::Error> {
                let mut fields: Vec<(Key<'de>, &'de RawValue)> = Vec::new();
                while let Some(key) = body.next_key::<Key<'de>>()? {
                    if matches!(&*key.0, "personal" | "at") {
                        body.next_value::<IgnoredAny>()?;
                    } else {
                        fields.push((key, body.next_value()?));
                    }
                }
                // In the order in which PostgreSQL keeps the fields of a `jsonb`, which has nothing to sort then.
                fields.sort_unstable_by(|(Key(a), _), (Key(b), _)| (a.len(), a).cmp(&(b.len(), b)));
                Ok(Detail(fields))
            }
        }

        deserializer.deserialize_map(Body)
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
