//! A policy document with the words of a history added, its comments and its order kept.

use std::collections::BTreeSet;

use docket_messages::{Name, Status};
use toml_edit::{Array, DocumentMut, Item, Table, TableLike, Value, value};

use super::vocabulary::Vocabulary;

/// The statuses from which an added closure code closes, beside resolved: a history says that a case was closed, not
/// that somebody had solved it.
const ACTIVE: [Status; 5] =
    [Status::New, Status::Open, Status::PendingCustomer, Status::PendingThirdParty, Status::PendingInternal];

/// Why a document cannot be extended.
#[derive(Debug, thiserror::Error)]
pub enum ExtendError {
    /// Not TOML.
    #[error("could not read the policy as TOML")]
    Toml(#[from] toml_edit::TomlError),
    /// Not a policy.
    #[error("`{path}` of the policy is not a {expected}")]
    Shape {
        /// Where.
        path: String,
        /// What it should be.
        expected: &'static str,
    },
    /// Impacts or urgencies that nobody but the manager can place in the matrix.
    #[error(
        "the policy's `matrix.{axis}` lacks {}, which the file uses; add each with the priorities that it leads to",
        .names.join(", ")
    )]
    Matrix {
        /// `impact` or `urgency`.
        axis: &'static str,
        /// Those that it lacks.
        names: Vec<String>,
    },
}

/// Adds to a document what it lacks of a vocabulary. None if it lacks nothing. What it has stays as it is.
///
/// # Errors
/// [`ExtendError`] when the document is no policy, or its matrix lacks an impact or an urgency.
pub fn extend(document: &str, vocabulary: &Vocabulary) -> Result<Option<String>, ExtendError> {
    let mut document: DocumentMut = document.parse()?;
    require_levels(&document, "impact", &vocabulary.impacts)?;
    require_levels(&document, "urgency", &vocabulary.urgencies)?;
    let mut additions = Additions { root: &mut document, added: 0 };
    additions.add_words("channels", &vocabulary.channels)?;
    // One that lists none lets every tier be.
    if additions.root.get("tiers").and_then(Item::as_array).is_some_and(|tiers| !tiers.is_empty()) {
        additions.add_words("tiers", &vocabulary.tiers)?;
    }
    additions.add_tables("types", vocabulary.types.iter(), |_| Table::new())?;
    additions.add_tables("categories", vocabulary.categories.keys(), |_| Table::new())?;
    for (category, subcategories) in &vocabulary.categories {
        additions.subcategories(category, subcategories)?;
    }
    additions.add_tables("queues", vocabulary.queues.iter(), |_| Table::new())?;
    additions.add_tables("pend_reasons", vocabulary.pend_reasons.keys(), |reason| {
        let mut table = Table::new();
        let status = vocabulary.pend_reasons.get(reason).map_or(Status::PendingInternal.as_str(), |s| s.as_str());
        table.insert("status", value(status));
        table
    })?;
    additions.add_tables("resolution_codes", vocabulary.resolution_codes.iter(), |_| Table::new())?;
    additions.add_tables("closure_codes", vocabulary.closure_codes.iter(), |_| {
        let mut table = Table::new();
        table.insert("also_from", value(ACTIVE.iter().map(|status| status.as_str()).collect::<Array>()));
        table
    })?;
    let is_changed = additions.added > 0;
    Ok(is_changed.then(|| document.to_string()))
}

fn require_levels(document: &DocumentMut, axis: &'static str, needed: &BTreeSet<Name>) -> Result<(), ExtendError> {
    let listed = document.get("matrix").and_then(|matrix| matrix.get(axis)).and_then(Item::as_array);
    let is_listed =
        |name: &Name| listed.is_some_and(|list| list.iter().any(|item| item.as_str() == Some(name.as_str())));
    let names: Vec<String> = needed.iter().filter(|name| !is_listed(name)).map(|name| format!("`{name}`")).collect();
    if names.is_empty() { Ok(()) } else { Err(ExtendError::Matrix { axis, names }) }
}

struct Additions<'a> {
    root: &'a mut DocumentMut,
    added: usize,
}

impl Additions<'_> {
    /// The table of that name; an empty one if there is none.
    fn table(&mut self, path: &str) -> Result<&mut dyn TableLike, ExtendError> {
        let implicit = || {
            let mut table = Table::new();
            // Its own header would say nothing: only `[queues.billing]` and its like are written.
            table.set_implicit(true);
            Item::Table(table)
        };
        let item = self.root.entry(path).or_insert_with(implicit);
        item.as_table_like_mut().ok_or(ExtendError::Shape { path: path.to_owned(), expected: "table" })
    }

    fn add_tables<'n>(
        &mut self,
        path: &str,
        names: impl Iterator<Item = &'n Name>,
        make: impl Fn(&Name) -> Table,
    ) -> Result<(), ExtendError> {
        // The new ones stand together, apart from those that were there.
        let mut gap = "\n";
        for name in names {
            let table = self.table(path)?;
            if !table.contains_key(name.as_str()) {
                let mut added = make(name);
                added.decor_mut().set_prefix(gap);
                table.insert(name.as_str(), Item::Table(added));
                self.added += 1;
                gap = "";
            }
        }
        Ok(())
    }

    fn add_words(&mut self, path: &str, names: &BTreeSet<Name>) -> Result<(), ExtendError> {
        let item = self.root.entry(path).or_insert_with(|| value(Array::new()));
        self.added += append(item, path, names)?;
        Ok(())
    }

    fn subcategories(&mut self, category: &Name, subcategories: &BTreeSet<Name>) -> Result<(), ExtendError> {
        if subcategories.is_empty() {
            return Ok(());
        }
        let path = format!("categories.{category}");
        let rule = self.table("categories")?.get_mut(category.as_str()).and_then(Item::as_table_like_mut);
        let rule = rule.ok_or_else(|| ExtendError::Shape { path: path.clone(), expected: "table" })?;
        let list = rule.entry("subcategories").or_insert_with(|| value(Array::new()));
        self.added += append(list, &format!("{path}.subcategories"), subcategories)?;
        Ok(())
    }
}

/// Appends the names that a list lacks; says how many.
fn append(list: &mut Item, path: &str, names: &BTreeSet<Name>) -> Result<usize, ExtendError> {
    let list = list.as_array_mut().ok_or_else(|| ExtendError::Shape { path: path.to_owned(), expected: "list" })?;
    let known: BTreeSet<String> = list.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let missing: Vec<&Name> = names.iter().filter(|name| !known.contains(name.as_str())).collect();
    for name in &missing {
        list.push(name.as_str());
    }
    Ok(missing.len())
}

#[cfg(test)]
mod tests;
