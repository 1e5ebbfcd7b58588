//! Keys: of logs and witnesses in one line, and the file of a sealer's.
#![no_main]

use docket_evidence::note::{SigningKey, VerifierKey};
use docket_sealing::Keys;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(key) = VerifierKey::parse(text) {
        assert_eq!(VerifierKey::parse(&key.to_string()).as_ref(), Ok(&key));
    }
    if let Ok(key) = SigningKey::parse(text) {
        assert!(key.verifier().verifies(b"a text", &key.sign(b"a text")));
    }
    if let Ok(keys) = Keys::parse(text) {
        let written = keys.to_secret_text();
        assert_eq!(Keys::parse(&written).map(|keys| keys.to_secret_text()).ok(), Some(written));
    }
});
