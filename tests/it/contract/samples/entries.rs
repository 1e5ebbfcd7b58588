//! Entries: one event in an entry of the command that might have led to it.

use docket_messages::{
    CommandId, Digest, Entry, EntryKind, Event, FORMAT_VERSION, OnBehalfOf, PolicyVersion, PrincipalName, Salt,
    Version, Via,
};

use super::{Extent, case_id, other_case_id, time};

/// The entry of a command that led to this event, or to none.
pub(in crate::contract) fn entry(event: Option<Event>, extent: Extent) -> Entry {
    let verb = event.as_ref().map_or("assign", verb_of).to_owned();
    let (kind, of) = match &event {
        Some(Event::PolicyPublished(_)) => (EntryKind::Policy, "main".to_owned()),
        Some(Event::PresenceChanged(_)) => (EntryKind::Agent, "ana".to_owned()),
        Some(Event::CaseProposed(_)) => (EntryKind::Claim, case_id().to_string()),
        Some(Event::SurveyReserved(_)) => (EntryKind::Customer, "C-1001".to_owned()),
        Some(_) | None => (EntryKind::Case, case_id().to_string()),
    };
    let salt = Salt::new([7; 16]);
    Entry {
        v: FORMAT_VERSION,
        id: CommandId::parse("0199a7a0-5c3e-7d41-9a52-3b6f0c8e1dff").expect("a command id"),
        request: Digest::of_request(&salt, &verb, b"{}"),
        message: extent.maybe(Digest::of_salted_message(&salt, &verb, &Digest::of(&[b"{}"]))),
        verb,
        kind,
        of,
        at: time("2026-11-22T09:14:03.120Z"),
        by: PrincipalName::parse("webshop").expect("a principal"),
        on_behalf_of: extent.maybe(OnBehalfOf::parse("ana").expect("somebody")),
        via: extent.maybe(Via::Operator),
        policy: PolicyVersion(3),
        version: Version(4),
        sent_to: extent.maybe(other_case_id().into()),
        prev: extent.maybe(Digest::of(&[b"the entry before"])),
        wake_at: extent.maybe(time("2026-11-23T09:14:03Z")),
        salt,
        events: event.into_iter().collect(),
    }
}

fn verb_of(event: &Event) -> &'static str {
    match event {
        Event::Opened(_) | Event::Routed(_) | Event::ClockStarted(_) => "intake",
        Event::Classified(_) | Event::ClockRetargeted(_) => "classify",
        Event::Assigned(_) => "assign",
        Event::Unassigned(_) => "unassign",
        Event::MessageReceived(_) | Event::Resumed(_) | Event::Reopened(_) | Event::ClockResumed(_) => "receive",
        Event::Responded(_) | Event::ClockMet(_) => "respond",
        Event::Noted(_) => "note",
        Event::Pended(_) | Event::ClockPaused(_) => "pend",
        Event::Escalated(_) => "escalate",
        Event::Deescalated(_) => "deescalate",
        Event::ResolutionConfirmed(_) | Event::ResolutionRejected(_) => "confirm",
        Event::EffortLogged(_) => "logEffort",
        Event::Linked(_) | Event::LinkRequested(_) => "link",
        Event::LinkRefused(_) => "settleLink",
        Event::ParentAccepted(_) => "acceptParent",
        Event::PassingOn(_) => "close",
        Event::PassedOn(_) => "settlePassing",
        Event::SplitRequested(_) => "split",
        Event::ArticleAttached(_) | Event::ArticleNotFound(_) => "attach",
        Event::ArticleDetached(_) => "detach",
        Event::Offered(_) => "push",
        Event::OfferDeclined(_) => "declineOffer",
        Event::PresenceChanged(_) => "presence",
        Event::CaseProposed(_) => "claim",
        Event::SurveyReserved(_) => "reserveSurvey",
        Event::MergeRequested(_) => "merge",
        Event::UnmergeRequested(_) => "unmerge",
        Event::Absorbed(_) => "absorb",
        Event::Released(_) => "release",
        Event::Merged(_) | Event::MergeRefused(_) | Event::Unmerged(_) => "settleMerge",
        Event::Resolved(_) => "resolve",
        Event::Cancelled(_) | Event::ClockCancelled(_) => "cancel",
        Event::SurveyRequested(_) => "requestSurvey",
        Event::SurveyAnswered(_) => "answerSurvey",
        Event::Closed(_)
        | Event::SurveyExpired(_)
        | Event::FollowUpDue(_)
        | Event::OfferExpired(_)
        | Event::Notified(_)
        | Event::ClockWarned(_)
        | Event::ClockBreached(_) => "tick",
        Event::PolicyPublished(_) => "publish",
    }
}
