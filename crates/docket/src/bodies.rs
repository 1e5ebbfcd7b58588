//! What the bodies of commands look like, for `docket send KIND VERB --help`.

use std::fmt::Write as _;

use docket_messages::{BodyField, PublishPolicy, SetPresence, Verb};

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
        ("agent", Some(verb)) => Err(plain(format!("there is no command `agent {verb}`; there is `agent presence`"))),
        ("policy", Some(verb)) => Err(plain(format!("there is no command `policy {verb}`; there is `policy publish`"))),
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
    page(&format!("case {}", verb.as_str()), verb.told(), verb.fields(), example(verb))
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

/// A body as somebody would write it under the sample policy.
fn example(verb: Verb) -> &'static str {
    /// The start of most of them.
    macro_rules! case {
        ($rest:literal) => {
            concat!(r#"{"caseId":"0199a7a0-5c3e-7d41-9a52-3b6f0c8e1d01""#, $rest, "}")
        };
    }
    match verb {
        Verb::Intake => {
            r#"{"type":"question","subject":"Opening hours?","channel":"web","impact":"low","urgency":"low","customerId":"C-1001"}"#
        }
        Verb::Classify => case!(r#","category":"billing","subcategory":"invoice","impact":"high""#),
        Verb::Route => case!(r#","queue":"billing","reason":"It is about an invoice.""#),
        Verb::Assign | Verb::AcceptOffer => case!(r#","agent":"ana""#),
        Verb::Unassign => case!(r#","reason":"End of shift.""#),
        Verb::Claim => r#"{"queue":"frontline","agent":"ana"}"#,
        Verb::DeclineOffer => case!(r#","agent":"ana","reason":"End of shift.""#),
        Verb::Receive => case!(r#","text":"Is there any news?","channel":"email""#),
        Verb::Respond => case!(r#","text":"We are looking into it.""#),
        Verb::Note => case!(r#","text":"Called twice; nobody answered.""#),
        Verb::Pend => case!(r#","reason":"awaiting_customer""#),
        Verb::Resume | Verb::RebaseClocks | Verb::AcceptParent | Verb::Tick => case!(""),
        Verb::Escalate => case!(r#","reason":"The customer is a hospital.","level":2"#),
        Verb::Deescalate => case!(r#","reason":"It is out.""#),
        Verb::Resolve => case!(r#","code":"solved","steps":"Sent a new one.""#),
        Verb::Confirm => case!(r#","accepted":true"#),
        Verb::LogEffort => case!(r#","seconds":600,"activity":"call""#),
        Verb::Attach | Verb::Detach => case!(r#","articleId":"KB-42""#),
        Verb::Link => case!(r#","to":"0199a7a0-5c3e-7d41-9a52-3b6f0c8e1d02","relation":"related""#),
        Verb::Split => case!(r#","subject":"The invoice is wrong, too""#),
        Verb::Merge => case!(r#","into":"0199a7a0-5c3e-7d41-9a52-3b6f0c8e1d02""#),
        Verb::Unmerge => case!(r#","reason":"Two customers after all.""#),
        Verb::Close => case!(r#","code":"completed""#),
        Verb::Reopen => case!(r#","reason":"It broke again.""#),
        Verb::Cancel => case!(r#","reason":"Sent by mistake.""#),
        Verb::RequestSurvey => case!(r#","survey":"csat""#),
        Verb::AnswerSurvey => case!(r#","survey":"csat","score":5"#),
    }
}

#[cfg(test)]
mod tests {
    use docket_messages::{CaseCommand, Verb};

    use super::{example, lesson};

    #[test]
    fn every_example_is_a_body_of_its_command() {
        for verb in Verb::ALL {
            let read = CaseCommand::read(*verb, example(*verb).as_bytes());
            assert!(read.is_ok(), "the example of {verb:?}: {read:?}");
        }
    }

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
