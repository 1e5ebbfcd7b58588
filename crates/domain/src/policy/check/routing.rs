//! Routes, queues, skills, agents and weights.

use docket_messages::FieldValue;
use docket_messages::policy::{Agent, Document, RelaxingSkill, RouteRule, Table, Weight};

use super::shadows::{Rule, shadows};
use super::words::Words;
use super::{DAYS_LIMIT, Findings};

/// The highest level of a skill.
const SKILL_LIMIT: u32 = 10;
/// The most units that an agent can have in hand, and that a case can take.
const UNITS_LIMIT: u32 = 1_000;

pub(super) fn check(document: &Document, words: &Words<'_>, findings: &mut Findings) {
    routes(document, words, findings);
    queues(document, words, findings);
    agents(document, words, findings);
    weights(document, words, findings);
}

fn routes(document: &Document, words: &Words<'_>, findings: &mut Findings) {
    let rules: Vec<Rule<'_>> = document.routes.iter().map(conditions).collect();
    for ((index, rule), shadow) in document.routes.iter().enumerate().zip(shadows(&rules)) {
        let path = format!("routes[{index}]");
        let RouteRule { queue, case_type, category, priority, channel, language: _, tier, fields, skills, relaxing } =
            rule;
        findings.known_name(&format!("{path}.queue"), "queue", queue, &words.queues);
        findings.known(&format!("{path}.type"), "type", case_type, &words.types);
        findings.known(&format!("{path}.category"), "category", category, &words.categories);
        findings.known(&format!("{path}.priority"), "priority", priority, &words.priorities);
        findings.known(&format!("{path}.channel"), "channel", channel, &words.channels);
        findings.known_if_listed(&format!("{path}.tier"), "tier", tier, &words.tiers);
        field_conditions(fields, &path, (document, words), findings);
        levels(skills, &format!("{path}.skills"), words, findings);
        relaxing_skills(relaxing, &path, words, findings);
        if !skills.is_empty() && !words.agents_of(queue).any(|agent| knows(agent, skills)) {
            let message =
                format!("no agent of the queue `{queue}` has these skills; give them to one, or ask for less");
            findings.add(&path, message);
        }
        if let Some(earlier) = shadow {
            findings
                .add(&path, format!("this rule is never reached: rule {} above matches all that it does", earlier + 1));
        }
    }
}

fn conditions(route: &RouteRule) -> Rule<'_> {
    let rule = Rule::default()
        .names("type", &route.case_type)
        .names("category", &route.category)
        .names("priority", &route.priority)
        .names("channel", &route.channel)
        .names("language", &route.language)
        .names("tier", &route.tier);
    route.fields.iter().fold(rule, |rule, (field, values)| rule.field(field, values))
}

/// Fields that there are, with values that they can have.
fn field_conditions(
    fields: &Table<Vec<FieldValue>>,
    path: &str,
    (document, words): (&Document, &Words<'_>),
    findings: &mut Findings,
) {
    for (name, values) in fields {
        let path = format!("{path}.fields.{name}");
        findings.known_name(&path, "field", name, &words.fields);
        if !words.fields.has(name) {
            continue;
        }
        if values.is_empty() {
            findings.add(&path, format!("no value is listed, so no case matches; list values of `{name}`"));
        }
        for value in values.iter().filter(|value| !words.can_be(document, name, value)) {
            let message = format!("`{name}` is never `{}`; list values that the field can have", value.to_text());
            findings.add(&path, message);
        }
    }
}

fn levels(skills: &Table<u32>, path: &str, words: &Words<'_>, findings: &mut Findings) {
    for (skill, level) in skills {
        let path = format!("{path}.{skill}");
        findings.known_name(&path, "skill", skill, &words.skills);
        level_in_bounds(*level, &path, findings);
    }
}

fn level_in_bounds(level: u32, path: &str, findings: &mut Findings) {
    if !(1..=SKILL_LIMIT).contains(&level) {
        findings.add(path, format!("the level of a skill is 1 to {SKILL_LIMIT}"));
    }
}

fn relaxing_skills(relaxing: &[RelaxingSkill], path: &str, words: &Words<'_>, findings: &mut Findings) {
    for (index, rule) in relaxing.iter().enumerate() {
        let path = format!("{path}.relaxing[{index}]");
        findings.known_name(&format!("{path}.skill"), "skill", &rule.skill, &words.skills);
        level_in_bounds(rule.level, &format!("{path}.level"), findings);
        if !(1..=DAYS_LIMIT * 86_400).contains(&rule.after_seconds) {
            findings.add(&format!("{path}.after_seconds"), "a skill is dropped after 1 second or more".to_owned());
        }
    }
}

fn queues(document: &Document, words: &Words<'_>, findings: &mut Findings) {
    for (name, queue) in &document.queues {
        let path = format!("queues.{name}");
        if queue.push && words.agents_of(name).next().is_none() {
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

/// Whether an agent has skills at the levels that are asked for.
fn knows(agent: &Agent, skills: &Table<u32>) -> bool {
    skills.iter().all(|(skill, level)| agent.skills.get(skill).is_some_and(|own| own >= level))
}

fn agents(document: &Document, words: &Words<'_>, findings: &mut Findings) {
    for (name, agent) in &document.agents {
        let path = format!("agents.{name}");
        findings.known(&format!("{path}.queues"), "queue", &agent.queues, &words.queues);
        levels(&agent.skills, &format!("{path}.skills"), words, findings);
        if !(1..=UNITS_LIMIT).contains(&agent.capacity) {
            findings.add(&format!("{path}.capacity"), format!("an agent has a capacity of 1 to {UNITS_LIMIT} units"));
        }
    }
}

fn weights(document: &Document, words: &Words<'_>, findings: &mut Findings) {
    let rules: Vec<Rule<'_>> = document.weights.iter().map(weight_conditions).collect();
    for ((index, weight), shadow) in document.weights.iter().enumerate().zip(shadows(&rules)) {
        let path = format!("weights[{index}]");
        findings.known(&format!("{path}.type"), "type", &weight.case_type, &words.types);
        findings.known(&format!("{path}.priority"), "priority", &weight.priority, &words.priorities);
        findings.known(&format!("{path}.channel"), "channel", &weight.channel, &words.channels);
        if !(1..=UNITS_LIMIT).contains(&weight.units) {
            findings.add(&format!("{path}.units"), format!("a case takes 1 to {UNITS_LIMIT} units"));
        }
        if let Some(earlier) = shadow {
            let message =
                format!("this weight is never reached: weight {} above matches all that it does", earlier + 1);
            findings.add(&path, message);
        }
    }
}

fn weight_conditions(weight: &Weight) -> Rule<'_> {
    Rule::default()
        .names("type", &weight.case_type)
        .names("priority", &weight.priority)
        .names("channel", &weight.channel)
}
