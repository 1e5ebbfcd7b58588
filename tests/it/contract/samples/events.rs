//! Events.

use docket_messages::{
    Absorbed, ArticleAttached, ArticleDetached, ArticleNotFound, Assigned, Cancelled, CaseProposed, Cause, Classified,
    ClassifiedText, ClockName, ClockReading, Closed, ClosedText, CustomerId, Deescalated, EffortLogged, Escalated,
    Event, FollowUpDue, LinkRefused, LinkRequested, Linked, MergeRefused, MergeRequested, Merged, MessageReceived,
    Noted, Notified, OfferDeclined, OfferExpired, Offered, Opened, OpenedText, ParentAccepted, PassedOn, PassingOn,
    Pended, Personal, PolicyPublished, PolicyVersion, Presence, PresenceChanged, ReasonText, Relation, Released,
    Reopened, ResolutionConfirmed, ResolutionRejected, Resolved, ResolvedText, Responded, Resumed, Routed, SkillNeed,
    SplitRequested, Status, Survey, SurveyAnswered, SurveyExpired, SurveyRequested, SurveyReserved, Unassigned,
    UnmergeRequested, Unmerged, Version, WrittenText,
};

use super::{Extent, agent, line, name, other_case_id, text, time};

/// One of every event.
pub(in crate::contract) fn events(extent: Extent) -> Vec<Event> {
    let mut events = intake(extent);
    events.extend(work(extent));
    events.extend(endings(extent));
    events.extend(merging(extent));
    events.extend(families(extent));
    events.extend(offers(extent));
    events.extend(beside_cases());
    events.extend(surveys(extent));
    events.extend(clocks(extent));
    events.push(Event::PolicyPublished(PolicyPublished {
        document: "name = \"Desk\"\n".to_owned(),
        zone_version: extent.maybe("2026f".to_owned()),
    }));
    events
}

fn intake(extent: Extent) -> Vec<Event> {
    let opened = Opened {
        case_type: name("incident"),
        status: Status::New,
        channel: name("email"),
        customer_id: extent.maybe(CustomerId::parse("C-1001").expect("a customer")),
        language: extent.maybe(name("nl-NL")),
        tier: extent.maybe(name("gold")),
        entitlement: extent.maybe(name("on site")),
        parent_id: extent.maybe(other_case_id()),
        follow_up_of: extent.maybe(other_case_id()),
        responses_unknown: extent.maybe(true),
        personal: Personal::Plain(OpenedText {
            subject: line("The café's lamp “Söl” flickers"),
            description: extent.maybe(text("Since Monday.\nIt came with order A-17.")),
        }),
    };
    let classified = Classified {
        case_type: name("incident"),
        category: extent.maybe(name("product")),
        subcategory: extent.maybe(name("defect")),
        impact: name("high"),
        urgency: name("medium"),
        priority: name("high"),
        fields: extent.fields(),
        personal: extent.maybe(Personal::Plain(ClassifiedText { fields: extent.fields() })),
    };
    let routed = Routed {
        queue: name("technical"),
        rule: extent.maybe(4),
        cause: extent.maybe(Cause::Breach),
        skills: extent.maybe(skills()).unwrap_or_default(),
        at: extent.maybe(time("2026-11-22T09:00:00Z")),
        personal: reason_maybe(extent),
    };
    vec![Event::Opened(opened), Event::Classified(classified), Event::Routed(routed)]
}

fn work(extent: Extent) -> Vec<Event> {
    vec![
        Event::Assigned(Assigned {
            agent: agent("ana"),
            status: Status::Open,
            cause: extent.maybe(Cause::Warning),
            at: extent.maybe(time("2026-11-22T09:00:00Z")),
            forced: extent.maybe(true),
        }),
        Event::Unassigned(Unassigned {
            agent: agent("ana"),
            cause: extent.maybe(Cause::Reopen),
            personal: reason_maybe(extent),
        }),
        Event::MessageReceived(MessageReceived {
            channel: extent.maybe(name("phone")),
            ack: false,
            personal: written("Is there any news?"),
        }),
        Event::Responded(Responded {
            channel: extent.maybe(name("chat")),
            automatic: true,
            status: Status::New,
            personal: written("We have your message."),
        }),
        Event::Noted(Noted { personal: written("Called twice.\nNobody answered.") }),
        Event::Pended(Pended {
            reason: name("awaiting_vendor"),
            status: Status::PendingThirdParty,
            until: extent.maybe(time("2026-11-29T08:00:00Z")),
        }),
        Event::Resumed(Resumed { status: Status::Open, cause: extent.maybe(Cause::Message) }),
        Event::Escalated(Escalated {
            level: 2,
            cause: extent.maybe(Cause::Breach),
            at: extent.maybe(time("2026-11-22T09:00:00Z")),
            personal: reason_maybe(extent),
        }),
        Event::Deescalated(Deescalated { level: 0, personal: reason(extent) }),
        Event::Notified(Notified {
            to: vec![name("team lead")],
            clock: ClockName::Ownership,
            instance: 2,
            cause: Cause::Warning,
            at: extent.maybe(time("2026-11-22T09:00:00Z")),
        }),
        Event::EffortLogged(EffortLogged { seconds: 600, activity: extent.maybe(name("call")) }),
        Event::Linked(Linked { to: other_case_id(), relation: Relation::CausedBy }),
        Event::FollowUpDue(FollowUpDue {
            reason: name("awaiting_vendor"),
            at: extent.maybe(time("2026-11-22T09:00:00Z")),
        }),
    ]
}

fn endings(extent: Extent) -> Vec<Event> {
    let comment = Personal::Plain(ClosedText { comment: extent.maybe(text("Confirmed by phone.")) });
    vec![
        Event::Resolved(Resolved {
            code: name("solved"),
            status: Status::Resolved,
            article_id: extent.maybe(name("KB-42")),
            personal: Personal::Plain(ResolvedText { steps: text("Sent a new one.") }),
        }),
        Event::ResolutionConfirmed(ResolutionConfirmed { personal: extent.maybe(comment.clone()) }),
        Event::ResolutionRejected(ResolutionRejected { personal: extent.maybe(comment.clone()) }),
        Event::Closed(Closed {
            code: name("auto_closed"),
            status: Status::Closed,
            at: extent.maybe(time("2026-11-22T09:00:00Z")),
            cause: extent.maybe(Cause::Time),
            personal: extent.maybe(comment),
        }),
        Event::Reopened(Reopened {
            status: Status::Open,
            cause: extent.maybe(Cause::Message),
            personal: reason_maybe(extent),
        }),
        Event::Cancelled(Cancelled { status: Status::Cancelled, personal: reason(extent) }),
    ]
}

fn merging(extent: Extent) -> Vec<Event> {
    let (into, from) = (other_case_id(), other_case_id());
    vec![
        Event::MergeRequested(MergeRequested {
            into,
            waiting_since: extent.maybe(time("2026-11-22T08:00:00Z")),
            occurred_at: extent.maybe(time("2026-11-22T08:10:00Z")),
        }),
        Event::MergeRefused(MergeRefused { into, code: name("merge_target_ended") }),
        Event::Absorbed(Absorbed { from, waiting_since: extent.maybe(time("2026-11-22T08:00:00Z")) }),
        Event::Merged(Merged { into, status: Status::Merged }),
        Event::UnmergeRequested(UnmergeRequested {
            from,
            occurred_at: extent.maybe(time("2026-11-22T08:10:00Z")),
            personal: reason(extent),
        }),
        Event::Released(Released { from }),
        Event::Unmerged(Unmerged {
            from,
            status: Status::PendingCustomer,
            answered_at: extent.maybe(time("2026-11-22T08:30:00Z")),
        }),
    ]
}

fn skills() -> Vec<SkillNeed> {
    vec![
        SkillNeed { skill: name("french"), level: 2, until: Some(time("2026-11-23T09:14:03.120Z")) },
        SkillNeed { skill: name("networks"), level: 1, until: Some(time("2026-11-22T09:24:03.120Z")) },
    ]
}

fn families(extent: Extent) -> Vec<Event> {
    let to = other_case_id();
    vec![
        Event::LinkRequested(LinkRequested {
            to,
            relation: Relation::Parent,
            occurred_at: extent.maybe(time("2026-11-22T08:10:00Z")),
        }),
        Event::LinkRefused(LinkRefused { to, relation: Relation::Child, code: name("parent_cycle") }),
        Event::ParentAccepted(ParentAccepted { children: 0 }),
        Event::PassingOn(PassingOn { of: Version(7), children: 3_000 }),
        Event::PassedOn(PassedOn { of: Version(7), taken: 2_998, refused: 2 }),
        Event::SplitRequested(SplitRequested {
            into: to,
            case_type: extent.maybe(name("question")),
            category: extent.maybe(name("billing")),
            subcategory: extent.maybe(name("invoice")),
            channel: extent.maybe(name("phone")),
            impact: name("low"),
            urgency: name("low"),
            cause: extent.maybe(Cause::Message),
            personal: Personal::Plain(OpenedText {
                subject: line("The invoice is wrong, too"),
                description: extent.maybe(text("It lists the lamp twice.")),
            }),
        }),
        Event::ArticleAttached(ArticleAttached { article_id: name("KB-42") }),
        Event::ArticleDetached(ArticleDetached { article_id: name("KB-42") }),
        Event::ArticleNotFound(ArticleNotFound { personal: written("lamp flickers") }),
    ]
}

fn offers(extent: Extent) -> Vec<Event> {
    let agent = agent("ana");
    vec![
        Event::Offered(Offered { agent: agent.clone(), expires_at: time("2026-11-22T09:16:03.120Z") }),
        Event::OfferDeclined(OfferDeclined { agent: agent.clone(), personal: reason_maybe(extent) }),
        Event::OfferExpired(OfferExpired { agent, at: extent.maybe(time("2026-11-22T09:00:00Z")) }),
    ]
}

fn beside_cases() -> Vec<Event> {
    vec![
        Event::PresenceChanged(PresenceChanged { agent: agent("ana"), presence: Presence::Busy }),
        Event::CaseProposed(CaseProposed { case_id: other_case_id(), agent: agent("ana"), queue: name("billing") }),
        Event::SurveyReserved(SurveyReserved {
            customer_id: CustomerId::parse("C-1001").expect("a customer"),
            survey: Survey::Csat,
            case_id: other_case_id(),
            cycle: 1,
        }),
    ]
}

fn surveys(extent: Extent) -> Vec<Event> {
    let comment = Personal::Plain(ClosedText { comment: extent.maybe(text("Too slow.")) });
    vec![
        Event::SurveyRequested(SurveyRequested {
            survey: Survey::Csat,
            cycle: 1,
            expires_at: extent.maybe(time("2026-12-06T09:14:03.120Z")),
        }),
        Event::SurveyAnswered(SurveyAnswered {
            survey: Survey::Nps,
            cycle: 2,
            score: 0,
            scale_min: 0,
            scale_max: 10,
            personal: extent.maybe(comment),
        }),
        Event::SurveyExpired(SurveyExpired {
            survey: Survey::Ces,
            cycle: 1,
            at: extent.maybe(time("2026-11-22T09:00:00Z")),
        }),
    ]
}

fn clocks(extent: Extent) -> Vec<Event> {
    vec![
        Event::ClockStarted(reading(extent, ClockName::Resolution, Cause::Reopen)),
        Event::ClockPaused(reading(extent, ClockName::Resolution, Cause::Message)),
        Event::ClockResumed(reading(extent, ClockName::Resolution, Cause::Message)),
        Event::ClockRetargeted(reading(extent, ClockName::FirstResponse, Cause::Retarget)),
        Event::ClockWarned(reading(extent, ClockName::FirstResponse, Cause::Retarget)),
        Event::ClockBreached(reading(extent, ClockName::FirstResponse, Cause::Time)),
        Event::ClockMet(reading(extent, ClockName::FirstResponse, Cause::Resolve)),
        Event::ClockCancelled(reading(extent, ClockName::Resolution, Cause::Close)),
    ]
}

fn reading(extent: Extent, clock: ClockName, cause: Cause) -> ClockReading {
    ClockReading {
        clock,
        instance: 1,
        policy: PolicyVersion(3),
        calendar: name("office"),
        target_seconds: 7_200,
        target_millis: extent.maybe(700),
        wall: extent.maybe(true),
        started_at: time("2026-11-20T13:15:00Z"),
        due_at: extent.maybe(time("2026-11-20T15:15:00Z")),
        warn_at: extent.maybe(time("2026-11-20T14:45:00Z")),
        remaining_seconds: -6_300,
        elapsed_seconds: 158_343,
        business_elapsed_seconds: 13_500,
        cause: extent.maybe(cause),
        at: extent.maybe(time("2026-11-22T09:00:00Z")),
    }
}

fn written(what: &str) -> Personal<WrittenText> {
    Personal::Plain(WrittenText { text: text(what) })
}

fn reason(extent: Extent) -> Personal<ReasonText> {
    Personal::Plain(ReasonText { reason: extent.maybe(text("The customer is a hospital.")) })
}

fn reason_maybe(extent: Extent) -> Option<Personal<ReasonText>> {
    extent.maybe(reason(extent))
}
