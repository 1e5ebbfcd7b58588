//! Tiles (c2sp.org/tlog-tiles): the hashes of every eighth level, of which the others follow.

use std::fmt;

use super::prove::Subtrees;
use crate::hash::Hash;
use crate::number;

/// How many levels of the tree a tile stands for.
const HEIGHT: u32 = 8;
/// How many hashes a full tile has.
const WIDTH: u64 = 1 << HEIGHT;
/// The highest level that a path may name.
const LEVEL_LIMIT: u64 = 63;

/// Where the hashes of every eighth level are read.
pub trait Rows {
    /// Why they could not be read.
    type Error;

    /// `count` hashes from the `from`-th on, of level `level * 8` of the tree: each is the root over 256^`level` leaves. Not
    /// more than 256 are asked for, all of one tile.
    ///
    /// # Errors
    /// When they cannot be read.
    fn row(&mut self, level: u32, from: u64, count: u64) -> Result<Vec<Hash>, Self::Error>;
}

impl<R: Rows> Subtrees for R {
    type Error = R::Error;

    fn complete(&mut self, level: u32, index: u64) -> Result<Hash, R::Error> {
        let above = level % HEIGHT;
        let mut hashes = self.row(level / HEIGHT, index << above, 1 << above)?;
        while let [_, _, ..] = hashes.as_slice() {
            hashes = hashes.as_chunks::<2>().0.iter().map(|[left, right]| Hash::of_node(left, right)).collect();
        }
        Ok(hashes.pop().unwrap_or_else(Hash::of_no_leaf))
    }
}

/// Which tile of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tile {
    /// Of which level: 0 holds the hashes of leaves, 1 the roots over 256 of them, and so on.
    pub level: u32,
    /// Which of its level, from 0.
    pub index: u64,
    /// How many hashes it has, from 1 to 256.
    pub width: u64,
}

impl Tile {
    /// All tiles of the tree of `size` leaves, level by level.
    pub fn all_of(size: u64) -> impl Iterator<Item = Self> {
        let levels = (0..u64::BITS / HEIGHT).map(move |level| (level, size >> (level * HEIGHT)));
        levels.flat_map(|(level, hashes)| {
            (0..hashes.div_ceil(WIDTH)).map(move |index| Self {
                level,
                index,
                width: WIDTH.min(hashes - index * WIDTH),
            })
        })
    }

    /// Reads `tile/L/N[.p/W]`, of which each tile has one.
    #[must_use]
    pub fn parse(path: &str) -> Option<Self> {
        let (level, rest) = path.strip_prefix("tile/")?.split_once('/')?;
        let (index, width) = match rest.split_once(".p/") {
            Some((index, width)) => (index, number::parse(width).filter(|width| (1..WIDTH).contains(width))?),
            None => (rest, WIDTH),
        };
        let level = number::parse(level).filter(|level| *level <= LEVEL_LIMIT)?;
        Some(Self { level: u32::try_from(level).ok()?, index: parse_index(index)?, width })
    }
}

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tile/{}/{}", self.level, Index(self.index))?;
        if self.width < WIDTH { write!(f, ".p/{}", self.width) } else { Ok(()) }
    }
}

/// An index in parts of three digits, of which all but the last begin with an `x`: `x001/x234/067`.
struct Index(u64);

impl fmt::Display for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut places = 1_u64;
        while self.0 / places >= 1_000 {
            places *= 1_000;
        }
        while places > 1 {
            write!(f, "x{:03}/", self.0 / places % 1_000)?;
            places /= 1_000;
        }
        write!(f, "{:03}", self.0 % 1_000)
    }
}

fn parse_index(text: &str) -> Option<u64> {
    let digits: String = text.split('/').map(|part| part.strip_prefix('x').unwrap_or(part)).collect();
    let index = digits.trim_start_matches('0');
    let index = if index.is_empty() { 0 } else { number::parse(index)? };
    // What would be written otherwise is not the path of this tile.
    (Index(index).to_string() == text).then_some(index)
}
