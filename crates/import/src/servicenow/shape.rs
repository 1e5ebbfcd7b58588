//! Whether a file as a whole is what it is taken for: its lines from the oldest to the newest, its dates day first.
//!
//! A single line may be anything, and is rejected by itself. What most lines say is how the file was written.

use std::collections::HashMap;

use docket_messages::{Timestamp, shorten};

use super::ImportError;
use super::row::Row;

/// What was seen of a file so far.
#[derive(Default)]
pub(super) struct Shape {
    /// The last row of each case: its line, and how new it is.
    last: HashMap<usize, (u64, (Timestamp, u64))>,
    rising: u64,
    falling: u64,
    /// A row, and one above it that is newer.
    first_fall: Option<(u64, u64)>,
    day_first: u64,
    month_first: u64,
    first_month_first: Option<(u64, String)>,
}

impl Shape {
    /// Notes a row of a case.
    pub(super) fn note_row(&mut self, case: usize, row: &Row) {
        let age = (row.updated_at, row.mod_count);
        let Some((line, last)) = self.last.insert(case, (row.line, age)) else { return };
        self.rising += u64::from(last < age);
        if last > age {
            self.falling += 1;
            self.first_fall.get_or_insert((row.line, line));
        }
    }

    /// Notes a date, such as `29/2/2016 01:16`.
    pub(super) fn note_date(&mut self, line: u64, text: &[u8]) {
        let text = String::from_utf8_lossy(text);
        let mut numbers = text.trim().split('/').map(str::parse::<u32>);
        let (Some(Ok(first)), Some(Ok(second))) = (numbers.next(), numbers.next()) else { return };
        let (may_be_month, is_day) = (1..=12, 13..=31);
        self.day_first += u64::from(is_day.contains(&first) && may_be_month.contains(&second));
        if may_be_month.contains(&first) && is_day.contains(&second) {
            self.month_first += 1;
            self.first_month_first.get_or_insert_with(|| (line, shorten(text.trim()).into_owned()));
        }
    }

    /// Refuses a file that most lines show to be written in another way.
    pub(super) fn require_sound(&self) -> Result<(), ImportError> {
        if self.month_first > self.day_first
            && let Some((line, text)) = self.first_month_first.clone()
        {
            return Err(ImportError::MonthFirst { line, text });
        }
        match self.first_fall {
            Some((line, above)) if self.falling > self.rising => Err(ImportError::NewestFirst { line, above }),
            Some(_) | None => Ok(()),
        }
    }
}
