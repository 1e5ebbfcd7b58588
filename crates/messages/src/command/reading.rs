//! From the bytes of a body to a command, or to a sentence that says how to mend them.

use serde::de::DeserializeOwned;

use crate::{Rejection, RejectionCode};

/// The most of a parser's message that is repeated to the sender.
const MESSAGE_LIMIT: usize = 600;

/// Reads a body. The good case parses once; only a bad body is read again, keeping track of where it is bad.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Rejection> {
    serde_json::from_slice(body).or_else(|_| read_closely(body))
}

fn read_closely<T: DeserializeOwned>(body: &[u8]) -> Result<T, Rejection> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let parsed: Result<T, _> = serde_path_to_error::deserialize(&mut json);
    match parsed {
        Ok(command) => json.end().map(|()| command).map_err(|error| bad_request(None, &error.to_string())),
        Err(error) => {
            let path = error.path().to_string();
            let path = (path != "." && path != "?").then_some(path);
            Err(explain(path, &error.into_inner()))
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
    let field: String = rest.split('`').next().unwrap_or_default().chars().take(64).collect();
    // serde lists the known fields between back-ticks; it offers no other way to them.
    let expected = rest.split_once("expected").map_or("", |(_, list)| list);
    let known: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    let nearest =
        known.iter().max_by(|a, b| strsim::jaro_winkler(a, &field).total_cmp(&strsim::jaro_winkler(b, &field)));
    let hint = nearest.map_or_else(String::new, |name| format!("; did you mean `{name}`?"));
    bad_request(path, &format!("there is no field `{field}` here{hint} Known are: {}", known.join(", ")))
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
    fn a_wrong_type_is_located() {
        let rejection = refused(Verb::Note, r#"{"caseId":"0199a7a0-0000-7000-8000-000000000001","text":5}"#);
        assert_eq!(rejection.path.as_deref(), Some("text"));
    }

    #[test]
    fn what_is_not_json_is_refused() {
        for body in ["", "{", "[]", "null", "\"x\"", "{} {}"] {
            refused(Verb::Tick, body);
        }
        assert!(CaseCommand::read(Verb::Tick, b"{\"caseId\":\"\xff\xfe\"}").is_err());
    }
}
