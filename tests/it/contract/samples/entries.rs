//! Entries: one event in an entry of the command that might have led to it.

use docket_messages::{
    AnyEntry, CommandId, Digest, EntryKind, Event, FORMAT_VERSION, KeyId, OnBehalfOf, PolicyVersion, PrincipalName,
    Salt, Version, Via,
};

use super::{Extent, case_id, other_case_id, time};

/// The entry of a command that led to this event, or to none.
pub(in crate::contract) fn entry(event: Option<Event>, extent: Extent) -> AnyEntry {
    let verb = event.as_ref().map_or("assign", verb_of).to_owned();
    let kind = event.as_ref().map_or(EntryKind::Case, Event::kind);
    let of = match kind {
        EntryKind::Policy => "main".to_owned(),
        EntryKind::Agent => "ana".to_owned(),
        EntryKind::Case | EntryKind::Claim => case_id().to_string(),
        EntryKind::Customer => "C-1001".to_owned(),
    };
    let salt = Salt::new([7; 16]);
    AnyEntry {
        v: FORMAT_VERSION,
        id: CommandId::parse("0199a7a0-5c3e-7d41-9a52-3b6f0c8e1dff").expect("a command id"),
        request: Digest::of_request(&salt, &verb, b"{}"),
        message: extent.maybe(Digest::of_salted_message(&salt, &verb, &Digest::of(&[b"{}"]))),
        verb,
        kind,
        of,
        at: time("2026-11-22T09:14:03.120Z"),
        backdated: extent.maybe(true),
        by: PrincipalName::parse("webshop").expect("a principal"),
        on_behalf_of: extent.maybe(OnBehalfOf::parse("ana").expect("somebody")),
        via: extent.maybe(Via::Operator),
        policy: PolicyVersion(3),
        version: Version(4),
        sent_to: extent.maybe(other_case_id().into()),
        prev: extent.maybe(Digest::of(&[b"the entry before"])),
        wake_at: extent.maybe(time("2026-11-23T09:14:03Z")),
        salt,
        key: extent.maybe(KeyId::new([5; 16])),
        events: event.into_iter().collect(),
    }
}

/// A verb that such an event may come of; which one it is says nothing of the sample.
fn verb_of(event: &Event) -> &'static str {
    match event.name() {
        "opened" | "routed" | "clockStarted" => "intake",
        "classified" | "clockRetargeted" => "classify",
        "assigned" => "assign",
        "unassigned" => "unassign",
        "messageReceived" | "resumed" | "reopened" | "clockResumed" => "receive",
        "responded" | "clockMet" => "respond",
        "pended" | "clockPaused" => "pend",
        "escalated" => "escalate",
        "deescalated" => "deescalate",
        "resolutionConfirmed" | "resolutionRejected" => "confirm",
        "effortLogged" => "logEffort",
        "linked" | "linkRequested" => "link",
        "linkRefused" => "settleLink",
        "parentAccepted" => "acceptParent",
        "passingOn" => "close",
        "passedOn" => "settlePassing",
        "splitRequested" => "split",
        "articleAttached" | "articleNotFound" => "attach",
        "articleDetached" => "detach",
        "offered" => "push",
        "offerDeclined" => "declineOffer",
        "mergeRequested" => "merge",
        "unmergeRequested" => "unmerge",
        "absorbed" => "absorb",
        "released" => "release",
        "mergeRefused" | "merged" | "unmerged" => "settleMerge",
        "resolved" => "resolve",
        "cancelled" | "clockCancelled" => "cancel",
        "surveyRequested" => "requestSurvey",
        "surveyAnswered" => "answerSurvey",
        "closed" | "surveyExpired" | "followUpDue" | "notified" | "offerExpired" | "clockWarned" | "clockBreached" => {
            "tick"
        }
        "policyPublished" => "publish",
        "presenceChanged" => "presence",
        "caseProposed" => "claim",
        "surveyReserved" => "reserveSurvey",
        _ => "note",
    }
}
