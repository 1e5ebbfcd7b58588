//! One row, read and checked. What is wrong with it is said in one sentence.

use chrono::{Datelike, NaiveDateTime};
use csv::ByteRecord;
use docket_calendar::zones::Zone;
use docket_messages::{AgentId, CustomerId, Name, Timestamp, shorten};

use super::ImportError;
use super::state::State;

macro_rules! columns {
    ($($column:ident,)*) => {
        /// Where the columns that are read stand.
        pub(super) struct Columns {
            $($column: usize,)*
            /// Not every export has it.
            made_sla: Option<usize>,
            count: usize,
        }

        impl Columns {
            /// Finds them by name, whatever their order.
            pub(super) fn find(headers: &ByteRecord) -> Result<Self, ImportError> {
                let made_sla = headers.iter().position(|header| header.trim_ascii() == b"made_sla");
                let place = |name: &str| headers.iter().position(|header| header.trim_ascii() == name.as_bytes());
                let mut columns = Vec::new();
                $(
                    let $column = place(stringify!($column)).unwrap_or_else(|| {
                        columns.push(stringify!($column));
                        0
                    });
                )*
                if columns.is_empty() {
                    return Ok(Self { $($column,)* made_sla, count: headers.len() });
                }
                Err(ImportError::MissingColumns { columns })
            }
        }
    };
}

columns! {
    number,
    incident_state,
    sys_mod_count,
    caller_id,
    opened_at,
    sys_updated_at,
    contact_type,
    category,
    subcategory,
    impact,
    urgency,
    assignment_group,
    assigned_to,
    closed_code,
}

impl Columns {
    /// The number of the row's case, as far as it can be read.
    pub(super) fn number(&self, record: &ByteRecord) -> String {
        record
            .get(self.number)
            .map(|bytes| shorten(String::from_utf8_lossy(bytes).trim()).into_owned())
            .unwrap_or_default()
    }
}

impl Columns {
    /// The dates of a row, as they are written.
    pub(super) fn dates<'r>(&self, record: &'r ByteRecord) -> impl Iterator<Item = &'r [u8]> {
        [self.opened_at, self.sys_updated_at].into_iter().filter_map(|column| record.get(column))
    }
}

/// A row.
pub(super) struct Row {
    pub line: u64,
    pub state: State,
    /// How often the incident had been changed, by its own count, which repeats now and then.
    pub mod_count: u64,
    pub opened_at: Timestamp,
    pub updated_at: Timestamp,
    /// `sys_updated_at` as digits, in the zone of the file, so that a command's id does not depend on the zone.
    pub updated_digits: String,
    pub channel: Option<Name>,
    pub caller: Option<CustomerId>,
    pub category: Option<Name>,
    pub subcategory: Option<Name>,
    pub impact: Option<Name>,
    pub urgency: Option<Name>,
    pub group: Option<Name>,
    pub assignee: Option<AgentId>,
    /// The same on every row, so known only by those that solve or close.
    pub closed_code: Option<Name>,
    /// Whether the case has kept its service level so far. What is neither true nor false says nothing.
    pub made_sla: Option<bool>,
}

impl Row {
    /// Reads a row, or says what is wrong with it.
    pub(super) fn read(columns: &Columns, record: &ByteRecord, line: u64, zone: &Zone) -> Result<Self, String> {
        if record.len() != columns.count {
            return Err(format!("the row has {} fields; the header has {}", record.len(), columns.count));
        }
        let text = |name: &str, index: usize| text(record, name, index);
        if text("number", columns.number)?.is_none() {
            return Err("`number` is missing".to_owned());
        }
        let state = text("incident_state", columns.incident_state)?.unwrap_or("?");
        let state = State::parse(state).ok_or_else(|| format!("`{}` is not a state", shorten(state)))?;
        let mod_count = text("sys_mod_count", columns.sys_mod_count)?.unwrap_or("?");
        let mod_count =
            mod_count.parse().map_err(|_| format!("sys_mod_count `{}` is not a number", shorten(mod_count)))?;
        let updated = local_time("sys_updated_at", text("sys_updated_at", columns.sys_updated_at)?)?;
        let opened = local_time("opened_at", text("opened_at", columns.opened_at)?)?;
        Ok(Self {
            line,
            state,
            mod_count,
            opened_at: zone.instant(opened),
            updated_at: zone.instant(updated),
            updated_digits: updated.format("%Y%m%d%H%M").to_string(),
            channel: parse("contact_type", text("contact_type", columns.contact_type)?, Name::parse)?,
            caller: parse("caller_id", text("caller_id", columns.caller_id)?, CustomerId::parse)?,
            category: parse("category", text("category", columns.category)?, Name::parse)?,
            subcategory: parse("subcategory", text("subcategory", columns.subcategory)?, Name::parse)?,
            impact: level("impact", text("impact", columns.impact)?)?,
            urgency: level("urgency", text("urgency", columns.urgency)?)?,
            group: parse("assignment_group", text("assignment_group", columns.assignment_group)?, Name::parse)?,
            assignee: parse("assigned_to", text("assigned_to", columns.assigned_to)?, AgentId::parse)?,
            closed_code: parse("closed_code", text("closed_code", columns.closed_code)?, Name::parse)?,
            made_sla: columns.made_sla.and_then(|column| flag(record.get(column)?)),
        })
    }

    /// The column without which a row cannot open a case, if it lacks one.
    pub(super) fn missing_at_opening(&self) -> Option<&'static str> {
        let needed = [("contact_type", &self.channel), ("impact", &self.impact), ("urgency", &self.urgency)];
        needed.into_iter().find(|(_, name)| name.is_none()).map(|(column, _)| column)
    }
}

/// The text of a field; none when it is missing.
fn text<'r>(record: &'r ByteRecord, name: &str, index: usize) -> Result<Option<&'r str>, String> {
    let bytes = record.get(index).unwrap_or_default();
    let text = std::str::from_utf8(bytes).map_err(|_| format!("`{name}` is not UTF-8"))?.trim();
    Ok((!text.is_empty() && text != "?").then_some(text))
}

fn parse<T, E: std::fmt::Display>(
    name: &str,
    text: Option<&str>,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<Option<T>, String> {
    text.map(parse).transpose().map_err(|error| format!("`{name}`: {error}"))
}

fn flag(field: &[u8]) -> Option<bool> {
    let field = field.trim_ascii();
    let is = |word: &[u8]| field.eq_ignore_ascii_case(word);
    if is(b"true") { Some(true) } else { is(b"false").then_some(false) }
}

/// An impact or urgency, such as `2 - Medium`, by the word that policies use for it.
fn level(name: &str, text: Option<&str>) -> Result<Option<Name>, String> {
    let Some(text) = text else { return Ok(None) };
    let word = match text {
        "1 - High" => "high",
        "2 - Medium" => "medium",
        "3 - Low" => "low",
        _ => return Err(format!("`{name}` is `{}`, not 1 - High, 2 - Medium or 3 - Low", shorten(text))),
    };
    parse(name, Some(word), Name::parse)
}

fn local_time(name: &str, text: Option<&str>) -> Result<NaiveDateTime, String> {
    let text = text.ok_or_else(|| format!("`{name}` is missing"))?;
    let time = NaiveDateTime::parse_from_str(text, "%d/%m/%Y %H:%M").ok();
    // Outside these years an instant could not be kept.
    let time = time.filter(|time| (1971..9999).contains(&time.year()));
    time.ok_or_else(|| format!("`{name}` is `{}`, not a time such as 29/2/2016 01:16", shorten(text)))
}
