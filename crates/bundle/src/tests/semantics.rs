//! Entries that are in the log, and that the rules would not have allowed.

use docket_messages::{CaseEntry, Digest, PolicyEntry, PrincipalName, Via};

use super::log::{INTAKE, ONE, POLICY, THIRD, TestLog, check, finds, told};
use crate::verify::Kind;

/// A log whose last entry was changed before it was written.
fn forged(change: impl FnOnce(&mut CaseEntry)) -> TestLog {
    let mut log = TestLog::small();
    let mut entry = log.decided("desk", ONE, "resolve", "'code':'solved','steps':'None'");
    change(&mut entry);
    log.append(&format!("case.{ONE}"), entry.encode().unwrap());
    log.seal();
    log
}

#[test]
fn what_the_service_writes_conforms() {
    let (verified, findings) = check(&forged(|_| {}).of_all());
    assert_eq!((told(&findings), verified.cases), (Vec::new(), 2));
}

#[test]
fn who_was_not_allowed_to_is_found() {
    let by = |name: &str| PrincipalName::parse(name).unwrap();
    finds(
        &forged(|entry| entry.by = by("admin")).of_case(ONE),
        Kind::Semantics,
        "position 7: the policy does not grant `admin`",
    );
    finds(
        &forged(|entry| entry.by = by("mallory")).of_case(ONE),
        Kind::Semantics,
        "the policy does not grant `mallory`",
    );
    finds(
        &forged(|entry| entry.on_behalf_of = serde_json::from_str("\"ana\"").ok()).of_case(ONE),
        Kind::Semantics,
        "on behalf of somebody",
    );
    finds(&forged(|entry| entry.verb = "push".to_owned()).of_case(ONE), Kind::Semantics, "is a step of Docket's own");
}

#[test]
fn what_cannot_have_happened_is_found() {
    finds(
        &forged(|entry| entry.verb = "note".to_owned()).of_case(ONE),
        Kind::Semantics,
        "`resolved` does not come of `note`",
    );
    finds(&forged(|entry| drop(entry.events.pop())).of_case(ONE), Kind::Semantics, "position 7");
    finds(&forged(|entry| entry.version.0 += 1).of_case(ONE), Kind::Semantics, "goes from version");
    finds(&forged(|entry| entry.prev = Some(Digest::of(&[b"x"]))).of_case(ONE), Kind::Semantics, "the chain of case.");
    finds(&forged(|entry| entry.policy.0 = 2).of_case(ONE), Kind::Incomplete, "version 2 of the policy");
}

#[test]
fn moments_are_those_at_which_entries_were_taken_in_unless_they_say_otherwise() {
    let hour = 3_600_000;
    let earlier = |entry: &mut CaseEntry| entry.at = entry.at.plus_millis(-hour);
    finds(&forged(earlier).of_case(ONE), Kind::Semantics, "does not say that it is back-dated");
    finds(&forged(|entry| entry.at = entry.at.plus_millis(hour)).of_case(ONE), Kind::Semantics, "was taken in at");
    let marked = forged(|entry| {
        earlier(entry);
        entry.backdated = Some(true);
    });
    finds(&marked.of_case(ONE), Kind::Semantics, "cannot say when something happened");
}

#[test]
fn times_of_the_server_lie_between_the_checkpoints_around_them() {
    let mut log = TestLog::small();
    let hour = 3_600_000_000_000;
    log.entries[3].head.nanos -= hour;
    finds(&log.of_case(ONE), Kind::Semantics, "position 4: the server says that it took the entry in at 2026-11-23T");
    let mut log = TestLog::small();
    log.entries[3].head.nanos += hour;
    finds(&log.of_case(ONE), Kind::Semantics, "but it was in the log at");
}

#[test]
fn policies_are_published_by_who_may_and_hold_from_then_on() {
    let mut log = TestLog::small();
    log.publish(&POLICY.replace("Small", "Smaller"), "admin");
    log.send("desk", ONE, "note", "'text':'Under the second'");
    log.seal();
    let (verified, findings) = check(&log.of_all());
    assert_eq!((told(&findings), verified.policies), (Vec::new(), 2));
    let mut log = TestLog::small();
    log.publish(POLICY, "desk");
    log.seal();
    finds(&log.of_all(), Kind::Semantics, "position 7: the policy does not grant `desk` `policy.publish`");
    // Under the first version, long after the second.
    let mut log = TestLog::small();
    log.publish(&POLICY.replace("Small", "Smaller"), "admin");
    log.now += 120_000;
    let mut entry = log.decided("desk", THIRD, "intake", INTAKE);
    entry.policy.0 = 1;
    log.append(&format!("case.{THIRD}"), entry.encode().unwrap());
    log.seal();
    finds(&log.of_all(), Kind::Semantics, "long after another took its place");
}

#[test]
fn where_it_takes_two_to_change_the_policy_one_is_not_enough() {
    let two = format!(
        "{POLICY}[publication]\nfour_eyes = true\n[roles.changer]\ncommands = [\"policy.propose\", \
         \"policy.approve\"]\n[principals.ana]\nroles = [\"changer\"]\n[principals.bea]\nroles = [\"changer\"]\n"
    );
    let begun = || {
        let mut log = TestLog::new();
        log.publish(POLICY, "admin");
        log.publish(&two, "admin");
        log
    };
    let mut log = begun();
    log.propose(&two.replace("Small", "Smaller"), "ana");
    log.approve(1, &two.replace("Small", "Smaller"), "bea");
    log.seal();
    let (verified, findings) = check(&log.of_all());
    assert_eq!((told(&findings), verified.policies), (Vec::new(), 3));
    let mut log = begun();
    log.publish(&two, "admin");
    log.seal();
    finds(&log.of_all(), Kind::Semantics, "position 3: it takes two principals");
    let mut log = begun();
    log.propose(&two, "ana");
    log.approve(1, &two, "ana");
    log.seal();
    finds(&log.of_all(), Kind::Semantics, "position 4: `ana` approves what `ana` has proposed");
    let mut log = begun();
    log.propose(&two, "ana");
    log.approve(1, &two.replace("Small", "Larger"), "bea");
    log.seal();
    finds(&log.of_all(), Kind::Semantics, "position 4: it approves proposal 1, and publishes another document");
    let mut log = begun();
    log.propose(&two, "ana");
    log.approve(1, &two, "bea");
    let last = log.entries.last_mut().unwrap();
    let mut approval = PolicyEntry::decode(&last.payload).unwrap();
    approval.via = Some(Via::Operator);
    last.payload = approval.encode().unwrap();
    log.seal();
    finds(&log.of_all(), Kind::Semantics, "position 4: the operator approves in the name of `bea`");
}

#[test]
fn entries_of_the_policy_are_those_that_their_commands_make() {
    let smaller = POLICY.replace("Small", "Smaller");
    let with = |change: &dyn Fn(&mut docket_messages::PolicyEntry)| {
        let mut log = TestLog::small();
        log.publish(&POLICY.replace("\"policy.publish\"", "\"policy.*\""), "admin");
        log.publish(&smaller, "admin");
        let last = log.entries.last_mut().unwrap();
        let mut entry = docket_messages::PolicyEntry::decode(&last.payload).unwrap();
        change(&mut entry);
        last.payload = entry.encode().unwrap();
        log.seal();
        log.of_all()
    };
    let twice = with(&|entry| {
        entry.events.extend(entry.events.clone());
        entry.version.0 += 1;
    });
    finds(&twice, Kind::Semantics, "position 8: its events are not those of `policy.publish`");
    let other = with(&|entry| "propose".clone_into(&mut entry.verb));
    finds(&other, Kind::Semantics, "position 8: its events are not those of `policy.propose`");
    let earlier = with(&|entry| entry.at = entry.at.plus_millis(-3_600_000));
    finds(&earlier, Kind::Semantics, "position 8: it is of 2026-");
}

#[test]
fn a_proposal_is_approved_under_the_policy_that_it_was_made_under() {
    let mut log = TestLog::small();
    let smaller = POLICY.replace("Small", "Smaller");
    let two = smaller.replace("\"policy.publish\"", "\"policy.*\"");
    log.publish(&format!("{two}\n[principals.bea]\nroles = [\"publisher\"]\n"), "admin");
    log.propose(&smaller, "admin");
    log.publish(
        &format!("{two}\n[principals.bea]\nroles = [\"publisher\"]\n[principals.cyd]\nroles = [\"publisher\"]\n"),
        "admin",
    );
    log.approve(1, &smaller, "bea");
    log.seal();
    finds(&log.of_all(), Kind::Semantics, "position 10: it approves proposal 1, which was made when version 2");
}

#[test]
fn what_events_say_of_status_and_moment_is_what_the_rules_make_of_it() {
    let resolved = |entry: &mut CaseEntry, change: &dyn Fn(&mut serde_json::Value)| {
        let mut events = serde_json::to_value(&entry.events).unwrap();
        change(&mut events);
        entry.events = serde_json::from_str(&events.to_string()).unwrap();
    };
    let closed = |events: &mut serde_json::Value| {
        let of = events.as_array_mut().unwrap().iter_mut().find_map(|event| event.get_mut("resolved")).unwrap();
        *of.get_mut("status").unwrap() = "closed".into();
    };
    finds(&forged(|entry| resolved(entry, &closed)).of_case(ONE), Kind::Semantics, "`resolved`, event 1 of the entry");
    finds(
        &forged(|entry| entry.at = entry.at.plus_millis(-30_000)).of_case(ONE),
        Kind::Semantics,
        "and the case has an entry of",
    );
}

#[test]
fn a_subject_has_one_spelling() {
    let mut log = TestLog::small();
    let entry = log.decided("desk", ONE, "note", "'text':'Hidden'");
    log.append(&format!("case.{}", ONE.to_uppercase().replace('-', "")), entry.encode().unwrap());
    log.seal();
    finds(&log.of_all(), Kind::Semantics, "position 7: its subject is none of the log's");
}

#[test]
fn a_finding_is_one_line_whatever_an_entry_says() {
    let long = format!("x\nVERIFIED: all holds{}", "y".repeat(10_000));
    let (_, findings) = check(&forged(|entry| entry.verb = long.clone()).of_case(ONE));
    assert!(findings.first.iter().all(|finding| finding.message.chars().count() <= 501), "{findings:?}");
    assert!(findings.first.iter().all(|finding| !finding.message.contains('\n')), "{findings:?}");
}
