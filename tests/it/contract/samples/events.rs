//! Events.

use docket_messages::{
    Assigned, Cancelled, Cause, Classified, ClassifiedText, ClockName, ClockReading, Closed, ClosedText, CustomerId,
    Escalated, Event, FollowUpDue, MessageReceived, Noted, Opened, OpenedText, Pended, Personal, PolicyPublished,
    PolicyVersion, ReasonText, Reopened, Resolved, ResolvedText, Responded, Resumed, Routed, Status, Survey,
    SurveyAnswered, SurveyExpired, SurveyRequested, Unassigned, WrittenText,
};

use super::{Extent, agent, line, name, other_case_id, text, time};

/// One of every event.
pub(in crate::contract) fn events(extent: Extent) -> Vec<Event> {
    let mut events = intake(extent);
    events.extend(work(extent));
    events.extend(endings(extent));
    events.extend(surveys(extent));
    events.extend(clocks(extent));
    events.push(Event::PolicyPublished(PolicyPublished { document: "name = \"Desk\"\n".to_owned() }));
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
        parent_id: extent.maybe(other_case_id()),
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
    let routed = Routed { queue: name("technical"), rule: extent.maybe(4), personal: reason_maybe(extent) };
    vec![Event::Opened(opened), Event::Classified(classified), Event::Routed(routed)]
}

fn work(extent: Extent) -> Vec<Event> {
    vec![
        Event::Assigned(Assigned { agent: agent("ana"), status: Status::Open }),
        Event::Unassigned(Unassigned { agent: agent("ana"), personal: reason_maybe(extent) }),
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
        Event::Escalated(Escalated { level: 2, personal: reason(extent) }),
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
