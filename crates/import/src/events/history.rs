//! One case in the making: its commands so far, and what is known of it.

use std::collections::BTreeMap;

use docket_messages::{CaseCommand, CaseId, Rejection, Timestamp, Verb};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::mapping::{Mapping, Rest};
use super::table::Line;
use super::template::Template;
use crate::command_id::CommandIds;
use crate::story::{Step, Story};
use crate::vocabulary::Vocabulary;

/// The namespace of the UUIDs (RFC 9562, version 5) that cases get by their source and key. Never to be changed: a file
/// that is imported again must meet the same cases.
const NAMESPACE: Uuid = Uuid::from_u128(0x2f6c_8d14_5b9a_5e07_8c31_a94e_0d72_b658);

/// A case in the making.
pub(super) struct History<'m> {
    mapping: &'m Mapping,
    key: String,
    case_id: CaseId,
    steps: Vec<Step>,
    stage: Stage,
    /// What was sent last of each thing that lines say of the state.
    known: BTreeMap<&'static str, Value>,
    ids: CommandIds,
    last_at: Timestamp,
}

/// How far a case is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// No line could open it yet.
    Unopened,
    Active,
    Resolved,
    Closed,
    Cancelled,
}

/// Sentences about what could not be taken over.
type Wrongs = Vec<String>;

impl<'m> History<'m> {
    pub(super) fn new(mapping: &'m Mapping, key: &str) -> Self {
        let case_id = CaseId::new(Uuid::new_v5(&NAMESPACE, format!("{}/{key}", mapping.source).as_bytes()));
        Self {
            mapping,
            key: key.to_owned(),
            case_id,
            steps: Vec::new(),
            stage: Stage::Unopened,
            known: BTreeMap::new(),
            ids: CommandIds::default(),
            last_at: Timestamp::EPOCH,
        }
    }

    /// Its story; none if no line could open it.
    pub(super) fn into_story(self) -> Option<Story> {
        (!self.steps.is_empty()).then_some(Story { case_id: self.case_id, steps: self.steps })
    }

    /// Takes the next line. What comes back are sentences about what could not be taken over.
    pub(super) fn take(&mut self, line: &Line, vocabulary: &mut Vocabulary) -> Wrongs {
        let mut wrongs = Vec::new();
        self.last_at = self.last_at.max(line.at);
        let told = self.tell(line, vocabulary, &mut wrongs);
        wrongs.extend(told.err());
        wrongs
    }

    fn tell(&mut self, line: &Line, vocabulary: &mut Vocabulary, wrongs: &mut Wrongs) -> Result<(), String> {
        if self.stage == Stage::Unopened {
            self.open(line, vocabulary)?;
        }
        self.follow_state(line, vocabulary, wrongs);
        match self.mapping.rule_of(line) {
            Some(rule) => {
                for command in &rule.send {
                    let sent = self.fields(&command.body, line).and_then(|body| {
                        self.reopen_for(command.verb()?, &body, line, vocabulary, wrongs)?;
                        self.send(command.verb()?, body, line, vocabulary)
                    });
                    wrongs.extend(sent.err());
                }
                Ok(())
            }
            None => match &self.mapping.rest {
                Rest::Skip => Ok(()),
                Rest::Reject => Err("no rule of the mapping fits it".to_owned()),
                Rest::Note { text } => {
                    let body = self.fields(&BTreeMap::from([("text".to_owned(), text.clone())]), line)?;
                    self.send(Verb::Note, body, line, vocabulary)
                }
            },
        }
    }

    fn open(&mut self, line: &Line, vocabulary: &mut Vocabulary) -> Result<(), String> {
        let mut body = self.fields(&self.mapping.intake, line)?;
        if !self.mapping.says_what_was_answered() {
            body.insert("responsesUnknown".to_owned(), true.into());
        }
        self.send(Verb::Intake, body, line, vocabulary)
    }

    /// Sends what a line says of the state and was not sent before. What a case that is over does not take waits until it
    /// comes back.
    fn follow_state(&mut self, line: &Line, vocabulary: &mut Vocabulary, wrongs: &mut Wrongs) {
        let state = &self.mapping.state;
        if matches!(self.stage, Stage::Active | Stage::Resolved) {
            let mut changed = Map::new();
            for (field, template) in state.classification() {
                match template.map(|template| template.value(line)).transpose() {
                    Ok(Some(Some(value))) if self.known.get(field) != Some(&value) => {
                        changed.insert(field.to_owned(), value);
                    }
                    Ok(_) => {}
                    Err(wrong) => wrongs.push(wrong),
                }
            }
            // A subcategory belongs to a category: both are said, and another category without one has none.
            if let (true, Some(category)) = (changed.contains_key("subcategory"), self.known.get("category")) {
                changed.entry("category").or_insert_with(|| category.clone());
            }
            if changed.contains_key("category") {
                let subcategory = state.subcategory.as_ref().map(|template| template.value(line));
                match subcategory {
                    Some(Ok(Some(subcategory))) => drop(changed.insert("subcategory".to_owned(), subcategory)),
                    Some(Ok(None) | Err(_)) | None => drop(self.known.remove("subcategory")),
                }
            }
            if !changed.is_empty() {
                wrongs.extend(self.send(Verb::Classify, changed, line, vocabulary).err());
            }
        }
        for (field, template, verb) in [("queue", &state.queue, Verb::Route), ("agent", &state.agent, Verb::Assign)] {
            let value = template.as_ref().map(|template| template.value(line)).transpose();
            match value {
                Ok(Some(Some(value))) if self.stage == Stage::Active && self.known.get(field) != Some(&value) => {
                    let body = Map::from_iter([(field.to_owned(), value)]);
                    wrongs.extend(self.send(verb, body, line, vocabulary).err());
                }
                Ok(_) => {}
                Err(wrong) => wrongs.push(wrong),
            }
        }
    }

    /// Brings a case that is over back before a command that only a case at work takes.
    fn reopen_for(
        &mut self,
        verb: Verb,
        body: &Map<String, Value>,
        line: &Line,
        vocabulary: &mut Vocabulary,
        wrongs: &mut Wrongs,
    ) -> Result<(), String> {
        let Some(reopen) = &self.mapping.reopen else { return Ok(()) };
        let is_over = matches!(self.stage, Stage::Resolved | Stage::Closed);
        // Solving what is solved in the same way changes nothing.
        let is_same =
            verb == Verb::Resolve && self.stage == Stage::Resolved && self.known.get("code") == body.get("code");
        if !is_over || !wants_work(verb) || is_same {
            return Ok(());
        }
        let reason = self.fields(&BTreeMap::from([("reason".to_owned(), reopen.reason.clone())]), line)?;
        self.send(Verb::Reopen, reason, line, vocabulary)?;
        // What it could not take over while it was over.
        self.follow_state(line, vocabulary, wrongs);
        Ok(())
    }

    /// The fields of a body. One whose column is missing in the line is left out.
    fn fields(&self, templates: &BTreeMap<String, Template>, line: &Line) -> Result<Map<String, Value>, String> {
        let mut body = Map::new();
        for (field, template) in templates {
            if let Some(value) = template.value(line)? {
                body.insert(field.clone(), value);
            }
        }
        Ok(body)
    }

    fn send(
        &mut self,
        verb: Verb,
        mut body: Map<String, Value>,
        line: &Line,
        vocabulary: &mut Vocabulary,
    ) -> Result<(), String> {
        body.insert("caseId".to_owned(), self.case_id.to_string().into());
        let written = serde_json::to_vec(&body).map_err(|error| error.to_string())?;
        let refused = |rejection: Rejection| format!("`{}`: {rejection}", verb.as_str());
        let command = CaseCommand::read(verb, &written).map_err(refused)?;
        vocabulary.learn(&command, &self.mapping.pend_reasons)?;
        self.note(verb, body);
        // Wherever in the file the line stands.
        let key = format!("{}-{}-{}-{}", self.mapping.source, self.key, line.at.as_millis(), verb.as_str());
        let id = self.ids.next(key).map_err(|error| error.to_string())?;
        self.steps.push(Step { at: self.last_at, id, command, once: None, line: Some(line.number) });
        Ok(())
    }

    /// Notes what a command has made of the case.
    fn note(&mut self, verb: Verb, body: Map<String, Value>) {
        let stages = [
            (Verb::Intake, Stage::Active),
            (Verb::Reopen, Stage::Active),
            (Verb::Resolve, Stage::Resolved),
            (Verb::Close, Stage::Closed),
            (Verb::Cancel, Stage::Cancelled),
        ];
        if let Some((_, stage)) = stages.into_iter().find(|(of, _)| *of == verb) {
            self.stage = stage;
        }
        for field in ["type", "category", "subcategory", "impact", "urgency", "queue", "agent", "code"] {
            if let Some(value) = body.get(field) {
                self.known.insert(field, value.clone());
            }
        }
        if verb == Verb::Unassign {
            self.known.remove("agent");
        }
    }
}

/// Whether only a case at work takes a command.
fn wants_work(verb: Verb) -> bool {
    matches!(
        verb,
        Verb::Route
            | Verb::Assign
            | Verb::Unassign
            | Verb::Respond
            | Verb::Pend
            | Verb::Resume
            | Verb::Resolve
            | Verb::Escalate
            | Verb::Deescalate
    )
}
