//! Whether what a command says can be meant: a text of nothing but characters that show nothing is empty, a number that
//! was rounded on its way is another one, and a pseudonym with a blank at its end is somebody else's.
//!
//! This is asked of commands only. What the log holds was taken in once, by the rules of then, and stays readable.

use super::BodyField;
use crate::{
    AgentId, CaseEvent, CaseId, CustomerId, FieldValue, Fields, Line, Name, Presence, Rejection, RejectionCode,
    Relation, Survey, Text, Timestamp, Version, field, text,
};

const UNSEEN: &str = "the text is empty: nothing in it shows";
const BLANK_ENDS: &str = "the name begins or ends with a blank; leave it out";

/// Refuses a field that cannot be meant.
pub(crate) fn require(field: Option<&BodyField>, said: &impl Said) -> Result<(), Rejection> {
    let Some((place, message)) = said.unfit() else { return Ok(()) };
    let name = field.map_or_else(String::new, BodyField::name);
    Err(Rejection::new(RejectionCode::BadRequest, message).at(format!("{name}{place}")))
}

/// A field of a command.
pub(crate) trait Said {
    /// What is wrong with it, and the place within it; the empty place is the field itself.
    fn unfit(&self) -> Option<(String, &'static str)> {
        None
    }
}

fn unseen(text: &str) -> Option<(String, &'static str)> {
    (!text::is_visible(text)).then_some((String::new(), UNSEEN))
}

fn blank_ends(name: &str) -> Option<(String, &'static str)> {
    (name.trim() != name).then_some((String::new(), BLANK_ENDS))
}

impl Said for Line {
    fn unfit(&self) -> Option<(String, &'static str)> {
        unseen(self.as_str())
    }
}

impl Said for Text {
    fn unfit(&self) -> Option<(String, &'static str)> {
        unseen(self.as_str())
    }
}

impl Said for AgentId {
    fn unfit(&self) -> Option<(String, &'static str)> {
        blank_ends(self.as_str())
    }
}

impl Said for CustomerId {
    fn unfit(&self) -> Option<(String, &'static str)> {
        blank_ends(self.as_str())
    }
}

impl Said for Fields {
    fn unfit(&self) -> Option<(String, &'static str)> {
        self.iter().find_map(|(name, value)| {
            let message = match value {
                FieldValue::Text(text) => unseen(text)?.1,
                FieldValue::Number(_) => value.is_rounded().then_some(field::TOO_LARGE)?,
                FieldValue::Flag(_) => return None,
            };
            Some((format!(".{name}"), message))
        })
    }
}

impl<T: Said> Said for Option<T> {
    fn unfit(&self) -> Option<(String, &'static str)> {
        self.as_ref().and_then(Said::unfit)
    }
}

macro_rules! fit {
    ($($kind:ty),*) => {
        $(impl Said for $kind {})*
    };
}

// What these hold is parsed, and can be meant.
fit!(CaseId, Name, Presence, Relation, Survey, Timestamp, Version, bool, u32);
// The log's own words, from parent to child.
fit!(Box<CaseEvent>);

#[cfg(test)]
mod tests {
    use crate::{CaseCommand, CaseEntry, CaseEvent, RejectionCode, Verb};

    const CASE: &str = "0199a7a0-5c3e-7d41-9a52-3b6f0c8e1d01";

    fn refused(verb: Verb, rest: &str) -> Option<(RejectionCode, Option<String>)> {
        let body = format!(r#"{{"caseId":"{CASE}",{rest}}}"#);
        CaseCommand::read(verb, body.as_bytes()).err().map(|rejection| (rejection.code, rejection.path))
    }

    #[test]
    fn a_text_of_characters_that_do_not_show_is_empty_and_is_pointed_at() {
        for unseen in [r"\u200b", r"\ufeff\u00ad", r"\u0001\u0007", r" \u2800\u3164", r"\u202e\udb40\udc41", r"\u0085"]
        {
            let at = |path: &str| Some((RejectionCode::BadRequest, Some(path.to_owned())));
            assert_eq!(refused(Verb::Note, &format!(r#""text":"{unseen}""#)), at("text"), "{unseen}");
            assert_eq!(refused(Verb::Reopen, &format!(r#""reason":"{unseen}""#)), at("reason"));
            assert_eq!(refused(Verb::Close, &format!(r#""code":"x","comment":"{unseen}""#)), at("comment"));
            assert_eq!(refused(Verb::Classify, &format!(r#""fields":{{"note":"{unseen}"}}"#)), at("fields.note"));
        }
        // Among others they are what the customer wrote.
        for shown in [r"\ud83d\udc69\u200d\ud83d\udd27", r"\u200fx", r".", r"\u00e9"] {
            assert_eq!(refused(Verb::Note, &format!(r#""text":"{shown}""#)), None, "{shown}");
        }
    }

    #[test]
    fn a_whole_number_that_was_rounded_on_its_way_is_refused_however_it_is_written() {
        let amount = |number: &str| refused(Verb::Classify, &format!(r#""fields":{{"amount":{number}}}"#));
        for number in [
            "9007199254740993",
            "9007199254740992.0",
            "9007199254740993.0",
            "18446744073709551617",
            "-9223372036854775809",
            "12345678901234567890123",
            "1e16",
            "-1e300",
        ] {
            let at = (RejectionCode::BadRequest, Some("fields.amount".to_owned()));
            assert_eq!(amount(number), Some(at), "{number}");
        }
        for number in ["9007199254740992", "-9007199254740991.0", "1e15", "4503599627370496.5", "0.1"] {
            assert_eq!(amount(number), None, "{number}");
        }
    }

    #[test]
    fn a_custom_field_that_is_there_twice_is_refused() {
        let (code, path) = refused(Verb::Classify, r#""fields":{"amount":1,"amount":2}"#).unwrap();
        assert_eq!(code, RejectionCode::BadRequest);
        assert!(path.unwrap().starts_with("fields"));
        assert_eq!(refused(Verb::Classify, r#""fields":{"amount":1,"vip":true}"#), None);
    }

    #[test]
    fn a_pseudonym_with_a_blank_at_its_end_is_refused() {
        let at = |path: &str| Some((RejectionCode::BadRequest, Some(path.to_owned())));
        for agent in [" ", "ana ", " ana"] {
            assert_eq!(refused(Verb::Assign, &format!(r#""agent":"{agent}""#)), at("agent"), "{agent:?}");
            let body = format!(r#"{{"agent":"{agent}","presence":"online"}}"#);
            assert_eq!(crate::SetPresence::read(body.as_bytes()).unwrap_err().path.as_deref(), Some("agent"));
        }
        let rest = r#""type":"x","subject":"x","channel":"x","impact":"x","urgency":"x","customerId":"C-1 ""#;
        assert_eq!(refused(Verb::Intake, rest), at("customerId"));
        assert_eq!(refused(Verb::Assign, r#""agent":"ana smith""#), None);
    }

    #[test]
    fn what_the_log_holds_stays_readable() {
        let entry = r#"{"v":1,"id":"c","verb":"note","kind":"case","of":"x","at":"2026-11-22T09:14:03.120Z","by":"desk",
            "policy":1,"version":2,"request":"47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU","salt":"s",
            "events":[{"noted":{"personal":{"plain":{"text":"\u200b"}}}}]}"#;
        let entry = CaseEntry::decode(entry.as_bytes()).unwrap();
        assert!(matches!(entry.events.as_slice(), [CaseEvent::Work(crate::WorkEvent::Noted(_))]));
        let amount: crate::FieldValue = serde_json::from_str("1.2345678901234568e+22").unwrap();
        assert_eq!(serde_json::to_string(&amount).unwrap(), "1.2345678901234568e+22");
    }
}
