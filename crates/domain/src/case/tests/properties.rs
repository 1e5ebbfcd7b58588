//! What holds for every story.

use docket_messages::{ClockState, ClockView, RejectionCode, Timestamp};
use proptest::prelude::*;
use proptest::sample::select;

use super::commands::*;
use super::harness::{Story, given};
use super::moment::at;
use super::naive::{self, MINUTE_MS, Promise, Span, Standing};

const PRIORITIES: [&str; 4] = ["critical", "high", "moderate", "low"];

fn later(instant: Timestamp, minutes: i64) -> Timestamp {
    instant.plus_millis(minutes * MINUTE_MS)
}

fn live(command: docket_messages::CaseAction, now: Timestamp) -> Step {
    Step { now: Some(now), ..command.into() }
}

/// Any of the commands that move clocks, or time.
fn clock_command() -> impl Strategy<Value = docket_messages::CaseAction> {
    prop_oneof![
        select(vec!["customer", "vendor", "internal"]).prop_map(pend),
        Just(resume()),
        select(PRIORITIES.to_vec()).prop_map(prioritise),
        Just(receive()),
        Just(tick()),
    ]
}

/// Any command; some with values that cannot be right.
fn any_command() -> impl Strategy<Value = docket_messages::CaseAction> {
    let survey = || select(vec!["csat", "ces", "nps"]);
    prop_oneof![
        6 => clock_command(),
        1 => Just(intake()),
        1 => select(vec!["billing", "limbo"]).prop_map(route),
        2 => select(vec!["ana", "ben"]).prop_map(assign),
        1 => Just(unassign()),
        1 => Just(thanks()),
        1 => Just(respond()),
        1 => Just(respond_by_bot()),
        1 => Just(note()),
        1 => select(vec!["mon 12:00", "fri 09:00", "mon+3 09:00"]).prop_map(|until| pend_until("customer", until)),
        1 => Just(escalate()),
        4 => Just(resolve()),
        2 => select(vec!["completed", "withdrawn", "bored"]).prop_map(close),
        3 => Just(reopen()),
        1 => Just(cancel()),
        2 => survey().prop_map(request_survey),
        2 => (survey(), 0_u32..12).prop_map(|(survey, score)| answer_survey(survey, score)),
    ]
}

/// Minutes between two commands: often none, now and then weeks.
fn gap() -> impl Strategy<Value = i64> {
    prop_oneof![2 => Just(0), 4 => 1_i64..120, 3 => 120_i64..2_880, 1 => 2_880_i64..30_000]
}

/// A story of random commands, some of them back-dated by some minutes.
fn commands() -> impl Strategy<Value = Vec<(i64, docket_messages::CaseAction, Option<i64>)>> {
    let back = prop_oneof![4 => Just(None), 1 => (0_i64..200).prop_map(Some)];
    prop::collection::vec((gap(), any_command(), back), 1..25)
}

/// The rules may say no, but only with the codes that they document for a case.
fn is_documented(code: RejectionCode) -> bool {
    use RejectionCode as R;
    let documented = [
        R::BadRequest,
        R::CaseExists,
        R::WrongStatus,
        R::UnknownValue,
        R::RequiredFieldMissing,
        R::OutOfOrder,
        R::ReopenWindowPassed,
        R::SurveyNotRequested,
        R::SurveyClosed,
        R::LinkPending,
    ];
    documented.contains(&code)
}

fn agrees(clock: &ClockView, start: Timestamp, pauses: &[Span], promise: Promise) {
    let standing = match clock.state {
        ClockState::Running => Standing::Due(clock.due_at.unwrap()),
        ClockState::Paused => Standing::PausedWithSeconds(clock.remaining_seconds.into()),
        ClockState::Met | ClockState::Cancelled => panic!("{clock:?}"),
    };
    assert_eq!(standing, naive::standing(start, pauses, promise), "{clock:?}, paused {pauses:?}");
}

/// Follows which spans the resolution is paused for, by the status alone.
fn note_pause(pauses: &mut Vec<Span>, story: &Story) {
    use docket_messages::Status::{PendingCustomer, PendingThirdParty};
    let pauses_now = matches!(story.case().status(), PendingCustomer | PendingThirdParty);
    match pauses.last_mut().filter(|(_, to)| to.is_none()) {
        Some((_, to)) if !pauses_now => *to = Some(story.now),
        None if pauses_now => pauses.push((story.now, None)),
        Some(_) | None => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_pauses_and_priorities_gives_the_deadline_computed_afresh(
        // Around both changes of time, and around Christmas.
        start in select(vec!["2026-03-26 09:15", "2026-10-22 16:40", "2026-12-23 11:00", "fri 17:59"]),
        priority in select(PRIORITIES.to_vec()),
        steps in prop::collection::vec((1_i64..700, clock_command()), 0..14),
    ) {
        let start = at(start);
        let mut story = given([live(intake_as(priority), start)]);
        let mut pauses = Vec::new();
        for (gap, command) in steps {
            let now = later(story.now, gap);
            story = story.and([live(command, now)]);
            note_pause(&mut pauses, &story);
        }
        let view = story.view();
        let priority = view.priority.unwrap();
        agrees(&view.clocks[0], start, &[], naive::first_response(priority.as_str()));
        agrees(&view.clocks[1], start, &pauses, naive::resolution(priority.as_str()));
    }

    #[test]
    fn a_pause_within_closed_time_changes_no_deadline(
        start in 0_i64..5 * 1440,
        pauses in prop::collection::vec((1_i64..900, 1_i64..900), 1..8),
    ) {
        let mut story = given([live(intake_as("low"), later(at("mon 00:00"), start))]);
        let due = story.view().clocks[1].due_at;
        for (wait, length) in pauses {
            let mut from = later(story.now, wait);
            while naive::is_open(from) {
                from = later(from, 1);
            }
            let mut to = later(from, 1);
            while to < later(from, length) && !naive::is_open(to) {
                to = later(to, 1);
            }
            story = story.and([live(pend("customer"), from), live(resume(), to)]);
            prop_assert_eq!(story.view().clocks[1].due_at, due);
        }
    }

    #[test]
    fn no_story_breaks_the_rules_of_its_telling(commands in commands()) {
        let mut story = given([intake()]);
        for (gap, command, back) in commands {
            let now = later(story.now, gap);
            let occurred_at = back.map(|minutes| later(now, -minutes));
            let step = Step { now: Some(now), occurred_at, expected: None, command };
            // The harness checks versions, instants, statuses, clocks and the fold of every accepted step.
            let first = story.take(&step);
            let second = first.is_ok().then(|| story.take(&step));
            for result in [Some(first), second].into_iter().flatten() {
                prop_assert!(result.as_ref().err().is_none_or(|no| is_documented(no.code)), "{result:?}");
            }
        }
        prop_assert!(story.history.is_sorted_by_key(|(at, _)| *at));
    }

    #[test]
    fn a_state_that_was_asked_for_twice_is_told_once(
        commands in commands(),
        last in prop_oneof![
            clock_command().prop_filter("a message is a message", |c| *c != receive()),
            select(vec![
                route("billing"), assign("ana"), unassign(), close("withdrawn"), cancel(), request_survey("csat"),
                pend_until("customer", "2028-01-03 09:00"),
            ]),
        ],
    ) {
        let mut story = given([intake()]);
        for (gap, command, _) in commands {
            let _ = story.take(&live(command, later(story.now, gap)));
        }
        if story.take(&last.clone().into()).is_ok() {
            story.when(last).then([]);
        }
    }

    #[test]
    fn timers_that_never_ran_make_no_difference(commands in commands()) {
        let mut silent = given([intake()]);
        let mut ticked = silent.clone();
        let end = std::iter::once((100_000, tick(), None));
        for (gap, command, _) in commands.into_iter().chain(end) {
            let now = later(silent.now, gap);
            // Nobody takes the steps of a process here, so a case that waits for one is woken every ten seconds in
            // vain.
            while let Some(wake) = ticked.wake_at.filter(|wake| *wake < now && ticked.case().process.is_none()) {
                ticked.take(&live(tick(), wake)).unwrap();
            }
            let step = live(command, now);
            prop_assert_eq!(silent.take(&step).err(), ticked.take(&step).err());
        }
        let without_instants = |story: &Story| story.history.iter().map(|(at, line)| {
            (*at, line.split(',').next().unwrap().to_owned())
        }).collect::<Vec<_>>();
        prop_assert_eq!(without_instants(&silent), without_instants(&ticked));
        prop_assert_eq!(silent.view(), ticked.view());
        prop_assert_eq!(silent.split_off(), ticked.split_off());
    }
}
