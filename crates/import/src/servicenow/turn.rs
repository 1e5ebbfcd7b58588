//! The commands that follow from the difference between what a row says and what is known of its case.

use docket_messages::{
    AgentId, Assign, CaseCommand, CaseId, Classify, Close, Fields, Intake, Line, Name, Note, Pend, Reopen, Resolve,
    Resume, Route, Text, Unassign,
};

use super::history::{Known, Unwritable};
use super::row::Row;
use super::state::State;
use crate::command_id::CommandIds;
use crate::story::Step;
use crate::vocabulary::Vocabulary;

/// The type of all cases.
const TYPE: &str = "incident";

/// The code of a row that says none.
const UNSPECIFIED: &str = "unspecified";

/// One row being taken.
pub(super) struct Turn<'a> {
    pub number: &'a str,
    pub case_id: CaseId,
    pub ids: &'a mut CommandIds,
    pub steps: &'a mut Vec<Step>,
    pub known: &'a mut Known,
    pub row: &'a Row,
    pub vocabulary: &'a mut Vocabulary,
    /// What the row says that no command can: it goes into a note.
    pub remarks: Vec<String>,
    pub wrong: Vec<String>,
}

type Done = Result<(), Unwritable>;

impl Turn<'_> {
    /// Reopening comes first, because a case that is over takes no changes; moving on comes last, for the same reason.
    pub(super) fn tell(&mut self, is_first: bool) -> Done {
        if is_first {
            self.open()?;
        }
        self.known.at = self.known.at.max(self.row.opened_at).max(self.row.updated_at);
        let before = self.steps.len();
        let was_over = self.known.state;
        let is_back = was_over.is_over() && self.row.state != was_over && self.row.state != State::Closed;
        if is_back {
            self.reopen()?;
        }
        self.classify()?;
        self.route()?;
        self.assign()?;
        self.remark_on_the_rest();
        self.move_on()?;
        if self.steps.len() == before || !self.remarks.is_empty() {
            self.note()?;
        }
        Ok(())
    }

    fn write(&mut self, command: CaseCommand) -> Done {
        // Number, `sys_mod_count`, `sys_updated_at`, verb; some incidents repeat a `sys_mod_count` within a minute.
        let Row { mod_count, updated_digits, .. } = self.row;
        let key = format!("{}-{mod_count}-{updated_digits}-{}", self.number, command.verb().as_str());
        let id = self.ids.next(key)?;
        let once = once(&command);
        self.steps.push(Step { at: self.known.at, id, command, once, line: Some(self.row.line) });
        Ok(())
    }

    /// The intake has what a case cannot be without; the rest of the row follows at the row's own date.
    fn open(&mut self) -> Done {
        let Row { channel: Some(channel), impact: Some(impact), urgency: Some(urgency), .. } = self.row else {
            return Ok(());
        };
        let case_type = Name::parse(TYPE)?;
        self.vocabulary.types.insert(case_type.clone());
        self.vocabulary.channels.insert(channel.clone());
        self.learn_levels();
        self.write(CaseCommand::Intake(Intake {
            case_id: Some(self.case_id),
            case_type,
            subject: Line::parse(format!("Incident {}", self.number))?,
            description: None,
            channel: channel.clone(),
            customer_id: self.row.caller.clone(),
            category: None,
            subcategory: None,
            impact: impact.clone(),
            urgency: urgency.clone(),
            language: None,
            tier: None,
            entitlement: None,
            parent_id: None,
            follow_up_of: None,
            fields: Fields::new(),
            // A row says nothing of what was written to the customer.
            responses_unknown: Some(true),
        }))
    }

    fn learn_levels(&mut self) {
        self.vocabulary.impacts.extend(self.row.impact.clone());
        self.vocabulary.urgencies.extend(self.row.urgency.clone());
    }

    fn reopen(&mut self) -> Done {
        let reason =
            Text::parse(format!("Imported: back from {} to {}", self.known.state.as_str(), self.row.state.as_str()))?;
        self.known.state = State::Active;
        self.known.refused.clear();
        self.write(CaseCommand::Reopen(Reopen { case_id: self.case_id, reason }))
    }

    fn classify(&mut self) -> Done {
        let row = self.row;
        let differs = |new: &Option<Name>, old: &Option<Name>| new.is_some() && new != old;
        let is_elsewhere = differs(&row.category, &self.known.category);
        // Without its category a subcategory could belong to any.
        let is_finer = row.category.is_some() && differs(&row.subcategory, &self.known.subcategory);
        let (impact, urgency) = (differs(&row.impact, &self.known.impact), differs(&row.urgency, &self.known.urgency));
        if !(is_elsewhere || is_finer || impact || urgency) {
            self.known.refused.remove("category, impact or urgency");
            return Ok(());
        }
        if self.known.state == State::Closed {
            let words = [&row.category, &row.subcategory, &row.impact, &row.urgency];
            let words: Vec<&str> = words.into_iter().flatten().map(Name::as_str).collect();
            self.refuse("category, impact or urgency", &words.join(", "));
            return Ok(());
        }
        self.learn_levels();
        let (mut category, mut subcategory) = (None, None);
        if is_elsewhere || is_finer {
            (category, subcategory) = (row.category.clone(), row.subcategory.clone());
            if is_elsewhere || subcategory.is_some() {
                self.known.subcategory.clone_from(&subcategory);
            }
            self.known.category.clone_from(&category);
        }
        if let Some(category) = &category {
            self.vocabulary.categories.entry(category.clone()).or_default().extend(subcategory.clone());
        }
        let (impact, urgency) = (row.impact.clone().filter(|_| impact), row.urgency.clone().filter(|_| urgency));
        self.known.impact = impact.clone().or(self.known.impact.take());
        self.known.urgency = urgency.clone().or(self.known.urgency.take());
        let (case_id, fields) = (self.case_id, Fields::new());
        self.write(CaseCommand::Classify(Classify {
            case_id,
            case_type: None,
            category,
            subcategory,
            impact,
            urgency,
            fields,
        }))
    }

    fn route(&mut self) -> Done {
        let Some(queue) = self.row.group.clone() else { return Ok(()) };
        if self.known.queue.as_ref() == Some(&queue) {
            self.known.refused.remove("assignment_group");
            return Ok(());
        }
        if self.known.state.is_over() {
            self.refuse("assignment_group", queue.as_str());
            return Ok(());
        }
        self.vocabulary.queues.insert(queue.clone());
        self.known.queue = Some(queue.clone());
        self.write(CaseCommand::Route(Route { case_id: self.case_id, queue, reason: None }))
    }

    fn assign(&mut self) -> Done {
        let case_id = self.case_id;
        if self.known.agent == self.row.assignee {
            self.known.refused.remove("assigned_to");
            return Ok(());
        }
        if self.known.state.is_over() {
            self.refuse("assigned_to", self.row.assignee.as_ref().map_or("?", AgentId::as_str));
            return Ok(());
        }
        self.known.agent.clone_from(&self.row.assignee);
        match self.row.assignee.clone() {
            Some(agent) => self.write(CaseCommand::Assign(Assign { case_id, agent, queue: None })),
            None => self.write(CaseCommand::Unassign(Unassign { case_id, reason: None })),
        }
    }

    /// The case's status forbids the change; the sentence is for the reject report, the remark for the case.
    fn refuse(&mut self, column: &'static str, value: &str) {
        if self.known.refused.get(column).is_some_and(|refused| refused == value) {
            return;
        }
        self.known.refused.insert(column, value.to_owned());
        let state = self.known.state.as_str();
        self.wrong.push(format!("wrong_status: `{column}` became `{value}` in an incident that is {state}"));
        self.remarks.push(format!("{column} became {value}, which a case that is {state} cannot take over"));
    }

    /// No command changes who called, or how.
    fn remark_on_the_rest(&mut self) {
        let Row { caller, channel, .. } = self.row;
        if let Some(caller) = caller.as_ref().filter(|caller| self.known.caller.as_ref() != Some(caller)) {
            self.remarks.push(format!("caller_id became {caller}"));
            self.known.caller = Some(caller.clone());
        }
        if let Some(channel) = channel.as_ref().filter(|channel| self.known.channel.as_ref() != Some(channel)) {
            self.remarks.push(format!("contact_type became {channel}"));
            self.known.channel = Some(channel.clone());
        }
    }

    fn move_on(&mut self) -> Done {
        let (was, is) = (self.known.state, self.row.state);
        if was == is {
            return Ok(());
        }
        let case_id = self.case_id;
        if is == State::New {
            self.refuse("incident_state", is.as_str());
            return Ok(());
        }
        self.known.state = is;
        self.known.refused.remove("incident_state");
        match is {
            State::New | State::Active => self.write(CaseCommand::Resume(Resume { case_id })),
            State::Awaiting(awaiting) => {
                let reason = Name::parse(awaiting.as_str())?;
                self.vocabulary.pend_reasons.insert(reason.clone(), awaiting.status());
                self.write(CaseCommand::Pend(Pend { case_id, reason, until: None }))
            }
            State::Resolved => {
                let code = self.code()?;
                self.vocabulary.resolution_codes.insert(code.clone());
                let steps = Text::parse(format!("Imported: resolved with {code}"))?;
                self.write(CaseCommand::Resolve(Resolve { case_id, code, steps, article_id: None }))
            }
            State::Closed => {
                let code = self.code()?;
                self.vocabulary.closure_codes.insert(code.clone());
                self.write(CaseCommand::Close(Close { case_id, code, comment: None }))
            }
        }
    }

    fn code(&self) -> Result<Name, Unwritable> {
        self.row.closed_code.clone().map_or_else(|| Ok(Name::parse(UNSPECIFIED)?), Ok)
    }

    fn note(&mut self) -> Done {
        let text = if self.remarks.is_empty() {
            "Imported: an update of nothing that is kept here".to_owned()
        } else {
            format!("Imported: {}", self.remarks.join("; "))
        };
        self.write(CaseCommand::Note(Note { case_id: self.case_id, text: Text::parse(text)? }))
    }
}

/// How a command was written before intakes said that responses are unknown. A file that was imported then is known by
/// it when it comes again.
fn once(command: &CaseCommand) -> Option<CaseCommand> {
    let CaseCommand::Intake(intake) = command else { return None };
    Some(CaseCommand::Intake(Intake { responses_unknown: None, ..intake.clone() }))
}
