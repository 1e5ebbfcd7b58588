//! Clocks, targets and escalations.

use docket_messages::policy::{Document, EscalationRule, Target};
use docket_messages::{ClockName, Name};

use super::{DAYS_LIMIT, Findings, LEVEL_LIMIT, covers};
use crate::policy::span::{Span, spans};

/// The longest target: ten years of seconds.
const TARGET_LIMIT: u32 = 315_360_000;
/// The longest target in weeks: ten years.
const WEEKS_LIMIT: u32 = 522;
/// The longest target in months: ten years.
const MONTHS_LIMIT: u32 = 120;

pub(super) fn check(document: &Document, findings: &mut Findings) {
    clocks(document, findings);
    targets(document, findings);
    escalations(document, findings);
}

fn clocks(document: &Document, findings: &mut Findings) {
    for (clock, rule) in &document.clocks {
        let path = format!("clocks.{clock}");
        let is_never_paused = !matches!(clock, ClockName::Update | ClockName::Resolution);
        if is_never_paused && !rule.paused_in.is_empty() {
            findings.add(&format!("{path}.paused_in"), format!("`{clock}` is never paused; leave `paused_in` out"));
        }
        for (index, status) in rule.paused_in.iter().enumerate().filter(|(_, status)| status.is_pending()) {
            if rule.paused_in.iter().take(index).any(|earlier| earlier == status) {
                findings
                    .add(&format!("{path}.paused_in[{index}]"), format!("`{status}` is listed twice; list it once"));
            }
            if !document.pend_reasons.values().any(|reason| reason.status == *status) {
                let message = format!(
                    "no reason to wait means `{status}`, so it never pauses the clock; add one to `pend_reasons`, or leave it out"
                );
                findings.add(&format!("{path}.paused_in[{index}]"), message);
            }
        }
        for (index, status) in rule.paused_in.iter().enumerate().filter(|(_, status)| !status.is_pending()) {
            let message = format!(
                "`{status}` cannot pause a clock; only pending_customer, pending_third_party and pending_internal can"
            );
            findings.add(&format!("{path}.paused_in[{index}]"), message);
        }
        if !(rule.warn_at > 0.0 && rule.warn_at <= 1.0) {
            findings.add(
                &format!("{path}.warn_at"),
                "`warn_at` is a fraction above 0 and at most 1, such as 0.75".to_owned(),
            );
        }
    }
}

/// Exactly one unit, in bounds, and a deadline that rolls only where it can land on a closed day.
fn length(target: &Target, path: &str, findings: &mut Findings) {
    let spans = spans(target);
    let [span] = *spans.as_slice() else {
        let message = "say how long once: `seconds`, `business_days`, `calendar_days`, `weeks` or `months`";
        findings.add(path, message.to_owned());
        return;
    };
    let (unit, count, limit) = match span {
        Span::Seconds(seconds) => ("seconds", seconds, TARGET_LIMIT),
        Span::BusinessDays(days) => ("business_days", days, DAYS_LIMIT),
        Span::CalendarDays(days) => ("calendar_days", days, DAYS_LIMIT),
        Span::Weeks(weeks) => ("weeks", weeks, WEEKS_LIMIT),
        Span::Months(months) => ("months", months, MONTHS_LIMIT),
    };
    if !(1..=limit).contains(&count) {
        findings.add(&format!("{path}.{unit}"), format!("a target has 1 to {limit} {}", unit.replace('_', " ")));
    }
    if target.roll.is_some() && matches!(span, Span::Seconds(_) | Span::BusinessDays(_)) {
        let message = format!("a deadline in {} never lands on a closed day; leave `roll` out", unit.replace('_', " "));
        findings.add(&format!("{path}.roll"), message);
    }
}

fn targets(document: &Document, findings: &mut Findings) {
    for (index, target) in document.targets.iter().enumerate() {
        let path = format!("targets[{index}]");
        let Target { clock, priority, case_type, tier, entitlement, calendar, .. } = target;
        findings.known(&format!("{path}.priority"), "priority", priority, document.matrix.priorities.iter());
        findings.known(&format!("{path}.type"), "type", case_type, document.types.keys());
        findings.known_if_listed(&format!("{path}.tier"), "tier", tier, &document.tiers);
        findings.known_if_listed(&format!("{path}.entitlement"), "entitlement", entitlement, &document.entitlements);
        findings.known_one(&format!("{path}.calendar"), "calendar", calendar, document.calendars.keys());
        length(target, &path, findings);
        let shadow = document.targets.iter().take(index).position(|earlier| {
            earlier.clock == *clock
                && covers(&earlier.priority, priority)
                && covers(&earlier.case_type, case_type)
                && covers(&earlier.tier, tier)
                && covers(&earlier.entitlement, entitlement)
        });
        if let Some(earlier) = shadow {
            let message =
                format!("this target is never reached: target {} above matches all that it does", earlier + 1);
            findings.add(&path, message);
        }
    }
}

fn escalations(document: &Document, findings: &mut Findings) {
    for (index, rule) in document.escalations.iter().enumerate() {
        let path = format!("escalations[{index}]");
        let EscalationRule { clock, on: _, priority, case_type, queue, level, to_queue, assign, notify } = rule;
        findings.known(&format!("{path}.priority"), "priority", priority, document.matrix.priorities.iter());
        findings.known(&format!("{path}.type"), "type", case_type, document.types.keys());
        findings.known(&format!("{path}.queue"), "queue", queue, document.queues.keys());
        if let Some(queue) = to_queue {
            findings.known_one(&format!("{path}.to_queue"), "queue", queue, document.queues.keys());
        }
        if level.is_some_and(|level| !(1..=LEVEL_LIMIT).contains(&level)) {
            findings.add(&format!("{path}.level"), format!("a level is 1 to {LEVEL_LIMIT}"));
        }
        if level.is_none() && to_queue.is_none() && assign.is_none() && notify.is_empty() {
            let message = "this rule does nothing; give it `level`, `to_queue`, `assign` or `notify`";
            findings.add(&path, message.to_owned());
        }
        if !document.targets.iter().any(|target| target.clock == *clock) {
            let message = format!("no target starts the clock `{clock}`, so this rule never acts; give it a target");
            findings.add(&format!("{path}.clock"), message);
        }
    }
    if let Some((index, way)) = loop_of_queues(document) {
        let message = format!(
            "a case that nobody takes would go round for ever: {way}. Each queue starts `ownership` anew; \
             let the last rule assign the case, or notify, instead of moving it"
        );
        findings.add(&format!("escalations[{index}].to_queue"), message);
    }
}

/// A way along which rules of the clock `ownership` move a case from queue to queue until it is where it was, and the
/// rule that closes it.
fn loop_of_queues(document: &Document) -> Option<(usize, String)> {
    let moves = |from: &Name| -> Vec<(usize, &Name)> {
        let rules = document.escalations.iter().enumerate().filter(|(_, rule)| rule.clock == ClockName::Ownership);
        let rules = rules.filter(|(_, rule)| rule.assign.is_none());
        rules
            .filter(|(_, rule)| rule.queue.is_empty() || rule.queue.contains(from))
            .filter_map(|(index, rule)| rule.to_queue.as_ref().filter(|to| *to != from).map(|to| (index, to)))
            .collect()
    };
    document.queues.keys().find_map(|start| {
        let mut ways = vec![vec![start]];
        let mut seen = vec![start];
        while let Some(way) = ways.pop() {
            for (index, to) in way.last().map(|last| moves(last)).unwrap_or_default() {
                let longer: Vec<&Name> = way.iter().copied().chain([to]).collect();
                if to == start {
                    let names: Vec<String> = longer.iter().map(|name| format!("`{name}`")).collect();
                    return Some((index, names.join(" to ")));
                }
                if !seen.contains(&to) {
                    seen.push(to);
                    ways.push(longer);
                }
            }
        }
        None
    })
}
