//! Entries: one event in an entry of the command that might have led to it.

use docket_messages::{
    AnyEntry, ArticleEvent, CaseEvent, ClockChange, CommandId, Digest, EndingEvent, EntryKind, Event, FORMAT_VERSION,
    FamilyEvent, IntakeEvent, MergeEvent, OfferEvent, OnBehalfOf, PolicyVersion, PrincipalName, Salt, SurveyEvent,
    Version, Via, WorkEvent,
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
        CaseEvent::Intake(IntakeEvent::Opened(_) | IntakeEvent::Routed(_))
        | CaseEvent::Clock(ClockChange::Started, _) => "intake",
        CaseEvent::Intake(IntakeEvent::Classified(_)) | CaseEvent::Clock(ClockChange::Retargeted, _) => "classify",
        CaseEvent::Work(WorkEvent::Assigned(_)) => "assign",
        CaseEvent::Work(WorkEvent::Unassigned(_)) => "unassign",
        CaseEvent::Work(WorkEvent::MessageReceived(_) | WorkEvent::Resumed(_))
        | CaseEvent::Ending(EndingEvent::Reopened(_))
        | CaseEvent::Clock(ClockChange::Resumed, _) => "receive",
        CaseEvent::Work(WorkEvent::Responded(_)) | CaseEvent::Clock(ClockChange::Met, _) => "respond",
        CaseEvent::Work(WorkEvent::Noted(_)) => "note",
        CaseEvent::Work(WorkEvent::Pended(_)) | CaseEvent::Clock(ClockChange::Paused, _) => "pend",
        CaseEvent::Work(WorkEvent::Escalated(_)) => "escalate",
        CaseEvent::Work(WorkEvent::Deescalated(_)) => "deescalate",
        CaseEvent::Ending(EndingEvent::ResolutionConfirmed(_) | EndingEvent::ResolutionRejected(_)) => "confirm",
        CaseEvent::Work(WorkEvent::EffortLogged(_)) => "logEffort",
        CaseEvent::Family(FamilyEvent::Linked(_) | FamilyEvent::LinkRequested(_)) => "link",
        CaseEvent::Family(FamilyEvent::LinkRefused(_)) => "settleLink",
        CaseEvent::Family(FamilyEvent::ParentAccepted(_)) => "acceptParent",
        CaseEvent::Family(FamilyEvent::PassingOn(_)) => "close",
        CaseEvent::Family(FamilyEvent::PassedOn(_)) => "settlePassing",
        CaseEvent::Family(FamilyEvent::SplitRequested(_)) => "split",
        CaseEvent::Article(ArticleEvent::ArticleAttached(_) | ArticleEvent::ArticleNotFound(_)) => "attach",
        CaseEvent::Article(ArticleEvent::ArticleDetached(_)) => "detach",
        CaseEvent::Offer(OfferEvent::Offered(_)) => "push",
        CaseEvent::Offer(OfferEvent::OfferDeclined(_)) => "declineOffer",
        CaseEvent::Merge(MergeEvent::MergeRequested(_)) => "merge",
        CaseEvent::Merge(MergeEvent::UnmergeRequested(_)) => "unmerge",
        CaseEvent::Merge(MergeEvent::Absorbed(_)) => "absorb",
        CaseEvent::Merge(MergeEvent::Released(_)) => "release",
        CaseEvent::Merge(MergeEvent::MergeRefused(_) | MergeEvent::Merged(_) | MergeEvent::Unmerged(_)) => {
            "settleMerge"
        }
        CaseEvent::Ending(EndingEvent::Resolved(_)) => "resolve",
        CaseEvent::Ending(EndingEvent::Cancelled(_)) | CaseEvent::Clock(ClockChange::Cancelled, _) => "cancel",
        CaseEvent::Survey(SurveyEvent::SurveyRequested(_)) => "requestSurvey",
        CaseEvent::Survey(SurveyEvent::SurveyAnswered(_)) => "answerSurvey",
        CaseEvent::Ending(EndingEvent::Closed(_))
        | CaseEvent::Survey(SurveyEvent::SurveyExpired(_))
        | CaseEvent::Work(WorkEvent::FollowUpDue(_) | WorkEvent::Notified(_))
        | CaseEvent::Offer(OfferEvent::OfferExpired(_))
        | CaseEvent::Clock(ClockChange::Warned, _)
        | CaseEvent::Clock(ClockChange::Breached, _) => "tick",
    }
}
