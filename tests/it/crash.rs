//! What was acknowledged is in the log, once, whoever dies.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{Command, PrivateNats, Sender, Service, accepted, eventually, intake, verify};

const CLIENTS: usize = 24;
const COMMANDS_EACH: usize = 40;

/// What a client was told, by command id.
type Journal = Arc<Mutex<HashMap<String, Value>>>;

/// A client that opens a case and works on it, command by command.
async fn client(sender: Sender, journal: Journal) {
    let note = |reply: &Value, command: &Command| {
        let id = command.own_id().expect("an id").to_owned();
        journal.lock().expect("nobody panics with it").insert(id, accepted(reply).clone());
    };
    let opening = Command::case("intake", &intake("question"));
    let opened = sender.insist(&opening).await;
    note(&opened, &opening);
    let case = &opened["accepted"]["caseId"];
    for number in 1..COMMANDS_EACH {
        let command = match number % 3 {
            0 => Command::case("assign", &json!({ "caseId": case, "agent": format!("agent {}", number % 4) })),
            _ => Command::case("note", &json!({ "caseId": case, "text": "x" })),
        };
        let reply = sender.insist(&command).await;
        note(&reply, &command);
    }
}

async fn reaches(journal: &Journal, count: usize) {
    let len = || journal.lock().expect("nobody panics with it").len();
    eventually("acknowledgements come in", async || (len() >= count).then_some(())).await;
}

async fn work(nats: &PrivateNats) -> (Journal, JoinSet<()>) {
    let (journal, mut clients) = (Journal::default(), JoinSet::new());
    let sender = nats.sender("desk").await;
    for _ in 0..CLIENTS {
        clients.spawn(client(sender.clone(), Arc::clone(&journal)));
    }
    (journal, clients)
}

/// Waits for the clients; then looks for everything that they were told.
async fn everything_is_there(nats: &PrivateNats, journal: &Journal, mut clients: JoinSet<()>) {
    while let Some(ended) = clients.join_next().await {
        ended.expect("a client that gets its answers");
    }
    let journal = journal.lock().expect("nobody panics with it").clone();
    assert_eq!(journal.len(), CLIENTS * COMMANDS_EACH);
    let mut found = HashMap::new();
    for (position, entry) in verify(&nats.log().await).await {
        let twice = found.insert(entry.id.as_str().to_owned(), (position.get(), entry.version.get(), entry.of));
        assert!(twice.is_none(), "a command is in the log twice, at {position} and at {twice:?}");
    }
    for (id, told) in &journal {
        let (position, version, of) = found.get(id).unwrap_or_else(|| panic!("{told} is lost"));
        assert_eq!(told, &json!({ "caseId": of, "version": version, "position": position }));
    }
    assert_eq!(found.len(), journal.len() + 1, "and nothing else but the policy");
}

async fn one_service() -> (PrivateNats, Service) {
    let nats = PrivateNats::start().await;
    let service = nats.service();
    nats.publish_sample_policy().await;
    (nats, service)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_command_service_loses_nothing_that_it_acknowledged() {
    let (nats, mut service) = one_service().await;
    let (journal, clients) = work(&nats).await;
    for acknowledged in [100, 400, 700] {
        reaches(&journal, acknowledged).await;
        service.kill_and_restart();
    }
    everything_is_there(&nats, &journal, clients).await;
    drop(service);
    nats.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_nats_server_loses_nothing_that_was_acknowledged() {
    let (mut nats, service) = one_service().await;
    let (journal, clients) = work(&nats).await;
    for acknowledged in [150, 500] {
        reaches(&journal, acknowledged).await;
        nats.nats.kill().await.unwrap();
        nats.nats.restart().await.unwrap();
    }
    everything_is_there(&nats, &journal, clients).await;
    drop(service);
    nats.stop().await;
}
