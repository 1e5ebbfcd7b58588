//! The rows that the entries of the log come to, of relations to which rows are only added. `docs/ANALYSTS.md` and the comments
//! in the database say what each column means.

use std::collections::{BTreeMap, HashMap};

use docket_bundle::Disclosed;
use docket_messages::{
    AgentEvent, AnyEntry, ArticleEvent, CaseEntry, CaseEvent, CaseFacts, CaseId, Detail, EndingEvent, Entry, EntryKind,
    IntakeEvent, PolicyEvent, SurveyEvent, Timestamp, WorkEvent,
};

use super::cell::{Cell, Kind, Row};

/// A relation to which rows are only added.
#[derive(Debug)]
pub(super) struct Relation {
    pub name: &'static str,
    /// The columns that are compared; one is the position.
    pub columns: &'static [Column],
    /// Those that are not.
    pub beside: &'static [&'static str],
}

impl Relation {
    /// Whether these are its columns, each once.
    pub(super) fn has_columns<'n>(&self, names: impl Iterator<Item = &'n str>) -> bool {
        let mut names: Vec<&str> = names.collect();
        let mut due: Vec<&str> =
            self.columns.iter().map(|column| column.name).chain(self.beside.iter().copied()).collect();
        names.sort_unstable();
        due.sort_unstable();
        names == due
    }

    /// Where each column that is compared stands, if these are its columns, each once.
    pub(super) fn places<'n>(&self, names: impl Iterator<Item = &'n str> + Clone) -> Option<Vec<usize>> {
        if !self.has_columns(names.clone()) {
            return None;
        }
        self.columns.iter().map(|column| names.clone().position(|name| name == column.name)).collect()
    }
}

#[derive(Debug)]
pub(super) struct Column {
    pub name: &'static str,
    pub kind: Kind,
}

const fn number(name: &'static str) -> Column {
    Column { name, kind: Kind::Number }
}

const fn text(name: &'static str) -> Column {
    Column { name, kind: Kind::Text }
}

const fn of(name: &'static str, kind: Kind) -> Column {
    Column { name, kind }
}

/// The name of the column that says of which entry a row is.
pub(super) const POSITION: &str = "position";

const fn time(name: &'static str) -> Column {
    Column { name, kind: Kind::Time }
}

pub(super) const RELATIONS: [Relation; 8] = [
    Relation {
        name: "agent_presence",
        columns: &[text("agent"), number("version"), time("at"), text("presence"), number(POSITION)],
        beside: &[],
    },
    Relation {
        name: "article_events",
        columns: &[
            text("case_id"),
            number("version"),
            time("at"),
            text("event"),
            text("article_id"),
            number("case_no"),
            number(POSITION),
        ],
        beside: &[],
    },
    Relation {
        name: "case_entries",
        columns: &[
            text("case_id"),
            number("version"),
            number(POSITION),
            time("at"),
            text("by"),
            text("on_behalf_of"),
            number("policy"),
            of("events", Kind::Texts),
            of("details", Kind::Jsons),
            of("event_at", Kind::Times),
        ],
        // What the entry changed in docket.cases, which `docket replay --compare` shows to be right.
        beside: &["before"],
    },
    Relation {
        name: "case_timeline",
        columns: &[
            text("case_id"),
            number("version"),
            number(POSITION),
            time("at"),
            text("by"),
            text("on_behalf_of"),
            text("event"),
            number("policy"),
            of("detail", Kind::Json),
        ],
        beside: &[],
    },
    Relation {
        name: "efforts",
        columns: &[
            text("case_id"),
            time("at"),
            text("agent"),
            text("activity"),
            number("seconds"),
            number(POSITION),
            number("case_no"),
        ],
        beside: &[],
    },
    Relation {
        name: "policy_versions",
        columns: &[number("policy"), time("at"), text("by"), text("on_behalf_of"), number(POSITION)],
        beside: &[],
    },
    Relation {
        name: "survey_answers",
        columns: &[
            text("case_id"),
            number("version"),
            time("at"),
            text("survey"),
            number("cycle"),
            number("score"),
            text("queue"),
            text("assignee"),
            number("case_no"),
            number(POSITION),
        ],
        beside: &[],
    },
    Relation {
        name: "survey_requests",
        columns: &[
            text("case_id"),
            number("version"),
            time("at"),
            text("survey"),
            number("cycle"),
            text("queue"),
            text("assignee"),
            number("case_no"),
            number(POSITION),
        ],
        beside: &[],
    },
];

/// The rows of an entry, by relation.
pub(super) type OfEntry = BTreeMap<&'static str, Vec<Row>>;

/// Makes rows, entry by entry from the first of the log on.
#[derive(Debug, Default)]
pub(super) struct Rows {
    cases: HashMap<CaseId, Case>,
}

/// What rows say of a case beside its entry.
#[derive(Debug)]
struct Case {
    number: u64,
    facts: CaseFacts,
}

/// An event of a case, and where it stands.
struct Mark<'a> {
    position: u64,
    version: i64,
    at: Timestamp,
    entry: &'a CaseEntry,
    id: CaseId,
}

impl Rows {
    /// The rows of an entry.
    ///
    /// # Errors
    /// When it cannot be read, or continues what was not begun.
    pub(super) fn of(&mut self, position: u64, entry: &Disclosed) -> Result<OfEntry, String> {
        let payload = &entry.payload;
        let kind = AnyEntry::decode(payload).map_err(|error| error.to_string())?.kind;
        match kind {
            EntryKind::Case => self.case(position, payload),
            EntryKind::Agent => agent(position, payload),
            EntryKind::Policy => policy(position, payload),
            EntryKind::Claim | EntryKind::Customer => Ok(OfEntry::new()),
        }
    }

    fn case(&mut self, position: u64, payload: &[u8]) -> Result<OfEntry, String> {
        let entry = CaseEntry::decode(payload).map_err(|error| error.to_string())?;
        let id: CaseId = entry.of.parse().map_err(|_| "its case has no id".to_owned())?;
        let details = Detail::of_payload(payload).map_err(|error| error.to_string())?;
        let details = details.iter().map(json).collect::<Result<Vec<_>, _>>()?;
        if let Some(CaseEvent::Intake(IntakeEvent::Opened(opened))) = entry.events.first() {
            let facts = CaseFacts::opened(opened, entry.at);
            self.cases.entry(id).or_insert(Case { number: position, facts });
        }
        let case = self.cases.get_mut(&id).ok_or("it continues a case that was not opened")?;
        let mut rows = OfEntry::from([("case_entries", vec![entry_row(position, id, &entry, details.clone())])]);
        let first = i64::from(entry.version.get()) - i64::try_from(entry.events.len()).unwrap_or(i64::MAX) + 1;
        for ((version, event), detail) in (first..).zip(&entry.events).zip(details) {
            let at = event.at().unwrap_or(entry.at);
            let mark = Mark { position, version, at, entry: &entry, id };
            case.facts.apply(event, at);
            rows.entry("case_timeline").or_default().push(timeline(&mark, event, detail));
            if let Some((relation, row)) = once(case, &mark, event) {
                rows.entry(relation).or_default().push(row);
            }
        }
        Ok(rows)
    }
}

fn json(detail: &Detail<'_>) -> Result<Cell, String> {
    let text = serde_json::to_string(detail).map_err(|error| error.to_string())?;
    serde_json::from_str(&text).map(Cell::json).map_err(|error| error.to_string())
}

fn moment(at: Timestamp) -> Cell {
    Cell::Time(at.to_chrono().timestamp_micros())
}

fn optional<T: ToString>(value: Option<&T>) -> Cell {
    value.map_or(Cell::Null, |value| Cell::text(&value.to_string()))
}

fn count(number: impl Into<i64>) -> Cell {
    Cell::Number(number.into())
}

fn place(position: u64) -> Cell {
    Cell::Number(i64::try_from(position).unwrap_or(i64::MAX))
}

fn entry_row(position: u64, id: CaseId, entry: &CaseEntry, details: Vec<Cell>) -> Row {
    let moments = entry.events.iter().map(|event| moment(event.at().unwrap_or(entry.at)));
    let has_moments = entry.events.iter().any(|event| event.at().is_some());
    let cells = vec![
        Cell::text(&id.to_string()),
        count(entry.version.get()),
        place(position),
        moment(entry.at),
        Cell::text(entry.by.as_str()),
        optional(entry.on_behalf_of.as_ref()),
        count(entry.policy.get()),
        Cell::List(entry.events.iter().map(|event| Cell::text(event.name())).collect()),
        Cell::List(details),
        if has_moments { Cell::List(moments.collect()) } else { Cell::Null },
    ];
    Row { position, cells }
}

fn timeline(mark: &Mark<'_>, event: &CaseEvent, detail: Cell) -> Row {
    let Mark { position, version, at, entry, id } = mark;
    let cells = vec![
        Cell::text(&id.to_string()),
        Cell::Number(*version),
        place(*position),
        moment(*at),
        Cell::text(entry.by.as_str()),
        optional(entry.on_behalf_of.as_ref()),
        Cell::text(event.name()),
        count(entry.policy.get()),
        detail,
    ];
    Row { position: *position, cells }
}

/// The row of what happened once, and its relation.
fn once(case: &Case, mark: &Mark<'_>, event: &CaseEvent) -> Option<(&'static str, Row)> {
    let Mark { position, version, at, entry, id } = mark;
    let (id, version, at) = (Cell::text(&id.to_string()), Cell::Number(*version), moment(*at));
    let end = [place(case.number), place(*position)];
    let who_had_it = [optional(case.facts.queue.as_ref()), optional(case.facts.assignee.as_ref())];
    let (relation, cells) = if let Some((use_of, article)) = article(event) {
        ("article_events", [vec![id, version, at, Cell::text(use_of), article], end.to_vec()].concat())
    } else if let CaseEvent::Work(WorkEvent::EffortLogged(effort)) = event {
        let agent = entry.on_behalf_of.as_ref().map_or_else(|| entry.by.to_string(), ToString::to_string);
        let (activity, seconds, [case_no, position]) = (optional(effort.activity.as_ref()), count(effort.seconds), end);
        ("efforts", vec![id, at, Cell::text(&agent), activity, seconds, position, case_no])
    } else if let CaseEvent::Survey(SurveyEvent::SurveyRequested(asked)) = event {
        let (survey, cycle) = (Cell::text(asked.survey.as_str()), count(asked.cycle));
        ("survey_requests", [vec![id, version, at, survey, cycle], who_had_it.to_vec(), end.to_vec()].concat())
    } else if let CaseEvent::Survey(SurveyEvent::SurveyAnswered(answer)) = event {
        let (survey, cycle) = (Cell::text(answer.survey.as_str()), count(answer.cycle));
        let cells = vec![id, version, at, survey, cycle, count(answer.score)];
        ("survey_answers", [cells, who_had_it.to_vec(), end.to_vec()].concat())
    } else {
        return None;
    };
    Some((relation, Row { position: *position, cells }))
}

/// What became of an article, and which.
fn article(event: &CaseEvent) -> Option<(&'static str, Cell)> {
    if let CaseEvent::Article(event) = event {
        return Some(match event {
            ArticleEvent::ArticleAttached(attached) => ("attached", Cell::text(attached.article_id.as_str())),
            ArticleEvent::ArticleDetached(detached) => ("detached", Cell::text(detached.article_id.as_str())),
            ArticleEvent::ArticleNotFound(_) => ("not_found", Cell::Null),
        });
    }
    let CaseEvent::Ending(EndingEvent::Resolved(resolved)) = event else { return None };
    Some(("solved", Cell::text(resolved.article_id.as_ref()?.as_str())))
}

fn agent(position: u64, payload: &[u8]) -> Result<OfEntry, String> {
    let entry = Entry::<AgentEvent>::decode(payload).map_err(|error| error.to_string())?;
    let row = |event: &AgentEvent| {
        let AgentEvent::PresenceChanged(changed) = event;
        let (agent, presence) = (Cell::text(changed.agent.as_str()), Cell::text(changed.presence.as_str()));
        Row { position, cells: vec![agent, count(entry.version.get()), moment(entry.at), presence, place(position)] }
    };
    Ok(OfEntry::from([("agent_presence", entry.events.iter().map(row).collect())]))
}

fn policy(position: u64, payload: &[u8]) -> Result<OfEntry, String> {
    let entry = Entry::<PolicyEvent>::decode(payload).map_err(|error| error.to_string())?;
    if entry.events.iter().all(|event| event.published().is_none()) {
        return Ok(OfEntry::new());
    }
    let cells = vec![
        count(entry.policy.get()),
        moment(entry.at),
        Cell::text(entry.by.as_str()),
        optional(entry.on_behalf_of.as_ref()),
        place(position),
    ];
    Ok(OfEntry::from([("policy_versions", vec![Row { position, cells }])]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_relation_that_only_grows_can_be_proven() {
        assert_eq!(RELATIONS.map(|relation| relation.name), docket_projection::APPENDED);
    }
}
