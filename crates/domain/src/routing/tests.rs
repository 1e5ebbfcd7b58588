//! Who is proposed, by what the log says of cases and agents.

mod desk;

use std::collections::{HashMap, HashSet};

use docket_calendar::zones::Zones;
use docket_messages::{
    Assigned, CaseEvent, EndingEvent, OfferDeclined, OfferEvent, Offered, Pended, Personal, PolicyVersion, Presence,
    RejectionCode, Resolved, ResolvedText, Resumed, SkillNeed, Status, Text, Unassigned, Version, WorkEvent,
};

use self::desk::*;
use super::board::Taken;
use crate::policy::Policy;

fn given(pairs: &[(u128, &str)]) -> Vec<(u128, String)> {
    pairs.iter().map(|(case, agent)| (*case, (*agent).to_owned())).collect()
}

#[test]
fn who_claims_one_case_needs_room_for_it_and_what_is_offered_to_them_is_theirs_to_claim() {
    let mut desk = Desk::of(&[("ana", 3, 1)]);
    desk.opened(1, 0, "low", "web", Vec::new());
    desk.opened(2, 1, "low", "phone", Vec::new());
    let room = |desk: &Desk, number: u128, held: &[(u128, &str)]| {
        let held = held.iter().map(|(number, to)| (case(*number), agent(to))).collect();
        desk.board.require_room(case(number), &agent("ana"), &desk.policy, &held).map_err(|rejection| rejection.code)
    };
    assert_eq!(room(&desk, 2, &[]), Ok(()));
    // A call takes all that ana has; what is on its way to her counts, but not the case itself.
    assert_eq!(room(&desk, 2, &[(1, "ana")]), Err(RejectionCode::AgentFull));
    assert_eq!(room(&desk, 1, &[(1, "ana"), (2, "zoe")]), Ok(()));
    desk.told(
        case(2),
        2,
        vec![CaseEvent::Offer(OfferEvent::Offered(Offered { agent: agent("ana"), expires_at: at(9) }))],
    );
    assert_eq!(room(&desk, 2, &[]), Ok(()));
    assert_eq!(room(&desk, 1, &[]), Err(RejectionCode::AgentFull));
    desk.board.set_presence(&agent("ana"), Presence::Offline);
    assert_eq!(room(&desk, 2, &[]), Err(RejectionCode::AgentOffline));
}

#[test]
fn the_order_is_the_priority_and_then_since_when_a_case_could_be_taken() {
    let mut desk = Desk::of(&[("ana", 1, 1)]);
    desk.opened(1, 0, "low", "web", Vec::new());
    desk.opened(2, 1, "high", "web", Vec::new());
    desk.opened(3, 2, "high", "web", Vec::new());
    assert_eq!(desk.next("zoe"), Ok(2));
    desk.assigned(2, 3, "zoe");
    assert_eq!(desk.next("zoe"), Ok(3));
    // Who gives a case back puts it behind those that have waited.
    desk.told(
        case(2),
        4,
        vec![CaseEvent::Work(WorkEvent::Unassigned(Unassigned { agent: agent("zoe"), cause: None, personal: None }))],
    );
    assert_eq!(desk.next("zoe"), Ok(3));
    desk.assigned(3, 5, "zoe");
    assert_eq!(desk.next("zoe"), Ok(2));
}

#[test]
fn a_case_goes_to_the_one_with_the_smallest_share_of_their_capacity_in_use() {
    let mut desk = Desk::of(&[("ana", 10, 1), ("ben", 2, 1)]);
    for number in 1..=6 {
        desk.opened(number, 0, "low", "web", Vec::new());
    }
    // Ben's half is more than Ana's tenths, until she has as much.
    let expected = [(1, "ana"), (2, "ben"), (3, "ana"), (4, "ana"), (5, "ana"), (6, "ana")];
    assert_eq!(desk.proposals(0), given(&expected));
}

#[test]
fn of_those_who_have_as_much_the_one_who_was_given_nothing_for_longest_is_next() {
    let mut desk = Desk::of(&[("ana", 2, 1), ("ben", 2, 1)]);
    desk.opened(1, 0, "low", "web", Vec::new());
    desk.assigned(1, 1, "ana");
    let personal = Personal::Plain(ResolvedText { steps: Text::parse("Done").unwrap() });
    let resolved = Resolved { code: name("solved"), status: Status::Resolved, article_id: None, personal };
    desk.told(case(1), 2, vec![CaseEvent::Ending(EndingEvent::Resolved(resolved))]);
    desk.opened(2, 3, "low", "web", Vec::new());
    assert_eq!(desk.proposals(3), given(&[(2, "ben")]));
}

#[test]
fn nobody_is_given_more_than_they_can_take_but_one_with_nothing_in_hand_takes_any() {
    let mut desk = Desk::of(&[("ana", 2, 1)]);
    desk.opened(1, 0, "low", "phone", Vec::new());
    desk.opened(2, 1, "low", "web", Vec::new());
    assert_eq!(desk.proposals(1), given(&[(1, "ana")]), "a call takes three");
    desk.assigned(1, 2, "ana");
    assert_eq!(desk.proposals(2), given(&[]));
    assert_eq!(desk.next("ana"), Err(RejectionCode::AgentFull));
    // What waits takes nobody's attention.
    let pended = Pended { reason: name("awaiting_customer"), status: Status::PendingCustomer, until: None };
    desk.told(case(1), 3, vec![CaseEvent::Work(WorkEvent::Pended(pended))]);
    assert_eq!(desk.proposals(3), given(&[(2, "ana")]));
    desk.told(case(1), 4, vec![CaseEvent::Work(WorkEvent::Resumed(Resumed { status: Status::Open, cause: None }))]);
    assert_eq!(desk.proposals(4), given(&[]));
}

#[test]
fn never_to_somebody_offline_and_nothing_new_to_somebody_busy() {
    let mut desk = Desk::of(&[("ana", 2, 1)]);
    desk.opened(1, 0, "low", "web", Vec::new());
    desk.board.set_presence(&agent("ana"), Presence::Busy);
    assert_eq!((desk.proposals(0), desk.next("ana")), (given(&[]), Ok(1)), "who is busy may still claim");
    desk.board.set_presence(&agent("ana"), Presence::Offline);
    assert_eq!((desk.proposals(0), desk.next("ana")), (given(&[]), Err(RejectionCode::AgentOffline)));
}

#[test]
fn a_skill_is_asked_for_and_one_that_nobody_has_for_as_long_as_was_said() {
    let mut desk = Desk::of(&[("ana", 9, 1), ("ben", 9, 2)]);
    let need = |level, until: Option<i64>| vec![SkillNeed { skill: name("french"), level, until: until.map(at) }];
    desk.opened(1, 0, "low", "web", need(2, None));
    desk.opened(2, 0, "low", "web", need(3, Some(10)));
    assert_eq!(desk.proposals(9), given(&[(1, "ben")]));
    assert_eq!(desk.proposals(10), given(&[(1, "ben"), (2, "ana")]));
    assert_eq!(desk.next("zoe"), Ok(2), "whom the policy does not list knows nothing in particular");
}

#[test]
fn an_offer_that_was_let_pass_goes_to_the_next_and_comes_back_when_there_is_none() {
    let mut desk = Desk::of(&[("ana", 9, 1), ("ben", 9, 1)]);
    desk.opened(1, 0, "low", "web", Vec::new());
    for (minute, whom, next) in [(1, "ana", "ben"), (2, "ben", "ana")] {
        desk.told(
            case(1),
            minute,
            vec![CaseEvent::Offer(OfferEvent::Offered(Offered { agent: agent(whom), expires_at: at(minute + 1) }))],
        );
        assert_eq!(desk.proposals(minute), given(&[]), "it is offered");
        desk.told(
            case(1),
            minute,
            vec![CaseEvent::Offer(OfferEvent::OfferDeclined(OfferDeclined { agent: agent(whom), personal: None }))],
        );
        assert_eq!(desk.proposals(minute), given(&[(1, next)]));
    }
}

#[test]
fn what_is_on_its_way_counts_and_is_not_given_twice() {
    let mut desk = Desk::of(&[("ana", 1, 1)]);
    desk.opened(1, 0, "low", "web", Vec::new());
    desk.opened(2, 0, "low", "web", Vec::new());
    let held = HashMap::from([(case(1), agent("ana"))]);
    assert_eq!(desk.board.proposals(&desk.policy, at(0), &held), []);
    let next = desk.board.next(
        &name("frontline"),
        &agent("zoe"),
        &desk.policy,
        at(0),
        &Taken { held: &held, lost: &HashSet::new() },
    );
    assert_eq!(next.ok(), Some(case(2)));
}

#[test]
fn who_gives_a_case_back_is_not_the_first_to_have_it_again() {
    let mut desk = Desk::of(&[("ana", 9, 1), ("ben", 1, 1)]);
    let gives_back = |desk: &mut Desk, whom: &str| {
        desk.assigned(1, 1, whom);
        let unassigned = Unassigned { agent: agent(whom), cause: None, personal: None };
        desk.told(case(1), 2, vec![CaseEvent::Work(WorkEvent::Unassigned(unassigned))]);
        desk.proposals(3)
    };
    desk.opened(1, 0, "low", "web", Vec::new());
    assert_eq!(gives_back(&mut desk, "ana"), given(&[(1, "ben")]));
    assert_eq!(gives_back(&mut desk, "ben"), given(&[(1, "ana")]));
}

#[test]
fn what_is_behind_a_case_that_waits_for_room_goes_to_others_than_the_one_who_comes_nearest() {
    let mut desk = Desk::of(&[("ana", 3, 1), ("ben", 3, 1)]);
    for (number, whom) in [(1, "ana"), (2, "ben"), (3, "ben")] {
        desk.opened(number, 0, "low", "web", Vec::new());
        desk.assigned(number, 0, whom);
    }
    desk.opened(4, 1, "low", "phone", Vec::new());
    desk.opened(5, 2, "low", "web", Vec::new());
    assert_eq!(desk.proposals(3), given(&[(5, "ben")]));
}

#[test]
fn who_has_no_room_left_is_not_the_one_who_comes_nearest() {
    let mut desk = Desk::of(&[("ana", 1, 1), ("ben", 10, 1)]);
    for number in 11..=19 {
        desk.opened(number, 0, "low", "web", Vec::new());
        desk.assigned(number, 0, "ben");
    }
    // The first goes to ana, who is full by that; the call waits for ben, and so does what is behind it.
    for (number, channel) in [(1, "web"), (2, "phone"), (3, "web")] {
        desk.opened(number, i64::try_from(number).unwrap(), "low", channel, Vec::new());
    }
    assert_eq!(desk.proposals(5), given(&[(1, "ana")]));
    desk.assigned(1, 6, "ana");
    assert_eq!(desk.proposals(7), given(&[]));
}

#[test]
fn an_agent_gets_cases_of_the_queues_that_the_policy_names_and_what_is_on_its_way_takes_room() {
    let mut desk = Desk::of(&[("ana", 2, 1)]);
    desk.opened(1, 0, "low", "web", Vec::new());
    desk.opened(2, 0, "low", "web", Vec::new());
    let held = HashMap::from([(case(1), agent("ana"))]);
    let taken = Taken { held: &held, lost: &HashSet::new() };
    let next = |desk: &Desk| desk.board.next(&name("frontline"), &agent("ana"), &desk.policy, at(1), &taken);
    assert_eq!(next(&desk).ok(), Some(case(2)));
    desk.opened(3, 0, "low", "web", Vec::new());
    desk.assigned(3, 0, "ana");
    assert_eq!(next(&desk).map_err(|no| no.code), Err(RejectionCode::AgentFull));
    let text = SAMPLE.replacen(
        "[queues.frontline]\n",
        "[agents.ben]\ncapacity = 1\n[agents.ana]\ncapacity = 2\nqueues = [\"billing\"]\n[queues.frontline]\npush = true\n",
        1,
    );
    let elsewhere = Policy::compile(&text, PolicyVersion(2), at(0), Zones::bundled()).unwrap();
    assert_eq!(desk.board.proposals(&elsewhere, at(1), &HashMap::new()), []);
}

#[test]
fn an_entry_that_was_applied_changes_nothing_and_one_behind_a_gap_asks_for_the_whole_case() {
    let mut desk = Desk::of(&[("ana", 1, 1)]);
    desk.opened(1, 0, "low", "web", Vec::new());
    assert_eq!(desk.board.waiting(), 1);
    let given_to = |version, whom: &str| {
        let assigned = Assigned { agent: agent(whom), status: Status::Open, cause: None, at: None, forced: None };
        entry(case(1), Version(version), at(1), vec![CaseEvent::Work(WorkEvent::Assigned(assigned))])
    };
    let opened_again = entry(case(1), Version(2), at(0), Vec::new());
    assert_eq!(desk.board.apply(case(1), &opened_again, false, &desk.policy), Ok(()));
    assert_eq!(desk.board.waiting(), 1);
    assert_eq!(desk.board.apply(case(1), &given_to(5, "zoe"), false, &desk.policy), Err(super::board::Missing));
    desk.opened(2, 0, "low", "web", Vec::new());
    desk.opened(3, 0, "low", "web", Vec::new());
    assert_eq!(desk.board.waiting(), 2, "the one whose entry is missing is not proposed");
}

#[test]
fn a_case_that_is_applied_whole_stands_where_its_last_entry_left_it() {
    let mut desk = Desk::of(&[("ana", 1, 1)]);
    desk.opened(1, 0, "low", "web", Vec::new());
    let entries = std::mem::take(&mut desk.told);
    let mut other = Desk::of(&[("ana", 1, 1)]);
    other.board.apply_whole(case(1), &entries, &other.policy);
    assert_eq!((other.board.waiting(), other.next("zoe")), (1, Ok(1)));
}

#[test]
fn another_policy_orders_what_waits_anew() {
    let mut desk = Desk::of(&[("ana", 1, 1)]);
    desk.opened(1, 0, "low", "web", Vec::new());
    desk.opened(2, 1, "high", "web", Vec::new());
    assert_eq!(desk.next("zoe"), Ok(2));
    let turned = SAMPLE
        .replace("[\"critical\", \"high\", \"moderate\", \"low\"]", "[\"low\", \"moderate\", \"high\", \"critical\"]");
    let policy = Policy::compile(&turned, PolicyVersion(2), at(0), Zones::bundled()).unwrap();
    desk.board.rebase(&policy);
    assert_eq!(desk.next("zoe"), Ok(1));
}

#[test]
fn a_case_that_comes_back_is_asked_for_whole() {
    let mut desk = Desk::of(&[("ana", 1, 1)]);
    let reopened = docket_messages::Reopened { status: Status::Open, cause: None, personal: None };
    let back = entry(case(1), Version(9), at(5), vec![CaseEvent::Ending(EndingEvent::Reopened(reopened))]);
    assert_eq!(desk.board.apply(case(1), &back, false, &desk.policy), Err(super::board::Missing));
    desk.opened(1, 0, "low", "web", Vec::new());
    assert_eq!(desk.next("zoe"), Ok(1));
}
