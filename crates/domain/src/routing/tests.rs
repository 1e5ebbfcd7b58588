//! Who is proposed, by what the log says of cases and agents.

use std::collections::{HashMap, HashSet};

use docket_messages::{
    AgentId, Assigned, CaseEntry, CaseEvent, CaseId, Classified, CommandId, Digest, EndingEvent, EntryKind,
    FORMAT_VERSION, Fields, IntakeEvent, Line, Name, OfferDeclined, OfferEvent, Offered, Opened, OpenedText, Pended,
    Personal, PolicyVersion, Presence, PrincipalName, RejectionCode, Resolved, ResolvedText, Resumed, Routed, Salt,
    SkillNeed, Status, Text, Timestamp, Unassigned, Version, WorkEvent,
};
use uuid::Uuid;

use super::Board;
use super::board::Taken;
use crate::policy::Policy;
use crate::zones::Zones;

const SAMPLE: &str = include_str!("../../../../policies/sample.toml");

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn agent(text: &str) -> AgentId {
    AgentId::parse(text).unwrap()
}

fn at(minute: i64) -> Timestamp {
    "2026-11-23T08:00:00Z".parse::<Timestamp>().unwrap().plus_millis(minute * 60_000)
}

fn case(number: u128) -> CaseId {
    CaseId::new(Uuid::from_u128(number))
}

/// A desk whose queue `frontline` gives its cases out, to agents as they are told, `(name, capacity, level of french)`.
struct Desk {
    board: Board,
    policy: Policy,
    versions: HashMap<CaseId, u32>,
    /// All entries that it was told.
    told: Vec<(bool, CaseEntry)>,
}

impl Desk {
    fn of(agents: &[(&str, u32, u32)]) -> Self {
        let listed: String = agents
            .iter()
            .map(|(name, capacity, french)| {
                format!("[agents.{name}]\ncapacity = {capacity}\nskills = {{ french = {french} }}\n")
            })
            .collect();
        let text = SAMPLE.replacen("channels = ", "skills = [\"french\"]\nchannels = ", 1).replacen(
            "[queues.frontline]\n",
            &format!("{listed}[[weights]]\nunits = 3\nchannel = [\"phone\"]\n[queues.frontline]\npush = true\n"),
            1,
        );
        let policy = Policy::compile(&text, PolicyVersion(1), at(0), Zones::bundled()).unwrap();
        let mut board = Board::default();
        for (name, _, _) in agents {
            board.set_presence(&agent(name), Presence::Online);
        }
        Self { board, policy, versions: HashMap::new(), told: Vec::new() }
    }

    fn told(&mut self, case: CaseId, minute: i64, events: Vec<CaseEvent>) {
        let version = self.versions.entry(case).or_default();
        *version += u32::try_from(events.len()).unwrap();
        let entry = entry(case, Version(*version), at(minute), events);
        self.board.apply(case, &entry, false, &self.policy).unwrap();
        self.told.push((false, entry));
    }

    /// A case comes to `frontline`.
    fn opened(&mut self, number: u128, minute: i64, priority: &str, channel: &str, skills: Vec<SkillNeed>) {
        let opened = Opened {
            case_type: name("question"),
            status: Status::New,
            channel: name(channel),
            customer_id: None,
            language: None,
            tier: None,
            entitlement: None,
            parent_id: None,
            follow_up_of: None,
            responses_unknown: None,
            personal: Personal::Plain(OpenedText { subject: Line::parse("A need").unwrap(), description: None }),
        };
        let classified = Classified {
            case_type: name("question"),
            category: None,
            subcategory: None,
            impact: name("low"),
            urgency: name("low"),
            priority: name(priority),
            fields: Fields::new(),
            personal: None,
        };
        let queue = name("frontline");
        let routed = Routed { queue, rule: Some(1), cause: None, skills, at: None, personal: None };
        let events = vec![
            CaseEvent::Intake(IntakeEvent::Opened(opened)),
            CaseEvent::Intake(IntakeEvent::Classified(classified)),
            CaseEvent::Intake(IntakeEvent::Routed(routed)),
        ];
        self.told(case(number), minute, events);
    }

    fn assigned(&mut self, number: u128, minute: i64, to: &str) {
        let assigned = Assigned { agent: agent(to), status: Status::Open, cause: None, at: None, forced: None };
        self.told(case(number), minute, vec![CaseEvent::Work(WorkEvent::Assigned(assigned))]);
    }

    /// Who is to be given what, at a minute.
    fn proposals(&self, minute: i64) -> Vec<(u128, String)> {
        let proposals = self.board.proposals(&self.policy, at(minute), &HashMap::new());
        proposals.iter().map(|one| (one.case.uuid().as_u128(), one.agent.to_string())).collect()
    }

    /// What an agent gets who claims, or why nothing.
    fn next(&self, claims: &str) -> Result<u128, RejectionCode> {
        let taken = Taken { held: &HashMap::new(), lost: &HashSet::new() };
        let next = self.board.next(&name("frontline"), &agent(claims), &self.policy, at(60), &taken);
        next.map(|case| case.uuid().as_u128()).map_err(|rejection| rejection.code)
    }
}

fn entry(case: CaseId, version: Version, at: Timestamp, events: Vec<CaseEvent>) -> CaseEntry {
    CaseEntry {
        v: FORMAT_VERSION,
        id: CommandId::parse("c-1").unwrap(),
        verb: "note".to_owned(),
        kind: EntryKind::Case,
        of: case.to_string(),
        at,
        backdated: None,
        by: PrincipalName::parse("desk").unwrap(),
        on_behalf_of: None,
        via: None,
        policy: PolicyVersion(1),
        version,
        request: Digest::of(&[]),
        message: None,
        sent_to: None,
        prev: None,
        wake_at: None,
        salt: Salt::new([0; 16]),
        events,
    }
}

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
