//! Everything that is printed goes through here.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::error::{AnyError, one_line};
use crate::surroundings;

/// Prints a line on standard output. A reader that went away (`| head`) is not an error.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// Whether what is said on standard error is said in JSON.
static NOTES_IN_JSON: AtomicBool = AtomicBool::new(false);

/// From now on, what is said on standard error are lines of JSON, as log lines are.
pub fn notes_in_json() {
    NOTES_IN_JSON.store(true, Ordering::Relaxed);
}

/// Prints a line on standard error, for people.
pub fn note(line: &str) {
    tell("INFO", line);
}

fn tell(level: &str, line: &str) {
    let mut err = std::io::stderr().lock();
    let _ = if NOTES_IN_JSON.load(Ordering::Relaxed) {
        let timestamp = surroundings::now();
        writeln!(
            err,
            "{}",
            serde_json::json!({ "timestamp": timestamp, "level": level, "message": line, "target": "docket" })
        )
    } else {
        writeln!(err, "{line}")
    };
}

/// Prints bytes as they are, as a line on standard output.
pub fn bytes(bytes: &[u8]) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(bytes).and_then(|()| out.write_all(b"\n"));
}

/// Prints a value as one line of JSON.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn json<T: Serialize>(value: &T) -> Result<(), AnyError> {
    say(&serde_json::to_string(value)?);
    Ok(())
}

/// Prints an error as one line, and is the exit code that says so.
pub fn fail(error: &(dyn std::error::Error + 'static)) -> ExitCode {
    tell("ERROR", &format!("docket: {}", one_line(error)));
    ExitCode::FAILURE
}

/// A table that fits the terminal: one line for each row, a rule below the header, numbers to the right.
pub fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Table {
    let rows: Vec<Vec<String>> = rows.into_iter().collect();
    let mut table = Table::new();
    table.load_style(TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─')));
    table.set_content_arrangement(ContentArrangement::Dynamic).set_header(header);
    for row in &rows {
        table.add_row(row);
    }
    for (number, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 1));
        let mut cells = rows.iter().filter_map(|row| row.get(number));
        if !rows.is_empty() && cells.all(|cell| is_number(cell)) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// Whether a cell holds a quantity, such as `17`, `3.2 d` or `81 %`; `-` stands for none.
fn is_number(cell: &str) -> bool {
    let quantity = cell.split_once(' ').map_or(cell, |(quantity, unit)| if unit.len() <= 2 { quantity } else { cell });
    cell == "-" || quantity.parse::<f64>().is_ok()
}

/// Progress of long work: a bar on a terminal, plain lines elsewhere.
pub struct Progress {
    bar: Option<ProgressBar>,
    what: String,
    total: u64,
    done: u64,
    said: u64,
}

impl Progress {
    /// Work of so many steps.
    pub fn start(what: &str, total: u64) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{msg} [{bar:40}] {human_pos}/{human_len} {per_sec} {eta}");
            let bar = ProgressBar::new(total).with_message(what.to_owned());
            bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        Self { bar, what: what.to_owned(), total, done: 0, said: 0 }
    }

    /// So many steps more are done.
    pub fn advance(&mut self, steps: u64) {
        self.done += steps;
        match &self.bar {
            Some(bar) => bar.inc(steps),
            None => self.say_tenths(),
        }
    }

    fn say_tenths(&mut self) {
        let tenth = (self.done * 10).checked_div(self.total).unwrap_or(10);
        if tenth > self.said {
            self.said = tenth;
            note(&format!("{}: {} of {}", self.what, self.done, self.total));
        }
    }

    /// The work is over.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::table;

    #[test]
    fn a_table_has_a_line_for_each_row_and_its_numbers_to_the_right() {
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        let rows = [row(["billing", "7", "81.0 %"]), row(["frontline", "1200", "-"])];
        let text = table(&["queue", "open", "kept"], rows).to_string();
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        let rule = "─".repeat(24);
        assert_eq!(
            lines,
            ["queue      open    kept", &*rule, "billing       7  81.0 %", "frontline  1200       -"],
            "{text}"
        );
    }
}
