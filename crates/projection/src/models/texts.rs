//! `texts`: everything personal, in the private schema.

use docket_messages::{CaseEvent, CaseId, Fields, Version};

use crate::bulk::{Rows, Table};

pub(crate) const TABLE: Table =
    Table { name: "texts", columns: &["case_id", "version", "field", "text"], key: &["case_id", "version", "field"] };

/// Writes the texts of an event.
pub(crate) fn write(rows: &mut Rows, case: CaseId, version: Version, event: &CaseEvent) {
    let mut add = |field: &str, text: &str| {
        rows.row().with(&case).with(&version).text(field).text(text);
    };
    match event {
        CaseEvent::Opened(opened) => {
            let text = opened.personal.plain();
            add("subject", text.subject.as_str());
            if let Some(description) = &text.description {
                add("description", description.as_str());
            }
        }
        CaseEvent::Classified(classified) => {
            if let Some(personal) = &classified.personal {
                write_fields(&mut add, &personal.plain().fields);
            }
        }
        CaseEvent::Routed(routed) => add_reason(&mut add, routed.personal.as_ref()),
        CaseEvent::Unassigned(unassigned) => add_reason(&mut add, unassigned.personal.as_ref()),
        CaseEvent::Reopened(reopened) => add_reason(&mut add, reopened.personal.as_ref()),
        CaseEvent::Escalated(escalated) => add_reason(&mut add, escalated.personal.as_ref()),
        CaseEvent::Deescalated(deescalated) => add_reason(&mut add, Some(&deescalated.personal)),
        CaseEvent::Cancelled(cancelled) => add_reason(&mut add, Some(&cancelled.personal)),
        CaseEvent::MessageReceived(received) => add("text", received.personal.plain().text.as_str()),
        CaseEvent::Responded(responded) => add("text", responded.personal.plain().text.as_str()),
        CaseEvent::Noted(noted) => add("text", noted.personal.plain().text.as_str()),
        CaseEvent::Resolved(resolved) => add("steps", resolved.personal.plain().steps.as_str()),
        CaseEvent::ArticleNotFound(missed) => add("search", missed.personal.plain().text.as_str()),
        CaseEvent::OfferDeclined(declined) => add_reason(&mut add, declined.personal.as_ref()),
        CaseEvent::SplitRequested(asked) => {
            let text = asked.personal.plain();
            add("subject", text.subject.as_str());
            if let Some(description) = &text.description {
                add("description", description.as_str());
            }
        }
        CaseEvent::UnmergeRequested(asked) => add_reason(&mut add, Some(&asked.personal)),
        CaseEvent::ResolutionConfirmed(confirmed) => add_comment(&mut add, confirmed.personal.as_ref()),
        CaseEvent::ResolutionRejected(refused) => add_comment(&mut add, refused.personal.as_ref()),
        CaseEvent::Closed(closed) => add_comment(&mut add, closed.personal.as_ref()),
        CaseEvent::SurveyAnswered(answered) => add_comment(&mut add, answered.personal.as_ref()),
        CaseEvent::Assigned(_)
        | CaseEvent::Pended(_)
        | CaseEvent::Resumed(_)
        | CaseEvent::Notified(_)
        | CaseEvent::EffortLogged(_)
        | CaseEvent::Linked(_)
        | CaseEvent::ArticleAttached(_)
        | CaseEvent::ArticleDetached(_)
        | CaseEvent::LinkRequested(_)
        | CaseEvent::LinkRefused(_)
        | CaseEvent::ParentAccepted(_)
        | CaseEvent::PassingOn(_)
        | CaseEvent::PassedOn(_)
        | CaseEvent::Offered(_)
        | CaseEvent::OfferExpired(_)
        | CaseEvent::MergeRequested(_)
        | CaseEvent::MergeRefused(_)
        | CaseEvent::Absorbed(_)
        | CaseEvent::Released(_)
        | CaseEvent::Merged(_)
        | CaseEvent::Unmerged(_)
        | CaseEvent::SurveyRequested(_)
        | CaseEvent::SurveyExpired(_)
        | CaseEvent::FollowUpDue(_)
        | CaseEvent::Clock(..) => {}
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
