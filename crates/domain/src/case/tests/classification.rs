//! What a case is about: type, category, priority, custom fields, and the queue that follows from them.

use docket_messages::{CaseEvent, FieldValue, IntakeEvent};

use super::commands::*;
use super::harness::{Story, given};
use crate::case::{Request, needs_texts};

fn queue_after(case_type: &str, rest: &str) -> String {
    let rest = format!("'fields':{{'orderNumber':'A-17'}}{rest}");
    given([intake_with(case_type, "low", &rest)]).view().queue.unwrap().to_string()
}

fn classified(story: &mut Story, body: &str) -> docket_messages::Classified {
    let decision = story.take(&send("classify", body).into()).unwrap();
    match decision.events.into_iter().next() {
        Some(CaseEvent::Intake(IntakeEvent::Classified(classified))) => classified,
        other => panic!("not classified: {other:?}"),
    }
}

#[test]
fn an_intake_opens_classifies_routes_and_starts_both_clocks() {
    given([] as [Step; 0]).when(intake()).then([
        "opened",
        "classified moderate",
        "routed frontline by rule 5",
        "clockStarted first_response/1",
        "clockStarted resolution/1",
    ]);
}

#[test]
fn the_priority_follows_from_the_matrix() {
    let rows = [
        ("high", "high", "critical"),
        ("high", "medium", "high"),
        ("medium", "high", "high"),
        ("medium", "medium", "moderate"),
        ("high", "low", "moderate"),
        ("low", "high", "moderate"),
        ("medium", "low", "low"),
        ("low", "medium", "low"),
        ("low", "low", "low"),
    ];
    for (impact, urgency, priority) in rows {
        let story = given([intake(), send("classify", &format!("'impact':'{impact}','urgency':'{urgency}'"))]);
        assert_eq!(story.view().priority.unwrap().as_str(), priority, "{impact} x {urgency}");
    }
}

#[test]
fn the_first_rule_that_matches_routes_a_new_case() {
    for (case_type, rest, queue) in [
        ("complaint", "", "complaints"),
        ("complaint", ",'category':'billing'", "complaints"),
        ("refund", "", "billing"),
        ("question", ",'category':'billing'", "billing"),
        ("incident", ",'category':'product'", "technical"),
        ("incident", ",'category':'account'", "frontline"),
        ("question", ",'category':'product'", "frontline"),
        ("request", "", "frontline"),
    ] {
        assert_eq!(queue_after(case_type, rest), queue, "{case_type} {rest}");
    }
}

#[test]
fn a_rule_looks_at_channel_language_tier_priority_and_custom_fields_too() {
    for (condition, routed) in [
        ("channel = [\"email\"]", "routed technical by rule 1"),
        ("language = [\"nl\"]", "routed technical by rule 1"),
        ("tier = [\"gold\"]", "routed technical by rule 1"),
        ("priority = [\"low\"]", "routed technical by rule 1"),
        ("priority = [\"critical\", \"high\"]", "routed frontline by rule 6"),
        ("language = [\"de\"]", "routed frontline by rule 6"),
        ("fields = { vip = [true], severity = [\"minor\", \"major\"] }", "routed technical by rule 1"),
        ("fields = { vip = [false] }", "routed frontline by rule 6"),
        ("fields = { amount = [50] }", "routed frontline by rule 6"),
    ] {
        let rule = format!("[[routes]]\nqueue = \"technical\"\n{condition}\n[[routes]]\nqueue = \"complaints\"");
        let mut story = given([] as [Step; 0]).under(&[("[[routes]]\nqueue = \"complaints\"", &rule)]);
        story
            .take(
                &intake_with(
                    "question",
                    "low",
                    "'language':'nl','tier':'gold','fields':{'vip':true,'severity':'major'}",
                )
                .into(),
            )
            .unwrap();
        assert_eq!(story.history[2].1, routed, "{condition}");
    }
}

#[test]
fn a_case_that_no_rule_matches_waits_without_a_queue() {
    let without_rest = ("[[routes]]\nqueue = \"frontline\"\n", "");
    let mut story = given([] as [Step; 0]).under(&[without_rest]);
    story.take(&intake().into()).unwrap();
    assert_eq!(story.view().queue, None);
    story.when(route("technical")).then(["routed technical"]);
}

#[test]
fn a_classification_changes_what_it_says_and_leaves_the_rest() {
    let mut story = given([intake_with("incident", "low", "'category':'product','subcategory':'defect'")]);
    let now = classified(&mut story, "'urgency':'high'");
    assert_eq!((now.case_type.as_str(), now.impact.as_str()), ("incident", "low"));
    assert_eq!((now.urgency.as_str(), now.priority.as_str()), ("high", "moderate"));
    assert_eq!(now.subcategory.unwrap().as_str(), "defect");
}

#[test]
fn another_category_leaves_the_subcategory_behind() {
    let mut story = given([intake_with("incident", "low", "'category':'product','subcategory':'defect'")]);
    assert_eq!(classified(&mut story, "'category':'billing'").subcategory, None);
    let now = classified(&mut story, "'subcategory':'invoice'");
    assert_eq!((now.category.unwrap().as_str(), now.subcategory.unwrap().as_str()), ("billing", "invoice"));
}

#[test]
fn custom_fields_are_personal_unless_the_policy_says_otherwise() {
    let mut story = given([intake()]);
    let now = classified(&mut story, "'fields':{'orderNumber':'A-17','vip':true}");
    assert_eq!(now.fields.keys().map(|name| name.as_str()).collect::<Vec<_>>(), ["vip"]);
    let personal = now.personal.unwrap();
    assert_eq!(personal.open().unwrap().fields.get("orderNumber"), Some(&FieldValue::Text("A-17".to_owned())));
    assert_eq!(story.view().fields.len(), 2);
}

#[test]
fn what_decides_holds_nothing_personal() {
    let fields = "'fields':{'orderNumber':'A-17','vip':true}";
    let story = given([intake(), send("classify", fields)]);
    let case = story.case();
    assert!(case.personal_fields.iter().map(|name| name.as_str()).eq(["orderNumber"]));
    assert!(case.fields.keys().map(|name| name.as_str()).eq(["vip"]));
    // Whether it is what it was is opened from the log, and nothing else is.
    let request = Request { now: story.now, occurred_at: None, expected: None, texts: None, policies: &story.policies };
    let needs = |action| needs_texts(story.case(), &action, &request);
    assert!(needs(send("classify", fields)));
    assert!(!needs(send("classify", "'fields':{'vip':true}")) && !needs(note()) && !needs(receive()));
    let story = story.when(send("classify", fields)).then([]);
    let mut story = story.when(send("classify", "'fields':{'orderNumber':'A-18'}")).then(["classified moderate"]);
    let now = classified(&mut story, "'fields':{'orderNumber':'A-17','vip':true}");
    assert!(now.fields.is_empty());
    assert_eq!(now.personal.unwrap().open().unwrap().fields.len(), 1);
}

#[test]
fn a_route_may_look_at_a_personal_field_of_the_intake() {
    let rule = (
        "[[routes]]\nqueue = \"frontline\"\n",
        "[[routes]]\nqueue = \"billing\"\nfields = { orderNumber = [\"A-17\"] }\n[[routes]]\nqueue = \"frontline\"\n",
    );
    let policies = crate::policy::Policies::new(super::harness::policy(1, &[rule]));
    let with = |number: &str| intake_with("question", "low", &format!("'fields':{{'orderNumber':'{number}'}}"));
    let queue = |story: super::harness::Story| story.view().queue.unwrap().to_string();
    assert_eq!(queue(super::harness::given_under(&policies, [with("A-17")])), "billing");
    assert_eq!(queue(super::harness::given_under(&policies, [with("A-18")])), "frontline");
    // Under another policy as well, when what people did is replayed.
    let told = given([with("A-17").at("mon 09:00")]).under_another(&[rule], "mon 09:00");
    assert!(told.contains(&"mon 09:00 routed billing by rule 5".to_owned()), "{told:?}");
}

#[test]
fn a_field_is_personal_or_not_as_the_policy_said_when_it_was_set() {
    let is_personal = "[fields.vip]\ntype = \"boolean\"\n";
    let mut story = given([intake(), send("classify", "'fields':{'vip':true}")]);
    story = story.under(&[("[fields.vip]\ntype = \"boolean\"\npersonal = false\n", is_personal)]);
    classified(&mut story, "'fields':{'vip':false}");
    assert!(story.case().fields.is_empty());
    assert_eq!(story.view().fields.values().collect::<Vec<_>>(), [&FieldValue::Flag(false)]);
    story = story.under(&[]);
    classified(&mut story, "'fields':{'vip':true}");
    assert!(story.case().personal_fields.is_empty());
    assert_eq!(story.view().fields.values().collect::<Vec<_>>(), [&FieldValue::Flag(true)]);
}

#[test]
fn a_classification_tells_only_the_fields_that_it_changes() {
    let mut story = given([intake(), send("classify", "'fields':{'amount':1,'vip':true}")]);
    let now = classified(&mut story, "'fields':{'amount':2,'vip':true}");
    assert_eq!(now.fields.keys().map(|name| name.as_str()).collect::<Vec<_>>(), ["amount"]);
}

#[test]
fn a_priority_stays_as_decided_until_impact_or_urgency_is_said_again() {
    let all_high = ("low = { high = \"moderate\"", "low = { high = \"high\"");
    let urgent = "'impact':'low','urgency':'high'";
    let story = given([intake(), send("classify", urgent)]).under(&[all_high]);
    story
        .when(send("classify", "'category':'product'"))
        .then(["classified moderate"])
        .when(send("classify", urgent))
        .then(["classified high", "clockRetargeted first_response/1", "clockRetargeted resolution/1"]);
}
