//! Bounds: large bodies, and many commands at once.

use std::collections::HashSet;

use docket_eventlog::{EventLog as _, Subject};
use docket_messages::{AnyEntry, Position};
use futures::StreamExt as _;
use serde_json::json;

use crate::support::{Command, Desk, accepted, refused};

/// Commands that are in hand at once; the service takes on more.
const AT_ONCE: usize = 4_000;

#[tokio::test]
async fn a_body_over_the_limit_is_too_large_and_one_at_it_is_not() {
    let desk = Desk::shared().sender("desk").await;
    let case = desk.open_case().await;
    let note = |bytes: usize| {
        let mut body = json!({ "caseId": case, "text": "x" }).to_string();
        body.extend(std::iter::repeat_n(' ', bytes - body.len()));
        Command::raw("case", "note", body).id(&crate::support::fresh())
    };
    for bytes in [256 * 1024 + 1, 5_000_000] {
        let reply = desk.send(&note(bytes)).await;
        assert_eq!(refused(&reply).0, "too_large", "{reply}");
        assert!(reply["rejected"]["message"].as_str().unwrap().contains(&bytes.to_string()), "{reply}");
    }
    desk.must(&note(256 * 1024)).await;
    let question = desk.ask("case.get", vec![b' '; 256 * 1024 + 1]).await;
    assert!(question["rejected"].is_object(), "{question}");
}

#[tokio::test]
async fn thousands_of_commands_at_once_are_all_answered_each_at_its_own_place() {
    let desk = Desk::shared();
    let sender = desk.sender("desk").await;
    let cases: Vec<String> = futures::future::join_all((0..100).map(|_| sender.open_case())).await;
    let note = |number: usize| Command::case("note", &json!({ "caseId": cases[number % cases.len()], "text": "x" }));
    let commands: Vec<Command> = (0..AT_ONCE).map(note).collect();
    let replies = futures::stream::iter(&commands).map(|command| sender.send(command)).buffer_unordered(AT_ONCE);
    let replies: Vec<_> = replies.collect().await;
    let positions: HashSet<u64> = replies.iter().map(|reply| accepted(reply)["position"].as_u64().unwrap()).collect();
    assert_eq!((replies.len(), positions.len()), (AT_ONCE, AT_ONCE));
    let log = desk.log().await;
    for case in &cases {
        let recorded = log.read_subject(&Subject::Case(case.parse().unwrap()), Some(Position(0))).await.unwrap();
        let versions: Vec<u32> =
            recorded.iter().map(|one| AnyEntry::decode(&one.payload).unwrap().version.get()).collect();
        assert_eq!(versions, (5..=45).collect::<Vec<_>>());
    }
}
