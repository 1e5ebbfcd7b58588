//! What became of the service levels of a case, by its events alone.

use docket_messages::ClockName;

use super::commands::*;
use super::harness::{Story, given};
use super::moment::{at, tell};
use crate::ledger::{ClockOutcome, Ledger};

/// Each outcome in a line: the clock, whether it was met, when, and the queue and priority that it had.
fn outcomes(ledger: &Ledger) -> Vec<String> {
    let line = |((clock, instance), outcome): (&(ClockName, u32), &ClockOutcome)| {
        let met = if outcome.is_met { "met" } else { "late" };
        let queue = outcome.queue.as_ref().map_or("none", |queue| queue.as_str());
        let priority = outcome.priority.as_ref().map_or("none", |priority| priority.as_str());
        format!("{clock}/{instance} {met} {} in {queue} as {priority}", tell(outcome.at))
    };
    ledger.outcomes.iter().map(line).collect()
}

fn closed(story: &Story, until: &str) -> Vec<String> {
    let mut ledger = story.ledger();
    ledger.close(at(until));
    outcomes(&ledger)
}

#[test]
fn a_clock_was_met_or_is_late_once_its_deadline_has_passed() {
    let story = given([intake().at("mon 09:00"), respond().at("mon 10:00")]);
    let met = "first_response/1 met mon 10:00 in frontline as moderate";
    assert_eq!(outcomes(&story.ledger()), [met]);
    assert_eq!(closed(&story, "thu 09:00"), [met], "it is due then");
    let late = "resolution/1 late thu 09:00 in frontline as moderate";
    assert_eq!(closed(&story, "thu 09:00:00.001"), [met, late]);
    assert_eq!(closed(&story, "fri 12:00"), [met, late]);
}

#[test]
fn a_breach_counts_at_its_deadline_and_whatever_comes_after_it_does_not() {
    let story = given([intake().at("mon 09:00"), tick().at("mon 15:00"), respond().at("mon 16:00")]);
    let late = "first_response/1 late mon 14:00 in frontline as moderate";
    assert_eq!(outcomes(&story.ledger()), [late]);
    // Nor does that its case is withdrawn.
    let withdrawn = story.and([cancel().at("mon 17:00")]);
    assert_eq!(outcomes(&withdrawn.ledger()), [late]);
    let open = given([intake().at("mon 09:00"), tick().at("mon 15:00"), cancel().at("mon 17:00")]);
    assert_eq!(outcomes(&open.ledger()), [late]);
    // Not while it is paused, and not once it no longer matters.
    let waits = given([intake().at("mon 09:00"), respond().at("mon 10:00"), pend("customer").at("mon 11:00")]);
    assert_eq!(closed(&waits, "mon+5 09:00").len(), 1);
    let cancelled = given([intake().at("mon 09:00"), cancel().at("mon 10:00")]);
    assert_eq!(closed(&cancelled, "mon+5 09:00"), [] as [&str; 0]);
}

#[test]
fn a_case_comes_into_its_queues_with_the_priority_that_it_has_then() {
    let story = given([intake_as("low").at("mon 09:00"), prioritise("high").at("mon 10:00")]);
    let story = story.and([route("billing").at("mon 11:00"), escalate().at("mon 11:30")]);
    let ledger = story.ledger();
    let arrivals: Vec<String> = ledger
        .arrivals
        .iter()
        .map(|arrival| format!("{} {} {}", tell(arrival.at), arrival.queue, arrival.priority.as_ref().unwrap()))
        .collect();
    assert_eq!(arrivals, ["mon 09:00 frontline low", "mon 11:00 billing high"]);
    assert_eq!((ledger.level(), ledger.priority().unwrap().as_str()), (story.case().facts.escalation_level, "high"));
    assert!(ledger.level() > 0);
    let lowered = story.and([deescalate().at("mon 11:40")]).ledger();
    assert_eq!((lowered.level(), lowered.queue().unwrap().as_str()), (0, "billing"));
    assert_eq!(Ledger::default().level(), 0);
}

#[test]
fn what_became_of_a_clock_is_left_out_while_its_case_goes_on_in_another() {
    let other = other_case();
    let merge = send("merge", &format!("'into':'{other}'"));
    let settle = || send("settleMerge", &format!("'with':'{other}'"));
    let story = given([intake().at("mon 09:00"), tick().at("mon 15:00"), merge.at("mon 16:00")]);
    let merged = story.and([settle().at("mon 16:00")]);
    assert_eq!(closed(&merged, "mon+5 09:00"), [] as [&str; 0]);
    let apart = merged.and([send("unmerge", "'reason':'Another matter'").at("mon 17:00"), settle().at("mon 17:00")]);
    assert_eq!(outcomes(&apart.ledger()), ["first_response/1 late mon 14:00 in frontline as moderate"]);
}
