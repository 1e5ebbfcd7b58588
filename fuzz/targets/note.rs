//! Signed notes and checkpoints (c2sp.org/signed-note, c2sp.org/tlog-checkpoint). What is read is written again as it was.
#![no_main]

use docket_evidence::checkpoint::{Checkpoint, SignedCheckpoint};
use docket_evidence::note::Note;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(note) = Note::parse(bytes) {
        assert_eq!(note.to_string().as_bytes(), bytes);
    }
    if let Ok(signed) = SignedCheckpoint::parse(bytes) {
        assert_eq!(signed.to_string().as_bytes(), bytes);
        assert_eq!(Checkpoint::parse(&signed.checkpoint().text()).as_ref(), Ok(signed.checkpoint()));
    }
});
