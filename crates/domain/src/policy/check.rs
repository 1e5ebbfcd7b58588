//! What makes a document consistent. Every finding says what is wrong, what is allowed, and where.

use std::ops::Range;

use docket_messages::Name;
use docket_messages::policy::Document;

mod authority;
mod lifecycle;
mod routing;
mod service_levels;
mod vocabulary;

/// What a requirement may name beside custom fields.
pub(crate) const BUILT_IN_FIELDS: [&str; 6] =
    ["category", "subcategory", "customerId", "description", "queue", "assignee"];

/// The longest period in days: ten years.
const DAYS_LIMIT: u32 = 3_660;
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
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    pub(super) fn add(&mut self, path: &str, message: String) {
        self.0.push(Finding { message, path: path.to_owned(), span: None, line: None });
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn into_vec(self) -> Vec<Finding> {
        self.0
    }

    fn known<'n>(&mut self, path: &str, what: &str, names: &[Name], known: impl Iterator<Item = &'n Name> + Clone) {
        for (index, name) in names.iter().enumerate() {
            self.known_one(&format!("{path}[{index}]"), what, name, known.clone());
        }
    }

    /// Where a list of the policy may be empty, any name is allowed then.
    fn known_if_listed(&mut self, path: &str, what: &str, names: &[Name], listed: &[Name]) {
        if !listed.is_empty() {
            self.known(path, what, names, listed.iter());
        }
    }

    fn known_one<'n>(&mut self, path: &str, what: &str, name: &Name, known: impl Iterator<Item = &'n Name> + Clone) {
        if !known.clone().any(|other| other == name) {
            self.add(path, format!("there is no {what} `{name}`; there are: {}", list(known.map(Name::as_str))));
        }
    }
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.take(40).map(|name| format!("`{name}`")).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

pub(super) fn document(document: &Document, findings: &mut Findings) {
    not_empty(document, findings);
    vocabulary::check(document, findings);
    service_levels::check(document, findings);
    routing::check(document, findings);
    lifecycle::check(document, findings);
    authority::check(document, findings);
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
    if document.name.trim().is_empty() {
        findings.add("name", "the name is empty".to_owned());
    }
}

/// Whether a condition holds wherever another does.
fn covers(a: &[Name], b: &[Name]) -> bool {
    a.is_empty() || !b.is_empty() && b.iter().all(|name| a.contains(name))
}
