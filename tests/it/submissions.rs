//! Durable submissions: what the inbox has taken is decided once, whoever is up, and its outcome is published.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;

use async_nats::jetstream::AckKind;
use async_nats::jetstream::consumer::PullConsumer;
use futures::StreamExt as _;
use serde_json::json;

use crate::support::{Command, PATIENCE, PrivateNats, Sender, accepted, eventually, fresh, intake, refused, verify};

/// How many submissions wait in the inbox.
async fn waiting(sender: &Sender) -> u64 {
    let context = async_nats::jetstream::new(sender.client.clone());
    let inbox = context.get_stream("DOCKET_INBOX").await.expect("the inbox");
    inbox.cached_info().state.messages
}

async fn is_empty(sender: &Sender) {
    eventually("the inbox is empty", async || (waiting(sender).await == 0).then_some(())).await;
}

fn submission(number: usize) -> Command {
    Command::case("intake", &intake("question")).id(&format!("s-{number}"))
}

#[tokio::test]
async fn what_was_submitted_while_no_service_was_up_is_decided_when_one_is() {
    let (nats, service) = PrivateNats::serving().await;
    drop(service);
    let webshop = nats.sender("webshop").await;
    for number in 0..200 {
        let ack = webshop.submit(&submission(number)).await;
        assert_eq!(ack["stream"], "DOCKET_INBOX", "{ack}");
    }
    // The same again: nobody knows whether the first one arrived.
    webshop.submit(&submission(7)).await;
    assert_eq!(waiting(&webshop).await, 201);
    let service = nats.service();
    is_empty(&webshop).await;
    for number in 0..200 {
        accepted(&webshop.outcome(&format!("s-{number}")).await);
    }
    assert_eq!(verify(&nats.log().await).await.len(), 201, "the policy, and each submission once");
    drop(service);
    nats.stop().await;
}

#[tokio::test]
async fn what_a_killed_service_had_in_hand_is_decided_once_by_the_next() {
    const SUBMISSIONS: usize = 3_000;
    let (nats, mut service) = PrivateNats::serving().await;
    let webshop = nats.sender("webshop").await;
    let submit = async {
        for number in 0..SUBMISSIONS {
            webshop.submit(&submission(number)).await;
        }
    };
    let kill = async {
        let log = nats.log().await;
        eventually("some are decided", async || {
            use docket_eventlog::EventLog as _;
            (log.head().await.ok()?.get() > 100).then_some(())
        })
        .await;
        service.kill_and_restart();
    };
    tokio::join!(submit, kill);
    is_empty(&webshop).await;
    for number in (0..SUBMISSIONS).step_by(97) {
        accepted(&webshop.outcome(&format!("s-{number}")).await);
    }
    assert_eq!(verify(&nats.log().await).await.len(), SUBMISSIONS + 1, "the policy, and each submission once");
    drop(service);
    nats.stop().await;
}

#[tokio::test]
async fn a_submission_that_is_no_command_ends_as_a_rejected_outcome() {
    let (nats, service) = PrivateNats::serving().await;
    let webshop = nats.sender("webshop").await;
    let nameless = webshop.submit(&Command::raw("case", "intake", "{}")).await;
    let sequence = &nameless["seq"];
    assert_eq!(refused(&webshop.outcome(&format!("inbox-{sequence}")).await).0, "missing_command_id");
    for (verb, body, code) in [
        ("intake", "not JSON".to_owned(), "bad_request"),
        ("teleport", "{}".to_owned(), "unknown_command"),
        ("note", json!({ "caseId": fresh(), "text": "x" }).to_string(), "case_not_found"),
    ] {
        let id = fresh();
        webshop.submit(&Command::raw("case", verb, body).id(&id)).await;
        assert_eq!(refused(&webshop.outcome(&id).await).0, code, "{verb}");
    }
    // The outcome is found by the id, in whatever case the header is.
    let id = fresh();
    let body = json!({ "caseId": fresh(), "text": "x" }).to_string();
    webshop.submit(&Command::raw("case", "note", body).header("docket-command-id", &id)).await;
    assert_eq!(refused(&webshop.outcome(&id).await).0, "case_not_found");
    is_empty(&webshop).await;
    drop(service);
    nats.stop().await;
}

/// Publishes what no client library would, and waits until the server has taken it in.
fn publish_bare(port: u16, subject: &str, headers: &[u8]) {
    let mut connection = TcpStream::connect(("127.0.0.1", port)).expect("a server");
    let body = b"{}";
    let head = [b"NATS/1.0\r\n", headers, b"\r\n\r\n"].concat();
    let (of_head, of_all) = (head.len(), head.len() + body.len());
    let begin = format!("CONNECT {{\"headers\":true,\"verbose\":false}}\r\nHPUB {subject} {of_head} {of_all}\r\n");
    let said = [begin.as_bytes(), &head, body, b"\r\nPING\r\n"];
    connection.write_all(&said.concat()).expect("a connection");
    let is_pong = |line: std::io::Result<String>| line.expect("a connection").starts_with("PONG");
    assert!(BufReader::new(connection).lines().any(is_pong), "the server took it");
}

#[tokio::test]
async fn a_submission_that_nobody_can_read_ends_as_a_rejected_outcome() {
    let (nats, service) = PrivateNats::serving().await;
    drop(service);
    let webshop = nats.sender("webshop").await;
    let port = nats.nats.port();
    publish_bare(port, "docket.submit.webshop.case.intake", b"Docket-Command-Id: \xff\xfe");
    publish_bare(port, "docket.submit.*.case.intake", b"Docket-Command-Id: 1");
    eventually("both are in the inbox", async || (waiting(&webshop).await == 2).then_some(())).await;
    webshop.submit(&submission(1)).await;
    let service = nats.service();
    let outcome = webshop.outcome("inbox-1").await;
    assert_eq!(refused(&outcome).0, "bad_request", "{outcome}");
    accepted(&webshop.outcome("s-1").await);
    is_empty(&webshop).await;
    drop(service);
    nats.stop().await;
}

#[tokio::test]
async fn what_a_principal_submits_that_no_policy_names_ends_as_a_rejected_outcome() {
    let (nats, service) = PrivateNats::serving().await;
    let stranger = nats.sender("stranger").await;
    stranger.submit(&submission(1)).await;
    assert_eq!(refused(&stranger.outcome("s-1").await).0, "forbidden");
    is_empty(&stranger).await;
    drop(service);
    nats.stop().await;
}

#[tokio::test]
async fn a_full_inbox_says_so_and_loses_nothing() {
    let (nats, service) = PrivateNats::serving().await;
    drop(service);
    let webshop = nats.sender("webshop").await;
    let context = async_nats::jetstream::new(webshop.client.clone());
    let mut config = context.get_stream("DOCKET_INBOX").await.unwrap().cached_info().config.clone();
    config.max_messages = 3;
    context.update_stream(&config).await.unwrap();
    let acks = [0, 1, 2, 3].map(submission);
    for command in acks.iter().take(3) {
        assert!(webshop.submit(command).await["error"].is_null());
    }
    let refused = webshop.submit(&acks[3]).await;
    assert_eq!(refused["error"]["description"], "maximum messages exceeded", "{refused}");
    let service = nats.service();
    is_empty(&webshop).await;
    accepted(&webshop.outcome("s-2").await);
    drop(service);
    nats.stop().await;
}

#[tokio::test]
async fn the_command_line_submits_and_waits_for_the_outcome() {
    let (nats, service) = PrivateNats::serving().await;
    let sent = nats.cli().run(&["send", "case", "intake", &intake("question").to_string(), "--durable"]).await;
    accepted(&sent.succeeded().json());
    drop(service);
    nats.stop().await;
}

#[tokio::test]
async fn a_submission_that_the_server_overlooks_is_given_out_again() {
    let (nats, service) = PrivateNats::serving().await;
    let webshop = nats.sender("webshop").await;
    webshop.submit(&submission(1)).await;
    accepted(&webshop.outcome("s-1").await);
    is_empty(&webshop).await;
    drop(service);
    for number in [2, 3] {
        webshop.submit(&submission(number)).await;
    }
    // As if the consumer had concluded both, and one of them could not be removed since the disk was full.
    let context = async_nats::jetstream::new(webshop.client.clone());
    let inbox = context.get_stream("DOCKET_INBOX").await.expect("the inbox");
    inbox.reset_consumer("principal-webshop", Some(4)).await.expect("a reset");
    let service = nats.service();
    webshop.submit(&submission(4)).await;
    for number in [4, 2, 3] {
        accepted(&webshop.outcome(&format!("s-{number}")).await);
    }
    is_empty(&webshop).await;
    assert_eq!(verify(&nats.log().await).await.len(), 5, "the policy, and each submission once");
    drop(service);
    nats.stop().await;
}

#[tokio::test]
async fn a_submission_that_nobody_ever_decides_ends_as_undecidable() {
    let (nats, service) = PrivateNats::serving().await;
    let webshop = nats.sender("webshop").await;
    webshop.submit(&submission(0)).await;
    accepted(&webshop.outcome("s-0").await);
    is_empty(&webshop).await;
    drop(service);
    webshop.submit(&submission(1)).await;
    // Whoever gets it ends over it, ten times.
    let context = async_nats::jetstream::new(webshop.client.clone());
    let consumer: PullConsumer =
        context.get_consumer_from_stream("principal-webshop", "DOCKET_INBOX").await.expect("a consumer");
    let mut deliveries = 0;
    while deliveries < 10 {
        let mut given = consumer.batch().max_messages(1).expires(PATIENCE).messages().await.expect("an answer");
        let message = given.next().await.expect("the submission").expect("the submission");
        deliveries = message.info().expect("a count").delivered;
        message.ack_with(AckKind::Nak(None)).await.expect("a connection");
    }
    // Another one is not held up by it.
    webshop.submit(&submission(2)).await;
    let service = nats.service();
    let outcome = webshop.outcome("s-1").await;
    assert_eq!(refused(&outcome).0, "undecidable", "{outcome}");
    accepted(&webshop.outcome("s-2").await);
    is_empty(&webshop).await;
    assert_eq!(verify(&nats.log().await).await.len(), 3, "the policy, and those that were decided");
    drop(service);
    nats.stop().await;
}
