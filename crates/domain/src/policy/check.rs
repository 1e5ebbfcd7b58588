//! What makes a document consistent. Every finding says what is wrong, what is allowed, and where.

use std::ops::Range;

use docket_messages::policy::{Document, EscalationRule, FieldType, RouteRule, Table, Target};
use docket_messages::{ClockName, FieldValue, Name, Status, Verb};

use super::span::{Span, spans};

/// What a requirement may name beside custom fields.
pub(crate) const BUILT_IN_FIELDS: [&str; 6] =
    ["category", "subcategory", "customerId", "description", "queue", "assignee"];

/// The longest target: ten years of seconds.
const TARGET_LIMIT: u32 = 315_360_000;
/// The longest period in days: ten years.
const DAYS_LIMIT: u32 = 3_660;
/// The longest target in weeks: ten years.
const WEEKS_LIMIT: u32 = 522;
/// The longest target in months: ten years.
const MONTHS_LIMIT: u32 = 120;

/// Something wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong and how to mend it.
    pub message: String,
    /// Where, as a path of tables and keys.
    pub path: String,
    /// Where, in bytes of the text.
    pub span: Option<Range<usize>>,
    /// Where, as a line counted from 1.
    pub line: Option<usize>,
}

impl Finding {
    pub(super) fn of_toml(text: &str, error: &toml::de::Error) -> Self {
        let line = error.span().map(|span| super::locate::line_of(text, span.start));
        Self { message: error.message().to_owned(), path: String::new(), span: error.span(), line }
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// Findings as they are collected.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    pub(super) fn add(&mut self, path: &str, message: String) {
        self.0.push(Finding { message, path: path.to_owned(), span: None, line: None });
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn into_vec(self) -> Vec<Finding> {
        self.0
    }

    fn known<'n>(&mut self, path: &str, what: &str, names: &[Name], known: impl Iterator<Item = &'n Name> + Clone) {
        for (index, name) in names.iter().enumerate() {
            self.known_one(&format!("{path}[{index}]"), what, name, known.clone());
        }
    }

    /// Where a list of the policy may be empty, any name is allowed then.
    fn known_if_listed(&mut self, path: &str, what: &str, names: &[Name], listed: &[Name]) {
        if !listed.is_empty() {
            self.known(path, what, names, listed.iter());
        }
    }

    fn known_one<'n>(&mut self, path: &str, what: &str, name: &Name, known: impl Iterator<Item = &'n Name> + Clone) {
        if !known.clone().any(|other| other == name) {
            self.add(path, format!("there is no {what} `{name}`; there are: {}", list(known.map(Name::as_str))));
        }
    }
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.take(40).map(|name| format!("`{name}`")).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

pub(super) fn document(document: &Document, findings: &mut Findings) {
    not_empty(document, findings);
    types(document, findings);
    fields(document, findings);
    matrix(document, findings);
    clocks(document, findings);
    targets(document, findings);
    escalations(document, findings);
    routes(document, findings);
    codes(document, findings);
    authority(document, findings);
}

fn not_empty(document: &Document, findings: &mut Findings) {
    let tables = [
        ("channels", document.channels.is_empty()),
        ("types", document.types.is_empty()),
        ("queues", document.queues.is_empty()),
        ("resolution_codes", document.resolution_codes.is_empty()),
        ("closure_codes", document.closure_codes.is_empty()),
        ("calendars", document.calendars.is_empty()),
    ];
    for (path, _) in tables.iter().filter(|(_, empty)| *empty) {
        findings.add(path, format!("`{path}` is empty; a desk needs at least one"));
    }
    if document.name.trim().is_empty() {
        findings.add("name", "the name is empty".to_owned());
    }
}

fn types(document: &Document, findings: &mut Findings) {
    for (name, rule) in &document.types {
        let lists = [
            ("required_at_intake", &rule.required_at_intake),
            ("required_at_resolve", &rule.required_at_resolve),
            ("required_at_close", &rule.required_at_close),
        ];
        for (key, required) in lists {
            for (index, field) in required.iter().enumerate() {
                let known = document.fields.contains_key(field) || BUILT_IN_FIELDS.contains(&field.as_str());
                let unknown_yet = key == "required_at_intake" && ["queue", "assignee"].contains(&field.as_str());
                let path = format!("types.{name}.{key}[{index}]");
                if !known {
                    let all = document.fields.keys().map(Name::as_str).chain(BUILT_IN_FIELDS);
                    findings.add(&path, format!("there is no field `{field}`; there are: {}", list(all)));
                } else if unknown_yet {
                    findings.add(&path, format!("an intake cannot bring `{field}`; require it at resolve or close"));
                }
            }
        }
    }
}

fn fields(document: &Document, findings: &mut Findings) {
    for (name, field) in &document.fields {
        if BUILT_IN_FIELDS.contains(&name.as_str()) {
            findings.add(&format!("fields.{name}"), format!("`{name}` is a field of every case; choose another name"));
        }
        let is_choice = field.field_type == FieldType::Choice;
        if is_choice == field.values.is_empty() {
            let message = if is_choice {
                format!("the choice `{name}` has no values; list them in `values`")
            } else {
                format!("`values` belongs to fields of type \"choice\"; `{name}` is of another")
            };
            findings.add(&format!("fields.{name}"), message);
        }
    }
}

fn matrix(document: &Document, findings: &mut Findings) {
    let matrix = &document.matrix;
    for (path, names) in [("priorities", &matrix.priorities), ("impact", &matrix.impact), ("urgency", &matrix.urgency)]
    {
        if names.is_empty() {
            findings.add(&format!("matrix.{path}"), format!("`{path}` is empty; list the names, highest first"));
        }
    }
    for impact in &matrix.impact {
        for urgency in &matrix.urgency {
            let path = format!("matrix.priority.{impact}.{urgency}");
            match matrix.priority.get(impact).and_then(|row| row.get(urgency)) {
                Some(priority) => findings.known_one(&path, "priority", priority, matrix.priorities.iter()),
                None => findings.add(
                    &format!("matrix.priority.{impact}"),
                    format!("the matrix has a hole: impact `{impact}` with urgency `{urgency}` has no priority"),
                ),
            }
        }
    }
    for (impact, row) in &matrix.priority {
        findings.known_one(&format!("matrix.priority.{impact}"), "impact", impact, matrix.impact.iter());
        for urgency in row.keys() {
            findings.known_one(
                &format!("matrix.priority.{impact}.{urgency}"),
                "urgency",
                urgency,
                matrix.urgency.iter(),
            );
        }
    }
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

/// Whether a condition holds wherever another does.
fn covers(a: &[Name], b: &[Name]) -> bool {
    a.is_empty() || !b.is_empty() && b.iter().all(|name| a.contains(name))
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

/// The highest level that a case can be raised to.
pub(crate) const LEVEL_LIMIT: u32 = 9;

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

fn routes(document: &Document, findings: &mut Findings) {
    for (index, rule) in document.routes.iter().enumerate() {
        let path = format!("routes[{index}]");
        let RouteRule { queue, case_type, category, priority, channel, language: _, tier, fields } = rule;
        findings.known_one(&format!("{path}.queue"), "queue", queue, document.queues.keys());
        findings.known(&format!("{path}.type"), "type", case_type, document.types.keys());
        findings.known(&format!("{path}.category"), "category", category, document.categories.keys());
        findings.known(&format!("{path}.priority"), "priority", priority, document.matrix.priorities.iter());
        findings.known(&format!("{path}.channel"), "channel", channel, document.channels.iter());
        findings.known_if_listed(&format!("{path}.tier"), "tier", tier, &document.tiers);
        field_conditions(fields, &path, document, findings);
        let shadow = document.routes.iter().take(index).position(|earlier| {
            covers(&earlier.case_type, case_type)
                && covers(&earlier.category, category)
                && covers(&earlier.priority, priority)
                && covers(&earlier.channel, channel)
                && covers(&earlier.language, &rule.language)
                && covers(&earlier.tier, tier)
                && covers_fields(&earlier.fields, fields)
        });
        if let Some(earlier) = shadow {
            findings
                .add(&path, format!("this rule is never reached: rule {} above matches all that it does", earlier + 1));
        }
    }
}

/// Whether a rule's fields hold wherever another's do: each asks no more of a field than the other.
fn covers_fields(a: &Table<Vec<FieldValue>>, b: &Table<Vec<FieldValue>>) -> bool {
    a.iter().all(|(name, allowed)| b.get(name).is_some_and(|asked| asked.iter().all(|value| allowed.contains(value))))
}

/// Fields that there are, with values that they can have.
fn field_conditions(fields: &Table<Vec<FieldValue>>, path: &str, document: &Document, findings: &mut Findings) {
    for (name, values) in fields {
        let path = format!("{path}.fields.{name}");
        findings.known_one(&path, "field", name, document.fields.keys());
        let Some(field) = document.fields.get(name) else { continue };
        if values.is_empty() {
            findings.add(&path, format!("no value is listed, so no case matches; list values of `{name}`"));
        }
        for value in values.iter().filter(|value| !field.can_be(value)) {
            let message = format!("`{name}` is never `{}`; list values that the field can have", value.to_text());
            findings.add(&path, message);
        }
    }
}

fn codes(document: &Document, findings: &mut Findings) {
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
    }
}

fn authority(document: &Document, findings: &mut Findings) {
    let grants: Vec<String> = ["case.*", "case.get", "policy.publish"]
        .into_iter()
        .map(str::to_owned)
        .chain(Verb::ALL.iter().filter(|verb| !verb.is_internal()).map(|verb| format!("case.{}", verb.as_str())))
        .collect();
    for (name, role) in &document.roles {
        for (index, grant) in role.commands.iter().enumerate().filter(|(_, grant)| !grants.contains(grant)) {
            let message =
                format!("there is no command `{grant}`; there are: {}", list(grants.iter().map(String::as_str)));
            findings.add(&format!("roles.{name}.commands[{index}]"), message);
        }
    }
    for (name, principal) in &document.principals {
        if name.as_str() == crate::authority::SYSTEM {
            let message = format!("`{name}` is the name that Docket's own workers act under; choose another");
            findings.add(&format!("principals.{name}"), message);
        }
        findings.known(&format!("principals.{name}.roles"), "role", &principal.roles, document.roles.keys());
    }
    let intakes = |role: &Name| {
        let is_intake = |grant: &String| grant == "case.*" || grant == "case.intake";
        document.roles.get(role).is_some_and(|role| role.commands.iter().any(is_intake))
    };
    if !document.principals.values().any(|principal| principal.roles.iter().any(intakes)) {
        let message = "no principal may open a case, so there would never be one; grant `case.intake`";
        findings.add("principals", message.to_owned());
    }
    let publishes = |role: &Name| {
        document.roles.get(role).is_some_and(|role| role.commands.iter().any(|grant| grant == "policy.publish"))
    };
    if !document.principals.values().any(|principal| principal.roles.iter().any(publishes)) {
        let message = "no principal may publish a policy, so this one could never be changed; grant `policy.publish`";
        findings.add("principals", message.to_owned());
    }
}
