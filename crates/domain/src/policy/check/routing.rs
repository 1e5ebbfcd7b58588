//! Routes, queues, skills, agents and weights.

use docket_messages::policy::{Agent, Document, RelaxingSkill, RouteRule, Table};
use docket_messages::{FieldValue, Name};

use super::{DAYS_LIMIT, Findings, covers};

/// The highest level of a skill.
const SKILL_LIMIT: u32 = 10;
/// The most units that an agent can have in hand, and that a case can take.
const UNITS_LIMIT: u32 = 1_000;

pub(super) fn check(document: &Document, findings: &mut Findings) {
    routes(document, findings);
    queues(document, findings);
    agents(document, findings);
    weights(document, findings);
}

fn routes(document: &Document, findings: &mut Findings) {
    for (index, rule) in document.routes.iter().enumerate() {
        let path = format!("routes[{index}]");
        let RouteRule { queue, case_type, category, priority, channel, language: _, tier, fields, skills, relaxing } =
            rule;
        findings.known_one(&format!("{path}.queue"), "queue", queue, document.queues.keys());
        findings.known(&format!("{path}.type"), "type", case_type, document.types.keys());
        findings.known(&format!("{path}.category"), "category", category, document.categories.keys());
        findings.known(&format!("{path}.priority"), "priority", priority, document.matrix.priorities.iter());
        findings.known(&format!("{path}.channel"), "channel", channel, document.channels.iter());
        findings.known_if_listed(&format!("{path}.tier"), "tier", tier, &document.tiers);
        field_conditions(fields, &path, document, findings);
        levels(skills, &format!("{path}.skills"), document, findings);
        relaxing_skills(relaxing, &path, document, findings);
        if !skills.is_empty() && !document.agents.values().any(|agent| is_for(agent, queue, skills)) {
            let message =
                format!("no agent of the queue `{queue}` has these skills; give them to one, or ask for less");
            findings.add(&path, message);
        }
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

fn levels(skills: &Table<u32>, path: &str, document: &Document, findings: &mut Findings) {
    for (skill, level) in skills {
        let path = format!("{path}.{skill}");
        findings.known_one(&path, "skill", skill, document.skills.iter());
        level_in_bounds(*level, &path, findings);
    }
}

fn level_in_bounds(level: u32, path: &str, findings: &mut Findings) {
    if !(1..=SKILL_LIMIT).contains(&level) {
        findings.add(path, format!("the level of a skill is 1 to {SKILL_LIMIT}"));
    }
}

fn relaxing_skills(relaxing: &[RelaxingSkill], path: &str, document: &Document, findings: &mut Findings) {
    for (index, rule) in relaxing.iter().enumerate() {
        let path = format!("{path}.relaxing[{index}]");
        findings.known_one(&format!("{path}.skill"), "skill", &rule.skill, document.skills.iter());
        level_in_bounds(rule.level, &format!("{path}.level"), findings);
        if !(1..=DAYS_LIMIT * 86_400).contains(&rule.after_seconds) {
            findings.add(&format!("{path}.after_seconds"), "a skill is dropped after 1 second or more".to_owned());
        }
    }
}

fn queues(document: &Document, findings: &mut Findings) {
    for (name, queue) in &document.queues {
        let path = format!("queues.{name}");
        if queue.push && !document.agents.values().any(|agent| is_for(agent, name, &Table::new())) {
            let message =
                format!("the queue `{name}` gives its cases out, and no agent works on it; list one in `agents`");
            findings.add(&format!("{path}.push"), message);
        }
        match queue.offer_seconds {
            Some(_) if !queue.push => {
                let message = format!("the queue `{name}` offers nothing; set `push = true`, or leave this out");
                findings.add(&format!("{path}.offer_seconds"), message);
            }
            Some(seconds) if !(1..=86_400).contains(&seconds) => {
                findings.add(&format!("{path}.offer_seconds"), "an offer stands for 1 to 86400 seconds".to_owned());
            }
            Some(_) | None => {}
        }
    }
}

/// Whether an agent works on a queue and has skills at the levels that are asked for.
fn is_for(agent: &Agent, queue: &Name, skills: &Table<u32>) -> bool {
    let knows = |(skill, level): (&Name, &u32)| agent.skills.get(skill).is_some_and(|own| own >= level);
    (agent.queues.is_empty() || agent.queues.contains(queue)) && skills.iter().all(knows)
}

fn agents(document: &Document, findings: &mut Findings) {
    for (name, agent) in &document.agents {
        let path = format!("agents.{name}");
        findings.known(&format!("{path}.queues"), "queue", &agent.queues, document.queues.keys());
        levels(&agent.skills, &format!("{path}.skills"), document, findings);
        if !(1..=UNITS_LIMIT).contains(&agent.capacity) {
            findings.add(&format!("{path}.capacity"), format!("an agent has a capacity of 1 to {UNITS_LIMIT} units"));
        }
    }
}

fn weights(document: &Document, findings: &mut Findings) {
    for (index, weight) in document.weights.iter().enumerate() {
        let path = format!("weights[{index}]");
        findings.known(&format!("{path}.type"), "type", &weight.case_type, document.types.keys());
        findings.known(&format!("{path}.priority"), "priority", &weight.priority, document.matrix.priorities.iter());
        findings.known(&format!("{path}.channel"), "channel", &weight.channel, document.channels.iter());
        if !(1..=UNITS_LIMIT).contains(&weight.units) {
            findings.add(&format!("{path}.units"), format!("a case takes 1 to {UNITS_LIMIT} units"));
        }
        let shadow = document.weights.iter().take(index).position(|earlier| {
            covers(&earlier.case_type, &weight.case_type)
                && covers(&earlier.priority, &weight.priority)
                && covers(&earlier.channel, &weight.channel)
        });
        if let Some(earlier) = shadow {
            let message =
                format!("this weight is never reached: weight {} above matches all that it does", earlier + 1);
            findings.add(&path, message);
        }
    }
}
