//! From the path of a finding to its line.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Finding;

/// Gives each finding the place that its path names, or the nearest table around it.
pub(super) fn locate(text: &str, mut findings: Vec<Finding>) -> Vec<Finding> {
    let Ok(table) = DeTable::parse(text) else { return findings };
    for finding in &mut findings {
        finding.span = span_of(table.get_ref(), &finding.path);
        finding.line = finding.span.as_ref().map(|span| line_of(text, span.start));
    }
    findings.sort_by_key(|finding| finding.line);
    findings
}

/// The line, counted from 1, of a place in a text.
pub(super) fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

fn span_of(root: &DeTable<'_>, path: &str) -> Option<Range<usize>> {
    let mut best = None;
    let mut here: Option<&DeTable<'_>> = Some(root);
    for segment in path.split('.') {
        let (key, index) = match segment.split_once('[') {
            Some((key, index)) => (key, index.trim_end_matches(']').parse::<usize>().ok()),
            None => (segment, None),
        };
        let Some((name, value)) = here.and_then(|table| find(table, key)) else { break };
        best = Some(name.span());
        let mut value = value;
        if let Some(item) = index.and_then(|index| value.get_ref().as_array().and_then(|items| items.get(index))) {
            best = Some(item.span());
            value = item;
        } else if !matches!(value.get_ref(), DeValue::Table(_) | DeValue::Array(_)) {
            best = Some(value.span());
        }
        here = value.get_ref().as_table();
    }
    best
}

fn find<'t, 's>(
    table: &'t DeTable<'s>,
    key: &str,
) -> Option<(&'t Spanned<std::borrow::Cow<'s, str>>, &'t Spanned<DeValue<'s>>)> {
    table.iter().find(|(name, _)| name.get_ref() == key)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a finding at a path points at.
    fn place(path: &str) -> Option<(&'static str, usize)> {
        const TEXT: &str = "name = \"desk\"\n[[routes]]\nqueue = \"a\"\ntype = [\"b\", \"c\"]\n";
        let finding = Finding { message: String::new(), path: path.to_owned(), span: None, line: None };
        let located = locate(TEXT, vec![finding]).remove(0);
        Some((TEXT.get(located.span?)?, located.line?))
    }

    #[test]
    fn a_finding_points_at_its_value() {
        assert_eq!(place("name"), Some(("\"desk\"", 1)));
        assert_eq!(place("routes[0].queue"), Some(("\"a\"", 3)));
        assert_eq!(place("routes[0].type[1]"), Some(("\"c\"", 4)));
    }

    #[test]
    fn a_finding_of_a_list_points_at_its_key() {
        assert_eq!(place("routes[0].type"), Some(("type", 4)));
    }

    #[test]
    fn a_finding_of_what_is_missing_points_at_what_is_around_it() {
        assert_eq!(place("routes[0].type[2]"), Some(("type", 4)));
        assert_eq!(place("queues"), None);
    }
}
