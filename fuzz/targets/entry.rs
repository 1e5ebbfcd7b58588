//! Entries and subjects of the log.
#![no_main]

use docket_eventlog::Subject;
use docket_messages::{AgentEvent, AnyEntry, CaseEvent, ClaimEvent, CustomerEvent, Entry, PolicyEvent};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(subject) = Subject::parse(text)
    {
        assert_eq!(subject.to_string(), text);
    }
    let _ = AnyEntry::decode(bytes);
    again::<CaseEvent>(bytes);
    again::<PolicyEvent>(bytes);
    again::<AgentEvent>(bytes);
    again::<ClaimEvent>(bytes);
    again::<CustomerEvent>(bytes);
});

/// What is read is written, and read as the same.
fn again<E: docket_messages::EntryEvent + serde::Serialize>(bytes: &[u8]) {
    if let Ok(entry) = Entry::<E>::decode(bytes) {
        let written = entry.encode().expect("an entry that was read can be written");
        let read = Entry::<E>::decode(&written).expect("an entry that was written can be read");
        assert_eq!(read.encode().ok(), Some(written));
    }
}
