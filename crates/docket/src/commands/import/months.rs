//! Cases by month and status: what the file comes to beside what Docket has, to be compared with the source.

use std::collections::{BTreeMap, BTreeSet};

use docket_import::file::Import;
use docket_messages::Status;
use serde::Serialize;

use super::rehearsal::Counts;
use crate::endpoints::Find;
use crate::error::{AnyError, one_line};
use crate::output;

/// Cases by month and status.
#[derive(Debug)]
pub(super) struct Months {
    rows: Vec<Row>,
    /// Why it is not known what Docket has.
    unknown: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Row {
    /// In which the cases began, of UTC.
    month: String,
    status: Status,
    /// So many by the commands of the file, as the rules decide them.
    file: u64,
    /// So many by the read models.
    #[serde(skip_serializing_if = "Option::is_none")]
    docket: Option<u64>,
}

impl Months {
    /// What the file comes to.
    pub(super) fn expected(counts: Counts) -> Self {
        let row = |((month, status), file)| Row { month, status, file, docket: None };
        Self { rows: counts.into_iter().map(row).collect(), unknown: None }
    }

    /// The same, beside what Docket has, if that can be known.
    pub(super) async fn of(import: &Import, expected: Counts, find: &Find, has_caught_up: bool) -> Self {
        let expected = Self::expected(expected);
        if !has_caught_up {
            return Self { unknown: Some("the read models have not caught up".to_owned()), ..expected };
        }
        match stored(import, find).await {
            Ok(stored) => expected.beside(&stored),
            Err(cause) => Self { unknown: Some(one_line(cause.as_ref())), ..expected },
        }
    }

    fn beside(self, stored: &Counts) -> Self {
        let file: BTreeMap<(String, Status), u64> =
            self.rows.into_iter().map(|row| ((row.month, row.status), row.file)).collect();
        let keys: BTreeSet<&(String, Status)> = file.keys().chain(stored.keys()).collect();
        let rows = keys.into_iter().map(|key| Row {
            month: key.0.clone(),
            status: key.1,
            file: file.get(key).copied().unwrap_or_default(),
            docket: Some(stored.get(key).copied().unwrap_or_default()),
        });
        Self { rows: rows.collect(), unknown: None }
    }

    pub(super) fn rows(&self) -> &[Row] {
        &self.rows
    }

    pub(super) fn print(&self) {
        let is_known = self.rows.iter().any(|row| row.docket.is_some());
        let header: &[&str] = if is_known {
            &["month", "status", "by the file", "in Docket", "differs"]
        } else {
            &["month", "status", "cases"]
        };
        let rows = self.rows.iter().map(|row| {
            let mut cells = vec![row.month.clone(), row.status.to_string(), row.file.to_string()];
            if let Some(docket) = row.docket {
                cells.push(docket.to_string());
                cells.push(i128::from(docket).saturating_sub(i128::from(row.file)).to_string());
            }
            cells
        });
        output::say(&output::table(header, rows).to_string());
        if let Some(cause) = &self.unknown {
            output::say(&format!("what Docket has was not compared: {cause}"));
        }
        if self.rows.iter().any(|row| row.docket.is_some_and(|docket| docket != row.file)) {
            output::say(
                "where they differ, something was entered beside the file: time has closed cases (docs/POLICY.md, \
                 lifecycle), or somebody has worked on them",
            );
        }
    }
}

async fn stored(import: &Import, find: &Find) -> Result<Counts, AnyError> {
    let cases: Vec<_> = import.stories.iter().map(|story| story.case_id).collect();
    Ok(find.read_models().await?.months(&cases).await?.into_iter().collect())
}
