//! What a witness is asked (c2sp.org/tlog-witness), and whether it signs. It knows a log of one entry, which it never signs anew.
#![no_main]

use std::sync::LazyLock;

use docket_evidence::checkpoint::Checkpoint;
use docket_evidence::hash::Hash;
use docket_evidence::note::{Algorithm, KeyName, SigningKey, VerifierKey};
use docket_evidence::witness::{AddCheckpoint, SignSubtree};
use libfuzzer_sys::fuzz_target;

struct Known {
    log: VerifierKey,
    own: SigningKey,
    last: Checkpoint,
}

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let name = |text: &str| KeyName::parse(text).unwrap();
    let key = |text: &str, kind, seed| SigningKey::new(name(text), kind, &[seed; 32]);
    Known {
        log: key("log.example", Algorithm::Ed25519, 1).verifier().clone(),
        own: key("witness.example", Algorithm::MlDsa44, 2),
        last: Checkpoint { origin: name("log.example"), size: 1, root: Hash::of_leaf(b"one") },
    }
});

fuzz_target!(|bytes: &[u8]| {
    let Known { log, own, last } = &*KNOWN;
    if let Ok(asked) = AddCheckpoint::parse(bytes) {
        assert_eq!(AddCheckpoint::parse(asked.to_string().as_bytes()).as_ref(), Ok(&asked));
        // Nobody has the key of this log, so that nothing was signed with it.
        assert!(asked.check(std::slice::from_ref(log), Some(last)).is_err());
    }
    if let Ok(asked) = SignSubtree::parse(bytes) {
        assert_eq!(SignSubtree::parse(asked.to_string().as_bytes()).as_ref(), Ok(&asked));
        assert!(asked.sign(true, std::slice::from_ref(own.verifier()), own).is_err());
    }
});
