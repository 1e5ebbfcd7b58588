use docket_calendar::zones::Zones;
use docket_messages::{PolicyVersion, Timestamp};

use super::*;

/// Two roles more than the sample has: one for single commands, one that grants nothing but delegation.
fn policy() -> Policy {
    let sample = include_str!("../../../../policies/sample.toml");
    let more = "
        [roles.clerk]
        commands = [\"case.intake\", \"case.note\"]
        [roles.deputy]
        delegate = true
        [principals.clerk]
        roles = [\"clerk\"]
        [principals.deputy]
        roles = [\"clerk\", \"deputy\"]
        [principals.nobody]
    ";
    Policy::compile(&format!("{sample}{more}"), PolicyVersion(1), Timestamp::EPOCH, Zones::bundled()).unwrap()
}

#[derive(Clone, Copy)]
struct Asks {
    delegated: bool,
    backdated: bool,
}

const PLAINLY: Asks = Asks { delegated: false, backdated: false };
const FOR_SOMEBODY: Asks = Asks { delegated: true, backdated: false };
const BACK_DATED: Asks = Asks { delegated: false, backdated: true };

/// What is missing, or nothing when it is granted.
fn missing(by: &str, command: &str, asks: Asks) -> String {
    let (kind, verb) = command.split_once('.').unwrap();
    let by = PrincipalName::parse(by).unwrap();
    let Asks { delegated, backdated } = asks;
    let Err(rejection) = check(&policy(), &Request { by: &by, kind, verb, delegated, backdated }) else {
        return String::new();
    };
    assert_eq!((rejection.code, rejection.path), (RejectionCode::Forbidden, None));
    let grant = rejection.message.strip_prefix(&format!("the policy does not grant `{by}` `")).unwrap();
    grant.split('`').next().unwrap().to_owned()
}

#[test]
fn a_role_grants_what_it_lists_and_nothing_else() {
    for (by, command, expected) in [
        ("webshop", "case.intake", ""),
        ("webshop", "case.get", ""),
        ("webshop", "policy.publish", "policy.publish"),
        ("admin", "policy.publish", ""),
        ("admin", "case.get", ""),
        ("admin", "case.intake", "case.intake"),
        ("auditor", "case.get", ""),
        ("auditor", "case.note", "case.note"),
        ("clerk", "case.note", ""),
        ("clerk", "case.notes", "case.notes"),
        ("clerk", "case.resolve", "case.resolve"),
        ("clerk", "policy.note", "policy.note"),
    ] {
        assert_eq!(missing(by, command, PLAINLY), expected, "{by} {command}");
    }
}

#[test]
fn who_is_unknown_or_has_no_role_may_do_nothing() {
    for by in ["stranger", "nobody"] {
        assert_eq!(missing(by, "case.intake", PLAINLY), "case.intake");
        assert_eq!(missing(by, "case.get", PLAINLY), "case.get");
    }
}

#[test]
fn acting_for_somebody_needs_the_grant_delegate() {
    assert_eq!(missing("desk", "case.note", FOR_SOMEBODY), "");
    assert_eq!(missing("webshop", "case.note", FOR_SOMEBODY), "delegate");
    assert_eq!(missing("deputy", "case.note", FOR_SOMEBODY), "");
    assert_eq!(missing("deputy", "case.resolve", FOR_SOMEBODY), "case.resolve");
}

#[test]
fn saying_when_it_happened_needs_the_grant_backdate() {
    assert_eq!(missing("importer", "case.intake", BACK_DATED), "");
    assert_eq!(missing("desk", "case.intake", BACK_DATED), "backdate");
    assert_eq!(missing("importer", "case.intake", Asks { delegated: true, backdated: true }), "delegate");
}

#[test]
fn a_tick_from_outside_needs_the_grant_backdate() {
    assert_eq!(missing("importer", "case.tick", PLAINLY), "");
    assert_eq!(missing("importer", "case.tick", BACK_DATED), "");
    assert_eq!(missing("desk", "case.tick", PLAINLY), "backdate");
    assert_eq!(missing("clerk", "case.tick", PLAINLY), "case.tick");
}

#[test]
fn dockets_own_workers_may_tick_and_nothing_else() {
    assert_eq!(missing(SYSTEM, "case.tick", PLAINLY), "");
    assert_eq!(missing(SYSTEM, "case.tick", BACK_DATED), "case.tick");
    assert_eq!(missing(SYSTEM, "case.tick", FOR_SOMEBODY), "case.tick");
    assert_eq!(missing(SYSTEM, "case.note", PLAINLY), "case.note");
    assert_eq!(missing(SYSTEM, "policy.publish", PLAINLY), "policy.publish");
}
