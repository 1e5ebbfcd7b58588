//! The file: a tar archive (POSIX ustar) that can be written in one way only, so that no byte of it can be another.
//!
//! Its last member is the SHA-256 of everything before. Whoever changes a byte has to compute it anew, and is found by what
//! is verified then; who damages the file without knowing is found by this.

use std::io::{self, Read, Write};

use sha2::{Digest as _, Sha256};
use tar::{EntryType, Header};

const BLOCK: usize = 512;
/// What a member may have in bytes. The largest are stretches of entries: a mebibyte and an entry at most.
pub(crate) const MEMBER_LIMIT: u64 = 32 << 20;
/// The name of the last member.
const DIGEST: &str = "SHA256";

/// Why a file is no archive of a bundle.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// It cannot be read.
    #[error("the file cannot be read")]
    Read(#[source] io::Error),
    /// It ends too early.
    #[error("the file ends in the middle, after {0} bytes")]
    CutOff(u64),
    /// A member is not of the form that bundles have.
    #[error(
        "there is no member of a bundle at byte {0}: a plain file of a short name, written as POSIX ustar without owner or time"
    )]
    Member(u64),
    /// A member is larger than any needs to be.
    #[error("the member at byte {at} has {size} bytes; {MEMBER_LIMIT} are allowed")]
    TooLarge {
        /// Where it begins.
        at: u64,
        /// What it says of its size.
        size: u64,
    },
    /// It is not the file that was written.
    #[error("the file is not the one that was written: its SHA-256 is another than the one at its end")]
    Digest,
    /// Something follows the end.
    #[error("something follows the end of the bundle at byte {0}")]
    Trailing(u64),
}

/// The header of a member.
fn header(name: &str, size: u64) -> io::Result<Header> {
    let mut header = Header::new_ustar();
    header.set_path(name)?;
    header.set_entry_type(EntryType::Regular);
    header.set_size(size);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_cksum();
    Ok(header)
}

/// How many zeros follow so many bytes.
fn padding(size: u64) -> usize {
    let block = BLOCK as u64;
    usize::try_from((block - size % block) % block).unwrap_or(0)
}

/// An archive that is being written.
pub(crate) struct ArchiveWriter<W> {
    out: W,
    digest: Sha256,
}

impl<W: Write> ArchiveWriter<W> {
    pub(crate) fn new(out: W) -> Self {
        Self { out, digest: Sha256::new() }
    }

    /// Adds a member.
    pub(crate) fn member(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let size = u64::try_from(bytes.len()).map_err(io::Error::other)?;
        self.put(header(name, size)?.as_bytes())?;
        self.put(bytes)?;
        self.put([0; BLOCK].get(..padding(size)).unwrap_or_default())
    }

    /// Ends the archive.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        let digest = told(&self.digest);
        self.member(DIGEST, digest.as_bytes())?;
        self.put(&[0; 2 * BLOCK])?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.digest.update(bytes);
        self.out.write_all(bytes)
    }
}

/// A digest as the last member has it.
fn told(digest: &Sha256) -> String {
    let bytes: [u8; 32] = digest.clone().finalize().into();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    hex + "\n"
}

/// An archive that is being read.
pub(crate) struct ArchiveReader<R> {
    input: R,
    /// The digest of what was read, unless that was compared by an earlier reading.
    digest: Option<Sha256>,
    /// How many bytes were read.
    at: u64,
}

/// A member of an archive.
pub(crate) struct Member {
    pub name: String,
    pub bytes: Vec<u8>,
}

impl<R: Read> ArchiveReader<R> {
    pub(crate) fn new(input: R) -> Self {
        Self { input, digest: Some(Sha256::new()), at: 0 }
    }

    /// Reads one that was read to its end before.
    pub(crate) fn again(input: R) -> Self {
        Self { input, digest: None, at: 0 }
    }

    /// The next member; nothing at the end, where the digest has been found to be right.
    pub(crate) fn next(&mut self) -> Result<Option<Member>, ArchiveError> {
        let (begin, before) = (self.at, self.digest.clone());
        let (name, size) = self.header(begin)?;
        let mut bytes = Vec::new();
        let taken = (&mut self.input).take(size).read_to_end(&mut bytes).map_err(ArchiveError::Read)?;
        self.note(&bytes);
        if u64::try_from(taken).ok() != Some(size) {
            return Err(ArchiveError::CutOff(self.at));
        }
        let mut zeros = [0; BLOCK];
        let zeros = zeros.get_mut(..padding(size)).unwrap_or_default();
        self.exactly(zeros)?;
        if zeros.iter().any(|byte| *byte != 0) {
            return Err(ArchiveError::Member(begin));
        }
        if name != DIGEST {
            return Ok(Some(Member { name, bytes }));
        }
        if before.is_some_and(|before| bytes != told(&before).as_bytes()) {
            return Err(ArchiveError::Digest);
        }
        self.end()?;
        Ok(None)
    }

    /// Name and size of the member that begins here.
    fn header(&mut self, begin: u64) -> Result<(String, u64), ArchiveError> {
        let mut block = [0; BLOCK];
        self.exactly(&mut block)?;
        let found = Header::from_byte_slice(&block);
        let size = found.size().map_err(|_| ArchiveError::Member(begin))?;
        let name = found.path().ok().and_then(|path| path.to_str().map(str::to_owned));
        let name = name.ok_or(ArchiveError::Member(begin))?;
        let due = header(&name, size).map_err(|_| ArchiveError::Member(begin))?;
        if due.as_bytes() != &block {
            return Err(ArchiveError::Member(begin));
        }
        if size > MEMBER_LIMIT {
            return Err(ArchiveError::TooLarge { at: begin, size });
        }
        Ok((name, size))
    }

    /// The two blocks of zeros, and nothing behind.
    fn end(&mut self) -> Result<(), ArchiveError> {
        let begin = self.at;
        let mut zeros = [0; 2 * BLOCK];
        self.exactly(&mut zeros)?;
        if zeros.iter().any(|byte| *byte != 0) {
            return Err(ArchiveError::Trailing(begin));
        }
        let more = self.input.read(&mut [0]).map_err(ArchiveError::Read)?;
        if more == 0 { Ok(()) } else { Err(ArchiveError::Trailing(self.at)) }
    }

    fn exactly(&mut self, bytes: &mut [u8]) -> Result<(), ArchiveError> {
        self.input.read_exact(bytes).map_err(|error| {
            let is_end = error.kind() == io::ErrorKind::UnexpectedEof;
            if is_end { ArchiveError::CutOff(self.at) } else { ArchiveError::Read(error) }
        })?;
        self.note(bytes);
        Ok(())
    }

    fn note(&mut self, bytes: &[u8]) {
        if let Some(digest) = &mut self.digest {
            digest.update(bytes);
        }
        self.at += u64::try_from(bytes.len()).unwrap_or(0);
    }
}
