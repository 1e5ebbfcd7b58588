//! Which Rust type stands behind which message of `proto/`.

use docket_messages::{
    Accepted, AnyEntry, ApprovePolicy, CaseAction, CaseCommand, CaseReply, CaseStep, CaseView, ClassifiedText,
    ClockReading, ClockView, ClosedText, Event, Failure, GetCase, GetPolicy, OpenedText, Personal, PolicyReply,
    PolicyView, ProposePolicy, PublishPolicy, ReasonText, Rejection, Reply, ResolvedText, Sealed, SetPresence,
    SkillNeed, StepVerb, Verb, WrittenText,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// From JSON to the Rust type and back to JSON, or why the Rust type refuses it.
type Through = fn(&str) -> Result<String, String>;

/// Every message but the bodies of events, which are those of [`bodies_of_events`], and of case commands, which are those of
/// [`verbs`].
pub(super) const TABLE: &[(&str, Through)] = &[
    ("Accepted", of::<Accepted>),
    ("CaseReply", of::<CaseReply>),
    ("CaseView", of::<CaseView>),
    ("ClassifiedText", of::<ClassifiedText>),
    ("ClockReading", of::<ClockReading>),
    ("ClockView", of::<ClockView>),
    ("ClosedText", of::<ClosedText>),
    ("Entry", entry),
    ("Event", of::<Event>),
    ("Failure", of::<Failure>),
    ("GetCase", get_case),
    ("GetPolicy", get_policy),
    ("OpenedText", of::<OpenedText>),
    ("PersonalClassified", of::<Personal<ClassifiedText>>),
    ("PersonalComment", of::<Personal<ClosedText>>),
    ("PersonalOpened", of::<Personal<OpenedText>>),
    ("PersonalReason", of::<Personal<ReasonText>>),
    ("PersonalResolved", of::<Personal<ResolvedText>>),
    ("PersonalWritten", of::<Personal<WrittenText>>),
    ("PolicyReply", of::<PolicyReply>),
    ("PolicyView", of::<PolicyView>),
    ("PublishPolicy", publish_policy),
    ("ProposePolicy", propose_policy),
    ("ApprovePolicy", approve_policy),
    ("ReasonText", of::<ReasonText>),
    ("Rejection", of::<Rejection>),
    ("Reply", of::<Reply>),
    ("ResolvedText", of::<ResolvedText>),
    ("Sealed", of::<Sealed>),
    ("SetPresence", set_presence),
    ("SkillNeed", of::<SkillNeed>),
    ("WrittenText", of::<WrittenText>),
];

/// The verbs of commands to a case, and of steps.
pub(super) fn verbs() -> impl Iterator<Item = &'static str> {
    let steps = StepVerb::ALL.iter().map(|verb| verb.as_str());
    Verb::ALL.iter().map(|verb| verb.as_str()).chain(steps)
}

/// The messages that events have for bodies. Those of clocks share one, which stands in [`TABLE`].
pub(super) fn bodies_of_events() -> impl Iterator<Item = String> {
    Event::names().filter(|name| !name.starts_with("clock")).map(message_of)
}

/// The name of the message that a command to a case, a step or an event has for a body.
pub(super) fn message_of(verb: &str) -> String {
    let (first, rest) = verb.split_at(1);
    first.to_uppercase() + rest
}

/// Reads the body of a command or of a step.
pub(super) fn action(verb: &str, body: &[u8]) -> Result<CaseAction, Rejection> {
    match (Verb::parse(verb), StepVerb::parse(verb)) {
        (Some(verb), _) => CaseCommand::read(verb, body).map(CaseAction::from),
        (None, Some(verb)) => CaseStep::read(verb, body).map(CaseAction::from),
        (None, None) => panic!("there is no verb `{verb}`"),
    }
}

/// Takes JSON through the Rust type of a message; none when no Rust type stands behind it.
pub(super) fn through(message: &str, json: &str) -> Option<Result<String, String>> {
    if let Some(verb) = verbs().find(|verb| message_of(verb) == message) {
        return Some(command(verb, json));
    }
    if bodies_of_events().any(|body| body == message) {
        return Some(body_of_event(message, json));
    }
    let (_, through) = TABLE.iter().find(|(name, _)| *name == message)?;
    Some(through(json))
}

fn of<T: Serialize + DeserializeOwned>(json: &str) -> Result<String, String> {
    let value: T = serde_json::from_str(json).map_err(|error| error.to_string())?;
    serde_json::to_string(&value).map_err(|error| error.to_string())
}

/// An event on the wire is an object with one key, its name.
fn body_of_event(message: &str, json: &str) -> Result<String, String> {
    let name = message[..1].to_lowercase() + &message[1..];
    let event: Event = serde_json::from_str(&format!(r#"{{"{name}":{json}}}"#)).map_err(|error| error.to_string())?;
    let event = serde_json::to_value(&event).map_err(|error| error.to_string())?;
    Ok(event[&name].to_string())
}

fn command(verb: &str, json: &str) -> Result<String, String> {
    let action = action(verb, json.as_bytes()).map_err(|rejection| rejection.to_string())?;
    text(action.body())
}

fn entry(json: &str) -> Result<String, String> {
    let entry = AnyEntry::decode(json.as_bytes()).map_err(|error| error.to_string())?;
    text(entry.encode())
}

fn get_case(json: &str) -> Result<String, String> {
    let query = GetCase::read(json.as_bytes()).map_err(|rejection| rejection.to_string())?;
    text(serde_json::to_vec(&query))
}

fn get_policy(json: &str) -> Result<String, String> {
    let query = GetPolicy::read(json.as_bytes()).map_err(|rejection| rejection.to_string())?;
    text(serde_json::to_vec(&query))
}

fn set_presence(json: &str) -> Result<String, String> {
    let command = SetPresence::read(json.as_bytes()).map_err(|rejection| rejection.to_string())?;
    text(serde_json::to_vec(&command))
}

fn publish_policy(json: &str) -> Result<String, String> {
    let command = PublishPolicy::read(json.as_bytes()).map_err(|rejection| rejection.to_string())?;
    text(serde_json::to_vec(&command))
}

fn propose_policy(json: &str) -> Result<String, String> {
    let command = ProposePolicy::read(json.as_bytes()).map_err(|rejection| rejection.to_string())?;
    text(serde_json::to_vec(&command))
}

fn approve_policy(json: &str) -> Result<String, String> {
    let command = ApprovePolicy::read(json.as_bytes()).map_err(|rejection| rejection.to_string())?;
    text(serde_json::to_vec(&command))
}

fn text(bytes: Result<Vec<u8>, serde_json::Error>) -> Result<String, String> {
    let bytes = bytes.map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}
