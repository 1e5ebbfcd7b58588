//! Entries: one event in an entry of the command that might have led to it.

use docket_messages::{
    AnyEntry, CaseEvent, ClockChange, CommandId, Digest, EntryKind, Event, FORMAT_VERSION, OnBehalfOf, PolicyVersion,
    PrincipalName, Salt, Version, Via,
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
        events: event.into_iter().collect(),
    }
}

fn verb_of(event: &Event) -> &'static str {
    match event {
        Event::Case(event) => verb_of_case(event),
        Event::Policy(_) => "publish",
        Event::Agent(_) => "presence",
        Event::Claim(_) => "claim",
        Event::Customer(_) => "reserveSurvey",
    }
}

fn verb_of_case(event: &CaseEvent) -> &'static str {
    match event {
        CaseEvent::Opened(_) | CaseEvent::Routed(_) | CaseEvent::Clock(ClockChange::Started, _) => "intake",
        CaseEvent::Classified(_) | CaseEvent::Clock(ClockChange::Retargeted, _) => "classify",
        CaseEvent::Assigned(_) => "assign",
        CaseEvent::Unassigned(_) => "unassign",
        CaseEvent::MessageReceived(_)
        | CaseEvent::Resumed(_)
        | CaseEvent::Reopened(_)
        | CaseEvent::Clock(ClockChange::Resumed, _) => "receive",
        CaseEvent::Responded(_) | CaseEvent::Clock(ClockChange::Met, _) => "respond",
        CaseEvent::Noted(_) => "note",
        CaseEvent::Pended(_) | CaseEvent::Clock(ClockChange::Paused, _) => "pend",
        CaseEvent::Escalated(_) => "escalate",
        CaseEvent::Deescalated(_) => "deescalate",
        CaseEvent::ResolutionConfirmed(_) | CaseEvent::ResolutionRejected(_) => "confirm",
        CaseEvent::EffortLogged(_) => "logEffort",
        CaseEvent::Linked(_) | CaseEvent::LinkRequested(_) => "link",
        CaseEvent::LinkRefused(_) => "settleLink",
        CaseEvent::ParentAccepted(_) => "acceptParent",
        CaseEvent::PassingOn(_) => "close",
        CaseEvent::PassedOn(_) => "settlePassing",
        CaseEvent::SplitRequested(_) => "split",
        CaseEvent::ArticleAttached(_) | CaseEvent::ArticleNotFound(_) => "attach",
        CaseEvent::ArticleDetached(_) => "detach",
        CaseEvent::Offered(_) => "push",
        CaseEvent::OfferDeclined(_) => "declineOffer",
        CaseEvent::MergeRequested(_) => "merge",
        CaseEvent::UnmergeRequested(_) => "unmerge",
        CaseEvent::Absorbed(_) => "absorb",
        CaseEvent::Released(_) => "release",
        CaseEvent::Merged(_) | CaseEvent::MergeRefused(_) | CaseEvent::Unmerged(_) => "settleMerge",
        CaseEvent::Resolved(_) => "resolve",
        CaseEvent::Cancelled(_) | CaseEvent::Clock(ClockChange::Cancelled, _) => "cancel",
        CaseEvent::SurveyRequested(_) => "requestSurvey",
        CaseEvent::SurveyAnswered(_) => "answerSurvey",
        CaseEvent::Closed(_)
        | CaseEvent::SurveyExpired(_)
        | CaseEvent::FollowUpDue(_)
        | CaseEvent::OfferExpired(_)
        | CaseEvent::Notified(_)
        | CaseEvent::Clock(ClockChange::Warned, _)
        | CaseEvent::Clock(ClockChange::Breached, _) => "tick",
    }
}
