use proptest::prelude::*;

use super::{InclusionProof, ProofFileError};
use crate::example;
use crate::hash::Hash;
use crate::tree::ProofError;

fn leaf(name: &str) -> Hash {
    Hash::of_leaf(name.as_bytes())
}

/// The proof of the third of three leaves.
fn proof(extra: Option<Vec<u8>>) -> InclusionProof {
    let left = Hash::of_node(&leaf("a"), &leaf("b"));
    let head = example::head(3, Hash::of_node(&left, &leaf("c")));
    let checkpoint = example::signed(head, &[example::log()]);
    InclusionProof { extra, index: 2, path: vec![left], checkpoint }
}

#[test]
fn a_proof_is_read_as_it_was_written() {
    for extra in [None, Some(Vec::new()), Some(vec![0, 255])] {
        let proof = proof(extra);
        let read = InclusionProof::parse(proof.to_string().as_bytes());
        assert_eq!(read.as_ref(), Ok(&proof));
        assert_eq!(proof.verify(leaf("c")), Ok(()));
        assert_eq!(proof.verify(leaf("b")), Err(ProofError::Mismatch));
    }
}

#[test]
fn what_is_no_proof_is_refused() {
    let whole = proof(None).to_string();
    let hash = Hash::of_no_leaf();
    let line = |line, expected| ProofFileError::Line { line, expected };
    let blank = "the blank line before the checkpoint";
    let cases = [
        (String::new(), line(1, "`c2sp.org/tlog-proof@v1`")),
        (whole.replace("@v1", "@v2"), line(1, "`c2sp.org/tlog-proof@v1`")),
        (whole.replace("index 2", "index 02"), line(2, "`index` and a number")),
        (whole.replace("index 2", "extra !\nindex 2"), line(2, "`extra` and base64")),
        (whole.replace("index 2\n", "index 2\nnot a hash\n"), line(3, "a hash in base64")),
        (format!("c2sp.org/tlog-proof@v1\nindex 1\n{hash}\n"), line(4, blank)),
        (whole.replace("index 2\n", &format!("index 2\n{}", format!("{hash}\n").repeat(64))), line(67, blank)),
        ("x".repeat(200_000), ProofFileError::TooLong(200_000)),
    ];
    for (text, expected) in cases {
        assert_eq!(InclusionProof::parse(text.as_bytes()), Err(expected), "{:?}", text.get(..60));
    }
}

proptest! {
    #[test]
    fn any_change_of_a_proof_is_noticed_or_of_no_account(at in any::<prop::sample::Index>(), to in any::<u8>()) {
        let mut bytes = proof(None).to_string().into_bytes();
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != to);
        bytes[at] = to;
        if let Ok(read) = InclusionProof::parse(&bytes) {
            prop_assert_eq!(read.to_string().into_bytes(), bytes);
        }
    }
}
