//! Types, custom fields and the matrix.

use docket_messages::policy::{Document, FieldType};
use docket_messages::{Name, is_visible};

use super::words::Words;
use super::{BUILT_IN_FIELDS, Findings, list};

/// The most impacts, urgencies or priorities: each pair of the first two has a place in the matrix.
const MATRIX_LIMIT: usize = 100;

pub(super) fn check(document: &Document, words: &Words<'_>, findings: &mut Findings) {
    types(document, findings);
    fields(document, findings);
    matrix(document, words, findings);
}

fn types(document: &Document, findings: &mut Findings) {
    for (name, rule) in &document.types {
        let lists = [
            ("required_at_intake", &rule.required_at_intake),
            ("required_at_resolve", &rule.required_at_resolve),
            ("required_at_close", &rule.required_at_close),
        ];
        for (key, required) in lists {
            for (index, field) in required.iter().enumerate() {
                let known = document.fields.contains_key(field) || BUILT_IN_FIELDS.contains(&field.as_str());
                let unknown_yet = key == "required_at_intake" && ["queue", "assignee"].contains(&field.as_str());
                let path = format!("types.{name}.{key}[{index}]");
                if !known {
                    let all = document.fields.keys().map(Name::as_str).chain(BUILT_IN_FIELDS);
                    findings.add(&path, format!("there is no field `{field}`; there are: {}", list(all)));
                } else if unknown_yet {
                    findings.add(&path, format!("an intake cannot bring `{field}`; require it at resolve or close"));
                }
            }
        }
    }
}

fn fields(document: &Document, findings: &mut Findings) {
    for (name, field) in &document.fields {
        if BUILT_IN_FIELDS.contains(&name.as_str()) {
            findings.add(&format!("fields.{name}"), format!("`{name}` is a field of every case; choose another name"));
        }
        let is_choice = field.field_type == FieldType::Choice;
        if is_choice == field.values.is_empty() {
            let message = if is_choice {
                format!("the choice `{name}` has no values; list them in `values`")
            } else {
                format!("`values` belongs to fields of type \"choice\"; `{name}` is of another")
            };
            findings.add(&format!("fields.{name}"), message);
        }
        // No command may say such a text.
        if field.values.iter().any(|value| !is_visible(value)) {
            let message = format!("a value of `{name}` is empty: nothing in it shows; leave it out");
            findings.add(&format!("fields.{name}.values"), message);
        }
    }
}

fn matrix(document: &Document, words: &Words<'_>, findings: &mut Findings) {
    let matrix = &document.matrix;
    for (path, names) in [("priorities", &matrix.priorities), ("impact", &matrix.impact), ("urgency", &matrix.urgency)]
    {
        if names.is_empty() {
            findings.add(&format!("matrix.{path}"), format!("`{path}` is empty; list the names, highest first"));
        }
        if names.len() > MATRIX_LIMIT {
            let message = format!("`{path}` has {} names; at most {MATRIX_LIMIT} are allowed", names.len());
            findings.add(&format!("matrix.{path}"), message);
            return;
        }
    }
    for impact in &matrix.impact {
        for urgency in &matrix.urgency {
            let path = format!("matrix.priority.{impact}.{urgency}");
            match matrix.priority.get(impact).and_then(|row| row.get(urgency)) {
                Some(priority) => findings.known_name(&path, "priority", priority, &words.priorities),
                None => findings.add(
                    &format!("matrix.priority.{impact}"),
                    format!("the matrix has a hole: impact `{impact}` with urgency `{urgency}` has no priority"),
                ),
            }
        }
    }
    for (impact, row) in &matrix.priority {
        findings.known_name(&format!("matrix.priority.{impact}"), "impact", impact, &words.impact);
        for urgency in row.keys() {
            findings.known_name(&format!("matrix.priority.{impact}.{urgency}"), "urgency", urgency, &words.urgency);
        }
    }
}
