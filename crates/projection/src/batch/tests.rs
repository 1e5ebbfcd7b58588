//! What events make of rows, without a database.

use docket_calendar::zones::Zones;
use docket_messages::{CaseEntry, CaseId, ClockState, Name, PolicyVersion, Position, Timestamp};
use serde_json::{Value, json};

use super::*;
use crate::models::clocks::ClockRow;
use crate::models::policies::Written;

/// The log of one case, as it is folded.
struct Story {
    batch: Batch,
    cache: Cache,
    calendars: Calendars,
    position: Position,
    version: usize,
}

fn case_id() -> CaseId {
    "0199a7a0-5c3e-7d41-9a52-3b6f0c8e1d01".parse().unwrap()
}

fn at(hour: &str) -> Timestamp {
    format!("2026-11-23T{hour}:00.000Z").parse().unwrap()
}

fn opened() -> Value {
    let personal = json!({ "plain": { "subject": "It hurts" } });
    json!({ "opened": { "type": "incident", "status": "new", "channel": "email", "personal": personal } })
}

fn routed(queue: &str) -> Value {
    json!({ "routed": { "queue": queue } })
}

fn assigned(agent: &str) -> Value {
    json!({ "assigned": { "agent": agent, "status": "open" } })
}

/// A change of the first `first_response` clock, which is due at 11:00.
fn clock(change: &str, cause: Option<&str>) -> Value {
    let mut reading = json!({ "clock": "first_response", "instance": 1, "policy": 1, "calendar": "office",
        "targetSeconds": 7200, "startedAt": "2026-11-23T09:00:00.000Z", "dueAt": "2026-11-23T11:00:00.000Z",
        "remainingSeconds": 0, "elapsedSeconds": 7200, "businessElapsedSeconds": 7200 });
    if let Some(cause) = cause {
        reading["cause"] = json!(cause);
    }
    json!({ change: reading })
}

/// A policy whose office is open from 10 to 16 o'clock in Amsterdam, which is an hour ahead.
fn office() -> Calendars {
    let mut calendars = Calendars::new(Zones::bundled().clone());
    let written = "[calendars.office]\nzone = 'Europe/Amsterdam'\nhours = { monday = ['10:00-16:00'] }";
    calendars.note(PolicyVersion(1), Written::read(written).unwrap()).unwrap();
    calendars
}

impl Story {
    fn new() -> Self {
        Self { batch: Batch::new(), cache: Cache::new(10), calendars: office(), position: Position(0), version: 0 }
    }

    fn try_entry(&mut self, hour: &str, events: &[Value]) -> Result<(), ProjectionError> {
        self.try_recorded(hour, hour, events)
    }

    fn try_recorded(&mut self, hour: &str, recorded: &str, events: &[Value]) -> Result<(), ProjectionError> {
        self.version += events.len();
        self.position = self.position.next();
        let payload = json!({ "v": 1, "id": "c-1", "verb": "note", "kind": "case", "of": case_id(), "at": at(hour),
            "by": "desk", "policy": 1, "version": self.version, "salt": "BwcHBwcHBwcHBwcHBwcHBw",
            "request": "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU", "events": events });
        let payload = Bytes::from(payload.to_string());
        let content = Content::Case(case_id(), Box::new(CaseEntry::decode(&payload).unwrap()));
        let read = ReadEntry { position: self.position, recorded_at: at(recorded), content, payload, trace: None };
        self.batch.fold(&[read], &mut self.cache, &mut self.calendars)?;
        self.batch.finish(&mut self.cache);
        Ok(())
    }

    fn entry(&mut self, hour: &str, events: &[Value]) -> &mut Self {
        self.try_entry(hour, events).unwrap();
        self
    }

    /// An entry that was recorded later than what it tells.
    fn backdated(&mut self, hour: &str, recorded: &str, events: &[Value]) -> &mut Self {
        self.try_recorded(hour, recorded, events).unwrap();
        self
    }

    fn rows(&mut self) -> &mut CaseRows {
        self.cache.get_mut(case_id()).unwrap()
    }

    fn clock(&mut self) -> &ClockRow {
        &self.rows().clocks[0].row
    }
}

#[test]
fn moving_and_giving_a_case_is_counted_from_the_second_time_on() {
    let mut story = Story::new();
    story.entry("09:00", &[opened(), routed("frontline")]);
    story.entry("09:10", &[assigned("ana")]).entry("09:20", &[assigned("ana"), routed("frontline")]);
    let case = &story.rows().case.row;
    assert_eq!((case.facts.transfer_count, case.facts.reassign_count), (0, 0), "the same again");
    story.entry("09:30", &[routed("technical")]).entry("09:40", &[json!({ "unassigned": { "agent": "ana" } })]);
    story.entry("09:50", &[assigned("ben")]).entry("10:00", &[assigned("ana")]);
    let case = &story.rows().case.row;
    assert_eq!((case.facts.transfer_count, case.facts.reassign_count), (1, 1), "ben was given what nobody had");
}

#[test]
fn the_first_response_is_the_first_by_a_human() {
    let responded = |automatic: bool| json!({ "responded": { "automatic": automatic, "status": "open", "personal": { "plain": { "text": "x" } } } });
    let mut story = Story::new();
    story.entry("09:00", &[opened()]).entry("09:10", &[responded(true)]);
    assert_eq!(story.rows().case.row.facts.first_response_at, None);
    story.entry("09:20", &[responded(false)]).entry("09:30", &[responded(false)]);
    assert_eq!(story.rows().case.row.facts.first_response_at, Some(at("09:20")));
}

#[test]
fn a_clock_keeps_the_queue_of_what_came_first_its_breach_or_its_end() {
    let mut story = Story::new();
    story.entry("09:00", &[opened(), routed("frontline"), clock("clockStarted", None)]);
    assert_eq!((story.clock().state, &story.clock().outcome_queue), (ClockState::Running, &None));
    story.entry("11:01", &[clock("clockBreached", Some("time"))]);
    story.entry("11:10", &[routed("technical")]).entry("11:20", &[clock("clockMet", None)]);
    let clock = story.clock();
    assert_eq!((clock.met_at, clock.breached_at), (Some(at("11:20")), Some(at("11:00"))));
    assert_eq!(clock.outcome_queue.as_ref().map(Name::as_str), Some("frontline"));
}

#[test]
fn a_clock_that_ends_as_its_case_is_moved_ran_in_the_queue_before() {
    let mut story = Story::new();
    story.entry("09:00", &[opened(), routed("frontline"), clock("clockStarted", None)]);
    story.entry("09:30", &[routed("technical"), assigned("ana"), clock("clockMet", None)]);
    assert_eq!(story.clock().outcome_queue.as_ref().map(Name::as_str), Some("frontline"));
    assert_eq!(story.rows().case.row.facts.queue.as_ref().map(Name::as_str), Some("technical"));
}

#[test]
fn a_clock_is_left_out_for_as_long_as_its_case_goes_on_in_another_one() {
    let mut story = Story::new();
    story.entry("09:00", &[opened(), clock("clockStarted", None)]);
    story.entry("09:10", &[clock("clockCancelled", Some("merge"))]);
    assert!(story.clock().is_left_out && story.clock().state == ClockState::Cancelled);
    story.entry("09:20", &[clock("clockResumed", None)]);
    assert!(!story.clock().is_left_out && story.clock().state == ClockState::Running);
}

#[test]
fn a_row_of_the_history_lasts_until_something_that_it_says_changes() {
    let mut story = Story::new();
    story.entry("09:00", &[opened(), routed("frontline")]);
    let note = json!({ "noted": { "personal": { "plain": { "text": "x" } } } });
    story.entry("09:10", std::slice::from_ref(&note));
    assert_eq!(story.rows().stretch.as_ref().unwrap().from_at, at("09:00"), "a note changes nothing of it");
    story.entry("09:20", &[assigned("ana")]);
    let stretch = story.rows().stretch.as_ref().unwrap();
    assert_eq!((stretch.from_at, stretch.version.get()), (at("09:20"), 4));
}

fn received() -> Value {
    json!({ "messageReceived": { "ack": false, "personal": { "plain": { "text": "Any news?" } } } })
}

#[test]
fn who_waited_in_a_case_that_is_taken_in_waits_in_this_one() {
    let mut story = Story::new();
    story.entry("09:00", &[opened()]).entry("10:00", &[received()]);
    let absorbed =
        json!({ "absorbed": { "from": "0199a7a0-5c3e-7d41-9a52-3b6f0c8e1d02", "waitingSince": at("09:30") } });
    story.entry("10:10", &[absorbed]);
    let measures = &story.rows().case.row.measures;
    assert_eq!((measures.unanswered_since, measures.obligations), (Some(at("09:30")), 1), "one answer is owed");
}

#[test]
fn who_was_answered_in_another_case_waits_no_more_when_the_merge_is_taken_back() {
    let mut story = Story::new();
    story.entry("09:00", &[opened()]).entry("09:10", &[received()]);
    let unmerged = json!({ "unmerged": { "from": "0199a7a0-5c3e-7d41-9a52-3b6f0c8e1d02", "status": "open",
        "answeredAt": at("09:30") } });
    story.entry("10:00", &[unmerged]);
    let measures = &story.rows().case.row.measures;
    assert_eq!((measures.unanswered_since, measures.obligations), (None, 1));
    story.entry("10:10", &[received()]);
    assert_eq!(story.rows().case.row.measures.obligations, 2, "the next message is another one");
}

#[test]
fn what_is_written_live_to_a_case_of_an_imported_history_is_owed_an_answer() {
    let mut story = Story::new();
    let mut opened = opened();
    opened["opened"]["responsesUnknown"] = json!(true);
    story.entry("09:00", &[opened]).backdated("09:10", "12:00", &[received()]);
    assert_eq!(story.rows().case.row.measures.obligations, 0, "the history does not say whether it was answered");
    story.entry("12:10", &[received()]);
    assert_eq!(story.rows().case.row.measures.unanswered_since, Some(at("12:10")));
}

#[test]
fn what_does_not_follow_is_not_folded() {
    let mut story = Story::new();
    let poisoned = |result: Result<(), ProjectionError>| match result {
        Err(ProjectionError::Poison { cause, .. }) => cause,
        other => panic!("{other:?}"),
    };
    assert_eq!(poisoned(story.try_entry("09:00", &[assigned("ana")])), "it continues a case that was not opened");
    let mut story = Story::new();
    story.entry("09:00", &[opened()]);
    story.version += 1;
    let cause = poisoned(story.try_entry("09:10", &[assigned("ana")]));
    assert_eq!(cause, "the case is at version 1, and 1 events do not lead to 3");
}
