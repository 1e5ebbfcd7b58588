//! Escalations that move cases from queue to queue.

use super::*;

/// A rule that moves a case which nobody took, from a queue or from any.
fn moving(from: Option<&str>, to: &str) -> String {
    let from = from.map(|queue| format!("queue = [\"{queue}\"]\n")).unwrap_or_default();
    format!("[[escalations]]\nclock = \"ownership\"\non = \"breach\"\n{from}to_queue = \"{to}\"\n")
}

/// The sample with more tables, and a target that starts `ownership`.
fn with_ownership(more: &str) -> String {
    format!("{SAMPLE}\n[[targets]]\nclock = \"ownership\"\ncalendar = \"office\"\nseconds = 60\n{more}")
}

fn findings_of_moves(rules: &[String]) -> String {
    let text = with_ownership(&rules.concat());
    let found = Policy::compile(&text, PolicyVersion(1), now(), Zones::bundled()).err().unwrap_or_default();
    found.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

#[test]
fn a_loop_of_queues_is_told_without_the_way_that_leads_to_it() {
    let found = findings_of_moves(&[
        moving(Some("billing"), "frontline"),
        moving(Some("frontline"), "technical"),
        moving(Some("technical"), "frontline"),
    ]);
    assert!(found.contains("round for ever: `frontline` to `technical` to `frontline`."), "{found}");
}

#[test]
fn two_rules_for_any_queue_send_a_case_to_and_fro_and_one_does_not() {
    let found = findings_of_moves(&[moving(None, "billing"), moving(None, "frontline")]);
    assert!(found.contains("round for ever: `billing` to `frontline` to `billing`."), "{found}");
    assert_eq!(findings_of_moves(&[moving(None, "billing")]), "");
}

#[test]
fn queues_whose_ways_part_and_meet_again_are_looked_at_once() {
    // There are 2^40 ways through them.
    let layer = |index: usize| {
        let (here, next) = (format!("q{index}"), format!("q{}", index + 1));
        let (left, right) = (format!("left{index}"), format!("right{index}"));
        let ways = [(&here, &left), (&here, &right), (&left, &next), (&right, &next)];
        let rules: String = ways.iter().map(|(from, to)| moving(Some(from), to)).collect();
        format!("{rules}[queues.{left}]\n[queues.{right}]\n[queues.{next}]\n")
    };
    let layers: String = (0..40).map(layer).collect();
    let compiled = compile_soon("ways", &with_ownership(&format!("[queues.q0]\n{layers}")));
    assert_eq!(compiled.err(), None);
}
