//! From the bytes of a body to a command, or to a sentence that says how to mend them.

use std::collections::HashMap;

use serde::de::{DeserializeOwned, IgnoredAny};

use super::BodyField;
use crate::{Rejection, RejectionCode, json, shorten};

/// The most of a parser's message that is repeated to the sender.
const MESSAGE_LIMIT: usize = 600;

/// Reads a body. The good case parses once; only a bad body is read again, keeping track of where it is bad.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8], fields: &[BodyField]) -> Result<T, Rejection> {
    // serde would take a list of the values in their order, too.
    if body.trim_ascii_start().first() == Some(&b'[') {
        return Err(bad_request(None, "the body is a list; it has to be an object, with the fields by their names"));
    }
    json::read(body).or_else(|_| read_closely(body, fields))
}

fn read_closely<T: DeserializeOwned>(body: &[u8], fields: &[BodyField]) -> Result<T, Rejection> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let parsed: Result<T, _> = serde_path_to_error::deserialize(&mut json);
    match parsed {
        Ok(command) => json.end().map(|()| command).map_err(|error| bad_request(None, &error.to_string())),
        Err(error) => {
            let path = error.path().to_string();
            let path = (path != "." && path != "?").then_some(path);
            let is_of_body = path.is_none();
            let rejection = explain(path, &error.into_inner());
            Err(if is_of_body { all_missing(body, fields).unwrap_or(rejection) } else { rejection })
        }
    }
}

fn explain(path: Option<String>, error: &serde_json::Error) -> Rejection {
    if !error.is_data() {
        return bad_request(path, &format!("the body is not valid JSON: {error}"));
    }
    let said = error.to_string();
    if let Some(field) = said.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
        let at = path.as_ref().map_or_else(|| field.to_owned(), |path| format!("{path}.{field}"));
        return bad_request(Some(at), &format!("the field `{field}` is missing"));
    }
    let Some(rest) = said.strip_prefix("unknown field `") else { return bad_request(path, &said) };
    let field = shorten(rest.split('`').next().unwrap_or_default());
    // serde lists the known fields between back-ticks; it offers no other way to them.
    let expected = rest.split_once("expected").map_or("", |(_, list)| list);
    let known: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    let nearest =
        known.iter().max_by(|a, b| strsim::jaro_winkler(a, &field).total_cmp(&strsim::jaro_winkler(b, &field)));
    let hint = nearest.map_or_else(String::new, |name| format!("; did you mean `{name}`?"));
    let listed =
        if known.is_empty() { "; leave it out".to_owned() } else { format!("{hint} Known are: {}", known.join(", ")) };
    bad_request(path, &format!("there is no field `{field}` here{listed}"))
}

/// All fields that a body lacks, so that its sender hears of them at once. None for a body that is no object, or that
/// lacks none.
fn all_missing(body: &[u8], fields: &[BodyField]) -> Option<Rejection> {
    let given: HashMap<String, IgnoredAny> = serde_json::from_slice(body).ok()?;
    let known = |name: &String| fields.iter().any(|field| field.name() == *name);
    let required = fields.iter().filter(|field| field.is_required).map(BodyField::name);
    let missing: Vec<String> = required.filter(|name| !given.contains_key(name)).collect();
    // A field by a wrong name is not missing, but misspelt, and that is what is said.
    let (last, others) = missing.split_last().filter(|_| given.keys().all(known))?;
    let message = if others.is_empty() {
        format!("the field `{last}` is missing")
    } else {
        format!("the fields `{}` and `{last}` are missing", others.join("`, `"))
    };
    Some(bad_request(missing.first().cloned(), &message))
}

fn bad_request(path: Option<String>, message: &str) -> Rejection {
    let message: String = message.chars().take(MESSAGE_LIMIT).collect();
    Rejection { code: RejectionCode::BadRequest, message, path }
}

#[cfg(test)]
mod tests {
    use crate::{CaseCommand, RejectionCode, Verb};

    fn refused(verb: Verb, body: &str) -> crate::Rejection {
        let rejection = CaseCommand::read(verb, body.as_bytes()).unwrap_err();
        assert_eq!(rejection.code, RejectionCode::BadRequest);
        rejection
    }

    #[test]
    fn an_unknown_field_is_named_with_the_nearest_known_one() {
        let rejection = refused(Verb::Pend, r#"{"caseId":"0199a7a0-0000-7000-8000-000000000001","raeson":"x"}"#);
        assert_eq!(rejection.path.as_deref(), Some("raeson"));
        assert!(rejection.message.contains("did you mean `reason`?"), "{}", rejection.message);
    }

    #[test]
    fn a_missing_field_is_named() {
        let rejection = refused(Verb::Pend, r#"{"caseId":"0199a7a0-0000-7000-8000-000000000001"}"#);
        assert_eq!(rejection.path.as_deref(), Some("reason"));
    }

    #[test]
    fn all_missing_fields_are_named_at_once() {
        let rejection = refused(Verb::Intake, r#"{"type":"question","impact":"low"}"#);
        assert_eq!(rejection.message, "the fields `subject`, `channel` and `urgency` are missing");
        assert_eq!(rejection.path.as_deref(), Some("subject"));
        // One that is misspelt is not missing.
        let rejection = refused(Verb::Intake, r#"{"type":"question","subjekt":"Hello"}"#);
        assert!(rejection.message.contains("did you mean `subject`?"), "{}", rejection.message);
    }

    #[test]
    fn a_body_without_one_of_its_required_fields_is_refused_by_its_name_and_without_an_optional_one_is_not() {
        let id = "0199a7a0-0000-7000-8000-000000000001";
        for verb in Verb::ALL {
            // Whether a field is required is read off its type; serde must think the same.
            for field in verb.fields() {
                let said = CaseCommand::read(*verb, b"{}").err().map(|rejection| rejection.message).unwrap_or_default();
                let is_named = said.contains(&format!("`{}`", field.name()));
                assert_eq!(is_named, field.is_required, "{verb:?}.{}: {said}", field.name());
            }
            let optional_only = verb.fields().iter().all(|field| field.name() == "caseId" || !field.is_required);
            let body = format!(r#"{{"caseId":"{id}"}}"#);
            assert_eq!(CaseCommand::read(*verb, body.as_bytes()).is_ok(), optional_only, "{verb:?}");
        }
    }

    #[test]
    fn a_wrong_type_is_located() {
        let rejection = refused(Verb::Note, r#"{"caseId":"0199a7a0-0000-7000-8000-000000000001","text":5}"#);
        assert_eq!(rejection.path.as_deref(), Some("text"));
    }

    #[test]
    fn a_list_is_no_body() {
        let list = r#" ["0199a7a0-0000-7000-8000-000000000001","text"]"#;
        let said = refused(Verb::Note, list).message;
        assert!(said.contains("it has to be an object"), "{said}");
        let get = r#"["0199a7a0-0000-7000-8000-000000000001",null]"#;
        assert!(crate::GetCase::read(get.as_bytes()).is_err());
        assert!(crate::SetPresence::read(br#"["ana","online"]"#).is_err());
        assert!(crate::GetPolicy::read(b"[]").is_err());
    }

    #[test]
    fn a_word_of_a_fixed_list_is_a_text_and_nothing_else() {
        let id = "0199a7a0-0000-7000-8000-000000000001";
        let link = |relation: &str| format!(r#"{{"caseId":"{id}","to":"{id}","relation":{relation}}}"#);
        assert!(CaseCommand::read(Verb::Link, link(r#""related""#).as_bytes()).is_ok());
        for relation in [r#"{"related":null}"#, "0", r#""uncle""#] {
            let rejection = refused(Verb::Link, &link(relation));
            assert_eq!(rejection.path.as_deref(), Some("relation"));
            assert!(!rejection.message.contains("not valid JSON"), "{}", rejection.message);
        }
        assert!(crate::SetPresence::read(br#"{"agent":"ana","presence":{"online":null}}"#).is_err());
    }

    #[test]
    fn where_no_field_is_known_none_is_listed() {
        let said = crate::GetPolicy::read(br#"{"version":3}"#).unwrap_err().message;
        assert_eq!(said, "there is no field `version` here; leave it out");
    }

    #[test]
    fn what_is_not_json_is_refused() {
        for body in ["", "{", "[]", "null", "\"x\"", "{} {}"] {
            refused(Verb::Tick, body);
        }
        assert!(CaseCommand::read(Verb::Tick, b"{\"caseId\":\"\xff\xfe\"}").is_err());
    }
}
