//! Events.

use docket_messages::{
    Absorbed, AgentEvent, ArticleAttached, ArticleDetached, ArticleEvent, ArticleNotFound, Assigned, Cancelled,
    CaseEvent, CaseProposed, Cause, ClaimEvent, Classified, ClassifiedText, ClockChange, ClockName, ClockReading,
    Closed, ClosedText, CustomerEvent, CustomerId, Deescalated, EffortLogged, EndingEvent, Escalated, Event,
    FamilyEvent, FollowUpDue, IntakeEvent, KeyId, LinkRefused, LinkRequested, Linked, MergeEvent, MergeRefused,
    MergeRequested, Merged, MessageReceived, Noted, Notified, OfferDeclined, OfferEvent, OfferExpired, Offered, Opened,
    OpenedText, ParentAccepted, PassedOn, PassingOn, Pended, Personal, PersonalEvent, PolicyApproved, PolicyEvent,
    PolicyProposed, PolicyPublished, PolicyVersion, Presence, PresenceChanged, ReasonText, Relation, Released,
    Reopened, ResolutionConfirmed, ResolutionRejected, Resolved, ResolvedText, Responded, Resumed, Routed, Sealed,
    SkillNeed, SplitRequested, Status, Survey, SurveyAnswered, SurveyEvent, SurveyExpired, SurveyRequested,
    SurveyReserved, Unassigned, UnmergeRequested, Unmerged, Version, WorkEvent, WrittenText,
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
    events.extend(surveys(extent));
    events.extend(clocks(extent));
    events.into_iter().map(Event::from).chain(beside_cases(extent)).collect()
}

/// Those that hold something personal, with that sealed.
pub(in crate::contract) fn sealed_events() -> Vec<Event> {
    let sealed =
        || Sealed { key: KeyId::new([5; 16]), nonce: vec![6; 24].into(), boxed: (0..112).collect::<Vec<u8>>().into() };
    let seal = |mut event: Event| {
        event.personal_part()?.seal(sealed());
        Some(event)
    };
    events(Extent::Full).into_iter().filter_map(seal).collect()
}

fn intake(extent: Extent) -> Vec<CaseEvent> {
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
        described: extent.maybe(true),
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
        personal_fields: extent.maybe(vec![name("note")]).unwrap_or_default(),
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
    vec![
        CaseEvent::Intake(IntakeEvent::Opened(opened)),
        CaseEvent::Intake(IntakeEvent::Classified(classified)),
        CaseEvent::Intake(IntakeEvent::Routed(routed)),
    ]
}

fn work(extent: Extent) -> Vec<CaseEvent> {
    vec![
        CaseEvent::Work(WorkEvent::Assigned(Assigned {
            agent: agent("ana"),
            status: Status::Open,
            cause: extent.maybe(Cause::Warning),
            at: extent.maybe(time("2026-11-22T09:00:00Z")),
            forced: extent.maybe(true),
        })),
        CaseEvent::Work(WorkEvent::Unassigned(Unassigned {
            agent: agent("ana"),
            cause: extent.maybe(Cause::Reopen),
            personal: reason_maybe(extent),
        })),
        CaseEvent::Work(WorkEvent::MessageReceived(MessageReceived {
            channel: extent.maybe(name("phone")),
            ack: false,
            personal: written("Is there any news?"),
        })),
        CaseEvent::Work(WorkEvent::Responded(Responded {
            channel: extent.maybe(name("chat")),
            automatic: true,
            status: Status::New,
            personal: written("We have your message."),
        })),
        CaseEvent::Work(WorkEvent::Noted(Noted { personal: written("Called twice.\nNobody answered.") })),
        CaseEvent::Work(WorkEvent::Pended(Pended {
            reason: name("awaiting_vendor"),
            status: Status::PendingThirdParty,
            until: extent.maybe(time("2026-11-29T08:00:00Z")),
        })),
        CaseEvent::Work(WorkEvent::Resumed(Resumed { status: Status::Open, cause: extent.maybe(Cause::Message) })),
        CaseEvent::Work(WorkEvent::Escalated(Escalated {
            level: 2,
            cause: extent.maybe(Cause::Breach),
            at: extent.maybe(time("2026-11-22T09:00:00Z")),
            personal: reason_maybe(extent),
        })),
        CaseEvent::Work(WorkEvent::Deescalated(Deescalated { level: 0, personal: reason(extent) })),
        CaseEvent::Work(WorkEvent::Notified(Notified {
            to: vec![name("team lead")],
            clock: ClockName::Ownership,
            instance: 2,
            cause: Cause::Warning,
            at: extent.maybe(time("2026-11-22T09:00:00Z")),
        })),
        CaseEvent::Work(WorkEvent::EffortLogged(EffortLogged { seconds: 600, activity: extent.maybe(name("call")) })),
        CaseEvent::Family(FamilyEvent::Linked(Linked { to: other_case_id(), relation: Relation::CausedBy })),
        CaseEvent::Work(WorkEvent::FollowUpDue(FollowUpDue {
            reason: name("awaiting_vendor"),
            at: extent.maybe(time("2026-11-22T09:00:00Z")),
        })),
    ]
}

fn endings(extent: Extent) -> Vec<CaseEvent> {
    let comment = Personal::Plain(ClosedText { comment: extent.maybe(text("Confirmed by phone.")) });
    vec![
        CaseEvent::Ending(EndingEvent::Resolved(Resolved {
            code: name("solved"),
            status: Status::Resolved,
            article_id: extent.maybe(name("KB-42")),
            personal: Personal::Plain(ResolvedText { steps: text("Sent a new one.") }),
        })),
        CaseEvent::Ending(EndingEvent::ResolutionConfirmed(ResolutionConfirmed {
            personal: extent.maybe(comment.clone()),
        })),
        CaseEvent::Ending(EndingEvent::ResolutionRejected(ResolutionRejected {
            personal: extent.maybe(comment.clone()),
        })),
        CaseEvent::Ending(EndingEvent::Closed(Closed {
            code: name("auto_closed"),
            status: Status::Closed,
            at: extent.maybe(time("2026-11-22T09:00:00Z")),
            cause: extent.maybe(Cause::Time),
            personal: extent.maybe(comment),
        })),
        CaseEvent::Ending(EndingEvent::Reopened(Reopened {
            status: Status::Open,
            cause: extent.maybe(Cause::Message),
            personal: reason_maybe(extent),
        })),
        CaseEvent::Ending(EndingEvent::Cancelled(Cancelled { status: Status::Cancelled, personal: reason(extent) })),
    ]
}

fn merging(extent: Extent) -> Vec<CaseEvent> {
    let (into, from) = (other_case_id(), other_case_id());
    vec![
        CaseEvent::Merge(MergeEvent::MergeRequested(MergeRequested {
            into,
            waiting_since: extent.maybe(time("2026-11-22T08:00:00Z")),
            occurred_at: extent.maybe(time("2026-11-22T08:10:00Z")),
        })),
        CaseEvent::Merge(MergeEvent::MergeRefused(MergeRefused { into, code: name("merge_target_ended") })),
        CaseEvent::Merge(MergeEvent::Absorbed(Absorbed {
            from,
            waiting_since: extent.maybe(time("2026-11-22T08:00:00Z")),
        })),
        CaseEvent::Merge(MergeEvent::Merged(Merged { into, status: Status::Merged })),
        CaseEvent::Merge(MergeEvent::UnmergeRequested(UnmergeRequested {
            from,
            occurred_at: extent.maybe(time("2026-11-22T08:10:00Z")),
            personal: reason(extent),
        })),
        CaseEvent::Merge(MergeEvent::Released(Released { from })),
        CaseEvent::Merge(MergeEvent::Unmerged(Unmerged {
            from,
            status: Status::PendingCustomer,
            answered_at: extent.maybe(time("2026-11-22T08:30:00Z")),
        })),
    ]
}

fn skills() -> Vec<SkillNeed> {
    vec![
        SkillNeed { skill: name("french"), level: 2, until: Some(time("2026-11-23T09:14:03.120Z")) },
        SkillNeed { skill: name("networks"), level: 1, until: Some(time("2026-11-22T09:24:03.120Z")) },
    ]
}

fn families(extent: Extent) -> Vec<CaseEvent> {
    let to = other_case_id();
    vec![
        CaseEvent::Family(FamilyEvent::LinkRequested(LinkRequested {
            to,
            relation: Relation::Parent,
            occurred_at: extent.maybe(time("2026-11-22T08:10:00Z")),
        })),
        CaseEvent::Family(FamilyEvent::LinkRefused(LinkRefused {
            to,
            relation: Relation::Child,
            code: name("parent_cycle"),
        })),
        CaseEvent::Family(FamilyEvent::ParentAccepted(ParentAccepted { children: 0 })),
        CaseEvent::Family(FamilyEvent::PassingOn(PassingOn { of: Version(7), children: 3_000 })),
        CaseEvent::Family(FamilyEvent::PassedOn(PassedOn { of: Version(7), taken: 2_998, refused: 2 })),
        CaseEvent::Family(FamilyEvent::SplitRequested(SplitRequested {
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
        })),
        CaseEvent::Article(ArticleEvent::ArticleAttached(ArticleAttached { article_id: name("KB-42") })),
        CaseEvent::Article(ArticleEvent::ArticleDetached(ArticleDetached { article_id: name("KB-42") })),
        CaseEvent::Article(ArticleEvent::ArticleNotFound(ArticleNotFound { personal: written("lamp flickers") })),
    ]
}

fn offers(extent: Extent) -> Vec<CaseEvent> {
    let agent = agent("ana");
    vec![
        CaseEvent::Offer(OfferEvent::Offered(Offered {
            agent: agent.clone(),
            expires_at: time("2026-11-22T09:16:03.120Z"),
        })),
        CaseEvent::Offer(OfferEvent::OfferDeclined(OfferDeclined {
            agent: agent.clone(),
            personal: reason_maybe(extent),
        })),
        CaseEvent::Offer(OfferEvent::OfferExpired(OfferExpired {
            agent,
            at: extent.maybe(time("2026-11-22T09:00:00Z")),
        })),
    ]
}

fn beside_cases(extent: Extent) -> [Event; 6] {
    let changed = PresenceChanged { agent: agent("ana"), presence: Presence::Busy };
    let proposed = CaseProposed { case_id: other_case_id(), agent: agent("ana"), queue: name("billing") };
    let reserved = SurveyReserved {
        customer_id: CustomerId::parse("C-1001").expect("a customer"),
        survey: Survey::Csat,
        case_id: other_case_id(),
        cycle: 1,
    };
    let published =
        PolicyPublished { document: "name = \"Desk\"\n".to_owned(), zone_version: extent.maybe("2026f".to_owned()) };
    let proposed_policy = PolicyProposed {
        proposal: 2,
        document: "name = \"Desk\"\n".to_owned(),
        zone_version: extent.maybe("2026f".to_owned()),
    };
    [
        AgentEvent::PresenceChanged(changed).into(),
        ClaimEvent::CaseProposed(proposed).into(),
        CustomerEvent::SurveyReserved(reserved).into(),
        PolicyEvent::PolicyPublished(published).into(),
        PolicyEvent::PolicyProposed(proposed_policy).into(),
        PolicyEvent::PolicyApproved(PolicyApproved { proposal: 2 }).into(),
    ]
}

fn surveys(extent: Extent) -> Vec<CaseEvent> {
    let comment = Personal::Plain(ClosedText { comment: extent.maybe(text("Too slow.")) });
    vec![
        CaseEvent::Survey(SurveyEvent::SurveyRequested(SurveyRequested {
            survey: Survey::Csat,
            cycle: 1,
            expires_at: extent.maybe(time("2026-12-06T09:14:03.120Z")),
        })),
        CaseEvent::Survey(SurveyEvent::SurveyAnswered(SurveyAnswered {
            survey: Survey::Nps,
            cycle: 2,
            score: 0,
            scale_min: 0,
            scale_max: 10,
            personal: extent.maybe(comment),
        })),
        CaseEvent::Survey(SurveyEvent::SurveyExpired(SurveyExpired {
            survey: Survey::Ces,
            cycle: 1,
            at: extent.maybe(time("2026-11-22T09:00:00Z")),
        })),
    ]
}

fn clocks(extent: Extent) -> Vec<CaseEvent> {
    vec![
        CaseEvent::Clock(ClockChange::Started, reading(extent, ClockName::Resolution, Cause::Reopen)),
        CaseEvent::Clock(ClockChange::Paused, reading(extent, ClockName::Resolution, Cause::Message)),
        CaseEvent::Clock(ClockChange::Resumed, reading(extent, ClockName::Resolution, Cause::Message)),
        CaseEvent::Clock(ClockChange::Retargeted, reading(extent, ClockName::FirstResponse, Cause::Retarget)),
        CaseEvent::Clock(ClockChange::Warned, reading(extent, ClockName::FirstResponse, Cause::Retarget)),
        CaseEvent::Clock(ClockChange::Breached, reading(extent, ClockName::FirstResponse, Cause::Time)),
        CaseEvent::Clock(ClockChange::Met, reading(extent, ClockName::FirstResponse, Cause::Resolve)),
        CaseEvent::Clock(ClockChange::Cancelled, reading(extent, ClockName::Resolution, Cause::Close)),
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
