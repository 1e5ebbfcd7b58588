//! The vocabularies of a document, so that looking a word up is quick however many there are.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use docket_messages::policy::{Agent, Document, FieldType};
use docket_messages::{FieldValue, Name};

/// The words of one list of the document.
#[derive(Debug)]
pub(super) struct Known<'d> {
    /// In the order of the document.
    pub names: Vec<&'d Name>,
    set: HashSet<&'d Name>,
}

impl Known<'_> {
    pub(super) fn has(&self, name: &Name) -> bool {
        self.set.contains(name)
    }
}

impl<'d> FromIterator<&'d Name> for Known<'d> {
    fn from_iter<I: IntoIterator<Item = &'d Name>>(names: I) -> Self {
        let names: Vec<&Name> = names.into_iter().collect();
        Self { set: names.iter().copied().collect(), names }
    }
}

/// Every list that other parts of the document refer to.
#[derive(Debug)]
pub(super) struct Words<'d> {
    pub priorities: Known<'d>,
    pub impact: Known<'d>,
    pub urgency: Known<'d>,
    pub types: Known<'d>,
    pub categories: Known<'d>,
    pub channels: Known<'d>,
    pub tiers: Known<'d>,
    pub entitlements: Known<'d>,
    pub fields: Known<'d>,
    pub calendars: Known<'d>,
    pub queues: Known<'d>,
    pub skills: Known<'d>,
    pub roles: Known<'d>,
    /// The values of each field that has a choice.
    choices: BTreeMap<&'d Name, HashSet<&'d str>>,
    /// Agents who work on every queue.
    everywhere: Vec<&'d Agent>,
    /// Agents who work on a queue, by name.
    by_queue: BTreeMap<&'d Name, Vec<&'d Agent>>,
}

impl<'d> Words<'d> {
    pub(super) fn of(document: &'d Document) -> Self {
        let choices = document.fields.iter().filter(|(_, field)| field.field_type == FieldType::Choice);
        let mut by_queue: BTreeMap<&Name, Vec<&Agent>> = BTreeMap::new();
        for agent in document.agents.values() {
            for queue in agent.queues.iter().collect::<BTreeSet<_>>() {
                by_queue.entry(queue).or_default().push(agent);
            }
        }
        Self {
            priorities: document.matrix.priorities.iter().collect(),
            impact: document.matrix.impact.iter().collect(),
            urgency: document.matrix.urgency.iter().collect(),
            types: document.types.keys().collect(),
            categories: document.categories.keys().collect(),
            channels: document.channels.iter().collect(),
            tiers: document.tiers.iter().collect(),
            entitlements: document.entitlements.iter().collect(),
            fields: document.fields.keys().collect(),
            calendars: document.calendars.keys().collect(),
            queues: document.queues.keys().collect(),
            skills: document.skills.iter().collect(),
            roles: document.roles.keys().collect(),
            choices: choices.map(|(name, field)| (name, field.values.iter().map(String::as_str).collect())).collect(),
            everywhere: document.agents.values().filter(|agent| agent.queues.is_empty()).collect(),
            by_queue,
        }
    }

    /// Whether a field can have a value.
    pub(super) fn can_be(&self, document: &Document, name: &Name, value: &FieldValue) -> bool {
        match (self.choices.get(name), value) {
            (Some(choices), FieldValue::Text(text)) => choices.contains(text.as_str()),
            _ => document.fields.get(name).is_some_and(|field| field.can_be(value)),
        }
    }

    /// The agents who work on a queue.
    pub(super) fn agents_of(&self, queue: &Name) -> impl Iterator<Item = &'d Agent> {
        let own = self.by_queue.get(queue).into_iter().flatten().copied();
        self.everywhere.iter().copied().chain(own)
    }
}
