//! Whether what a command says can be seen: a text of nothing but characters that show nothing is empty.
//!
//! This is asked of commands only. What the log holds was taken in once, by the rules of then, and stays readable.

use crate::{
    AgentId, CaseId, CustomerId, Event, FieldValue, Fields, Line, Name, Presence, Rejection, RejectionCode, Relation,
    Survey, Text, Timestamp, Version, text,
};

/// Refuses a field in which nothing is to be seen. The fields that have texts are named alike here and on the wire.
pub(super) fn require(name: &str, field: &impl Said) -> Result<(), Rejection> {
    let Some(place) = field.unseen() else { return Ok(()) };
    let message = "the text is empty: nothing in it shows";
    Err(Rejection::new(RejectionCode::BadRequest, message).at(format!("{name}{place}")))
}

/// A field of a command.
pub(super) trait Said {
    /// The place within it where nothing is to be seen, if there is one; the empty place is the field itself.
    fn unseen(&self) -> Option<String> {
        None
    }
}

impl Said for Line {
    fn unseen(&self) -> Option<String> {
        (!text::is_visible(self.as_str())).then(String::new)
    }
}

impl Said for Text {
    fn unseen(&self) -> Option<String> {
        (!text::is_visible(self.as_str())).then(String::new)
    }
}

impl Said for Fields {
    fn unseen(&self) -> Option<String> {
        let is_unseen = |value: &FieldValue| match value {
            FieldValue::Text(text) => !text::is_visible(text),
            FieldValue::Number(_) | FieldValue::Flag(_) => false,
        };
        self.iter().find(|(_, value)| is_unseen(value)).map(|(name, _)| format!(".{name}"))
    }
}

impl<T: Said> Said for Option<T> {
    fn unseen(&self) -> Option<String> {
        self.as_ref().and_then(Said::unseen)
    }
}

macro_rules! shown {
    ($($kind:ty),*) => {
        $(impl Said for $kind {})*
    };
}

// What these hold is parsed, and shows.
shown!(AgentId, CaseId, CustomerId, Name, Presence, Relation, Survey, Timestamp, Version, bool, u32);
// The log's own words, from parent to child.
shown!(Box<Event>);

#[cfg(test)]
mod tests {
    use crate::{CaseCommand, Entry, Event, RejectionCode, Verb};

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
    fn what_the_log_holds_stays_readable() {
        let entry = r#"{"v":1,"id":"c","verb":"note","kind":"case","of":"x","at":"2026-11-22T09:14:03.120Z","by":"desk",
            "policy":1,"version":2,"request":"47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU","salt":"s",
            "events":[{"noted":{"personal":{"plain":{"text":"\u200b"}}}}]}"#;
        let entry = Entry::decode(entry.as_bytes()).unwrap();
        assert!(matches!(entry.events.as_slice(), [Event::Noted(_)]));
    }
}
