use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use docket_calendar::zones::Zones;
use docket_domain::case::{Case, Request, decide, fold};
use docket_domain::policy::{Policies, Policy};
use docket_messages::{
    CaseCommand, CaseEntry, Digest, EntryKind, FORMAT_VERSION, PolicyVersion, PrincipalName, Salt, Status, Timestamp,
};

use super::generate;
use docket_import::Story;

const SAMPLE: &str = include_str!("../../../../policies/sample.toml");

fn until() -> Timestamp {
    "2026-11-22T14:05:00Z".parse().unwrap()
}

fn policies() -> Policies {
    Policies::new(Arc::new(Policy::compile(SAMPLE, PolicyVersion(1), until(), Zones::bundled()).unwrap()))
}

/// Replays a story: every command must be accepted, and what readers fold must be what was decided.
fn replay(story: &Story, policies: &Policies, until: Timestamp) -> Case {
    let mut case: Option<Case> = None;
    for step in &story.steps {
        let request = Request { now: until, occurred_at: Some(step.at), expected: None, texts: None, policies };
        let decision = decide(story.case_id, case.as_ref(), &step.command.clone().into(), &request);
        let decision = decision.unwrap_or_else(|rejection| panic!("{} at {}: {rejection}", step.id, step.at));
        let entry = CaseEntry {
            v: FORMAT_VERSION,
            id: step.id.clone(),
            verb: step.command.verb().as_str().to_owned(),
            kind: EntryKind::Case,
            of: story.case_id.to_string(),
            at: decision.at,
            backdated: None,
            by: PrincipalName::parse("importer").unwrap(),
            on_behalf_of: None,
            via: None,
            policy: PolicyVersion(1),
            version: decision.case.version,
            request: Digest::of(&[]),
            message: None,
            sent_to: None,
            prev: None,
            wake_at: None,
            salt: Salt::new([0; 16]),
            key: None,
            events: decision.events,
        };
        case = fold(case, story.case_id, &entry).unwrap();
        assert_eq!(case.as_ref(), Some(&decision.case), "{}", step.id);
    }
    case.unwrap()
}

fn replayed(cases: usize, until: Timestamp) -> Vec<(Story, Case)> {
    let policies = policies();
    let stories = generate(7, cases, until);
    assert_eq!(stories.len(), cases, "a story could not be written");
    stories.into_iter().map(|story| (story.clone(), replay(&story, &policies, until))).collect()
}

#[test]
fn the_same_seed_tells_the_same_stories_and_another_seed_tells_others() {
    assert_eq!(generate(7, 60, until()), generate(7, 60, until()));
    assert_ne!(generate(7, 60, until()), generate(8, 60, until()));
}

#[test]
fn every_story_is_accepted_and_ends_in_time() {
    let mut ids = BTreeSet::new();
    for (story, case) in replayed(500, until()) {
        assert!(ids.insert(story.case_id));
        assert!(story.steps.iter().all(|step| step.at < until()));
        assert!(until().millis_since(case.facts.opened_at) <= 90 * 86_400_000);
    }
}

#[test]
fn even_a_small_desk_has_a_backlog_of_every_kind_whenever_it_ends() {
    // A working day, Sunday night, Monday before anybody comes, after Christmas, both changes of the clocks.
    let ends = [
        "2026-11-25T14:05:00Z",
        "2026-11-22T23:30:00Z",
        "2026-11-23T05:00:00Z",
        "2026-12-28T03:00:00Z",
        "2026-03-29T01:10:00Z",
        "2026-10-25T01:10:00Z",
    ];
    for until in ends.map(|end| end.parse::<Timestamp>().unwrap()) {
        for cases in [6, 50] {
            check_backlog(cases, until);
        }
    }
}

fn check_backlog(cases: usize, until: Timestamp) {
    let mut statuses = BTreeSet::new();
    let (mut breached, mut at_risk, mut rated) = (0, 0, 0);
    for (_, case) in replayed(cases, until) {
        statuses.insert(case.status());
        rated += u32::from(case.facts.csat.is_some());
        if case.status().is_active() {
            let mut views = case.clocks.iter().map(|clock| clock.view(until));
            breached += u32::from(views.any(|view| view.met_at.is_none() && view.breached_at.is_some()));
            at_risk += u32::from(is_at_risk(&case, until));
        }
    }
    assert!(statuses.contains(&Status::New) && statuses.contains(&Status::Open), "{until}: {statuses:?}");
    assert!(statuses.iter().any(|status| status.is_pending()), "{until}: {statuses:?}");
    assert!(breached > 0 && at_risk > 0, "{until}: {breached} breached, {at_risk} at risk of {cases}");
    assert!(cases < 50 || rated > 2, "{until}: {rated} rated of {cases}");
}

/// Decides the passing of time alone: a warning without a breach.
fn is_at_risk(case: &Case, until: Timestamp) -> bool {
    let tick = CaseCommand::Tick(docket_messages::Tick { case_id: case.id });
    let policies = policies();
    let request = Request { now: until, occurred_at: Some(until), expected: None, texts: None, policies: &policies };
    let events = decide(case.id, Some(case), &tick.into(), &request).unwrap().events;
    let names: Vec<&str> = events.iter().map(docket_messages::CaseEvent::name).collect();
    names.contains(&"clockWarned") && !names.contains(&"clockBreached")
}

#[test]
fn a_large_desk_has_the_shape_of_a_real_one() {
    let replayed = replayed(3_000, until());
    let share = |wanted: &dyn Fn(&Story, &Case) -> bool| {
        let count = replayed.iter().filter(|(story, case)| wanted(story, case)).count();
        f64::from(u32::try_from(count).unwrap()) / 3_000.0
    };
    let mut shares = BTreeMap::new();
    let mut check = |what: &'static str, low: f64, high: f64, share: f64| {
        shares.insert(what, (share, low <= share && share <= high));
    };
    check("open", 0.05, 0.15, share(&|_, case| case.status().is_active()));
    check("reopened", 0.004, 0.02, share(&|_, case| case.facts.reopen_count > 0));
    check("transferred", 0.33, 0.47, share(&|_, case| case.facts.transfer_count > 0));
    check("reassigned", 0.2, 0.5, share(&|_, case| case.facts.reassign_count > 0));
    let moderate =
        |_: &Story, case: &Case| case.facts.class.priority.as_ref().is_some_and(|p| p.as_str() == "moderate");
    check("moderate", 0.92, 0.96, share(&moderate));
    check("escalated", 0.01, 0.08, share(&|_, case| case.facts.escalation_level > 0));
    check("cancelled", 0.01, 0.04, share(&|_, case| case.status() == Status::Cancelled));
    check("asked", 0.6, 0.85, share(&|_, case| !case.surveys.is_empty()));
    check("rated", 0.2, 0.35, share(&|_, case| case.facts.csat.is_some()));
    check("happy", 0.15, 0.3, share(&|_, case| case.facts.csat.is_some_and(|score| score >= 4)));
    let withdrawn = |case: &Case| case.facts.closure_code.as_ref().is_some_and(|code| code.as_str() == "withdrawn");
    check("withdrawn", 0.005, 0.03, share(&|_, case| withdrawn(case)));
    let waited = |story: &Story| story.steps.iter().any(|step| matches!(step.command, CaseCommand::Pend(_)));
    check("waited", 0.3, 0.55, share(&|story, _| waited(story)));
    let is_late = |case: &Case, name| case.clocks.iter().any(|clock| clock.name == name && clock.breached_at.is_some());
    check("late to answer", 0.002, 0.15, share(&|_, case| is_late(case, docket_messages::ClockName::FirstResponse)));
    check("late to solve", 0.02, 0.2, share(&|_, case| is_late(case, docket_messages::ClockName::Resolution)));
    check("staffed arrivals", 0.6, 0.9, share(&|_, case| super::plan::is_staffed(case.facts.opened_at)));
    assert!(shares.values().all(|(_, fits)| *fits), "{shares:#?}");
}
