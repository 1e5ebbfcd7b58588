//! Two command services on the same cases: each command is carried out once, whoever gets it.

use std::collections::HashMap;

use docket_messages::AnyEntry;
use futures::StreamExt as _;
use serde_json::{Value, json};

use crate::support::{Command, PrivateNats, Sender, accepted, verify};

const CASES: usize = 20;
const COMMANDS: usize = 1_500;
/// How often each command is sent, at the same time or later.
const TIMES: usize = 2;
const AT_ONCE: usize = 400;

fn commands(cases: &[String]) -> Vec<Command> {
    let command = |number: usize| {
        let case = &cases[number % cases.len()];
        let of = |words: &[&str]| words[number / cases.len() % words.len()].to_owned();
        let id = format!("c-{number}");
        match number / cases.len() % 3 {
            0 => Command::case("note", &json!({ "caseId": case, "text": "x" })).id(&id),
            1 => {
                Command::case("assign", &json!({ "caseId": case, "agent": of(&["ana", "bob", "eve", "joe"]) })).id(&id)
            }
            _ => Command::case("route", &json!({ "caseId": case, "queue": of(&["billing", "technical"]) })).id(&id),
        }
    };
    (0..COMMANDS).map(command).collect()
}

/// Sends every command several times through one of the senders, all mixed up.
async fn hammer(senders: &[Sender], commands: &[Command]) -> Vec<(usize, Value)> {
    let total = commands.len() * TIMES;
    // Strides that meet each command `TIMES` times, near each other and far apart.
    let order = (0..total).map(|turn| (turn * 7 + turn / commands.len()) % commands.len());
    let sends = futures::stream::iter(order.enumerate())
        .map(|(turn, number)| async move { (number, senders[turn % senders.len()].insist(&commands[number]).await) });
    sends.buffer_unordered(AT_ONCE).collect().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_two_services_accept_is_in_the_log_once_and_every_repeat_gets_the_same_answer() {
    let nats = PrivateNats::start().await;
    let services = [nats.service(), nats.service()];
    nats.publish_sample_policy().await;
    let senders = [nats.sender("desk").await, nats.sender("desk").await];
    let cases = futures::future::join_all((0..CASES).map(|_| senders[0].open_case())).await;
    let commands = commands(&cases);
    let replies = hammer(&senders, &commands).await;
    assert_eq!(replies.len(), COMMANDS * TIMES, "every command is answered every time");
    let mut answers: HashMap<usize, (Value, usize)> = HashMap::new();
    for (number, reply) in &replies {
        let answer = answers.entry(*number).or_insert_with(|| (accepted(reply).clone(), 0));
        assert_eq!(accepted(reply), &answer.0, "a repeat gets the first answer");
        answer.1 += usize::from(reply["repeated"] != true);
        assert!(answer.1 <= 1, "one command is carried out twice: {reply}");
    }
    let log = verify(&nats.log().await).await;
    assert_eq!(log.len(), 1 + CASES + COMMANDS, "the policy, the intakes, and each command once");
    let of = |number: usize| {
        log.iter().filter(move |(_, entry): &&(_, AnyEntry)| entry.id.as_str() == format!("c-{number}"))
    };
    for (number, (answer, _)) in answers {
        let entries: Vec<_> = of(number).collect();
        assert_eq!(entries.len(), 1, "command {number}");
        let (position, entry) = entries[0];
        assert_eq!(
            (answer["position"].as_u64(), answer["version"].as_u64()),
            (Some(position.get()), Some(entry.version.get().into()))
        );
    }
    drop(services);
    nats.stop().await;
}
