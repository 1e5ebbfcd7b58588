//! What the bodies of commands look like, for `docket send KIND VERB --help`.

use std::fmt::Write as _;

use docket_messages::{ApprovePolicy, BodyField, ProposePolicy, PublishPolicy, SetPresence, Verb};

use crate::error::{AnyError, plain};

/// What can be sent to a kind; with a verb, the body that it takes, with an example.
pub fn lesson(kind: &str, verb: Option<&str>) -> Result<String, AnyError> {
    match (kind, verb) {
        ("case", None) => Ok(all_verbs()),
        ("case", Some(name)) => match Verb::parse(name) {
            Some(verb) => Ok(of_case(verb)),
            None => Err(unknown_verb(name)),
        },
        ("agent", None | Some("presence")) => {
            let told = "Says whether an agent takes on cases: `online`, `busy` or `offline`.";
            let example = r#"{"agent":"ana","presence":"online"}"#;
            Ok(page("agent presence", told, SetPresence::FIELDS, example))
        }
        ("policy", None | Some("publish")) => {
            let told = "Publishes a policy. `docket policy publish FILE` makes the body by itself.";
            Ok(page("policy publish", told, PublishPolicy::FIELDS, r#"{"document":"…"}"#))
        }
        ("policy", Some("propose")) => {
            let told =
                "Proposes a policy, for another principal to approve. `docket policy propose FILE` makes the body.";
            Ok(page("policy propose", told, ProposePolicy::FIELDS, r#"{"document":"…"}"#))
        }
        ("policy", Some("approve")) => {
            let told = "Approves what another principal has proposed; it comes into force.";
            Ok(page("policy approve", told, ApprovePolicy::FIELDS, r#"{"proposal":2}"#))
        }
        ("agent", Some(verb)) => Err(plain(format!("there is no command `agent {verb}`; there is `agent presence`"))),
        ("policy", Some(verb)) => Err(plain(format!(
            "there is no command `policy {verb}`; there are `policy publish`, `policy propose` and `policy approve`"
        ))),
        (kind, _) => Err(plain(format!(
            "there are no commands to a `{kind}`; there are to a case, to an agent and to the policy"
        ))),
    }
}

fn unknown_verb(name: &str) -> AnyError {
    let hint = Verb::nearest(name).map_or(String::new(), |near| format!("did you mean `{}`? ", near.as_str()));
    plain(format!("there is no command `case {name}`; {hint}`docket send case --help` lists all"))
}

/// The verbs that somebody else than Docket may send.
fn all_verbs() -> String {
    let mut page = "The commands to a case (`docket send case VERB --help` shows the body of one):\n".to_owned();
    for verb in Verb::ALL.iter() {
        let _ = write!(page, "\n  {:<14} {}", verb.as_str(), verb.told());
    }
    page
}

fn of_case(verb: Verb) -> String {
    page(&format!("case {}", verb.as_str()), verb.told(), verb.fields(), verb.example())
}

fn page(command: &str, told: &str, fields: &[BodyField], example: &str) -> String {
    let mut page = format!("{told}\n\nUsage: docket send {command} JSON [OPTIONS]\n\nThe body:\n");
    let (required, optional): (Vec<&BodyField>, Vec<&BodyField>) = fields.iter().partition(|field| field.is_required);
    for field in required.iter().chain(&optional) {
        let mark = if field.is_required { "required" } else { "" };
        let _ = writeln!(page, "  {:<13} {mark:<8}  {}", field.name(), field.told());
    }
    let _ = write!(page, "\nExample:\n  docket send {command} '{example}'\n\n`docket send --help` tells the options.");
    page
}

#[cfg(test)]
mod tests {
    use super::lesson;

    #[test]
    fn a_lesson_shows_what_is_required_and_an_unknown_verb_the_nearest() {
        let page = lesson("case", Some("pend")).unwrap();
        assert!(page.contains("reason        required  Why, as the policy names it."), "{page}");
        assert!(page.contains("docket send case pend '{\"caseId\""), "{page}");
        let error = lesson("case", Some("inteke")).unwrap_err().to_string();
        assert!(error.contains("did you mean `intake`?"), "{error}");
        assert!(!lesson("case", None).unwrap().contains("absorb"), "what only Docket sends is not offered");
        assert!(lesson("ticket", None).is_err() && lesson("agent", Some("dance")).is_err());
    }
}
