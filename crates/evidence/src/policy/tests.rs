use super::{Distrust, Policy, PolicyError, Problem};
use crate::checkpoint::SignedCheckpoint;
use crate::example::{self, key, log};
use crate::hash::Hash;
use crate::note::{Algorithm, KeyError, SigningKey};

fn witness(number: u8) -> SigningKey {
    key(&format!("witness.example/{number}"), Algorithm::Ed25519Cosignature, 10 + number)
}

/// Two of X and one of Y, as in the specification's example.
fn policy() -> Policy {
    let mut text = format!("# whom we trust\n\n\tlog {}\n", log().verifier());
    for number in 1..=3 {
        text += &format!("witness X{number} {} https://witness.example/{number}\n", witness(number).verifier());
        text += &format!("witness Y{number} {}\n", witness(number + 3).verifier());
    }
    text += "group X 2 X1 X2 X3\ngroup Y any Y1 Y2 Y3\ngroup both all X Y\nquorum both";
    Policy::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{error}"))
}

fn signed(by: &[SigningKey]) -> SignedCheckpoint {
    example::signed(example::head(7, Hash::of_leaf(b"root")), by)
}

#[test]
fn a_quorum_is_what_the_groups_say() {
    let policy = policy();
    for (witnesses, expected) in [
        (vec![], Err(0)),
        (vec![1, 2], Err(2)),
        (vec![1, 4, 5, 6], Err(4)),
        (vec![1, 3, 5], Ok(3)),
        (vec![1, 2, 3, 6], Ok(4)),
    ] {
        let keys: Vec<SigningKey> = std::iter::once(log()).chain(witnesses.iter().map(|w| witness(*w))).collect();
        let judged = policy.judge(&signed(&keys)).map(|trust| trust.witnesses.len());
        assert_eq!(judged, expected.map_err(|seen| Distrust::Quorum { seen }), "{witnesses:?}");
    }
}

#[test]
fn witnesses_do_not_stand_in_for_the_log() {
    let all: Vec<SigningKey> = (1..=6).map(witness).collect();
    let expected = Distrust::Log("docket.example/log".to_owned());
    assert_eq!(policy().judge(&signed(&all)), Err(expected.clone()));
    // The right name with another's key.
    let foreign = key("docket.example/log", Algorithm::Ed25519, 99);
    assert_eq!(policy().judge(&signed(&[vec![foreign], all].into_iter().flatten().collect::<Vec<_>>())), Err(expected));
}

#[test]
fn what_is_no_policy_is_refused() {
    let (log, one, two) =
        (log().verifier().to_string(), witness(1).verifier().to_string(), witness(2).verifier().to_string());
    let pair = format!("witness a {one}\nwitness b {two}\n");
    let cases = [
        ("quorum none\nquorum none".to_owned(), 2, Problem::SecondQuorum),
        ("quorum a".to_owned(), 1, Problem::UnknownName),
        ("log".to_owned(), 1, Problem::Shape),
        ("logs x".to_owned(), 1, Problem::Shape),
        (format!("log {log} https://a b"), 1, Problem::Shape),
        (format!("log {log}\r"), 1, Problem::Control),
        (format!("log {log}\nlog {log}"), 2, Problem::DuplicateKey),
        (format!("log {}", &log[..log.len() - 1]), 1, Problem::Key(KeyError::NotAVerifierKey)),
        (format!("log {one}"), 1, Problem::Purpose("heads of its own log")),
        (format!("witness a {log}"), 1, Problem::Purpose("heads of others' logs")),
        (format!("witness none {one}"), 1, Problem::DuplicateName),
        (format!("witness a {one}\nwitness a {two}"), 2, Problem::DuplicateName),
        (format!("witness a {one}\nwitness b {one}"), 2, Problem::DuplicateKey),
        (format!("{pair}group g 3 a b"), 3, Problem::Threshold),
        (format!("{pair}group g 0 a b"), 3, Problem::Threshold),
        (format!("{pair}group g all"), 3, Problem::Threshold),
        (format!("{pair}group g 01 a b"), 3, Problem::Shape),
        (format!("{pair}group g any a a"), 3, Problem::DuplicateMember),
        (format!("{pair}group g any g"), 3, Problem::UnknownName),
        (format!("{pair}group g any a\ngroup h any a b"), 4, Problem::DuplicateMember),
    ];
    for (text, line, problem) in cases {
        let read = Policy::parse(text.as_bytes()).map(|_| ());
        assert_eq!(read, Err(PolicyError::Line { line, problem }), "{text}");
    }
    assert_eq!(Policy::parse(b"# nothing").map(|_| ()), Err(PolicyError::NoQuorum));
}
