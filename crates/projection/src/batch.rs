//! A batch of entries, folded in memory into the rows that change.

use std::collections::HashSet;

use bytes::Bytes;
use docket_eventlog::TraceParent;
use docket_keyring::Brought;
use docket_messages::{
    AgentEvent, CaseEntry, CaseEvent, CaseId, ClockName, Detail, Entry, IntakeEvent, KeyId, PolicyEvent, Position,
    RunningQueue, SurveyEvent, Timestamp, Version, WorkEvent,
};
use sqlx::PgConnection;

use crate::ProjectionError;
use crate::before::Comparison;
use crate::cache::{Cache, CaseRows, Kept};
use crate::calendars::Calendars;
use crate::models::answers::AnswerRow;
use crate::models::article_events::ArticleEventRow;
use crate::models::cases::CaseRow;
use crate::models::clocks::Then;
use crate::models::contacts::ContactRow;
use crate::models::days::outcomes::Outcome;
use crate::models::days::queues::Turn;
use crate::models::days::{self, DayRows, DayZone, Days, OfCase};
use crate::models::efforts::EffortRow;
use crate::models::history::Stretch;
use crate::models::obligations::ObligationRow;
use crate::models::policies::PolicyRow;
use crate::models::presence::PresenceRow;
use crate::models::survey_requests::SurveyRequestRow;
use crate::models::times::Milestones;
use crate::models::{Mark, Models, entries, texts};

/// An entry of the log, read.
#[derive(Debug)]
pub(crate) struct ReadEntry {
    pub position: Position,
    /// When the log took it in.
    pub recorded_at: Timestamp,
    pub content: Content,
    /// What the entry was read from.
    pub payload: Bytes,
    /// The trace of the command that it came of.
    pub trace: Option<TraceParent>,
}

/// What an entry means to the read models.
#[derive(Debug)]
pub(crate) enum Content {
    Case(CaseId, Box<CaseEntry>),
    Agent(Box<Entry<AgentEvent>>),
    Policy(Box<Entry<PolicyEvent>>),
    /// What a claim found and what a customer was asked stand with the case.
    Nothing,
}

impl Content {
    /// The key of what is personal in it.
    pub(crate) fn key(&self) -> Option<&KeyId> {
        match self {
            Self::Case(_, entry) => entry.key.as_ref(),
            Self::Agent(_) | Self::Policy(_) | Self::Nothing => None,
        }
    }

    /// Opens what is personal in it.
    pub(crate) fn open(&mut self, keys: &Brought) -> Result<(), String> {
        match self {
            Self::Case(_, entry) => docket_keyring::open(entry, keys).map_err(|error| error.to_string()),
            Self::Agent(_) | Self::Policy(_) | Self::Nothing => Ok(()),
        }
    }
}

/// The rows that a batch changes. Made once and used again, so that folding allocates per batch.
pub(crate) struct Batch {
    models: Models,
    days: Days,
    /// How days are told apart from this batch on, if otherwise than before.
    reporting: Option<DayZone>,
    /// Cases whose rows changed, some of them several times.
    changed: Vec<CaseId>,
    /// Where the clocks of the entry that is being folded ran.
    running_queue: RunningQueue,
    comparison: Comparison,
}

impl Batch {
    pub(crate) fn new() -> Self {
        Self {
            models: Models::new(),
            days: Days::new(),
            reporting: None,
            changed: Vec::new(),
            running_queue: RunningQueue::default(),
            comparison: Comparison::new(),
        }
    }

    /// Cases of the entries that are not in the cache and do not begin here.
    pub(crate) fn missing(entries: &[ReadEntry], cache: &Cache) -> Vec<CaseId> {
        let mut seen = HashSet::new();
        entries
            .iter()
            .filter_map(|read| match &read.content {
                Content::Case(case, entry) => Some((*case, entry.prev.is_none())),
                Content::Agent(_) | Content::Policy(_) | Content::Nothing => None,
            })
            .filter(|(case, begins)| seen.insert(*case) && !begins && !cache.contains(*case))
            .map(|(case, _)| case)
            .collect()
    }

    /// Folds the entries; the cache holds every case that they continue.
    pub(crate) fn fold(
        &mut self,
        entries: &[ReadEntry],
        cache: &mut Cache,
        calendars: &mut Calendars,
    ) -> Result<(), ProjectionError> {
        for read in entries {
            let poison = |cause: String| ProjectionError::Poison { position: read.position, cause };
            match &read.content {
                Content::Case(case, entry) => self.fold_entry(read, *case, entry, cache, calendars).map_err(poison)?,
                Content::Agent(entry) => self.fold_agent(read.position, entry),
                Content::Policy(entry) => self.fold_policy(read.position, entry, calendars).map_err(poison)?,
                Content::Nothing => {}
            }
        }
        Ok(())
    }

    /// Makes the rows of what the entries have changed: each once, however often it changed.
    pub(crate) fn finish(&mut self, cache: &mut Cache) {
        for case in self.changed.drain(..) {
            let Some(rows) = cache.peek_mut(case) else { continue };
            if let Some((row, change)) = rows.case.take_changed() {
                row.write(self.models.cases.of(change));
            }
            for (row, change) in rows.clocks.iter_mut().filter_map(Kept::take_changed) {
                row.write(self.models.clocks.of(change));
            }
        }
        let Models { day_queues, day_outcomes, day_resolutions, .. } = &mut self.models;
        let (queues, outcomes, resolutions) = (day_queues, day_outcomes, day_resolutions);
        self.days.write(DayRows { queues, outcomes, resolutions });
    }

    /// Writes the rows and forgets them.
    pub(crate) async fn write(&mut self, connection: &mut PgConnection) -> Result<(), ProjectionError> {
        self.models.write(connection).await?;
        match self.reporting.take() {
            Some(reporting) => days::bring_up_to_date(connection, &reporting).await,
            None => Ok(()),
        }
    }

    fn fold_agent(&mut self, position: Position, entry: &Entry<AgentEvent>) {
        for event in &entry.events {
            let AgentEvent::PresenceChanged(changed) = event;
            PresenceRow::of(entry.version, entry.at, position, changed).write(&mut self.models.presence);
        }
    }

    fn fold_policy(
        &mut self,
        position: Position,
        entry: &Entry<PolicyEvent>,
        calendars: &mut Calendars,
    ) -> Result<(), String> {
        if let Some((row, written)) = PolicyRow::of(entry, position)? {
            calendars.note(row.policy, written)?;
            self.reporting = Some(calendars.reporting().clone());
            row.write(&mut self.models.policies);
        }
        Ok(())
    }

    fn fold_entry(
        &mut self,
        read: &ReadEntry,
        case: CaseId,
        entry: &CaseEntry,
        cache: &mut Cache,
        calendars: &mut Calendars,
    ) -> Result<(), String> {
        if let (Some(CaseEvent::Intake(IntakeEvent::Opened(opened))), false) =
            (entry.events.first(), cache.contains(case))
        {
            let row = Kept::new(CaseRow::opened(case, read.position, opened, entry.at));
            cache.put(CaseRows { case: row, stretch: None, clocks: Vec::new() });
        }
        let Some(rows) = cache.get_mut(case) else { return Err("it continues a case that was not opened".to_owned()) };
        let events = u32::try_from(entry.events.len()).map_err(|_| "too many events".to_owned())?;
        let before = rows.case.row.version.get();
        if before.checked_add(events) != Some(entry.version.get()) {
            let version = entry.version;
            return Err(format!("the case is at version {before}, and {events} events do not lead to {version}"));
        }
        let begins = before == 0;
        self.comparison.begin((!begins).then_some(&rows.case.row));
        let counted = (!begins).then(|| OfCase::of(&rows.case.row));
        let details = Detail::of_payload(&read.payload).map_err(|error| error.to_string())?;
        self.running_queue.begin();
        let milestones = Milestones::of(&rows.case.row.facts);
        let mut is_other_calendar = false;
        for (version, event) in (before + 1..).zip(&entry.events) {
            let at = event.at().unwrap_or(entry.at);
            let mark = Mark { position: read.position, recorded_at: read.recorded_at, version: Version(version), at };
            is_other_calendar |= self.fold_event(entry, rows, mark, event, calendars)?;
        }
        let CaseRow { facts, times, .. } = &mut rows.case.row;
        times.reach(milestones, facts, entry);
        if is_other_calendar || Milestones::of(facts) != milestones {
            times.count_open_time(facts, calendars)?;
        }
        rows.case.row.settle(entry, read.position, read.recorded_at);
        rows.case.touch();
        self.changed.push(case);
        self.fold_history(entry, rows, calendars.reporting());
        let row = &rows.case.row;
        self.days.change_case(calendars.reporting(), counted, OfCase::of(row));
        let before = self.comparison.end(row);
        entries::write(&mut self.models.entries, row.case_no, read.position, entry, &details, before)
            .map_err(|error| error.to_string())
    }

    /// Folds an event. Says whether the case counts by another calendar from then on.
    fn fold_event(
        &mut self,
        entry: &CaseEntry,
        rows: &mut CaseRows,
        mark: Mark,
        event: &CaseEvent,
        calendars: &mut Calendars,
    ) -> Result<bool, String> {
        let case = &mut rows.case.row;
        let at = mark.at;
        self.running_queue.apply(event, at, case.facts.queue.as_ref());
        let owes_answers = case.responses_known || !entry.is_backdated(mark.recorded_at);
        let answered = case.measures.count(&case.facts, owes_answers, entry, (event, at));
        case.facts.apply(event, at);
        self.fold_facts(case, mark, entry, event);
        if let Some(answered) = answered {
            ObligationRow::of(case, answered, calendars)?.write(&mut self.models.obligations);
        }
        texts::write(&mut self.models.texts, case.case_no, mark.version, event);
        if let Some((change, reading)) = event.clock() {
            let (priority, assignee) = (case.facts.class.priority.clone(), case.facts.assignee.clone());
            let clock = rows.clock(reading);
            let queue = self.running_queue.queue();
            let then = Then { queue, priority: priority.as_ref(), assignee: assignee.as_ref() };
            let counted = Outcome::of(&clock.row);
            clock.row.apply(change, reading, at, then);
            self.days.change_outcome(calendars.reporting(), counted, Outcome::of(&clock.row));
            clock.row.changed_at = entry.at;
            clock.touch();
            let has_resolution_clock = rows.clocks.iter().any(|clock| clock.row.clock == ClockName::Resolution);
            return Ok(rows.case.row.times.note_calendar(reading, has_resolution_clock));
        }
        Ok(false)
    }

    /// Writes what happened once and does not change.
    fn fold_facts(&mut self, case: &CaseRow, mark: Mark, entry: &CaseEntry, event: &CaseEvent) {
        if let Some(contact) = ContactRow::of(case, mark, event) {
            contact.write(&mut self.models.contacts);
        }
        if let Some(article) = ArticleEventRow::of(case, mark, event) {
            article.write(&mut self.models.article_events);
        }
        if let CaseEvent::Work(WorkEvent::EffortLogged(effort)) = event {
            EffortRow::of(case, mark, entry, effort).write(&mut self.models.efforts);
        }
        if let CaseEvent::Survey(SurveyEvent::SurveyRequested(requested)) = event {
            SurveyRequestRow::of(case, mark, requested).write(&mut self.models.survey_requests);
        }
        if let CaseEvent::Survey(SurveyEvent::SurveyAnswered(answered)) = event {
            AnswerRow::of(case, mark, answered).write(&mut self.models.answers);
        }
    }

    fn fold_history(&mut self, entry: &CaseEntry, rows: &mut CaseRows, reporting: &DayZone) {
        let case = &mut rows.case.row;
        if rows.stretch.as_ref().is_some_and(|stretch| stretch.holds_for(case)) {
            return;
        }
        (case.since_version, case.since_at) = (entry.version, entry.at);
        match rows.stretch.replace(Stretch::of(case)) {
            Some(ended) => {
                case.times.count_stretch(ended.status, ended.from_at, entry.at);
                let ended = ended.ended(case, entry);
                self.days.count_turn(reporting, Turn::of(&ended));
                ended.write(&mut self.models.history);
            }
            None => case.opened_in.clone_from(&case.facts.queue),
        }
    }
}

#[cfg(test)]
mod tests;
