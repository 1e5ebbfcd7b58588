//! Everything that is printed goes through here.

use std::borrow::Cow;
use std::io::{ErrorKind, IsTerminal, Write};
use std::process::ExitCode;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::environment;
use crate::error::{AnyError, one_line};

/// The first thing that could not be printed.
static LOST: OnceLock<std::io::Error> = OnceLock::new();

/// Remembers that something was not printed. A reader that went away (`| head`) has what it wanted.
fn note_lost(written: std::io::Result<()>) {
    if let Err(error) = written
        && error.kind() != ErrorKind::BrokenPipe
    {
        let _ = LOST.set(error);
    }
}

/// Whether all that was said was printed; the exit code says so if not.
pub fn unless_lost(code: ExitCode) -> ExitCode {
    match LOST.get() {
        Some(error) => {
            tell("ERROR", &format!("docket: could not print everything: {error}"));
            ExitCode::FAILURE
        }
        None => code,
    }
}

/// Prints lines on standard output, for people.
pub fn say(lines: &str) {
    note_lost(writeln!(std::io::stdout().lock(), "{}", visible(lines, &['\n', '\t'])));
}

/// A value as one line: what others wrote could otherwise pass for lines of ours.
pub fn in_line(value: &str) -> Cow<'_, str> {
    visible(value, &[])
}

/// A text with what a terminal would act on, or turn around, written out: control characters, and those that set the
/// direction of writing.
fn visible<'t>(text: &'t str, but: &[char]) -> Cow<'t, str> {
    let acts = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !text.chars().any(|c| acts(c) && !but.contains(&c)) {
        return Cow::Borrowed(text);
    }
    let shown = |c: char| -> String {
        if acts(c) && !but.contains(&c) { c.escape_default().to_string() } else { c.to_string() }
    };
    Cow::Owned(text.chars().map(shown).collect())
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
        let timestamp = environment::now();
        writeln!(
            err,
            "{}",
            serde_json::json!({ "timestamp": timestamp, "level": level, "message": line, "target": "docket" })
        )
    } else {
        writeln!(err, "{}", visible(line, &['\n', '\t']))
    };
}

/// Prints bytes as they are, as a line on standard output.
pub fn bytes(bytes: &[u8]) {
    let mut out = std::io::stdout().lock();
    note_lost(out.write_all(bytes).and_then(|()| out.write_all(b"\n")));
}

/// Prints a value as one line of JSON.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn json<T: Serialize>(value: &T) -> Result<(), AnyError> {
    bytes(&serde_json::to_vec(value)?);
    Ok(())
}

/// Prints an error as one line, and is the exit code that says so.
pub fn fail(error: &(dyn std::error::Error + 'static)) -> ExitCode {
    tell("ERROR", &format!("docket: {}", one_line(error)));
    ExitCode::FAILURE
}

/// A table that fits the terminal: one line for each row, a rule below the header, numbers to the right.
pub fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Table {
    let in_lines = |row: Vec<String>| row.iter().map(|cell| in_line(cell).into_owned()).collect();
    let rows: Vec<Vec<String>> = rows.into_iter().map(in_lines).collect();
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
        // Of nothing, nothing is to be said.
        let Some(tenth) = (self.done * 10).checked_div(self.total) else { return };
        if tenth > self.said {
            self.said = tenth;
            note(&format!("{}: {} of {}", self.what, self.done, self.total));
        }
    }

    /// So many steps are done in all, of a total that may have grown.
    pub fn set(&mut self, done: u64, total: u64) {
        self.total = total;
        if let Some(bar) = &self.bar {
            bar.set_length(total);
        }
        self.advance(done.saturating_sub(self.done));
    }

    /// Says something beside it.
    pub fn note(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| note(text)),
            None => note(text),
        }
    }

    /// The work is over.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Progress of work whose end nobody knows, part after part: a count and a rate on a terminal, a line for each part
/// elsewhere.
pub struct Counting {
    bar: Option<ProgressBar>,
    part: String,
}

impl Counting {
    /// Nothing yet, of these.
    pub fn start(what: &str) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let template = format!("{{spinner}} {{msg}}: {{human_pos}} {what}, {{per_sec}}");
            let style = ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_spinner());
            ProgressBar::new_spinner().with_style(style)
        });
        Self { bar, part: String::new() }
    }

    /// So many in all, of which the last are those of a part.
    pub fn set(&mut self, part: &str, count: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(count);
        }
        if self.part != part {
            part.clone_into(&mut self.part);
            match &self.bar {
                Some(bar) => bar.set_message(self.part.clone()),
                None => note(part),
            }
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
    use super::{in_line, table};

    #[test]
    fn what_others_wrote_neither_moves_the_cursor_nor_passes_for_a_line_of_ours() {
        assert_eq!(in_line("Équipe 日本 it's \"fine\""), "Équipe 日本 it's \"fine\"");
        assert_eq!(in_line("a\u{1b}[31m\r\nb\u{9b}\u{202e}"), "a\\u{1b}[31m\\r\\nb\\u{9b}\\u{202e}");
        let cell = table(&["x"], [vec!["a\nb".to_owned()]]).to_string();
        assert!(cell.contains("a\\nb"), "{cell}");
    }

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
