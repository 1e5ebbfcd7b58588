//! `texts`: everything personal, in the private schema.

use docket_messages::{CaseId, Event, Fields, Version};

use crate::bulk::{Rows, Table};

pub(crate) const TABLE: Table =
    Table { name: "texts", columns: &["case_id", "version", "field", "text"], key: &["case_id", "version", "field"] };

/// Writes the texts of an event.
pub(crate) fn write(rows: &mut Rows, case: CaseId, version: Version, event: &Event) {
    let mut add = |field: &str, text: &str| {
        rows.row().uuid(case).int(version.get()).text(field).text(text);
    };
    match event {
        Event::Opened(opened) => {
            let text = opened.personal.plain();
            add("subject", text.subject.as_str());
            if let Some(description) = &text.description {
                add("description", description.as_str());
            }
        }
        Event::Classified(classified) => {
            if let Some(personal) = &classified.personal {
                write_fields(&mut add, &personal.plain().fields);
            }
        }
        Event::Routed(routed) => add_reason(&mut add, routed.personal.as_ref()),
        Event::Unassigned(unassigned) => add_reason(&mut add, unassigned.personal.as_ref()),
        Event::Reopened(reopened) => add_reason(&mut add, reopened.personal.as_ref()),
        Event::Escalated(escalated) => add_reason(&mut add, escalated.personal.as_ref()),
        Event::Deescalated(deescalated) => add_reason(&mut add, Some(&deescalated.personal)),
        Event::Cancelled(cancelled) => add_reason(&mut add, Some(&cancelled.personal)),
        Event::MessageReceived(received) => add("text", received.personal.plain().text.as_str()),
        Event::Responded(responded) => add("text", responded.personal.plain().text.as_str()),
        Event::Noted(noted) => add("text", noted.personal.plain().text.as_str()),
        Event::Resolved(resolved) => add("steps", resolved.personal.plain().steps.as_str()),
        Event::ArticleNotFound(missed) => add("search", missed.personal.plain().text.as_str()),
        Event::OfferDeclined(declined) => add_reason(&mut add, declined.personal.as_ref()),
        Event::SplitRequested(asked) => {
            let text = asked.personal.plain();
            add("subject", text.subject.as_str());
            if let Some(description) = &text.description {
                add("description", description.as_str());
            }
        }
        Event::UnmergeRequested(asked) => add_reason(&mut add, Some(&asked.personal)),
        Event::ResolutionConfirmed(confirmed) => add_comment(&mut add, confirmed.personal.as_ref()),
        Event::ResolutionRejected(refused) => add_comment(&mut add, refused.personal.as_ref()),
        Event::Closed(closed) => add_comment(&mut add, closed.personal.as_ref()),
        Event::SurveyAnswered(answered) => add_comment(&mut add, answered.personal.as_ref()),
        Event::Assigned(_)
        | Event::Pended(_)
        | Event::Resumed(_)
        | Event::Notified(_)
        | Event::EffortLogged(_)
        | Event::Linked(_)
        | Event::ArticleAttached(_)
        | Event::ArticleDetached(_)
        | Event::LinkRequested(_)
        | Event::LinkRefused(_)
        | Event::ParentAccepted(_)
        | Event::PassingOn(_)
        | Event::PassedOn(_)
        | Event::Offered(_)
        | Event::OfferExpired(_)
        | Event::PresenceChanged(_)
        | Event::CaseProposed(_)
        | Event::SurveyReserved(_)
        | Event::MergeRequested(_)
        | Event::MergeRefused(_)
        | Event::Absorbed(_)
        | Event::Released(_)
        | Event::Merged(_)
        | Event::Unmerged(_)
        | Event::SurveyRequested(_)
        | Event::SurveyExpired(_)
        | Event::FollowUpDue(_)
        | Event::ClockStarted(_)
        | Event::ClockPaused(_)
        | Event::ClockResumed(_)
        | Event::ClockRetargeted(_)
        | Event::ClockWarned(_)
        | Event::ClockBreached(_)
        | Event::ClockMet(_)
        | Event::ClockCancelled(_)
        | Event::PolicyPublished(_) => {}
    }
}

type Reason = docket_messages::Personal<docket_messages::ReasonText>;
type Comment = docket_messages::Personal<docket_messages::ClosedText>;

fn add_reason(add: &mut impl FnMut(&str, &str), personal: Option<&Reason>) {
    if let Some(reason) = personal.and_then(|personal| personal.plain().reason.as_ref()) {
        add("reason", reason.as_str());
    }
}

fn add_comment(add: &mut impl FnMut(&str, &str), personal: Option<&Comment>) {
    if let Some(comment) = personal.and_then(|personal| personal.plain().comment.as_ref()) {
        add("comment", comment.as_str());
    }
}

fn write_fields(add: &mut impl FnMut(&str, &str), fields: &Fields) {
    for (name, value) in fields {
        add(&format!("fields.{name}"), &value.to_text());
    }
}
