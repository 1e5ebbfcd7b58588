//! What the rules say of entries. A sealer that signs anything has signed them: a line each, `MILLISECONDS SUBJECT PAYLOAD`, behind
//! the entry that brought the policy into force.
#![no_main]

use std::io::Cursor;
use std::sync::LazyLock;

use docket_bundle::{Bundle, Claim, Disclosed, Given, Head, Of, verify};
use docket_evidence::checkpoint::{Checkpoint, SignedCheckpoint};
use docket_evidence::note::{Algorithm, KeyName, SigningKey};
use docket_evidence::policy::Policy;
use docket_evidence::tree::Frontier;
use libfuzzer_sys::fuzz_target;

struct Sealer {
    key: SigningKey,
    policy: Policy,
}

static SEALER: LazyLock<Sealer> = LazyLock::new(|| {
    let key = SigningKey::new(KeyName::parse("log.example").unwrap(), Algorithm::Ed25519, &[1; 32]);
    let policy = Policy::parse(format!("log {}\nquorum none\n", key.verifier()).as_bytes()).unwrap();
    Sealer { key, policy }
});

/// So that a case is decided often, and not one of a thousand entries once.
const ENTRIES: usize = 64;

fuzz_target!(|bytes: &[u8]| {
    let first = include_bytes!("../seeds/published");
    let lines = first.split(|byte| *byte == b'\n').take(1).chain(bytes.split(|byte| *byte == b'\n').take(ENTRIES));
    let entries: Vec<Disclosed> = lines.filter_map(entry).collect();
    let bundle = sealed(&entries);
    let given = Given { policy: &SEALER.policy, kept: &[] };
    let (verified, findings) = verify(Cursor::new(&bundle), &given, &mut |_, _| {}).expect("bytes are read");
    assert_eq!(verified.disclosed, entries.len() as u64, "{:?}", findings.first);
});

fn entry(line: &[u8]) -> Option<Disclosed> {
    let mut parts = line.splitn(3, |byte| *byte == b' ');
    let mut text = || std::str::from_utf8(parts.next()?).ok();
    let (millis, subject) = (text()?.parse::<i64>().ok()?, text()?);
    let nanos = millis.checked_mul(1_000_000).filter(|nanos| *nanos >= 0)?;
    (subject.len() < 1_000).then(|| Disclosed {
        head: Head::new(nanos, subject.to_owned(), &[]),
        payload: parts.next().unwrap_or_default().to_vec(),
    })
}

fn sealed(entries: &[Disclosed]) -> Vec<u8> {
    let mut frontier = Frontier::default();
    for (position, entry) in (1..).zip(entries) {
        frontier.append(entry.leaf(position).expect("it is short").hash(), |_, _, _| {});
    }
    let (origin, size) = (SEALER.key.verifier().name().clone(), frontier.size());
    let mut signed = SignedCheckpoint::new(Checkpoint { origin, size, root: frontier.root() }).expect("it can be written");
    signed.sign(&SEALER.key, 1);
    let claim = Claim::new("log.example".to_owned(), size, Of::Positions { from: 1, to: size });
    let mut bundle = Bundle::begin(Vec::new(), claim, signed).expect("it is written to memory");
    entries.iter().for_each(|entry| bundle.disclosed(entry.clone()).expect("it is written to memory"));
    bundle.finish().expect("the root is theirs")
}
