//! An entry that the rules would not have made is found.

use docket_messages::{CaseEntry, CaseEvent, ClockChange, IntakeEvent, Name};

use super::commands::*;
use super::harness::{Story, given};
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
    // Resolving it again changes nothing, so there is no such event.
    assert_eq!(again, Err(Nonconformity::Derived { number: 1, found: Some("resolved"), due: None }));
}

/// What is found of an entry that somebody has written into the log behind a story, with this verb and event.
fn forged(story: &Story, verb: &str, event: &str) -> String {
    let mut entries = story.entries();
    let mut entry = entries.last().unwrap().clone();
    entry.verb = verb.to_owned();
    entry.events = vec![serde_json::from_str(&event.replace('\'', "\"")).unwrap()];
    entry.version = docket_messages::Version(entry.version.get() + 1);
    entries.push(entry);
    check(entries, &story.policies, |_| {}).expect_err("it is found").to_string()
}

#[test]
fn what_people_did_is_decided_again() {
    let open = given([intake().at("mon 09:00"), assign("ana").at("mon 09:10")]);
    for (verb, event, found) in [
        ("close", "{'closed':{'code':'completed','status':'closed'}}", "the case is `open`"),
        ("close", "{'closed':{'code':'whatever','status':'closed'}}", "`whatever`"),
        (
            "resolve",
            "{'resolved':{'code':'whatever','status':'resolved','personal':{'plain':{'steps':'x'}}}}",
            "`whatever`",
        ),
        (
            "resolve",
            "{'resolved':{'code':'solved','status':'closed','personal':{'plain':{'steps':'x'}}}}",
            "says something else",
        ),
        ("claim", "{'assigned':{'agent':'bea','status':'open'}}", "somebody has the case already"),
        ("assign", "{'assigned':{'agent':'bea','status':'open','cause':'push'}}", "says something else"),
        ("assign", "{'assigned':{'agent':'ana','status':'open'}}", "does not follow by the rules"),
        ("acceptOffer", "{'assigned':{'agent':'bea','status':'open'}}", "not offered to this agent"),
        ("resume", "{'resumed':{'status':'open'}}", "does not follow by the rules"),
        ("resume", "{'resumed':{'status':'open','cause':'message'}}", "does not follow by the rules"),
        ("pend", "{'pended':{'reason':'whatever','status':'closed'}}", "`whatever`"),
        ("logEffort", "{'effortLogged':{'seconds':4000000}}", "`seconds` is 1 to"),
        (
            "deescalate",
            "{'deescalated':{'level':7,'personal':{'plain':{'reason':'x'}}}}",
            "does not follow by the rules",
        ),
        ("requestSurvey", "{'surveyRequested':{'survey':'csat','cycle':1}}", "the case is `open`"),
        (
            "answerSurvey",
            "{'surveyAnswered':{'survey':'csat','cycle':1,'score':9,'scaleMin':1,'scaleMax':9}}",
            "1 to 5",
        ),
    ] {
        let told = forged(&open, verb, event);
        assert!(told.contains(found), "{verb} {event}: {told}");
    }
}

#[test]
fn a_step_of_dockets_own_needs_its_cause() {
    let story = given([intake().at("mon 09:00")]);
    let other = "0199a7a0-5c3e-7d41-9a52-3b6f0c8e1d02";
    for (verb, event) in [
        ("inherit", "{'resolved':{'code':'solved','status':'resolved','personal':{'plain':{'steps':'x'}}}}".to_owned()),
        ("inherit", "{'closed':{'code':'completed','status':'closed','cause':'parent'}}".to_owned()),
        ("settleMerge", format!("{{'merged':{{'into':'{other}','status':'merged'}}}}")),
        ("settleLink", format!("{{'linked':{{'to':'{other}','relation':'parent'}}}}")),
        ("release", format!("{{'released':{{'from':'{other}'}}}}")),
        ("settlePassing", "{'passedOn':{'of':1,'taken':1,'refused':0}}".to_owned()),
        ("push", "{'assigned':{'agent':'bea','status':'open','cause':'push'}}".to_owned()),
    ] {
        let told = forged(&story, verb, &event);
        assert!(told.contains("does not follow by the rules") || told.contains("not in the queue"), "{verb}: {told}");
    }
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
