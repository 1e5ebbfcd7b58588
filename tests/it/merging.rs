//! Cases that go on in other ones: what the log, later commands and the read models make of it.

use docket_messages::AnyEntry;
use serde_json::{Value, json};

use crate::support::{Command, Desk, PrivateNats, Sender, accepted, entries, eventually, fresh, refused};

fn merge(case: &str, into: &str) -> Command {
    Command::case("merge", &json!({ "caseId": case, "into": into }))
}

fn note(case: &str) -> Command {
    Command::case("note", &json!({ "caseId": case, "text": "Called twice." }))
}

/// The events of a case, by name.
fn told(all: &[(docket_messages::Position, AnyEntry)], case: &str) -> Vec<String> {
    let of_case = all.iter().filter(|(_, entry)| entry.of == case).flat_map(|(_, entry)| &entry.events);
    of_case.map(|event| event.name().to_owned()).filter(|name| !name.starts_with("clock")).collect()
}

async fn status(sender: &Sender, case: &str) -> Value {
    sender.case(case, None).await["case"]["status"].clone()
}

#[tokio::test]
async fn a_merged_case_goes_on_in_the_other_one_and_so_do_commands_to_it() {
    let (nats, service) = PrivateNats::serving().await;
    let desk = nats.sender("desk").await;
    let (loser, survivor) = (desk.open_case().await, desk.open_case().await);
    let before = note(&loser);
    let noted = desk.must(&before).await;
    desk.must(&merge(&loser, &survivor)).await;
    // When the sender has its answer, it is done.
    assert_eq!(status(&desk, &loser).await, "merged");
    assert_eq!(desk.case(&loser, None).await["case"]["mergedInto"], survivor.as_str());
    let redirected = note(&loser);
    let told_of = desk.must(&redirected).await;
    assert_eq!(told_of["caseId"], survivor.as_str(), "the reply names the survivor");
    let again = desk.send(&redirected).await;
    assert_eq!((&again["accepted"], &again["repeated"]), (&told_of, &json!(true)), "{again}");
    // A version of the one says nothing of the other, and nobody has decided to cancel that.
    let expecting = note(&loser).header("Docket-Expect-Version", "7");
    assert_eq!(refused(&desk.send(&expecting).await), ("version_conflict", Some("Docket-Expect-Version")));
    let cancel = Command::case("cancel", &json!({ "caseId": loser, "reason": "A duplicate." }));
    assert_eq!(refused(&desk.send(&cancel).await).0, "wrong_status");
    // What was answered before the merge is answered as before.
    assert_eq!(desk.send(&before).await["accepted"], noted);
    let all = entries(&nats.log().await).await;
    assert_eq!(told(&all, &loser), ["opened", "classified", "routed", "noted", "mergeRequested", "merged"]);
    assert_eq!(told(&all, &survivor), ["opened", "classified", "routed", "absorbed", "noted"]);
    // And back.
    desk.must(&Command::case("unmerge", &json!({ "caseId": loser, "reason": "Two customers." }))).await;
    assert_eq!(status(&desk, &loser).await, "new");
    let again = desk.send(&redirected).await;
    assert_eq!((&again["accepted"], &again["repeated"]), (&told_of, &json!(true)), "carried out once: {again}");
    assert_eq!(desk.must(&note(&loser)).await["caseId"], loser.as_str());
    drop(service);
    nats.stop().await;
}

#[tokio::test]
async fn an_answer_in_the_case_that_went_on_counts_when_the_merge_is_taken_back() {
    let desk = Desk::shared().sender("desk").await;
    let clock = async |case: &str| -> Value {
        let view = desk.case(case, None).await["case"].take();
        let clocks = view["clocks"].as_array().expect("clocks").iter();
        let first: Vec<Value> = clocks.filter(|clock| clock["clock"] == "first_response").cloned().collect();
        assert_eq!(first.len(), 1, "{view}");
        json!([first[0]["state"], view["firstResponseAt"].is_string()])
    };
    for (answers, expected) in [(true, json!(["met", true])), (false, json!(["running", false]))] {
        let (loser, survivor) = (desk.open_case().await, desk.open_case().await);
        desk.must(&merge(&loser, &survivor)).await;
        assert_eq!(clock(&loser).await, json!(["cancelled", false]));
        if answers {
            desk.must(&Command::case("respond", &json!({ "caseId": loser, "text": "Try this." }))).await;
        }
        desk.must(&Command::case("unmerge", &json!({ "caseId": loser, "reason": "Two customers." }))).await;
        assert_eq!(clock(&loser).await, expected);
    }
}

#[tokio::test]
async fn a_history_merges_links_and_takes_back_at_its_own_moments() {
    let desk = Desk::shared();
    let importer = desk.sender("importer").await;
    let at = |command: Command, minute: u32| command.at(&format!("2025-03-03T10:{minute:02}:00Z"));
    let mut cases = Vec::new();
    for minute in 0..3 {
        let opened = importer.must(&at(Command::case("intake", &crate::support::intake("question")), minute)).await;
        cases.push(opened["caseId"].as_str().expect("an id").to_owned());
    }
    let [loser, survivor, parent] = cases.try_into().expect("three");
    importer.must(&at(merge(&loser, &survivor), 10)).await;
    assert_eq!(status(&importer, &loser).await, "merged");
    let unmerge = Command::case("unmerge", &json!({ "caseId": loser, "reason": "Two customers." }));
    importer.must(&at(unmerge, 20)).await;
    assert_eq!(status(&importer, &loser).await, "new");
    let link = Command::case("link", &json!({ "caseId": loser, "to": parent, "relation": "parent" }));
    importer.must(&at(link, 30)).await;
    assert_eq!(importer.case(&loser, None).await["case"]["parentId"], parent.as_str());
    // Every step is as old as what began it.
    let all = entries(&desk.log().await).await;
    for case in [&loser, &survivor, &parent] {
        let of_case = all.iter().filter(|(_, entry)| entry.of == *case);
        assert!(of_case.clone().count() > 1);
        of_case.for_each(|(_, entry)| assert!(entry.at.to_string().starts_with("2025-03-03T10:"), "{entry:?}"));
    }
    // A history is told in order, across cases too.
    let early = importer.send(&at(merge(&loser, &survivor), 15)).await;
    assert_eq!(refused(&early).0, "out_of_order");
}

#[tokio::test]
async fn a_merge_that_cannot_be_is_refused_at_once_and_each_for_its_own_reason() {
    let desk = Desk::shared().sender("desk").await;
    let (one, other, closed) = (desk.open_case().await, desk.open_case().await, desk.open_case().await);
    desk.must(&Command::case("close", &json!({ "caseId": closed, "code": "withdrawn" }))).await;
    assert_eq!(refused(&desk.send(&merge(&one, &one)).await), ("same_case", Some("into")));
    assert_eq!(refused(&desk.send(&merge(&one, &fresh())).await), ("case_not_found", Some("into")));
    assert_eq!(refused(&desk.send(&merge(&one, &closed)).await), ("merge_target_ended", Some("into")));
    desk.must(&merge(&one, &other)).await;
    // The other way round it would be a cycle.
    assert_eq!(refused(&desk.send(&merge(&other, &one)).await), ("merge_target_ended", Some("into")));
    let absorb = Command::case("absorb", &json!({ "caseId": other, "from": one }));
    assert_eq!(refused(&desk.send(&absorb).await).0, "forbidden");
    assert_eq!(status(&desk, &other).await, "new");
}

#[tokio::test]
async fn of_two_merges_that_race_round_a_cycle_one_at_most_is_done() {
    let desk = Desk::shared().sender("desk").await;
    for _ in 0..20 {
        let cases = [desk.open_case().await, desk.open_case().await, desk.open_case().await];
        let round = [0, 1, 2].map(|at| merge(&cases[at], &cases[(at + 1) % 3]));
        futures::future::join_all(round.iter().map(|merge| desk.send(merge))).await;
        let mut statuses = Vec::new();
        for case in &cases {
            statuses.push(status(&desk, case).await);
        }
        assert!(statuses.iter().any(|status| *status == "new"), "somebody goes on: {statuses:?}");
    }
}

#[tokio::test]
async fn a_merge_whose_service_was_killed_in_between_is_finished_by_the_next() {
    // The policy and two intakes; then the request to merge.
    let mut desk = Desk::start_with(&[("FAILPOINTS", "command::after-append=3*off->panic")]);
    let sender = desk.sender("desk").await;
    let (loser, survivor) = (sender.open_case().await, sender.open_case().await);
    let request = merge(&loser, &survivor);
    let silence = tokio::time::timeout(std::time::Duration::from_secs(5), sender.try_send(&request)).await;
    assert!(silence.is_err() || silence.is_ok_and(|reply| reply.is_err()), "nobody lived to answer");
    desk.start_again();
    let sql = desk.sql().await;
    eventually("the read models have it", async || {
        let row = format!(
            "SELECT 1 FROM docket.cases WHERE case_id = '{loser}' AND merged_into = '{survivor}' AND status = 'merged'"
        );
        (!sql.rows(&row).await.is_empty()).then_some(())
    })
    .await;
    let sender = desk.sender("desk").await;
    accepted(&sender.send(&request).await);
    let all = entries(&desk.log().await).await;
    assert_eq!(told(&all, &loser), ["opened", "classified", "routed", "mergeRequested", "merged"]);
    assert_eq!(told(&all, &survivor), ["opened", "classified", "routed", "absorbed"]);
}
