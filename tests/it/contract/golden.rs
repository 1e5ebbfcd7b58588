//! Entries as logs hold them, kept for ever: whatever was once written can be read, and reads the same.
//!
//! Files in `golden/events` are only ever added. `UPDATE_GOLDEN=1` writes those that are missing and touches no other.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Once;

use docket_messages::{AnyEntry, Event, UnreadableEntry};
use serde_json::Value;

use super::samples::{self, Extent};
use super::schema;

static UPDATE: Once = Once::new();

/// What the golden files of events are called whose personal part is sealed.
const SEALED: &str = "sealed";

fn folder() -> PathBuf {
    UPDATE.call_once(|| {
        if std::env::var_os("UPDATE_GOLDEN").is_some_and(|value| value == "1") {
            write_missing();
        }
    });
    own_folder()
}

fn own_folder() -> PathBuf {
    schema::repository().join("tests/golden/events")
}

fn write_missing() {
    for extent in Extent::ALL {
        samples::events(extent).into_iter().for_each(|event| write(event, extent, extent.as_str()));
    }
    samples::sealed_events().into_iter().for_each(|event| write(event, Extent::Full, SEALED));
}

fn write(event: Event, extent: Extent, variant: &str) {
    let file = own_folder().join(format!("{}.{variant}.json", event.name()));
    let mut payload = samples::entry(Some(event), extent).encode().expect("an entry has a JSON form");
    payload.push(b'\n');
    match OpenOptions::new().write(true).create_new(true).open(&file) {
        Ok(mut new) => new.write_all(&payload).expect("a writable folder"),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => panic!("{}: {error}", file.display()),
    }
}

/// The payload of a golden file: all of it but the newline at its end.
fn payload(file: &Path) -> Vec<u8> {
    let mut bytes = fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    assert_eq!(bytes.pop(), Some(b'\n'), "{} does not end with a newline", file.display());
    bytes
}

#[test]
fn every_golden_entry_is_read_and_written_again_byte_by_byte() {
    for file in schema::files(&folder(), "json") {
        let payload = payload(&file);
        let entry = AnyEntry::decode(&payload).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let again = entry.encode().unwrap();
        assert_eq!(String::from_utf8(again), String::from_utf8(payload), "{}", file.display());
    }
}

#[test]
fn every_event_has_its_golden_files() {
    for name in Event::names() {
        for extent in Extent::ALL {
            let file = folder().join(format!("{name}.{}.json", extent.as_str()));
            assert!(file.exists(), "{} is missing; UPDATE_GOLDEN=1 writes it", file.display());
            let entry = AnyEntry::decode(&payload(&file)).unwrap();
            assert!(entry.events.iter().any(|event| event.name() == name), "{}", file.display());
        }
    }
}

#[test]
fn every_event_with_something_personal_has_a_golden_file_with_that_sealed() {
    for event in samples::sealed_events() {
        let file = folder().join(format!("{}.{SEALED}.json", event.name()));
        assert!(file.exists(), "{} is missing; UPDATE_GOLDEN=1 writes it", file.display());
    }
}

#[test]
fn every_field_of_an_entry_stands_in_some_golden_file() {
    let mut found = BTreeSet::new();
    for file in schema::files(&folder(), "json") {
        note_paths("", &serde_json::from_slice(&payload(&file)).unwrap(), &mut found);
    }
    for path in schema::paths(&schema::message("Entry")) {
        assert!(found.contains(&path), "no golden file has `{path}`; add one that has it");
    }
}

fn note_paths(prefix: &str, value: &Value, found: &mut BTreeSet<String>) {
    if let Some(object) = value.as_object() {
        for (name, value) in object {
            let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
            note_paths(&path, value, found);
            found.insert(path);
        }
    }
    for value in value.as_array().into_iter().flatten() {
        note_paths(prefix, value, found);
    }
}

#[test]
fn a_field_that_this_version_does_not_know_is_ignored() {
    let known = samples::entry(Some(noted()), Extent::Full);
    let json = String::from_utf8(known.encode().unwrap()).unwrap();
    let json = json.replacen('{', r#"{"weather":"fine","#, 1).replacen(r#"{"noted":{"#, r#"{"noted":{"mood":5,"#, 1);
    assert!(json.contains("weather") && json.contains("mood"));
    assert!(AnyEntry::decode(json.as_bytes()).unwrap() == known);
}

#[test]
fn an_event_that_this_version_does_not_know_is_refused() {
    let json = String::from_utf8(samples::entry(Some(noted()), Extent::Full).encode().unwrap()).unwrap();
    let json = json.replace(r#"{"noted":"#, r#"{"telepathised":"#);
    let error = AnyEntry::decode(json.as_bytes()).unwrap_err();
    assert!(matches!(error, UnreadableEntry::Json(_)) && error.to_string().contains("telepathised"), "{error}");
}

#[test]
fn a_seal_that_this_version_does_not_know_is_refused() {
    let json = String::from_utf8(samples::entry(Some(noted()), Extent::Full).encode().unwrap()).unwrap();
    let json = json.replace(r#""plain":"#, r#""buried":"#);
    let error = AnyEntry::decode(json.as_bytes()).unwrap_err();
    assert!(error.to_string().contains("buried"), "{error}");
}

#[test]
fn a_format_that_this_version_does_not_know_is_refused() {
    let json = String::from_utf8(samples::entry(Some(noted()), Extent::Full).encode().unwrap()).unwrap();
    let next = json.replace(r#""v":1,"#, r#""v":2,"#);
    let error = AnyEntry::decode(next.as_bytes()).unwrap_err();
    assert!(matches!(error, UnreadableEntry::Format { found: 2 }), "{error}");
    let next_and_strange = next.replace(r#"{"noted":"#, r#"{"telepathised":"#);
    let error = AnyEntry::decode(next_and_strange.as_bytes()).unwrap_err();
    assert!(matches!(error, UnreadableEntry::Format { found: 2 }), "{error}");
}

fn noted() -> Event {
    let events = samples::events(Extent::Full);
    events.into_iter().find(|event| event.name() == "noted").expect("a sample of every event")
}
