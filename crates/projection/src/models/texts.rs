//! `texts`: everything personal that can be opened, in the private schema.

use docket_messages::{
    ArticleEvent, CaseEvent, ClosedText, EndingEvent, FamilyEvent, Fields, IntakeEvent, MergeEvent, OfferEvent,
    OpenedText, Personal, Position, ReasonText, SurveyEvent, Version, WorkEvent, WrittenText,
};

use crate::bulk::{Rows, Table};
use crate::column::Column;
use crate::row::oid;

pub(crate) const TABLE: Table = Table {
    name: "texts",
    columns: || {
        vec![
            Column::new("case_no", oid::BIGINT),
            Column::new("version", oid::INTEGER),
            Column::new("field", oid::TEXT),
            Column::new("text", oid::TEXT),
        ]
    },
    key: &["case_no", "version", "field"],
    beside_key: &[],
    fill: 100,
    indexes: &[],
    is_looked_up: true,
};

/// Writes the texts of an event.
pub(crate) fn write(rows: &mut Rows, case_no: Position, version: Version, event: &CaseEvent) {
    let mut add = |field: &str, text: &str| {
        rows.row().with(&case_no).with(&version).text(field).text(text);
    };
    match event {
        CaseEvent::Intake(event) => of_intake(&mut add, event),
        CaseEvent::Work(event) => of_work(&mut add, event),
        CaseEvent::Ending(event) => of_ending(&mut add, event),
        CaseEvent::Article(ArticleEvent::ArticleNotFound(missed)) => {
            if let Some(search) = missed.personal.open() {
                add("search", search.text.as_str());
            }
        }
        CaseEvent::Offer(OfferEvent::OfferDeclined(declined)) => add_reason(&mut add, declined.personal.as_ref()),
        CaseEvent::Family(FamilyEvent::SplitRequested(asked)) => add_need(&mut add, &asked.personal),
        CaseEvent::Merge(MergeEvent::UnmergeRequested(asked)) => add_reason(&mut add, Some(&asked.personal)),
        CaseEvent::Survey(SurveyEvent::SurveyAnswered(answered)) => add_comment(&mut add, answered.personal.as_ref()),
        CaseEvent::Article(ArticleEvent::ArticleAttached(_) | ArticleEvent::ArticleDetached(_))
        | CaseEvent::Offer(OfferEvent::Offered(_) | OfferEvent::OfferExpired(_))
        | CaseEvent::Family(
            FamilyEvent::Linked(_)
            | FamilyEvent::LinkRequested(_)
            | FamilyEvent::LinkRefused(_)
            | FamilyEvent::ParentAccepted(_)
            | FamilyEvent::PassingOn(_)
            | FamilyEvent::PassedOn(_),
        )
        | CaseEvent::Merge(
            MergeEvent::MergeRequested(_)
            | MergeEvent::MergeRefused(_)
            | MergeEvent::Absorbed(_)
            | MergeEvent::Released(_)
            | MergeEvent::Merged(_)
            | MergeEvent::Unmerged(_),
        )
        | CaseEvent::Survey(SurveyEvent::SurveyRequested(_) | SurveyEvent::SurveyExpired(_))
        | CaseEvent::Clock(..) => {}
    }
}

fn of_intake(add: &mut impl FnMut(&str, &str), event: &IntakeEvent) {
    match event {
        IntakeEvent::Opened(opened) => add_need(add, &opened.personal),
        IntakeEvent::Classified(classified) => {
            if let Some(personal) = classified.personal.as_ref().and_then(Personal::open) {
                write_fields(add, &personal.fields);
            }
        }
        IntakeEvent::Routed(routed) => add_reason(add, routed.personal.as_ref()),
    }
}

fn of_work(add: &mut impl FnMut(&str, &str), event: &WorkEvent) {
    match event {
        WorkEvent::MessageReceived(received) => add_written(add, &received.personal),
        WorkEvent::Responded(responded) => add_written(add, &responded.personal),
        WorkEvent::Noted(noted) => add_written(add, &noted.personal),
        WorkEvent::Unassigned(unassigned) => add_reason(add, unassigned.personal.as_ref()),
        WorkEvent::Escalated(escalated) => add_reason(add, escalated.personal.as_ref()),
        WorkEvent::Deescalated(deescalated) => add_reason(add, Some(&deescalated.personal)),
        WorkEvent::Assigned(_)
        | WorkEvent::Pended(_)
        | WorkEvent::Resumed(_)
        | WorkEvent::FollowUpDue(_)
        | WorkEvent::Notified(_)
        | WorkEvent::EffortLogged(_) => {}
    }
}

fn of_ending(add: &mut impl FnMut(&str, &str), event: &EndingEvent) {
    match event {
        EndingEvent::Resolved(resolved) => {
            if let Some(solved) = resolved.personal.open() {
                add("steps", solved.steps.as_str());
            }
        }
        EndingEvent::ResolutionConfirmed(confirmed) => add_comment(add, confirmed.personal.as_ref()),
        EndingEvent::ResolutionRejected(refused) => add_comment(add, refused.personal.as_ref()),
        EndingEvent::Closed(closed) => add_comment(add, closed.personal.as_ref()),
        EndingEvent::Reopened(reopened) => add_reason(add, reopened.personal.as_ref()),
        EndingEvent::Cancelled(cancelled) => add_reason(add, Some(&cancelled.personal)),
    }
}

type Reason = Personal<ReasonText>;
type Comment = Personal<ClosedText>;

fn add_need(add: &mut impl FnMut(&str, &str), personal: &Personal<OpenedText>) {
    let Some(text) = personal.open() else { return };
    add("subject", text.subject.as_str());
    if let Some(description) = &text.description {
        add("description", description.as_str());
    }
}

fn add_written(add: &mut impl FnMut(&str, &str), personal: &Personal<WrittenText>) {
    if let Some(written) = personal.open() {
        add("text", written.text.as_str());
    }
}

fn add_reason(add: &mut impl FnMut(&str, &str), personal: Option<&Reason>) {
    if let Some(reason) = personal.and_then(Personal::open).and_then(|text| text.reason.as_ref()) {
        add("reason", reason.as_str());
    }
}

fn add_comment(add: &mut impl FnMut(&str, &str), personal: Option<&Comment>) {
    if let Some(comment) = personal.and_then(Personal::open).and_then(|text| text.comment.as_ref()) {
        add("comment", comment.as_str());
    }
}

fn write_fields(add: &mut impl FnMut(&str, &str), fields: &Fields) {
    for (name, value) in fields {
        add(&format!("fields.{name}"), &value.to_text());
    }
}
