//! The audit log of a ServiceNow incident process as back-dated commands.
//!
//! A row is a snapshot after an update, not an event, so commands come from the difference between what a row says
//! and what is known of its case. What the rows mean:
//!
//! - The order is that of the file. A row is dated by the latest of its `sys_updated_at`, its `opened_at` and the row
//!   before it, because some cases are updated before they open and many rows share a minute.
//! - The first row of a case opens it at `opened_at`; what else that row says follows at the row's own date.
//! - `?` means that a value is missing, so it changes nothing; only a missing assignee takes the case from its agent.
//! - A subcategory belongs to a category: where a row lacks the category, its subcategory is left out as well.
//! - A row that cannot be read is rejected whole, a garbage state included. The next row of its case is compared with
//!   what was known before, so nothing is lost for good.
//! - A solved case cannot be moved or given to anybody, and a closed one cannot be classified. Such a change is
//!   rejected, kept as a note, and made up for when the case comes back.
//! - `closed_code` stands on every row but is known only in the end: it is read by the rows that solve or close.
//! - `made_sla` becomes no command: it is compared in the end with what the clocks say. The last row that has it
//!   counts.
//!
//! A file whose lines run backwards, or whose dates are month first, is refused as a whole.
//!
//! `row` reads and checks, `shape` looks at the file as a whole, `state` names the states, `history` keeps what is
//! known, `turn` compares a row with it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io::Read;

use docket_calendar::zones::Zone;
use docket_messages::Timestamp;

use crate::file::{Import, Reject};
use crate::service_levels::Claim;
use crate::story::Story;
use crate::vocabulary::Vocabulary;

mod history;
mod row;
mod shape;
mod state;
mod turn;

use history::History;
use row::{Columns, Row};
use shape::Shape;

/// How to read a file.
#[derive(Debug, Clone)]
pub struct Options {
    /// The zone of its times, which it does not say.
    pub zone: Zone,
    /// At most so many cases: the first ones of the file.
    pub limit: Option<usize>,
}

/// Why a file could not be read at all.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It broke off, or is not a table.
    #[error("could not read the file as a table of comma-separated values")]
    Read(#[from] csv::Error),
    /// It is another table.
    #[error("the file lacks the columns {}; it is not an incident log", .columns.join(", "))]
    MissingColumns {
        /// Those that it lacks.
        columns: Vec<&'static str>,
    },
    /// Its lines run backwards.
    #[error(
        "the lines run from the newest to the oldest: line {line} is older than line {above} of the same case; sort the file by `sys_updated_at`, oldest first"
    )]
    NewestFirst {
        /// A line.
        line: u64,
        /// One above it, which is newer.
        above: u64,
    },
    /// Its dates are written in another order.
    #[error("the dates are not day first: line {line} has `{text}`; write them as 29/2/2016 01:16")]
    MonthFirst {
        /// The first such line.
        line: u64,
        /// What it has.
        text: String,
    },
}

/// Translates a file to the stories of its cases.
///
/// # Errors
/// [`ImportError`] when it is not such a file; a row that cannot be understood is no error but a [`Reject`].
pub fn translate(file: impl Read, options: &Options) -> Result<Import, ImportError> {
    // With the default terminator the reader counts the lines of a file with CRLF one short; the CR is trimmed here.
    let terminator = csv::Terminator::Any(b'\n');
    let mut reader = csv::ReaderBuilder::new().flexible(true).terminator(terminator).from_reader(file);
    let columns = Columns::find(reader.byte_headers()?)?;
    let mut desk = Desk::default();
    let mut record = csv::ByteRecord::new();
    while reader.read_byte_record(&mut record)? {
        desk.take(&columns, &record, options);
    }
    desk.shape.require_sound()?;
    Ok(desk.into_import())
}

/// All cases of the file so far.
#[derive(Default)]
struct Desk {
    histories: Vec<History>,
    by_number: HashMap<String, usize>,
    rejects: Vec<Reject>,
    vocabulary: Vocabulary,
    newest: Option<Timestamp>,
    rows: u64,
    shape: Shape,
}

impl Desk {
    fn take(&mut self, columns: &Columns, record: &csv::ByteRecord, options: &Options) {
        if record.iter().all(|field| field.trim_ascii().is_empty()) {
            return;
        }
        let line = record.position().map_or(0, csv::Position::line);
        let number = columns.number(record);
        let Some(index) = self.case_of(&number, options.limit) else { return };
        self.rows += 1;
        columns.dates(record).for_each(|date| self.shape.note_date(line, date));
        let row = match Row::read(columns, record, line, &options.zone) {
            Ok(row) => row,
            Err(reason) => return self.rejects.push(Reject { line, case: number, reason }),
        };
        self.shape.note_row(index, &row);
        let Some(history) = self.histories.get_mut(index) else { return };
        let wrong = history.take(&row, &mut self.vocabulary).into_iter();
        self.rejects.extend(wrong.map(|reason| Reject { line, case: number.clone(), reason }));
        self.newest = self.newest.max(history.last_at());
    }

    /// Rows of one case need not stand together. A case is begun by a row that can be read or not, so that the same
    /// cases are the first ones whatever is wrong with them.
    fn case_of(&mut self, number: &str, limit: Option<usize>) -> Option<usize> {
        let next = self.histories.len();
        match self.by_number.entry(number.to_owned()) {
            Entry::Occupied(known) => Some(*known.get()),
            Entry::Vacant(_) if limit.is_some_and(|limit| next >= limit) => None,
            Entry::Vacant(unknown) => {
                unknown.insert(next);
                self.histories.push(History::new(number));
                Some(next)
            }
        }
    }

    fn into_import(self) -> Import {
        let Self { histories, rejects, vocabulary, newest, rows, .. } = self;
        let (stories, claims): (Vec<Story>, Vec<Claim>) = histories.into_iter().filter_map(History::into_story).unzip();
        let cases = u64::try_from(stories.len()).unwrap_or(u64::MAX);
        let newest = newest.unwrap_or(Timestamp::EPOCH);
        Import { stories, claims, rejects, vocabulary, newest, rows, cases, responses_known: false }
    }
}

#[cfg(test)]
mod tests;
