//! What a bundle claims to disclose is all there, or it says what is missing.

use docket_messages::Timestamp;

use super::log::{Form, INTAKE, ONE, OTHER, POLICY, THIRD, TestLog, check, check_with, finds, id, keys, told};
use crate::claim::Of;
use crate::verify::Kind;

#[test]
fn an_entry_of_the_case_that_is_not_disclosed_is_found() {
    let log = TestLog::small();
    // Positions: 1 policy, 2 one, 3 other, 4 one, 5 one, 6 other.
    let of_one = |left_out: u64, form: Form| {
        log.bundle(Of::Case(id(ONE)), |position| match position {
            position if position == left_out => form,
            1 | 2 | 4 | 5 => Form::Disclosed,
            _ => Form::Closed,
        })
    };
    finds(&of_one(4, Form::Closed), Kind::Incomplete, "position 4: it is one of the entries that the bundle is of");
    finds(&of_one(5, Form::Hashed), Kind::Incomplete, "position 5: only its hash is told");
    finds(&of_one(3, Form::Hashed), Kind::Incomplete, "position 3: only its hash is told");
    finds(&of_one(2, Form::Hashed), Kind::Incomplete, "position 4: it is not the first entry");
    finds(&of_one(1, Form::Hashed), Kind::Incomplete, "version 1 of the policy, which is not in the bundle");
    let none = log.bundle(Of::Case(id("00000000-0000-0000-0000-000000000009")), |_| Form::Disclosed);
    finds(&none, Kind::Incomplete, "the bundle has no entry of docket.log.case.");
}

#[test]
fn a_customers_cases_are_told_in_their_order() {
    let mut log = TestLog::new();
    log.publish(POLICY, "admin");
    for (case, customer) in [(ONE, "C-1"), (OTHER, "C-1"), (THIRD, "C-2")] {
        let body = format!("{INTAKE},'customerId':'{customer}'");
        log.send("desk", case, "intake", &body);
    }
    log.seal();
    let of = |cases: Vec<&str>| Of::Customer {
        id: docket_messages::CustomerId::parse("C-1").unwrap(),
        cases: cases.into_iter().map(id).collect(),
    };
    assert_eq!(told(&check(&log.bundle(of(vec![ONE, OTHER]), |_| Form::Disclosed)).1), [""; 0]);
    finds(
        &log.bundle(of(vec![ONE, THIRD]), |_| Form::Disclosed),
        Kind::Incomplete,
        "position 4: the case that it opens is not",
    );
    finds(&log.bundle(of(Vec::new()), |_| Form::Hashed), Kind::Integrity, "does not say what the bundle is of");
    finds(&log.bundle(of(vec![OTHER, ONE]), |_| Form::Disclosed), Kind::Incomplete, "in the order of their first");
    finds(
        &log.bundle(of(vec![ONE, OTHER]), |position| if position == 3 { Form::Closed } else { Form::Disclosed }),
        Kind::Incomplete,
        "position 3",
    );
}

#[test]
fn positions_are_all_disclosed() {
    let log = TestLog::small();
    let of = |from, to, hidden: u64, form: Form| {
        log.bundle(Of::Positions { from, to }, |position| if position == hidden { form } else { Form::Disclosed })
    };
    assert_eq!(told(&check(&of(2, 4, 6, Form::Hashed)).1), [""; 0]);
    finds(&of(2, 4, 3, Form::Hashed), Kind::Incomplete, "position 3: it is not disclosed");
    finds(&of(2, 4, 4, Form::Closed), Kind::Incomplete, "position 4: it is not disclosed");
    finds(&of(2, 7, 9, Form::Closed), Kind::Incomplete, "no positions from 2 to 7 among the first 6");
    finds(&of(0, 4, 9, Form::Closed), Kind::Integrity, "does not say what the bundle is of");
    finds(&of(4, 2, 9, Form::Closed), Kind::Integrity, "does not say what the bundle is of");
}

#[test]
fn a_period_ends_where_entries_before_and_behind_say_so() {
    let log = TestLog::small();
    let time = |position: usize| crate::report::millis(log.entries[position - 1].head.nanos);
    // From the third entry to the fifth, which are neither the first nor the last.
    let of = |forms: [Form; 6]| {
        log.bundle(Of::Period { from: time(3), to: time(6) }, |position| forms[usize::try_from(position).unwrap() - 1])
    };
    let (h, c, d) = (Form::Hashed, Form::Closed, Form::Disclosed);
    assert_eq!(told(&check(&of([d, c, d, d, d, c])).1), [""; 0]);
    finds(&of([d, h, d, d, d, c]), Kind::Incomplete, "position 3: entries before it stand as hashes");
    finds(&of([d, c, d, c, d, c]), Kind::Incomplete, "position 4: it is of the period");
    finds(&of([d, c, d, h, d, c]), Kind::Incomplete, "position 5: entries before it");
    finds(&of([d, c, d, d, h, c]), Kind::Incomplete, "position 6: entries before it");
    finds(&of([d, c, d, d, d, h]), Kind::Incomplete, "at the end stand as hashes");
    let (from, to) = (time(6).plus_millis(1), time(6).plus_millis(1_000));
    let policy = |position| if position == 1 { Form::Disclosed } else { Form::Closed };
    let nothing = log.bundle(Of::Period { from, to }, policy);
    assert_eq!(told(&check(&nothing).1), [""; 0], "a period in which nothing was taken in");
    let unknown = log.bundle(Of::Period { from, to }, |_| Form::Closed);
    finds(&unknown, Kind::Incomplete, "position 1: it is one of the policy");
    let turned = log.bundle(Of::Period { from: time(3), to: time(3) }, |_| Form::Disclosed);
    finds(&turned, Kind::Integrity, "does not say what the bundle is of");
    let nothing = Of::Period { from: Timestamp::EPOCH, to: Timestamp::EPOCH.plus_millis(1) };
    finds(&log.bundle(nothing, |_| Form::Hashed), Kind::Incomplete, "at the end stand as hashes");
}

#[test]
fn an_auditors_own_checkpoint_is_met_on_the_way() {
    let log = TestLog::small();
    let (bundle, keys) = (log.of_case(OTHER), keys(1));
    let kept = |size| log.checkpoint(size, log.seals[0].1, &keys);
    let (verified, findings) = check_with(&bundle, &[kept(5), kept(1), kept(6)]);
    assert_eq!((told(&findings).len(), verified.kept), (0, vec![1, 5, 6]));
    // Another history up to there.
    let mut forked = TestLog::small();
    forked.entries[1].payload.push(b' ');
    let (_, findings) = check_with(&bundle, &[forked.checkpoint(4, log.seals[0].1, &keys)]);
    assert_eq!(findings.worst(), Some(Kind::Integrity));
    assert!(
        told(&findings)[0].contains("position 4: the log up to here is not the one that your checkpoint"),
        "{findings:?}"
    );
    // A newer one than the bundle's.
    let mut longer = TestLog::small();
    longer.send("desk", ONE, "note", "'text':'Later'");
    let (_, findings) = check_with(&bundle, &[longer.checkpoint(7, log.seals[0].1, &keys)]);
    assert_eq!(findings.worst(), Some(Kind::Incomplete), "{findings:?}");
    // Of another log, and by another key.
    let (_, findings) = check_with(&bundle, &[log.checkpoint(4, log.seals[0].1, &super::log::keys(9))]);
    assert_eq!(findings.worst(), Some(Kind::Signature), "{findings:?}");
}
