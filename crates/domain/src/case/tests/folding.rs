//! Entries that cannot follow what came before them are refused: the log is not what these rules wrote.

use docket_messages::{CaseEntry, CaseEvent, PolicyVersion, Version};

use super::commands::*;
use super::harness::{Story, empty_entry, given};
use super::moment::at;
use crate::case::fold;

fn entry(events: Vec<CaseEvent>, version: u32) -> CaseEntry {
    let (policy, version) = (PolicyVersion(3), Version(version));
    CaseEntry { at: at("tue 09:00"), policy, version, events, ..empty_entry() }
}

/// The events that a step of the story would have.
fn events(mut story: Story, step: impl Into<Step>) -> Vec<CaseEvent> {
    story.take(&step.into()).unwrap().events
}

fn opened() -> Story {
    given([intake()])
}

fn refused(story: &Story, events: Vec<CaseEvent>, version: u32, says: &str) {
    let refused = fold(story.case.clone(), case_id(), &entry(events, version)).unwrap_err();
    assert!(refused.message.contains(says), "{refused:?}");
}

#[test]
fn a_case_begins_with_opened() {
    refused(&given([] as [Step; 0]), events(opened(), note()), 1, "`noted` on a case that was not opened");
}

#[test]
fn a_case_is_opened_once() {
    let events = events(given([] as [Step; 0]), intake());
    refused(&opened(), events, 10, "a case that exists was opened");
}

#[test]
fn no_version_is_skipped_or_told_twice() {
    refused(&opened(), events(opened(), note()), 7, "version 7 where 6 was due");
    refused(&opened(), events(opened(), note()), 5, "version 5 where 6 was due");
    refused(&opened(), Vec::new(), 6, "version 6 where 5 was due");
}

#[test]
fn an_entry_without_events_moves_the_case_in_time_and_policy_only() {
    let before = opened().case().clone();
    let after = fold(Some(before.clone()), case_id(), &entry(Vec::new(), 5)).unwrap().unwrap();
    assert_eq!(after.last_at, at("tue 09:00"));
    assert_eq!(after.newest_policy(), PolicyVersion(3));
    assert_eq!((after.version, after.clocks, after.facts), (before.version, before.clocks, before.facts));
}

#[test]
fn a_case_knows_the_newest_policy_that_it_was_decided_under() {
    let story = opened().under(&[]).under(&[]).under(&[]).and([note()]);
    assert_eq!(story.case().newest_policy(), PolicyVersion(4));
    let late = fold(story.case, case_id(), &entry(Vec::new(), 6)).unwrap().unwrap();
    assert_eq!(late.newest_policy(), PolicyVersion(4), "an entry decided under version 3 does not take that back");
}
