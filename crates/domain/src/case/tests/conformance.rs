//! An entry that the rules would not have made is found.

use docket_messages::{CaseEntry, CaseEvent, ClockChange, IntakeEvent, Name};

use super::commands::*;
use super::harness::given;
use crate::case::conformance::{Nonconformity, conform};
use crate::case::{Case, fold};
use crate::policy::Policies;

/// The entries of a story with the last of them changed, as they are checked.
fn check(
    entries: Vec<CaseEntry>,
    policies: &Policies,
    change: impl FnOnce(&mut CaseEntry),
) -> Result<Option<Case>, Nonconformity> {
    let mut entries = entries;
    let mut last = entries.pop().unwrap();
    let before = entries.iter().fold(None, |case, entry| fold(case, case_id(), entry).unwrap());
    change(&mut last);
    conform(before, case_id(), &last, false, policies)
}

#[test]
fn what_people_did_must_be_possible_for_their_verb_in_the_status_of_the_case() {
    let story = given([intake().at("mon 09:00"), assign("ana").at("mon 09:10"), resolve().at("mon 10:00")]);
    let entries = story.entries();
    assert!(check(entries.clone(), &story.policies, |_| {}).is_ok());
    let as_a_note = check(entries.clone(), &story.policies, |entry| entry.verb = "note".to_owned());
    assert_eq!(as_a_note, Err(Nonconformity::NotOfVerb { event: "resolved", verb: "note".to_owned() }));
    let unknown = check(entries.clone(), &story.policies, |entry| entry.verb = "fix".to_owned());
    assert_eq!(unknown, Err(Nonconformity::UnknownVerb("fix".to_owned())));
    // The same once more, of a case that is resolved.
    let mut twice = entries;
    twice.push(twice.last().unwrap().clone());
    let version = twice.last().unwrap().version;
    let again = check(twice, &story.policies, |entry| {
        entry.events.truncate(1);
        entry.version = docket_messages::Version(version.get() + 1);
    });
    let Err(Nonconformity::Status(refused)) = again else { panic!("{again:?}") };
    assert!(refused.message.starts_with("the case is `resolved`"), "{refused:?}");
}

#[test]
fn what_the_policy_derives_is_derived_again() {
    let story = given([intake().at("mon 09:00")]);
    let entries = story.entries();
    let higher = check(entries.clone(), &story.policies, |entry| {
        let Some(CaseEvent::Intake(IntakeEvent::Classified(classified))) = entry.events.get_mut(1) else { panic!() };
        classified.priority = Name::parse("low").unwrap();
    });
    assert_eq!(higher, Err(Nonconformity::Derived { number: 2, found: Some("classified"), due: Some("classified") }));
    let later = check(entries.clone(), &story.policies, |entry| {
        let Some(CaseEvent::Clock(ClockChange::Started, reading)) = entry.events.last_mut() else { panic!() };
        reading.due_at = reading.due_at.map(|due| due.plus_millis(1));
    });
    let number = entries[0].events.len();
    let due = Some("clockStarted");
    assert_eq!(later, Err(Nonconformity::Derived { number, found: due, due }));
    let fewer = check(entries, &story.policies, |entry| {
        entry.events.pop();
    });
    assert_eq!(fewer, Err(Nonconformity::Derived { number, found: None, due }));
}
