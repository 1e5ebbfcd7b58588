//! Proofs of entries (c2sp.org/tlog-proof). None shows that an entry is in a log that did not make it.
#![no_main]

use docket_evidence::hash::Hash;
use docket_evidence::proof::InclusionProof;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(proof) = InclusionProof::parse(bytes) {
        assert_eq!(InclusionProof::parse(proof.to_string().as_bytes()).as_ref(), Ok(&proof));
        assert!(proof.verify(Hash::of_leaf(b"an entry of no log")).is_err());
    }
});
