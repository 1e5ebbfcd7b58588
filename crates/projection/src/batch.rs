//! A batch of entries, folded in memory into the rows that change.

use std::collections::{BTreeMap, HashMap, HashSet};

use bytes::Bytes;
use docket_messages::{CaseId, ClockName, Detail, Entry, EntryKind, Event, Position, Timestamp, Version};

use crate::ProjectionError;
use crate::bulk::Rows;
use crate::cache::{Cache, CaseRows};
use crate::models::cases::CaseRow;
use crate::models::clocks::ClockRow;
use crate::models::history::HistoryRow;
use crate::models::{answers, cases, clocks, history, texts, timeline};

/// An entry of the log, read.
#[derive(Debug)]
pub(crate) struct ReadEntry {
    pub position: Position,
    /// When the log took it in.
    pub recorded_at: Timestamp,
    /// The case; none for an entry of the policy, which no read model shows.
    pub case: Option<CaseId>,
    pub entry: Entry,
    /// What the entry was read from.
    pub payload: Bytes,
}

/// The rows that a batch changes. Made once and used again, so that folding allocates per batch.
pub(crate) struct Batch {
    pub cases: Rows,
    pub history: Rows,
    pub timeline: Rows,
    pub clocks: Rows,
    pub answers: Rows,
    pub texts: Rows,
    changed_cases: HashSet<CaseId>,
    changed_clocks: HashSet<(CaseId, ClockName, u32)>,
    changed_history: HashMap<(CaseId, Version), HistoryRow>,
}

impl Batch {
    pub(crate) fn new() -> Self {
        Self {
            cases: Rows::new(cases::TABLE),
            history: Rows::new(history::TABLE),
            timeline: Rows::new(timeline::TABLE),
            clocks: Rows::new(clocks::TABLE),
            answers: Rows::new(answers::TABLE),
            texts: Rows::new(texts::TABLE),
            changed_cases: HashSet::new(),
            changed_clocks: HashSet::new(),
            changed_history: HashMap::new(),
        }
    }

    /// Cases of the entries that are not in the cache and do not begin here.
    pub(crate) fn missing(entries: &[ReadEntry], cache: &Cache) -> Vec<CaseId> {
        let mut seen = HashSet::new();
        entries
            .iter()
            .filter_map(|read| read.case.map(|case| (case, read.entry.prev.is_none())))
            .filter(|(case, begins)| seen.insert(*case) && !begins && !cache.contains(*case))
            .map(|(case, _)| case)
            .collect()
    }

    /// Folds the entries; the cache holds every case that they continue.
    pub(crate) fn fold(&mut self, entries: &[ReadEntry], cache: &mut Cache) -> Result<(), ProjectionError> {
        for read in entries {
            let poison = |cause: String| ProjectionError::Poison { position: read.position, cause };
            match (read.entry.kind, read.case) {
                (EntryKind::Policy, _) => {}
                (EntryKind::Case, Some(case)) => self.fold_entry(read, case, cache).map_err(poison)?,
                (EntryKind::Case, None) => return Err(poison("it belongs to no case".to_owned())),
            }
        }
        self.write_changed(cache);
        Ok(())
    }

    fn fold_entry(&mut self, read: &ReadEntry, case: CaseId, cache: &mut Cache) -> Result<(), String> {
        let entry = &read.entry;
        if let (Some(Event::Opened(opened)), false) = (entry.events.first(), cache.contains(case)) {
            let row = CaseRow::opened(case, opened, entry.at);
            // Stands until the entry is folded, and is then replaced by what the case has become.
            let history = HistoryRow::of(&row, Version(0), entry.at);
            cache.put(CaseRows { case: row, history, clocks: BTreeMap::new() });
        }
        let Some(rows) = cache.get_mut(case) else { return Err("it continues a case that was not opened".to_owned()) };
        let events = u32::try_from(entry.events.len()).map_err(|_| "too many events".to_owned())?;
        let before = rows.case.version.get();
        if before.checked_add(events) != Some(entry.version.get()) {
            let version = entry.version;
            return Err(format!("the case is at version {before}, and {events} events do not lead to {version}"));
        }
        let details = Detail::of_payload(&read.payload).map_err(|error| error.to_string())?;
        for (version, event) in (before + 1..).zip(entry.events.iter().zip(&details)) {
            self.fold_event(read, rows, Version(version), event)?;
        }
        rows.case.settle(entry, read.position);
        self.changed_cases.insert(case);
        self.fold_history(read, rows);
        Ok(())
    }

    fn fold_event(
        &mut self,
        read: &ReadEntry,
        rows: &mut CaseRows,
        version: Version,
        (event, detail): (&Event, &Detail<'_>),
    ) -> Result<(), String> {
        let (case, at) = (rows.case.case_id, event.at().unwrap_or(read.entry.at));
        rows.case.apply(event, at);
        if let Some((change, reading)) = event.clock() {
            let id = (reading.clock, reading.instance);
            let clock = rows.clocks.entry(id).or_insert_with(|| ClockRow::started(case, reading));
            clock.apply(change, reading, at, &rows.case);
            self.changed_clocks.insert((case, id.0, id.1));
        }
        if let Event::SurveyAnswered(answered) = event {
            answers::write(&mut self.answers, &rows.case, version, at, answered);
        }
        texts::write(&mut self.texts, case, version, event);
        timeline::write(&mut self.timeline, case, version, read.position, &read.entry, (event, detail))
            .map_err(|error| error.to_string())
    }

    fn fold_history(&mut self, read: &ReadEntry, rows: &mut CaseRows) {
        let case = rows.case.case_id;
        let is_first = rows.history.version == Version(0);
        if !is_first && rows.history.holds_for(&rows.case) {
            return;
        }
        let next = HistoryRow::of(&rows.case, read.entry.version, read.entry.at);
        let mut ended = std::mem::replace(&mut rows.history, next.clone());
        if !is_first {
            ended.until_at = Some(read.entry.at);
            self.changed_history.insert((case, ended.version), ended);
        }
        self.changed_history.insert((case, next.version), next);
    }

    /// Writes each changed row once, however often it changed.
    fn write_changed(&mut self, cache: &Cache) {
        for rows in self.changed_cases.iter().filter_map(|case| cache.peek(*case)) {
            rows.case.write(&mut self.cases);
        }
        for (case, clock, instance) in &self.changed_clocks {
            if let Some(row) = cache.peek(*case).and_then(|rows| rows.clocks.get(&(*clock, *instance))) {
                row.write(&mut self.clocks);
            }
        }
        for row in self.changed_history.values() {
            row.write(&mut self.history);
        }
        self.changed_cases.clear();
        self.changed_clocks.clear();
        self.changed_history.clear();
    }
}
