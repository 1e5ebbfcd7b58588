use super::{Checkpoint, CheckpointError, SignedCheckpoint, Vouched};
use crate::cosignature::{sign_subtree, verifies_subtree};
use crate::example::{self, AT};
use crate::hash::Hash;
use crate::note::{Algorithm, NoteError, SigningKey};
use crate::tree::Subtree;

fn signed(keys: &[SigningKey]) -> SignedCheckpoint {
    example::signed(example::head(20_852_163, Hash::of_leaf(b"root")), keys)
}

fn keys() -> [SigningKey; 3] {
    [
        example::log(),
        example::key("witness.example/w", Algorithm::Ed25519Cosignature, 4),
        example::key("witness.example/pq", Algorithm::MlDsa44, 6),
    ]
}

#[test]
fn every_kind_of_key_vouches_for_a_head() {
    let keys = keys();
    let signed = signed(&keys);
    let read = SignedCheckpoint::parse(signed.to_string().as_bytes());
    assert_eq!(read.as_ref(), Ok(&signed));
    let vouched: Vec<_> = keys.iter().map(|key| signed.vouched_by(key.verifier())).collect();
    assert_eq!(vouched, [Ok(Some(Vouched::Signed)), Ok(Some(Vouched::At(AT))), Ok(Some(Vouched::At(AT)))]);
    let stranger = example::key("witness.example/other", Algorithm::MlDsa44, 6);
    assert_eq!(signed.vouched_by(stranger.verifier()), Ok(None), "a key that has not signed");
}

#[test]
fn every_byte_of_a_signed_head_counts() {
    let keys = keys();
    let whole = signed(&keys).to_string().into_bytes();
    for changed in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[changed] ^= 1;
        let Ok(read) = SignedCheckpoint::parse(&bytes) else { continue };
        let is_trusted = keys.iter().all(|key| matches!(read.vouched_by(key.verifier()), Ok(Some(_))));
        assert!(!is_trusted, "byte {changed} may be changed unnoticed");
    }
}

#[test]
fn a_false_signature_is_more_than_none() {
    let keys = keys();
    let text = signed(&keys).to_string().replace("20852163", "20852164");
    let read = SignedCheckpoint::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
    for key in &keys {
        let expected = Err(NoteError::False(key.verifier().name().clone()));
        assert_eq!(read.vouched_by(key.verifier()), expected);
    }
}

#[test]
fn a_key_may_sign_again_and_every_signature_counts() {
    let [_, witness, _] = keys();
    let mut twice = signed(&[]);
    twice.sign(&witness, AT + 60);
    twice.sign(&witness, AT);
    assert_eq!(twice.vouched_by(witness.verifier()), Ok(Some(Vouched::At(AT + 60))));
    let mut false_one = twice.signatures()[0].clone();
    false_one.bytes[20] ^= 1;
    twice.add(false_one);
    assert_eq!(twice.vouched_by(witness.verifier()), Err(NoteError::False(witness.verifier().name().clone())));
}

#[test]
fn what_is_no_head_is_refused() {
    let root = Hash::of_no_leaf();
    let texts = [
        format!("origin\n1\n{root}"),
        format!("origin\n1\n{root}\nextension\n"),
        format!("origin\n01\n{root}\n"),
        format!("origin\n+1\n{root}\n"),
        format!("origin\n18446744073709551616\n{root}\n"),
        format!("\n1\n{root}\n"),
        format!("two words\n1\n{root}\n"),
        format!("origin\n1\n{root}=\n"),
        "origin\n1\n".to_owned(),
    ];
    for text in texts {
        assert_eq!(Checkpoint::parse(&text), Err(CheckpointError::Lines), "{text:?}");
    }
}

#[test]
fn a_part_of_a_log_is_signed_for_itself() {
    let [log, _, witness] = keys();
    let (Some(part), Some(other)) = (Subtree::new(8, 13), Subtree::new(8, 12)) else { panic!("they are subtrees") };
    let (origin, hash) = (log.verifier().name(), Hash::of_leaf(b"part"));
    assert_eq!(sign_subtree(&log, origin, part, &hash), None, "Ed25519 signs whole logs only");
    let Some(signature) = sign_subtree(&witness, origin, part, &hash) else { panic!("ML-DSA-44 signs parts") };
    assert!(verifies_subtree(witness.verifier(), origin, part, &hash, &signature));
    assert!(!verifies_subtree(witness.verifier(), origin, other, &hash, &signature));
    assert!(!verifies_subtree(witness.verifier(), witness.verifier().name(), part, &hash, &signature));
    assert!(!verifies_subtree(witness.verifier(), origin, part, &Hash::of_no_leaf(), &signature));
    let mut timed = signature;
    timed.bytes[7] = 1;
    assert!(!verifies_subtree(witness.verifier(), origin, part, &hash, &timed), "a part is signed without a moment");
}
