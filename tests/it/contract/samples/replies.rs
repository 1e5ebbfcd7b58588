//! Replies, and the state of a case.

use docket_messages::{
    Accepted, CaseReply, CaseView, ClockName, ClockState, ClockView, CustomerId, Failure, FailureCode, PolicyVersion,
    Position, Rejection, RejectionCode, Reply, Status, Timestamp, Version,
};

use super::{Extent, agent, case_id, line, name, other_case_id, time};

/// More than a double can count, so that a toolchain which takes a position for one is noticed.
const FAR: Position = Position(9_007_199_254_740_993);

/// Every reply to a command that there is.
pub(in crate::contract) fn replies(extent: Extent) -> Vec<Reply> {
    let accepted = Accepted {
        case_id: extent.maybe(case_id()),
        version: extent.maybe(Version(4)),
        follow_up: extent.maybe(other_case_id()),
        proposal: extent.maybe(2),
        policy: extent.maybe(PolicyVersion(3)),
        position: FAR,
    };
    let mut replies = vec![Reply::Accepted { accepted, repeated: extent == Extent::Full }];
    replies.extend(rejections(extent).map(|rejected| Reply::Rejected { rejected }));
    replies.extend(failures().map(|failed| Reply::Failed { failed }));
    replies
}

/// Every answer to `case.get` that there is.
pub(in crate::contract) fn case_replies(extent: Extent) -> Vec<CaseReply> {
    let mut replies = vec![CaseReply::Case { case: Box::new(view(extent)) }];
    replies.extend(rejections(extent).map(|rejected| CaseReply::Rejected { rejected }));
    replies.extend(failures().map(|failed| CaseReply::Failed { failed }));
    replies
}

fn rejections(extent: Extent) -> impl Iterator<Item = Rejection> {
    RejectionCode::ALL.iter().map(move |code| Rejection {
        code: *code,
        message: "a case of type `refund` needs `orderNumber`".to_owned(),
        path: extent.maybe("fields.orderNumber".to_owned()),
    })
}

fn failures() -> impl Iterator<Item = Failure> {
    FailureCode::ALL.iter().map(|code| Failure {
        code: *code,
        message: "could not append to `docket.log.case.0199`".to_owned(),
        retryable: *code != FailureCode::LogUnreadable,
    })
}

/// The state of a case.
pub(in crate::contract) fn view(extent: Extent) -> CaseView {
    CaseView {
        case_id: case_id(),
        status: Status::Closed,
        case_type: name("incident"),
        category: extent.maybe(name("product")),
        subcategory: extent.maybe(name("defect")),
        impact: extent.maybe(name("high")),
        urgency: extent.maybe(name("medium")),
        priority: extent.maybe(name("high")),
        channel: name("email"),
        queue: extent.maybe(name("technical")),
        assignee: extent.maybe(agent("ana")),
        customer_id: extent.maybe(CustomerId::parse("C-1001").expect("a customer")),
        language: extent.maybe(name("nl-NL")),
        tier: extent.maybe(name("gold")),
        parent_id: extent.maybe(other_case_id()),
        merged_into: extent.maybe(other_case_id()),
        subject: extent.maybe(line("The café's lamp “Söl” flickers")),
        fields: extent.fields(),
        opened_at: Timestamp::EPOCH,
        first_response_at: extent.maybe(time("2026-11-20T15:30:00Z")),
        first_resolved_at: extent.maybe(time("2026-11-20T16:00:00Z")),
        resolved_at: extent.maybe(time("2026-11-21T16:00:00.001Z")),
        closed_at: extent.maybe(time("9999-12-31T23:59:59.999Z")),
        reopen_count: 1,
        reassign_count: 0,
        transfer_count: 2,
        escalation_level: 0,
        resolution_code: extent.maybe(name("solved")),
        closure_code: extent.maybe(name("completed")),
        csat: extent.maybe(5),
        version: Version(u32::MAX),
        position: FAR,
        clocks: extent.maybe(clock(extent)).into_iter().collect(),
    }
}

fn clock(extent: Extent) -> ClockView {
    ClockView {
        clock: ClockName::FirstResponse,
        instance: 1,
        state: ClockState::Met,
        target_seconds: 7_200,
        calendar: name("office"),
        policy: PolicyVersion(3),
        started_at: time("2026-11-20T13:15:00Z"),
        due_at: extent.maybe(time("2026-11-20T15:15:00Z")),
        remaining_seconds: i32::MIN,
        met_at: extent.maybe(time("2026-11-20T15:30:00Z")),
        breached_at: extent.maybe(time("2026-11-20T15:15:00Z")),
        elapsed_seconds: 8_100,
        business_elapsed_seconds: 8_100,
    }
}
