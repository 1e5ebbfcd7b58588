//! Any CSV of events as back-dated commands, by a mapping: a TOML file that says which columns mean what.
//!
//! - A line is something that happened to a case. The first line of a case opens it.
//! - Whatever a line tells, what its columns say of the case's state (queue, agent, classification) is sent when it
//!   differs from what was sent before.
//! - What it tells follows: the commands of the first rule that fits.
//! - A case that is over is reopened before a command that only a case at work takes.
//! - Ids of cases and commands come from the mapping's `source` and from the line, so a file that is imported again
//!   adds nothing, and one that has grown adds what is new.
//!
//! What is wrong with a file or a mapping as a whole is said before anything is sent ([`EventsError`]); what is wrong with
//! a line alone is a [`Reject`](crate::file::Reject).
//!
//! `mapping` is the TOML file, `template` a value of it, `table` the CSV file, `history` a case in the making.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use docket_calendar::zones::Zones;
use docket_messages::Timestamp;

use crate::file::{Import, Reject};
use crate::vocabulary::Vocabulary;

mod error;
mod history;
mod mapping;
mod table;
mod template;

pub use error::EventsError;
pub use mapping::Mapping;

use history::History;
use mapping::Order;
use table::{Line, Table};

/// Translates a file to the stories of its cases; at most so many, if there is a limit: the first ones of the file.
///
/// # Errors
/// [`EventsError`] when the file as a whole, or the mapping, is wrong.
pub fn translate(file: &[u8], mapping: &Mapping, zones: &Zones, limit: Option<usize>) -> Result<Import, EventsError> {
    let Table { lines, rejects } = Table::read(file, mapping, zones)?;
    let mut cases = Cases { mapping, by_key: HashMap::new(), all: Vec::new(), limit };
    for line in lines {
        cases.take(line);
    }
    cases.require_order()?;
    let used = cases.tell(rejects);
    if !used.fits_any {
        return Err(EventsError::NothingFits { columns: mapping.values_of_rules(&used.lines) });
    }
    Ok(used.import)
}

/// The lines of each case, in the order in which the cases begin.
struct Cases<'m> {
    mapping: &'m Mapping,
    by_key: HashMap<String, usize>,
    all: Vec<(String, Vec<Line>)>,
    limit: Option<usize>,
}

/// What came of all lines.
struct Told {
    import: Import,
    /// Whether a rule fits any line.
    fits_any: bool,
    /// Some lines, to show what there is when none fits.
    lines: Vec<Line>,
}

impl Cases<'_> {
    fn take(&mut self, line: Line) {
        let next = self.all.len();
        let index = match self.by_key.entry(line.case.clone()) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(_) if self.limit.is_some_and(|limit| next >= limit) => return,
            Entry::Vacant(unknown) => {
                self.all.push((unknown.key().clone(), Vec::new()));
                *unknown.insert(next)
            }
        };
        if let Some((_, lines)) = self.all.get_mut(index) {
            lines.push(line);
        }
    }

    /// Brings the lines of each case into their order, or says that they have none.
    fn require_order(&mut self) -> Result<(), EventsError> {
        for (_, lines) in &mut self.all {
            match self.mapping.order {
                Order::Time => lines.sort_by_key(|line| line.at),
                Order::NewestFirst => lines.reverse(),
                Order::File => {}
            }
            let falls = lines.iter().zip(lines.iter().skip(1)).find(|(before, after)| after.at < before.at);
            if let Some((before, after)) = falls {
                return Err(EventsError::Falls { line: after.number, before: before.number });
            }
        }
        Ok(())
    }

    fn tell(self, rejects: Vec<Reject>) -> Told {
        const SHOWN: usize = 10_000;
        let mut import = Import {
            stories: Vec::new(),
            claims: Vec::new(),
            rows: u64::try_from(rejects.len()).unwrap_or(u64::MAX),
            rejects,
            vocabulary: Vocabulary::default(),
            newest: Timestamp::EPOCH,
            cases: 0,
            responses_known: self.mapping.says_what_was_answered(),
        };
        let (mut fits_any, mut shown) = (false, Vec::new());
        for (key, lines) in self.all {
            let mut history = History::new(self.mapping, &key);
            for line in lines {
                import.rows += 1;
                import.newest = import.newest.max(line.at);
                fits_any |= self.mapping.rule_of(&line).is_some();
                let wrong = history.take(&line, &mut import.vocabulary);
                let reject = |reason| Reject { line: line.number, case: key.clone(), reason };
                import.rejects.extend(wrong.into_iter().map(reject));
                if shown.len() < SHOWN {
                    shown.push(line);
                }
            }
            import.stories.extend(history.into_story());
        }
        import.cases = u64::try_from(import.stories.len()).unwrap_or(u64::MAX);
        import.rejects.sort_by_key(|reject| reject.line);
        Told { import, fits_any, lines: shown }
    }
}

#[cfg(test)]
mod tests;
