//! Whether an exported folder says what the log says.
//!
//! Relations to which rows are only added are compared row by row with the entries of a bundle: [`expected`] makes the rows that
//! the entries come to, [`files`] reads those that were written, both in the order of the log. So none is left out, none added
//! and none changed. It is written from what the columns mean and shares no code with the tables that were exported.

mod cell;
mod expected;
mod files;

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use docket_bundle::{Disclosed, Finding, Findings, Kind, Of, Verified, disclosed};
use docket_evidence::checkpoint::SignedCheckpoint;
use serde::Serialize;

use crate::error::ExportError;
use crate::manifest::Manifest;
use cell::Row;
use expected::{RELATIONS, Relation, Rows};
use files::Written;

/// A folder of exports.
#[derive(Debug)]
pub struct Dataset {
    folder: PathBuf,
    manifest: Manifest,
}

/// What was verified of it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VerifiedDataset {
    /// The position that its newest files are as of.
    pub position: u64,
    /// How far the log was sealed when it was written, if the manifest says so.
    pub sealed: Option<u64>,
    /// How many files are as the manifest says.
    pub files: u64,
    /// Relations whose rows are those of the log.
    pub proven: Vec<Proven>,
    /// Relations that could have been, and are not in the dataset.
    pub absent: Vec<&'static str>,
    /// Relations of which only the files were compared with the manifest.
    pub not_proven: Vec<String>,
}

/// A relation whose rows were compared with the log.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Proven {
    /// Its name.
    pub relation: &'static str,
    /// How many rows it has.
    pub rows: u64,
    /// The rows are of entries after this position,
    pub from: u64,
    /// and up to this one.
    pub to: u64,
    /// Columns that say what another entry made of the case, and were not compared.
    pub beside: &'static [&'static str],
}

impl Dataset {
    /// Opens a folder.
    ///
    /// # Errors
    /// [`ExportError::NoDataset`] when it holds no export, and those of [`Manifest::read`].
    pub fn open(folder: &Path) -> Result<Self, ExportError> {
        let manifest = Manifest::read(folder)?;
        let manifest = manifest.ok_or_else(|| ExportError::NoDataset { folder: folder.to_owned() })?;
        Ok(Self { folder: folder.to_owned(), manifest })
    }

    /// The position that its newest files are as of.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.manifest.position.get()
    }

    /// What was sealed when it was written: a checkpoint like those that an auditor keeps. None if the manifest has none.
    ///
    /// # Errors
    /// When what it has is no checkpoint, or another one than it says.
    pub fn checkpoint(&self) -> Result<Option<SignedCheckpoint>, Finding> {
        let Some(seal) = &self.manifest.seal else { return Ok(None) };
        let wrong = |message: String| Finding::new(Kind::Integrity, None, format!("the manifest's seal: {message}"));
        let signed = SignedCheckpoint::parse(seal.checkpoint.as_bytes()).map_err(|error| wrong(error.to_string()))?;
        let head = signed.checkpoint();
        if (head.size, head.root.to_string()) != (seal.position.get(), seal.root.clone()) {
            return Err(wrong("its checkpoint is of another position, or another root, than it says".to_owned()));
        }
        Ok(Some(signed))
    }

    /// Verifies it against a bundle that was verified, which is read again. `tell` is told of how many entries the rows were
    /// compared.
    ///
    /// # Errors
    /// When a file cannot be read. Whatever is wrong with what it says is among the findings.
    pub fn verify<R: Read>(
        &self,
        bundle: R,
        verified: &Verified,
        findings: &mut Findings,
        tell: &mut dyn FnMut(u64),
    ) -> Result<VerifiedDataset, ExportError> {
        let position = self.position();
        if !matches!(verified.of, Some(Of::Positions { from: 1, to }) if to >= position) {
            let message = format!(
                "the dataset is as of position {position}, and the bundle does not disclose all entries up to there: make it with \
                 `docket evidence export --positions 1..{position}`"
            );
            findings.add(Finding::new(Kind::Incomplete, None, message));
        }
        if self.manifest.is_of_a_lead {
            let message = "the dataset was exported by a login that sees the cases of some queues only";
            findings.add(Finding::new(Kind::Incomplete, None, message));
        }
        let mut whole = 0;
        for file in &self.manifest.files {
            match files::whole(&self.folder, file)? {
                Ok(()) => whole += 1,
                Err(finding) => findings.add(finding),
            }
        }
        let mut result = VerifiedDataset {
            position,
            sealed: self.manifest.seal.as_ref().map(|seal| seal.position.get()),
            files: whole,
            proven: Vec::new(),
            absent: Vec::new(),
            not_proven: self.beside(),
        };
        if findings.worst().is_some() {
            // Rows of files that are not whole, or against entries that are not the log's, say nothing.
            return Ok(result);
        }
        let mut comparisons = BTreeMap::new();
        for relation in &RELATIONS {
            match Written::open(&self.folder, &self.manifest, relation) {
                Ok(Some(written)) => drop(comparisons.insert(relation.name, Comparison { relation, written, rows: 0 })),
                Ok(None) => result.absent.push(relation.name),
                Err(finding) => findings.add(finding),
            }
        }
        if comparisons.is_empty() {
            let message = "the dataset has no relation to which rows are only added, so nothing of it can be proven";
            findings.add(Finding::new(Kind::Incomplete, None, message));
        }
        if findings.worst().is_some() {
            return Ok(result);
        }
        let mut of_log = Rows::default();
        disclosed(bundle, |at, entry| {
            compare(at, entry, &mut of_log, &mut comparisons, findings);
            tell(at);
        })
        .map_err(ExportError::Bundle)?;
        for (relation, mut comparison) in comparisons {
            comparison.end(findings);
            let Comparison { relation: of, written, rows } = comparison;
            let (from, to) = written.range();
            result.proven.push(Proven { relation, rows, from, to, beside: of.beside });
        }
        Ok(result)
    }

    /// The relations that grow otherwise than row by row.
    fn beside(&self) -> Vec<String> {
        let is_beside = |name: &&String| !RELATIONS.iter().any(|relation| relation.name == **name);
        let mut names: Vec<String> =
            self.manifest.files.iter().map(|file| &file.relation).filter(is_beside).cloned().collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// The rows of an entry against those of the files.
fn compare(
    at: u64,
    entry: &Disclosed,
    of_log: &mut Rows,
    comparisons: &mut BTreeMap<&'static str, Comparison<'_>>,
    findings: &mut Findings,
) {
    match of_log.of(at, entry) {
        Ok(mut rows) => {
            for (name, comparison) in comparisons {
                comparison.entry(at, rows.remove(name).unwrap_or_default(), findings);
            }
        }
        Err(message) => findings.add(Finding::new(Kind::Semantics, Some(at), message)),
    }
}

/// A relation on its way through the log.
struct Comparison<'f> {
    relation: &'static Relation,
    written: Written<'f>,
    rows: u64,
}

impl Comparison<'_> {
    /// Compares the rows that an entry comes to.
    fn entry(&mut self, at: u64, mut expected: Vec<Row>, findings: &mut Findings) {
        let (from, to) = self.written.range();
        if at <= from || at > to {
            return;
        }
        let mut found = Vec::new();
        while let Some(row) = self.next_up_to(at, findings) {
            if row.position < at {
                self.find(row.position, Kind::Integrity, "has a row more than the log", findings);
            } else {
                found.push(row);
            }
        }
        expected.sort_unstable();
        found.sort_unstable();
        self.rows += u64::try_from(found.len()).unwrap_or(u64::MAX);
        if expected.len() > found.len() {
            self.find(at, Kind::Incomplete, "lacks a row of this entry", findings);
        } else if expected.len() < found.len() {
            self.find(at, Kind::Integrity, "has a row more than the log", findings);
        }
        if expected.len() == found.len() {
            for (expected, found) in expected.iter().zip(&found) {
                let columns = self.relation.columns.iter().zip(expected.cells.iter().zip(&found.cells));
                let other: Vec<&str> =
                    columns.filter(|(_, (expected, found))| expected != found).map(|(column, _)| column.name).collect();
                if !other.is_empty() {
                    let what = format!("has another {} than the log", other.join(", "));
                    self.find(at, Kind::Integrity, &what, findings);
                }
            }
        }
    }

    /// The next row of the files, if it is not behind a position.
    fn next_up_to(&mut self, at: u64, findings: &mut Findings) -> Option<Row> {
        match self.written.next_up_to(at) {
            Ok(row) => row,
            Err(finding) => {
                findings.add(finding);
                None
            }
        }
    }

    /// Whatever is left is of no entry.
    fn end(&mut self, findings: &mut Findings) {
        while let Some(row) = self.next_up_to(u64::MAX, findings) {
            self.find(row.position, Kind::Integrity, "has a row more than the log", findings);
        }
    }

    fn find(&self, at: u64, kind: Kind, what: &str, findings: &mut Findings) {
        findings.add(Finding::new(kind, Some(at), format!("{} {what}", self.relation.name)));
    }
}
