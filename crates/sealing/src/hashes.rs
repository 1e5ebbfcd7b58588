//! The hashes of every eighth level of the tree, in files: `level-0` has those of the leaves, `level-8` the roots over 256 of
//! them, and so on, 32 bytes each, in their order. They follow from the log.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use docket_evidence::hash::Hash;
use docket_evidence::tree::Rows;

use crate::SealingError;

/// So many bytes is a hash.
const LENGTH: u64 = 32;
/// The levels that are kept: 0, 8 and so on up to 56, of a tree of up to 2^64 leaves.
const LEVELS: u32 = 8;
/// How many levels of the tree one of them stands for.
const HEIGHT: u32 = 8;

/// The hashes, in a folder.
#[derive(Debug)]
pub struct Hashes {
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    path: PathBuf,
    file: BufWriter<File>,
    /// How many hashes it has.
    count: u64,
}

impl Row {
    fn open(folder: &Path, level: u32) -> Result<Self, SealingError> {
        let path = folder.join(format!("level-{}", level * HEIGHT));
        let opened = File::options().read(true).append(true).create(true).open(&path);
        let file = opened.map_err(SealingError::file("open", &path))?;
        let bytes = file.metadata().map_err(SealingError::file("look at", &path))?.len();
        let mut row = Self { path, file: BufWriter::new(file), count: bytes / LENGTH };
        // What was being written when it ended.
        row.keep(row.count)?;
        Ok(row)
    }

    /// Keeps the first hashes only.
    fn keep(&mut self, count: u64) -> Result<(), SealingError> {
        let Self { path, file, count: had } = self;
        let kept = file.flush().and_then(|()| file.get_ref().set_len(count * LENGTH));
        kept.map_err(SealingError::file("write", path))?;
        *had = count;
        Ok(())
    }

    fn append(&mut self, hash: &Hash) -> Result<(), SealingError> {
        let Self { path, file, count } = self;
        file.write_all(&hash.0).map_err(SealingError::file("write", path))?;
        *count += 1;
        Ok(())
    }

    fn read(&mut self, from: u64, count: u64) -> Result<Vec<Hash>, SealingError> {
        let Self { path, file, .. } = self;
        file.flush().map_err(SealingError::file("write", path))?;
        let mut bytes = vec![0; usize::try_from(count * LENGTH).unwrap_or_default()];
        file.get_ref().read_exact_at(&mut bytes, from * LENGTH).map_err(SealingError::file("read", path))?;
        Ok(bytes.as_chunks::<32>().0.iter().map(|bytes| Hash(*bytes)).collect())
    }
}

impl Hashes {
    /// Opens them; there are none in an empty folder, or one that is not there.
    ///
    /// # Errors
    /// [`SealingError::File`], here and below.
    pub fn open(folder: &Path) -> Result<Self, SealingError> {
        std::fs::create_dir_all(folder).map_err(SealingError::file("create", folder))?;
        let rows = (0..LEVELS).map(|level| Row::open(folder, level)).collect::<Result<_, _>>()?;
        Ok(Self { rows })
    }

    /// Opens them beside the sealer, who goes on.
    ///
    /// # Errors
    /// See above.
    pub fn open_to_read(folder: &Path) -> Result<Self, SealingError> {
        let open = |level: u32| {
            let path = folder.join(format!("level-{}", level * HEIGHT));
            let file = File::open(&path).map_err(SealingError::file("open", &path))?;
            let bytes = file.metadata().map_err(SealingError::file("look at", &path))?.len();
            Ok(Row { path, file: BufWriter::new(file), count: bytes / LENGTH })
        };
        Ok(Self { rows: (0..LEVELS).map(open).collect::<Result<_, SealingError>>()? })
    }

    /// How many leaves are there.
    #[must_use]
    pub fn leaves(&self) -> u64 {
        self.rows.first().map_or(0, |leaves| leaves.count)
    }

    /// Keeps what belongs to the tree of the first leaves only.
    ///
    /// # Errors
    /// See above.
    pub fn keep(&mut self, leaves: u64) -> Result<(), SealingError> {
        for (level, row) in (0..).zip(&mut self.rows) {
            let of_tree = leaves.checked_shr(level * HEIGHT).unwrap_or(0);
            row.keep(of_tree.min(row.count))?;
        }
        Ok(())
    }

    /// Notes a hash that was made, if it is of a level that is kept and not there yet.
    ///
    /// # Errors
    /// See above.
    pub fn note(&mut self, level: u32, index: u64, hash: &Hash) -> Result<(), SealingError> {
        if !level.is_multiple_of(HEIGHT) {
            return Ok(());
        }
        let row = usize::try_from(level / HEIGHT).ok().and_then(|level| self.rows.get_mut(level));
        match row {
            Some(row) if row.count == index => row.append(hash),
            Some(_) | None => Ok(()),
        }
    }

    /// Has everything that was noted read by whoever reads the files.
    ///
    /// # Errors
    /// See above.
    pub fn flush(&mut self) -> Result<(), SealingError> {
        for row in &mut self.rows {
            let Row { path, file, .. } = row;
            file.flush().map_err(SealingError::file("write", path))?;
        }
        Ok(())
    }
}

impl Rows for Hashes {
    type Error = SealingError;

    fn row(&mut self, level: u32, from: u64, count: u64) -> Result<Vec<Hash>, SealingError> {
        let row = usize::try_from(level).ok().and_then(|level| self.rows.get_mut(level));
        row.map_or_else(|| Ok(Vec::new()), |row| row.read(from, count))
    }
}

#[cfg(test)]
mod tests {
    use docket_evidence::tree::{Frontier, Subtree, prove, root, verify};

    use super::*;

    fn leaf(index: u64) -> Hash {
        Hash::of_leaf(&index.to_be_bytes())
    }

    fn grow(hashes: &mut Hashes, frontier: &mut Frontier, until: u64) {
        for index in frontier.size()..until {
            frontier.append(leaf(index), |level, index, hash| hashes.note(level, index, &hash).unwrap());
        }
    }

    #[test]
    fn roots_and_proofs_are_made_of_the_files_also_of_half_written_ones() {
        let folder = tempfile::tempdir().unwrap();
        let mut frontier = Frontier::default();
        let mut hashes = Hashes::open(folder.path()).unwrap();
        grow(&mut hashes, &mut frontier, 700);
        hashes.flush().unwrap();
        let torn = folder.path().join("level-0");
        std::fs::OpenOptions::new().append(true).open(&torn).unwrap().write_all(&[7; 13]).unwrap();
        let mut hashes = Hashes::open(folder.path()).unwrap();
        assert_eq!((hashes.leaves(), root(&mut hashes, 700).unwrap()), (700, frontier.root()));
        // From an earlier size on again.
        hashes.keep(300).unwrap();
        let mut again = Frontier::default();
        grow(&mut hashes, &mut again, 700);
        assert_eq!((hashes.leaves(), root(&mut hashes, 700).unwrap()), (700, frontier.root()));
        for index in [0, 255, 256, 511, 699] {
            let of = Subtree::leaf(index).unwrap();
            let proof = prove(&mut hashes, of, 700).unwrap().unwrap();
            assert_eq!(verify(of, leaf(index), 700, frontier.root(), &proof), Ok(()), "{index}");
        }
    }
}
