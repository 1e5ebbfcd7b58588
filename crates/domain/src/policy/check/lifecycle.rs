//! Reasons to wait, codes, reopening, auto-close and surveys.

use docket_messages::Status;
use docket_messages::policy::Document;

use super::{DAYS_LIMIT, Findings, LEVEL_LIMIT};

pub(super) fn check(document: &Document, findings: &mut Findings) {
    for (name, reason) in document.pend_reasons.iter().filter(|(_, reason)| !reason.status.is_pending()) {
        let message = format!(
            "`{}` is not a pending status; there are pending_customer, pending_third_party and pending_internal",
            reason.status
        );
        findings.add(&format!("pend_reasons.{name}.status"), message);
    }
    for (name, code) in &document.closure_codes {
        let ended = |status: &Status| matches!(status, Status::Closed | Status::Cancelled | Status::Merged);
        for (index, status) in code.also_from.iter().enumerate().filter(|(_, status)| ended(status)) {
            let message = format!("a case that is `{status}` cannot be closed");
            findings.add(&format!("closure_codes.{name}.also_from[{index}]"), message);
        }
    }
    let lifecycle = &document.lifecycle;
    if lifecycle.reopen_closed_within_days > DAYS_LIMIT {
        findings.add("lifecycle.reopen_closed_within_days", format!("at most {DAYS_LIMIT} days are allowed"));
    }
    if let Some(code) = &lifecycle.close_on_confirm {
        findings.known_one("lifecycle.close_on_confirm", "closure code", code, document.closure_codes.keys());
    }
    if let Some(often) = &lifecycle.reopened_often {
        if !(1..=LEVEL_LIMIT).contains(&often.level) {
            findings.add("lifecycle.reopened_often.level", format!("a level is 1 to {LEVEL_LIMIT}"));
        }
        if often.times == 0 {
            findings.add("lifecycle.reopened_often.times", "reopenings are counted from 1".to_owned());
        }
    }
    if let Some(auto) = &lifecycle.auto_close {
        findings.known_one("lifecycle.auto_close.code", "closure code", &auto.code, document.closure_codes.keys());
        if !(1..=DAYS_LIMIT).contains(&auto.after_days) {
            findings.add("lifecycle.auto_close.after_days", format!("auto-close comes after 1 to {DAYS_LIMIT} days"));
        }
    }
    for (survey, rule) in &document.surveys {
        if !(1..=DAYS_LIMIT).contains(&rule.expires_after_days) {
            findings.add(
                &format!("surveys.{survey}.expires_after_days"),
                format!("a survey expires after 1 to {DAYS_LIMIT} days"),
            );
        }
        if rule.suppress_days.is_some_and(|days| !(1..=DAYS_LIMIT).contains(&days)) {
            findings.add(
                &format!("surveys.{survey}.suppress_days"),
                format!("a customer is left in peace for 1 to {DAYS_LIMIT} days"),
            );
        }
    }
}
