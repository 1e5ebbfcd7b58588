//! Clocks, targets and escalations.

use std::collections::{BTreeMap, BTreeSet};

use docket_messages::policy::{Document, EscalationRule, Target};
use docket_messages::{ClockName, Name, Status};

use super::shadows::{Rule, shadows};
use super::words::Words;
use super::{DAYS_LIMIT, Findings, LEVEL_LIMIT};
use crate::policy::span::{Span, spans};

/// The longest target: ten years of seconds.
const TARGET_LIMIT: u32 = 315_360_000;
/// The longest target in weeks: ten years.
const WEEKS_LIMIT: u32 = 522;
/// The longest target in months: ten years.
const MONTHS_LIMIT: u32 = 120;

pub(super) fn check(document: &Document, words: &Words<'_>, findings: &mut Findings) {
    clocks(document, findings);
    targets(document, words, findings);
    escalations(document, words, findings);
}

fn clocks(document: &Document, findings: &mut Findings) {
    let meant: BTreeSet<Status> = document.pend_reasons.values().map(|reason| reason.status).collect();
    for (clock, rule) in &document.clocks {
        let path = format!("clocks.{clock}");
        let is_never_paused = !matches!(clock, ClockName::Update | ClockName::Resolution);
        if is_never_paused && !rule.paused_in.is_empty() {
            findings.add(&format!("{path}.paused_in"), format!("`{clock}` is never paused; leave `paused_in` out"));
        }
        let mut seen = BTreeSet::new();
        for (index, status) in rule.paused_in.iter().enumerate().filter(|(_, status)| status.is_pending()) {
            if !seen.insert(*status) {
                findings
                    .add(&format!("{path}.paused_in[{index}]"), format!("`{status}` is listed twice; list it once"));
            }
            if !meant.contains(status) {
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
        let waits_for_an_answer =
            matches!(clock, ClockName::FirstResponse | ClockName::NextResponse | ClockName::Update);
        if rule.met_by_resolution && !waits_for_an_answer {
            let message = format!("`{clock}` waits for no answer; leave `met_by_resolution` out");
            findings.add(&format!("{path}.met_by_resolution"), message);
        }
        if rule.met_by_bots && *clock != ClockName::Update {
            let message = format!("only people meet `{clock}`; leave `met_by_bots` out, which is for `update`");
            findings.add(&format!("{path}.met_by_bots"), message);
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

fn targets(document: &Document, words: &Words<'_>, findings: &mut Findings) {
    let rules: Vec<Rule<'_>> = document.targets.iter().map(conditions).collect();
    for ((index, target), shadow) in document.targets.iter().enumerate().zip(shadows(&rules)) {
        let path = format!("targets[{index}]");
        let Target { priority, case_type, tier, entitlement, calendar, .. } = target;
        findings.known(&format!("{path}.priority"), "priority", priority, &words.priorities);
        findings.known(&format!("{path}.type"), "type", case_type, &words.types);
        findings.known_if_listed(&format!("{path}.tier"), "tier", tier, &words.tiers);
        findings.known_if_listed(&format!("{path}.entitlement"), "entitlement", entitlement, &words.entitlements);
        findings.known_name(&format!("{path}.calendar"), "calendar", calendar, &words.calendars);
        length(target, &path, findings);
        if let Some(earlier) = shadow {
            let message =
                format!("this target is never reached: target {} above matches all that it does", earlier + 1);
            findings.add(&path, message);
        }
    }
}

fn conditions(target: &Target) -> Rule<'_> {
    Rule::default()
        .word("clock", target.clock.as_str())
        .names("priority", &target.priority)
        .names("type", &target.case_type)
        .names("tier", &target.tier)
        .names("entitlement", &target.entitlement)
}

fn escalations(document: &Document, words: &Words<'_>, findings: &mut Findings) {
    let with_target: BTreeSet<ClockName> = document.targets.iter().map(|target| target.clock).collect();
    for (index, rule) in document.escalations.iter().enumerate() {
        let path = format!("escalations[{index}]");
        let EscalationRule { clock, on: _, priority, case_type, queue, level, to_queue, assign, notify } = rule;
        findings.known(&format!("{path}.priority"), "priority", priority, &words.priorities);
        findings.known(&format!("{path}.type"), "type", case_type, &words.types);
        findings.known(&format!("{path}.queue"), "queue", queue, &words.queues);
        if let Some(queue) = to_queue {
            findings.known_name(&format!("{path}.to_queue"), "queue", queue, &words.queues);
        }
        if level.is_some_and(|level| !(1..=LEVEL_LIMIT).contains(&level)) {
            findings.add(&format!("{path}.level"), format!("a level is 1 to {LEVEL_LIMIT}"));
        }
        if level.is_none() && to_queue.is_none() && assign.is_none() && notify.is_empty() {
            let message = "this rule does nothing; give it `level`, `to_queue`, `assign` or `notify`";
            findings.add(&path, message.to_owned());
        }
        if !with_target.contains(clock) {
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
/// rule that closes it. Each queue is looked at once.
fn loop_of_queues(document: &Document) -> Option<(usize, String)> {
    let moves = Moves::of(document);
    let mut done: BTreeSet<&Name> = BTreeSet::new();
    for start in document.queues.keys() {
        // The way from the start, each queue with where it can go to.
        let mut way = vec![(start, moves.from(start))];
        let mut on_way = BTreeSet::from([start]);
        while let Some((here, next)) = way.last_mut() {
            match next.pop() {
                None => {
                    done.insert(here);
                    on_way.remove(here);
                    way.pop();
                }
                Some((index, to)) if on_way.contains(to) => {
                    let queues = way.iter().map(|(queue, _)| *queue).skip_while(|queue| *queue != to).chain([to]);
                    let names: Vec<String> = queues.map(|name| format!("`{name}`")).collect();
                    return Some((index, names.join(" to ")));
                }
                Some((_, to)) if done.contains(to) => {}
                Some((_, to)) => {
                    on_way.insert(to);
                    way.push((to, moves.from(to)));
                }
            }
        }
    }
    None
}

/// Where rules of the clock `ownership` move a case that nobody took.
struct Moves<'d> {
    /// From any queue: the rule, and where to.
    anywhere: Vec<(usize, &'d Name)>,
    by_queue: BTreeMap<&'d Name, Vec<(usize, &'d Name)>>,
}

impl<'d> Moves<'d> {
    fn of(document: &'d Document) -> Self {
        let (mut anywhere, mut by_queue) = (BTreeMap::new(), BTreeMap::<&Name, Vec<(usize, &Name)>>::new());
        let rules = document.escalations.iter().enumerate().filter(|(_, rule)| rule.clock == ClockName::Ownership);
        for (index, rule) in rules.filter(|(_, rule)| rule.assign.is_none()) {
            let Some(to) = &rule.to_queue else { continue };
            if rule.queue.is_empty() {
                anywhere.entry(to).or_insert(index);
            }
            for queue in &rule.queue {
                by_queue.entry(queue).or_default().push((index, to));
            }
        }
        Self { anywhere: anywhere.into_iter().map(|(to, index)| (index, to)).collect(), by_queue }
    }

    /// From a queue: the last one is taken first.
    fn from(&self, queue: &Name) -> Vec<(usize, &'d Name)> {
        let own = self.by_queue.get(queue).into_iter().flatten();
        // Two queues that any other one leads to lead to each other, so two of them are enough to find that.
        let all = self.anywhere.iter().filter(|(_, to)| *to != queue).take(2).chain(own);
        let mut all: Vec<(usize, &Name)> = all.filter(|(_, to)| *to != queue).copied().collect();
        all.reverse();
        all
    }
}
