//! Writing a bundle.

use std::io::{self, Write};

use docket_evidence::checkpoint::SignedCheckpoint;
use docket_evidence::hash::Hash;
use docket_evidence::leaf::LeafError;
use docket_evidence::tree::Frontier;

use crate::archive::ArchiveWriter;
use crate::claim::Claim;
use crate::record::{Closed, Disclosed, Record};
use crate::report::Report;

/// Names of members.
pub(crate) const CLAIM: &str = "bundle.json";
pub(crate) const CHECKPOINT: &str = "checkpoint";
pub(crate) const REPORT: &str = "REPORT.md";
/// A member of entries ends with the record that brings it to this size.
pub(crate) const STRETCH: usize = 1 << 20;

/// How the names of members of entries begin.
pub(crate) const STRETCHES: &str = "entries/";

/// The name of a member of entries.
pub(crate) fn stretch_name(number: u64) -> String {
    format!("{STRETCHES}{number:08}")
}

/// Why a bundle cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The file cannot be written.
    #[error("the bundle cannot be written")]
    Write(#[from] io::Error),
    /// The claim cannot be written.
    #[error("what the bundle is of cannot be written")]
    Claim(#[from] serde_json::Error),
    /// An entry does not fit.
    #[error("the entry at position {position} cannot be written: {cause}")]
    Entry {
        /// Where.
        position: u64,
        /// Why.
        cause: LeafError,
    },
    /// A subtree does not begin where it was put.
    #[error("no subtree of 2^{level} entries begins after position {after}")]
    Subtree {
        /// Its level.
        level: u32,
        /// Where.
        after: u64,
    },
    /// The entries are not those of the checkpoint.
    #[error(
        "the log is not the one that was sealed: its first {size} entries have the root {found}, and the checkpoint has {sealed}"
    )]
    NotSealed {
        /// How many entries the checkpoint is of.
        size: u64,
        /// The root of what was written.
        found: Hash,
        /// The root of the checkpoint.
        sealed: Hash,
    },
}

/// A bundle that is being written, entry by entry from the first one of the log.
pub struct Bundle<W> {
    archive: ArchiveWriter<W>,
    claim: Claim,
    checkpoint: SignedCheckpoint,
    frontier: Frontier,
    report: Report,
    stretch: Vec<u8>,
    stretches: u64,
}

impl<W: Write> Bundle<W> {
    /// Begins a bundle.
    ///
    /// # Errors
    /// [`BundleError`], here and below.
    pub fn begin(out: W, claim: Claim, checkpoint: SignedCheckpoint) -> Result<Self, BundleError> {
        let mut archive = ArchiveWriter::new(out);
        archive.member(CLAIM, &claim.to_bytes()?)?;
        archive.member(CHECKPOINT, checkpoint.to_string().as_bytes())?;
        let (frontier, report) = (Frontier::default(), Report::default());
        Ok(Self { archive, claim, checkpoint, frontier, report, stretch: Vec::new(), stretches: 0 })
    }

    /// How many entries were written.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// How many entries it must have in the end.
    #[must_use]
    pub fn sealed(&self) -> u64 {
        self.checkpoint.checkpoint().size
    }

    /// Adds 2^`level` entries of which only the root over them is told.
    ///
    /// # Errors
    /// See above.
    pub fn subtree(&mut self, level: u32, hash: Hash) -> Result<(), BundleError> {
        let after = self.frontier.size();
        if !self.frontier.append_subtree(level, hash) {
            return Err(BundleError::Subtree { level, after });
        }
        self.report.hashed(self.frontier.size() - after);
        self.put(&Record::Subtree { level, hash })
    }

    /// Adds a checkpoint of the entries so far.
    ///
    /// # Errors
    /// See above.
    pub fn checkpoint(&mut self, note: Vec<u8>) -> Result<(), BundleError> {
        self.put(&Record::Checkpoint(note))
    }

    /// Adds an entry whose content is not told.
    ///
    /// # Errors
    /// See above.
    pub fn closed(&mut self, entry: Closed) -> Result<(), BundleError> {
        let position = self.frontier.size() + 1;
        let leaf = entry.leaf(position).map_err(|cause| BundleError::Entry { position, cause })?;
        self.frontier.append(leaf.hash(), |_, _, _| {});
        self.report.closed();
        self.put(&Record::Closed(entry))
    }

    /// Adds an entry.
    ///
    /// # Errors
    /// See above.
    pub fn disclosed(&mut self, entry: Disclosed) -> Result<(), BundleError> {
        let position = self.frontier.size() + 1;
        let leaf = entry.leaf(position).map_err(|cause| BundleError::Entry { position, cause })?;
        self.frontier.append(leaf.hash(), |_, _, _| {});
        self.report.disclosed(position, &entry);
        self.put(&Record::Disclosed(entry))
    }

    /// Ends the bundle. Returns what it was written to.
    ///
    /// # Errors
    /// See above; [`BundleError::NotSealed`] when the entries are not those of the checkpoint.
    pub fn finish(mut self) -> Result<W, BundleError> {
        let sealed = self.checkpoint.checkpoint();
        if (self.frontier.size(), self.frontier.root()) != (sealed.size, sealed.root) {
            let (size, found, sealed) = (sealed.size, self.frontier.root(), sealed.root);
            return Err(BundleError::NotSealed { size, found, sealed });
        }
        self.end_stretch()?;
        let report = self.report.render(&self.claim, self.frontier.root());
        self.archive.member(REPORT, report.as_bytes())?;
        Ok(self.archive.finish()?)
    }

    fn put(&mut self, record: &Record) -> Result<(), BundleError> {
        let position = self.frontier.size();
        record.write(&mut self.stretch).map_err(|cause| BundleError::Entry { position, cause })?;
        if self.stretch.len() >= STRETCH { self.end_stretch() } else { Ok(()) }
    }

    fn end_stretch(&mut self) -> Result<(), BundleError> {
        if !self.stretch.is_empty() {
            self.archive.member(&stretch_name(self.stretches), &self.stretch)?;
            self.stretch.clear();
            self.stretches += 1;
        }
        Ok(())
    }
}
