//! Which Rust type stands behind which message of `proto/`.

use docket_messages::{
    Absorbed, Accepted, AnyEntry, ArticleAttached, ArticleDetached, ArticleNotFound, Assigned, Cancelled, CaseAction,
    CaseCommand, CaseProposed, CaseReply, CaseStep, CaseView, Classified, ClassifiedText, ClockReading, ClockView,
    Closed, ClosedText, Deescalated, EffortLogged, Escalated, Event, Failure, FollowUpDue, GetCase, GetPolicy,
    LinkRefused, LinkRequested, Linked, MergeRefused, MergeRequested, Merged, MessageReceived, Noted, Notified,
    OfferDeclined, OfferExpired, Offered, Opened, OpenedText, ParentAccepted, PassedOn, PassingOn, Pended, Personal,
    PolicyPublished, PolicyReply, PolicyView, PresenceChanged, PublishPolicy, ReasonText, Rejection, Released,
    Reopened, Reply, ResolutionConfirmed, ResolutionRejected, Resolved, ResolvedText, Responded, Resumed, Routed,
    SetPresence, SkillNeed, SplitRequested, StepVerb, SurveyAnswered, SurveyExpired, SurveyRequested, SurveyReserved,
    Unassigned, UnmergeRequested, Unmerged, Verb, WrittenText,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// From JSON to the Rust type and back to JSON, or why the Rust type refuses it.
type Through = fn(&str) -> Result<String, String>;

/// Every message but the bodies of case commands, which are those of [`verbs`].
pub(super) const TABLE: &[(&str, Through)] = &[
    ("Absorbed", of::<Absorbed>),
    ("Accepted", of::<Accepted>),
    ("ArticleAttached", of::<ArticleAttached>),
    ("ArticleDetached", of::<ArticleDetached>),
    ("ArticleNotFound", of::<ArticleNotFound>),
    ("Assigned", of::<Assigned>),
    ("Cancelled", of::<Cancelled>),
    ("CaseProposed", of::<CaseProposed>),
    ("CaseReply", of::<CaseReply>),
    ("CaseView", of::<CaseView>),
    ("Classified", of::<Classified>),
    ("ClassifiedText", of::<ClassifiedText>),
    ("ClockReading", of::<ClockReading>),
    ("ClockView", of::<ClockView>),
    ("Closed", of::<Closed>),
    ("ClosedText", of::<ClosedText>),
    ("Deescalated", of::<Deescalated>),
    ("EffortLogged", of::<EffortLogged>),
    ("Entry", entry),
    ("Escalated", of::<Escalated>),
    ("Event", of::<Event>),
    ("Failure", of::<Failure>),
    ("FollowUpDue", of::<FollowUpDue>),
    ("GetCase", get_case),
    ("GetPolicy", get_policy),
    ("LinkRefused", of::<LinkRefused>),
    ("LinkRequested", of::<LinkRequested>),
    ("Linked", of::<Linked>),
    ("MergeRefused", of::<MergeRefused>),
    ("MergeRequested", of::<MergeRequested>),
    ("Merged", of::<Merged>),
    ("MessageReceived", of::<MessageReceived>),
    ("Noted", of::<Noted>),
    ("Notified", of::<Notified>),
    ("OfferDeclined", of::<OfferDeclined>),
    ("OfferExpired", of::<OfferExpired>),
    ("Offered", of::<Offered>),
    ("Opened", of::<Opened>),
    ("OpenedText", of::<OpenedText>),
    ("ParentAccepted", of::<ParentAccepted>),
    ("PassedOn", of::<PassedOn>),
    ("PassingOn", of::<PassingOn>),
    ("Pended", of::<Pended>),
    ("PersonalClassified", of::<Personal<ClassifiedText>>),
    ("PersonalComment", of::<Personal<ClosedText>>),
    ("PersonalOpened", of::<Personal<OpenedText>>),
    ("PersonalReason", of::<Personal<ReasonText>>),
    ("PersonalResolved", of::<Personal<ResolvedText>>),
    ("PersonalWritten", of::<Personal<WrittenText>>),
    ("PolicyPublished", of::<PolicyPublished>),
    ("PolicyReply", of::<PolicyReply>),
    ("PolicyView", of::<PolicyView>),
    ("PresenceChanged", of::<PresenceChanged>),
    ("PublishPolicy", publish_policy),
    ("ReasonText", of::<ReasonText>),
    ("Rejection", of::<Rejection>),
    ("Released", of::<Released>),
    ("Reopened", of::<Reopened>),
    ("Reply", of::<Reply>),
    ("ResolutionConfirmed", of::<ResolutionConfirmed>),
    ("ResolutionRejected", of::<ResolutionRejected>),
    ("Resolved", of::<Resolved>),
    ("ResolvedText", of::<ResolvedText>),
    ("Responded", of::<Responded>),
    ("Resumed", of::<Resumed>),
    ("Routed", of::<Routed>),
    ("SetPresence", set_presence),
    ("SkillNeed", of::<SkillNeed>),
    ("SplitRequested", of::<SplitRequested>),
    ("SurveyAnswered", of::<SurveyAnswered>),
    ("SurveyExpired", of::<SurveyExpired>),
    ("SurveyRequested", of::<SurveyRequested>),
    ("SurveyReserved", of::<SurveyReserved>),
    ("Unassigned", of::<Unassigned>),
    ("UnmergeRequested", of::<UnmergeRequested>),
    ("Unmerged", of::<Unmerged>),
    ("WrittenText", of::<WrittenText>),
];

/// The verbs of commands to a case, and of steps.
pub(super) fn verbs() -> impl Iterator<Item = &'static str> {
    let steps = StepVerb::ALL.iter().map(|verb| verb.as_str());
    Verb::ALL.iter().map(|verb| verb.as_str()).chain(steps)
}

/// The name of the message that a command to a case, or a step, has for a body.
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
    let (_, through) = TABLE.iter().find(|(name, _)| *name == message)?;
    Some(through(json))
}

fn of<T: Serialize + DeserializeOwned>(json: &str) -> Result<String, String> {
    let value: T = serde_json::from_str(json).map_err(|error| error.to_string())?;
    serde_json::to_string(&value).map_err(|error| error.to_string())
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

fn text(bytes: Result<Vec<u8>, serde_json::Error>) -> Result<String, String> {
    let bytes = bytes.map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}
