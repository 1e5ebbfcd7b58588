use std::convert::Infallible;

use proptest::prelude::*;

use super::{Frontier, ProofError, Rows, Subtree, Subtrees as _, Tile, prove, root, verify};
use crate::hash::Hash;

/// All complete subtrees of a tree, as its frontier has told them.
#[derive(Default)]
struct Made {
    frontier: Frontier,
    levels: Vec<Vec<Hash>>,
}

impl Made {
    fn of(size: u64) -> Self {
        let mut made = Self::default();
        for index in 0..size {
            made.append(leaf(index));
        }
        made
    }

    fn append(&mut self, leaf: Hash) {
        let levels = &mut self.levels;
        self.frontier.append(leaf, |level, index, hash| {
            let level = level as usize;
            if levels.len() == level {
                levels.push(Vec::new());
            }
            assert_eq!(levels[level].len() as u64, index, "subtrees of a level are completed in their order");
            levels[level].push(hash);
        });
    }
}

impl Rows for Made {
    type Error = Infallible;

    fn row(&mut self, level: u32, from: u64, count: u64) -> Result<Vec<Hash>, Infallible> {
        assert_eq!(from / 256, (from + count - 1) / 256, "they stand in one tile");
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        Ok(self.levels[level as usize * 8][from..from + count].to_vec())
    }
}

fn data(index: u64) -> Vec<u8> {
    format!("leaf {index}").into_bytes()
}

fn leaf(index: u64) -> Hash {
    Hash::of_leaf(&data(index))
}

/// The root as RFC 6962 defines it (section 2.1), word for word.
fn defined(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash::of_no_leaf(),
        [leaf] => *leaf,
        _ => {
            let mut middle = 1;
            while middle * 2 < leaves.len() {
                middle *= 2;
            }
            Hash::of_node(&defined(&leaves[..middle]), &defined(&leaves[middle..]))
        }
    }
}

fn roots(size: u64) -> (Vec<Hash>, Hash) {
    let leaves: Vec<Hash> = (0..size).map(leaf).collect();
    let root = defined(&leaves);
    (leaves, root)
}

#[test]
fn roots_are_as_the_rfc_defines_them() {
    for size in 0..140 {
        let mut made = Made::of(size);
        let (_, expected) = roots(size);
        assert_eq!(made.frontier.root(), expected, "of {size} leaves");
        assert_eq!(root(&mut made, size), Ok(expected), "of {size} leaves");
    }
}

#[test]
fn every_subtree_is_proven_in_every_tree() {
    for size in 1..40_u64 {
        let mut made = Made::of(size);
        let (leaves, root) = roots(size);
        for start in 0..size {
            for end in start + 1..=size {
                let Some(subtree) = Subtree::new(start, end) else { continue };
                let range = usize::try_from(start).unwrap_or(0)..usize::try_from(end).unwrap_or(0);
                let hash = defined(&leaves[range]);
                let Ok(proof) = prove(&mut made, subtree, size);
                let proof = proof.unwrap_or_default();
                assert_eq!(verify(subtree, hash, size, root, &proof), Ok(()), "{subtree:?} of {size}");
                let longer = [proof.clone(), vec![hash]].concat();
                assert_eq!(verify(subtree, hash, size, root, &longer), Err(ProofError::Length(longer.len())));
                if let Some((_, shorter)) = proof.split_last() {
                    assert_eq!(verify(subtree, hash, size, root, shorter), Err(ProofError::Length(shorter.len())));
                }
                for changed in 0..proof.len() {
                    let mut proof = proof.clone();
                    proof[changed].0[7] ^= 1;
                    assert_eq!(verify(subtree, hash, size, root, &proof), Err(ProofError::Mismatch));
                }
            }
        }
    }
}

#[test]
fn only_aligned_leaves_are_a_subtree() {
    // The examples of draft-ietf-plants-merkle-tree-certs, section 4.1, and what is none.
    for (start, end, is_one) in [
        (4, 8, true),
        (8, 13, true),
        (0, 7, true),
        (0, u64::MAX, true),
        (3, 4, true),
        (2, 5, false),
        (4, 4, false),
        (9, 8, false),
        (1, u64::MAX, false),
    ] {
        assert_eq!(Subtree::new(start, end).is_some(), is_one, "{start} to {end}");
    }
}

#[test]
fn a_tree_proves_nothing_that_it_does_not_have() {
    let mut made = Made::of(5);
    let Some(subtree) = Subtree::leaf(5) else { panic!("a leaf is a subtree") };
    assert_eq!(prove(&mut made, subtree, 5), Ok(None));
    let outside = ProofError::Outside { size: 5, end: 6 };
    assert_eq!(verify(subtree, leaf(5), 5, made.frontier.root(), &[]), Err(outside));
}

#[test]
fn a_tree_has_the_tiles_of_the_specification() {
    let tiles: Vec<Tile> = Tile::all_of(70_000).collect();
    let full = |level| tiles.iter().filter(|tile| tile.level == level && tile.width == 256).count();
    assert_eq!((full(0), full(1), full(2)), (273, 1, 0));
    let partial: Vec<String> = tiles.iter().filter(|tile| tile.width < 256).map(ToString::to_string).collect();
    assert_eq!(partial, ["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"]);
    assert_eq!(Tile::all_of(256).map(|tile| tile.to_string()).collect::<Vec<_>>(), ["tile/0/000", "tile/1/000.p/1"]);
    assert_eq!(Tile::all_of(0).count(), 0);
}

#[test]
fn a_tile_has_one_path() {
    for (path, level, index, width) in [
        ("tile/0/x001/x234/067", 0, 1_234_067, 256),
        ("tile/63/000.p/1", 63, 0, 1),
        ("tile/1/x018/x446/x744/x073/x709/x551/615", 1, u64::MAX, 256),
    ] {
        let tile = Tile { level, index, width };
        assert_eq!((tile.to_string().as_str(), Tile::parse(path)), (path, Some(tile)));
    }
    for path in [
        "",
        "tile/0",
        "tile/0/0",
        "tile/0/1000",
        "tile/0/x000/001",
        "tile/0/x001",
        "tile/0/001/001",
        "tile/00/001",
        "tile/64/001",
        "tile/0/001.p/0",
        "tile/0/001.p/256",
        "tile/0/001.p/01",
        "tile/0/001.p",
        "tile/0/../001",
        "tile/0/x018/x446/x744/x073/x709/x551/616",
        "/tile/0/001",
        "tile/-1/001",
        "tile/0/+01",
    ] {
        assert_eq!(Tile::parse(path), None, "{path}");
    }
}

#[test]
fn what_stands_between_two_levels_of_tiles_follows_from_the_lower() {
    let mut made = Made::of(1_500);
    for level in 0..=10 {
        for index in 0..1_500 >> level {
            let expected = made.levels[level as usize][usize::try_from(index).unwrap_or(usize::MAX)];
            assert_eq!(made.complete(level, index), Ok(expected), "{index} of level {level}");
        }
    }
}

proptest! {
    #[test]
    fn another_implementation_makes_the_same_roots_and_proofs(size in 1_u64..600, a in any::<prop::sample::Index>(), b in any::<prop::sample::Index>()) {
        let mut made = Made::of(size);
        let mut other = ct_merkle::mem_backed_tree::MemoryBackedTree::<sha2::Sha256, Vec<u8>>::new();
        for index in 0..size {
            other.push(data(index));
        }
        prop_assert_eq!(made.frontier.root().0.to_vec(), other.root().as_bytes().to_vec());

        let index = a.index(usize::try_from(size).unwrap_or(1));
        let subtree = Subtree::leaf(index as u64).ok_or_else(|| TestCaseError::fail("a leaf is a subtree"))?;
        let Ok(proof) = prove(&mut made, subtree, size);
        let bytes: Vec<u8> = proof.unwrap_or_default().iter().flat_map(|hash| hash.0).collect();
        let others = other.prove_inclusion(index);
        prop_assert_eq!(bytes, others.as_bytes().to_vec());

        let old = b.index(usize::try_from(size).unwrap_or(1)) + 1;
        let subtree = Subtree::new(0, old as u64).ok_or_else(|| TestCaseError::fail("the first leaves are a subtree"))?;
        let Ok(proof) = prove(&mut made, subtree, size);
        let bytes: Vec<u8> = proof.unwrap_or_default().iter().flat_map(|hash| hash.0).collect();
        let others = other.prove_consistency(usize::try_from(size).unwrap_or(1) - old);
        prop_assert_eq!(bytes, others.as_bytes().to_vec());
    }
}
