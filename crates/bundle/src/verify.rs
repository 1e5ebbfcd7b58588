//! Verifying a bundle.
//!
//! The bundle is read once for what the tree binds, in constant memory: each entry's place, time, subject, headers and
//! content, the checkpoints between them, and that nothing is left out ([`integrity`]). Then it is read again for what the
//! rules say of the disclosed entries, some of their aggregates at a time ([`semantics`]).

mod completeness;
mod finding;
mod integrity;
mod policies;
mod semantics;
mod times;
mod walk;

use std::io::{BufReader, Read, Seek, SeekFrom};

use docket_evidence::checkpoint::SignedCheckpoint;
use docket_evidence::policy::Policy;
use docket_messages::Timestamp;
use serde::Serialize;

pub use finding::{Finding, Findings, Kind};

use crate::archive::ArchiveError;
use crate::claim::Of;
use crate::record::Disclosed;

/// What the auditor brings.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// Whom they trust.
    pub policy: &'a Policy,
    /// The checkpoints that they kept.
    pub kept: &'a [SignedCheckpoint],
}

/// What was verified, as far as it was.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Verified {
    /// Which log.
    pub origin: String,
    /// How many entries it has at the checkpoint of the bundle.
    pub size: u64,
    /// The root over them, in base64.
    pub root: String,
    /// The earliest moment at which somebody whom the policy trusts says that this was the log.
    pub sealed_at: Option<Timestamp>,
    /// Who signed for the log.
    pub signed_by: Vec<String>,
    /// Who witnessed it.
    pub witnessed_by: Vec<String>,
    /// What is disclosed.
    pub of: Option<Of>,
    /// How many entries are disclosed.
    pub disclosed: u64,
    /// Of how many only the subject is told.
    pub closed: u64,
    /// How many stand as hashes.
    pub hashed: u64,
    /// How many checkpoints stand between the entries.
    pub checkpoints: u64,
    /// The sizes of the auditor's own checkpoints, all of which the log contains.
    pub kept: Vec<u64>,
    /// Logs of other names with which it has its first entries in common, as checkpoints of the auditor show.
    pub predecessors: Vec<Predecessor>,
    /// How many versions of the policy are disclosed.
    pub policies: u64,
    /// How many cases were replayed from their first entry on.
    pub cases: u64,
    /// How many aggregates begin before the bundle, so that only their chains were checked.
    pub partial: u64,
    /// How many disclosed entries are back-dated, and say so.
    pub backdated: u64,
    /// What else is to be known.
    pub notes: Vec<String>,
}

/// A log with which this one has its first entries in common: it was restored from a backup of that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Predecessor {
    /// Its name.
    pub origin: String,
    /// The size of the checkpoint that shows it.
    pub size: u64,
}

/// What a verifier says to programs, whichever door it stands behind.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome<'a> {
    ok: bool,
    /// The exit code.
    code: u8,
    #[serde(flatten)]
    verified: &'a Verified,
    findings: &'a [Finding],
    /// How many findings there are.
    found: u64,
}

impl<'a> Outcome<'a> {
    /// What was found.
    #[must_use]
    pub fn of(verified: &'a Verified, findings: &'a Findings) -> Self {
        let code = findings.worst().map_or(0, Kind::code);
        Self { ok: code == 0, code, verified, findings: &findings.first, found: findings.count }
    }
}

/// Verifies a bundle. `tell` is told how many bytes of how many were read.
///
/// # Errors
/// When the file cannot be read. Whatever is wrong with what it says is among the findings.
pub fn verify<R: Read + Seek>(
    file: R,
    given: &Given<'_>,
    tell: &mut dyn FnMut(u64, u64),
) -> Result<(Verified, Findings), std::io::Error> {
    let mut file = file;
    let length = file.seek(SeekFrom::End(0))?;
    file.rewind()?;
    let mut findings = Findings::default();
    let mut counted = Counted { input: &mut file, read: 0, length, tell };
    let first = integrity::read(BufReader::new(&mut counted), given, &mut findings);
    let (mut verified, known) = match first {
        Ok(read) => read,
        Err(Stop::Unreadable(error)) => return Err(error),
        Err(Stop::Found(finding)) => {
            findings.add(finding);
            return Ok((Verified::default(), findings));
        }
    };
    let parts = semantics::parts(verified.disclosed);
    for part in 0..parts {
        file.rewind()?;
        let mut counted = Counted { input: &mut file, read: 0, length, tell };
        match semantics::read(BufReader::new(&mut counted), &known, (part, parts), &mut findings, &mut verified) {
            Ok(()) => {}
            Err(Stop::Unreadable(error)) => return Err(error),
            Err(Stop::Found(finding)) => findings.add(finding),
        }
    }
    Ok((verified, findings))
}

/// Reads the disclosed entries of a bundle that was verified once more, and takes each with its position.
///
/// # Errors
/// When the file cannot be read, or was changed meanwhile.
pub fn disclosed<R: Read>(file: R, mut take: impl FnMut(u64, &Disclosed)) -> Result<(), std::io::Error> {
    let read = walk::each_disclosed(BufReader::new(file), |_| true, &mut take);
    read.map_err(|stop| match stop {
        Stop::Unreadable(error) => error,
        Stop::Found(finding) => std::io::Error::other(finding.to_string()),
    })
}

/// Why reading ended early.
enum Stop {
    Unreadable(std::io::Error),
    Found(Finding),
}

impl From<Finding> for Stop {
    fn from(finding: Finding) -> Self {
        Self::Found(finding)
    }
}

impl From<ArchiveError> for Stop {
    fn from(error: ArchiveError) -> Self {
        match error {
            ArchiveError::Read(error) => Self::Unreadable(error),
            ArchiveError::CutOff(_)
            | ArchiveError::Member(_)
            | ArchiveError::TooLarge { .. }
            | ArchiveError::Digest
            | ArchiveError::Trailing(_) => Self::Found(Finding::new(Kind::Integrity, None, error.to_string())),
        }
    }
}

/// Tells how far reading is.
struct Counted<'a, R> {
    input: &'a mut R,
    read: u64,
    length: u64,
    tell: &'a mut dyn FnMut(u64, u64),
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.read += u64::try_from(read).unwrap_or(0);
        (self.tell)(self.read, self.length);
        Ok(read)
    }
}
