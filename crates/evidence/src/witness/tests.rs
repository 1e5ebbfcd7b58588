use super::{AddCheckpoint, Refusal, SignSubtree};
use crate::checkpoint::{Checkpoint, SignedCheckpoint};
use crate::cosignature::verifies_subtree;
use crate::example::{self, head, key, log};
use crate::hash::Hash;
use crate::note::{Algorithm, SigningKey, VerifierKey};
use crate::tree::Subtree;

fn trusted() -> Vec<VerifierKey> {
    vec![log().verifier().clone()]
}

fn leaf(name: &str) -> Hash {
    Hash::of_leaf(name.as_bytes())
}

fn pair() -> Hash {
    Hash::of_node(&leaf("a"), &leaf("b"))
}

fn signed(head: Checkpoint, by: &SigningKey) -> SignedCheckpoint {
    example::signed(head, std::slice::from_ref(by))
}

/// From two leaves to three.
fn grown() -> AddCheckpoint {
    let root = Hash::of_node(&pair(), &leaf("c"));
    AddCheckpoint { old: 2, proof: vec![leaf("c")], checkpoint: signed(head(3, root), &log()) }
}

#[test]
fn requests_are_read_as_they_were_written() {
    let one = grown();
    assert_eq!(AddCheckpoint::parse(one.to_string().as_bytes()), Ok(one));
    let first = AddCheckpoint { old: 0, proof: Vec::new(), ..grown() };
    assert_eq!(AddCheckpoint::parse(first.to_string().as_bytes()), Ok(first));
}

#[test]
fn a_log_that_only_grows_is_signed() {
    let two = head(2, pair());
    assert_eq!(grown().check(&trusted(), Some(&two)), Ok(()));
    let first = AddCheckpoint { old: 0, proof: Vec::new(), ..grown() };
    assert_eq!(first.check(&trusted(), None), Ok(()), "the first that a witness sees");
    let same = AddCheckpoint { old: 3, proof: Vec::new(), ..grown() };
    assert_eq!(same.check(&trusted(), Some(grown().checkpoint.checkpoint())), Ok(()), "nothing was appended");
}

#[test]
fn a_fork_is_refused() {
    let (two, fork) = (head(2, pair()), head(2, Hash::of_node(&leaf("a"), &leaf("x"))));
    assert_eq!(grown().check(&trusted(), Some(&fork)), Err(Refusal::Unprocessable));
    let same = AddCheckpoint { old: 2, proof: Vec::new(), checkpoint: signed(fork, &log()) };
    assert_eq!(same.check(&trusted(), Some(&two)), Err(Refusal::Unprocessable));
    let shorter = AddCheckpoint { old: 1, proof: Vec::new(), checkpoint: signed(head(1, leaf("a")), &log()) };
    assert_eq!(shorter.check(&trusted(), Some(&two)), Err(Refusal::Conflict { size: 2 }));
    let unproven = AddCheckpoint { proof: Vec::new(), ..grown() };
    assert_eq!(unproven.check(&trusted(), Some(&two)), Err(Refusal::Unprocessable));
    let needless = AddCheckpoint { old: 0, ..grown() };
    assert_eq!(needless.check(&trusted(), None), Err(Refusal::Unprocessable), "a proof from no leaf is empty");
    let empty = AddCheckpoint { old: 0, proof: Vec::new(), checkpoint: signed(head(0, leaf("a")), &log()) };
    assert_eq!(empty.check(&trusted(), None), Err(Refusal::Unprocessable), "the root of no leaf is known");
}

#[test]
fn what_the_log_has_not_signed_is_refused() {
    let unknown = Refusal::UnknownLog(log().verifier().name().clone());
    assert_eq!(grown().check(&[], None), Err(unknown));
    let foreign = key(log().verifier().name().as_str(), Algorithm::Ed25519, 4);
    let checkpoint = signed(grown().checkpoint.checkpoint().clone(), &foreign);
    assert_eq!(AddCheckpoint { checkpoint, ..grown() }.check(&trusted(), None), Err(Refusal::Forbidden));
    let changed = grown().to_string().replace("\n3\n", "\n4\n");
    let changed = AddCheckpoint::parse(changed.as_bytes()).unwrap_or_else(|refusal| panic!("{refusal}"));
    assert_eq!(changed.check(&trusted(), None), Err(Refusal::Forbidden));
    let backwards = AddCheckpoint { old: 4, ..grown() }.check(&trusted(), None);
    assert_eq!(backwards.map_err(|refusal| refusal.status()), Err(400));
}

#[test]
fn a_part_is_signed_of_a_log_whose_head_is() {
    let witness = key("witness.example/w", Algorithm::MlDsa44, 3);
    let own = [witness.verifier().clone()];
    let Some(subtree) = Subtree::new(0, 2) else { panic!("two leaves are a subtree") };
    let checkpoint = signed(grown().checkpoint.checkpoint().clone(), &witness);
    let request = SignSubtree { subtree, hash: pair(), proof: vec![leaf("c")], checkpoint };
    assert_eq!(SignSubtree::parse(request.to_string().as_bytes()).as_ref(), Ok(&request));
    let signature = request.sign(true, &own, &witness).unwrap_or_else(|refusal| panic!("{refusal}"));
    assert!(verifies_subtree(&own[0], log().verifier().name(), subtree, &pair(), &signature));

    let other = SignSubtree { hash: leaf("x"), ..request.clone() };
    assert_eq!(other.sign(true, &own, &witness), Err(Refusal::Unprocessable));
    let unseen = SignSubtree { checkpoint: grown().checkpoint, ..request.clone() };
    assert_eq!(unseen.sign(true, &own, &witness), Err(Refusal::Forbidden));
    assert_eq!(request.sign(false, &own, &witness).map_err(|refusal| refusal.status()), Err(404));
}

#[test]
fn what_is_no_request_is_refused() {
    let (add, hash) = (grown().to_string(), Hash::of_no_leaf());
    let of_subtree = |range: &str| add.replace("old 2", &format!("subtree {range}\n{hash}"));
    for text in [
        String::new(),
        add.replace("old 2", "old 02"),
        add.replace("old 2", "new 2"),
        add.replace("old 2", &format!("old 2\n{}", format!("{hash}\n").repeat(63).trim_end())),
        add.replace("old 2", "old 2\nno hash"),
        add.replace("\n\n", "\n"),
        "x".repeat(200_000),
    ] {
        let read = AddCheckpoint::parse(text.as_bytes()).map_err(|refusal| refusal.status());
        assert_eq!(read, Err(400), "{:?}", text.get(..40));
    }
    for range in ["0", "0 0", "1 3", "2 1", "0 4", "0  2", "00 2"] {
        let read = SignSubtree::parse(of_subtree(range).as_bytes()).map_err(|refusal| refusal.status());
        assert_eq!(read, Err(400), "{range}");
    }
}
