//! What makes a document consistent. Every finding says what is wrong, what is allowed, and where.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use docket_calendar::Calendar;
use docket_messages::policy::Document;
use docket_messages::{Name, Timestamp, is_visible};

mod authority;
mod lifecycle;
mod reach;
mod routing;
mod service_levels;
mod shadows;
mod vocabulary;
mod words;

use words::{Known, Words};

/// What a requirement may name beside custom fields.
pub(crate) const BUILT_IN_FIELDS: [&str; 6] =
    ["category", "subcategory", "customerId", "description", "queue", "assignee"];

/// The longest period in days: ten years.
const DAYS_LIMIT: u32 = 3_660;
/// The most findings that are listed.
const FINDINGS_LIMIT: usize = 100;
/// The highest level that a case can be raised to.
pub(crate) const LEVEL_LIMIT: u32 = 9;

/// Something wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong and how to mend it.
    pub message: String,
    /// Where, as a path of tables and keys.
    pub path: String,
    /// Where, in bytes of the text.
    pub span: Option<Range<usize>>,
    /// Where, as a line counted from 1.
    pub line: Option<usize>,
}

impl Finding {
    pub(super) fn of_toml(text: &str, error: &toml::de::Error) -> Self {
        let line = error.span().map(|span| super::locate::line_of(text, span.start));
        Self { message: error.message().to_owned(), path: String::new(), span: error.span(), line }
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// Findings as they are collected.
#[derive(Debug, Default)]
pub(super) struct Findings {
    listed: Vec<Finding>,
    count: usize,
}

impl Findings {
    /// Notes one, unless there are so many that nobody reads them all.
    pub(super) fn add(&mut self, path: &str, message: String) {
        self.count += 1;
        if self.count <= FINDINGS_LIMIT {
            self.listed.push(Finding { message, path: path.to_owned(), span: None, line: None });
        }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// Those that are listed; the last one says how many are not.
    pub(super) fn into_vec(mut self) -> Vec<Finding> {
        if self.count > FINDINGS_LIMIT {
            let message = format!("and {} findings more; mend these first", self.count - FINDINGS_LIMIT);
            self.listed.push(Finding { message, path: String::new(), span: None, line: None });
        }
        self.listed
    }

    /// Names that must all be listed.
    fn known(&mut self, path: &str, what: &str, names: &[Name], known: &Known<'_>) {
        for (index, name) in names.iter().enumerate().filter(|(_, name)| !known.has(name)) {
            self.unknown(&format!("{path}[{index}]"), what, name, known.names.iter().copied());
        }
    }

    /// Where a list of the policy may be empty, any name is allowed then.
    fn known_if_listed(&mut self, path: &str, what: &str, names: &[Name], known: &Known<'_>) {
        if !known.names.is_empty() {
            self.known(path, what, names, known);
        }
    }

    /// One of many names, each of which must be listed.
    fn known_name(&mut self, path: &str, what: &str, name: &Name, known: &Known<'_>) {
        if !known.has(name) {
            self.unknown(path, what, name, known.names.iter().copied());
        }
    }

    /// A name that the document has once and that must be listed.
    fn known_one<'n>(&mut self, path: &str, what: &str, name: &Name, known: impl Iterator<Item = &'n Name> + Clone) {
        if !known.clone().any(|other| other == name) {
            self.unknown(path, what, name, known);
        }
    }

    fn unknown<'n>(&mut self, path: &str, what: &str, name: &Name, known: impl Iterator<Item = &'n Name>) {
        self.add(path, format!("there is no {what} `{name}`; there are: {}", list(known.map(Name::as_str))));
    }
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.take(40).map(|name| format!("`{name}`")).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

pub(super) fn document(
    document: &Document,
    calendars: &BTreeMap<Name, Arc<Calendar>>,
    now: Timestamp,
    findings: &mut Findings,
) {
    let words = Words::of(document);
    not_empty(document, findings);
    vocabulary::check(document, &words, findings);
    service_levels::check(document, &words, findings);
    reach::check(document, calendars, now, findings);
    routing::check(document, &words, findings);
    lifecycle::check(document, findings);
    authority::check(document, &words, findings);
}

fn not_empty(document: &Document, findings: &mut Findings) {
    let tables = [
        ("channels", document.channels.is_empty()),
        ("types", document.types.is_empty()),
        ("queues", document.queues.is_empty()),
        ("resolution_codes", document.resolution_codes.is_empty()),
        ("closure_codes", document.closure_codes.is_empty()),
        ("calendars", document.calendars.is_empty()),
    ];
    for (path, _) in tables.iter().filter(|(_, empty)| *empty) {
        findings.add(path, format!("`{path}` is empty; a desk needs at least one"));
    }
    if !is_visible(&document.name) {
        findings.add("name", "the name is empty: nothing in it shows".to_owned());
    }
}
