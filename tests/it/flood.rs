//! One principal floods: it is refused what is over its share, and the others are served.

use futures::StreamExt as _;
use serde_json::Value;

use crate::support::{Command, Desk, PrivateNats, accepted, intake};

/// More than one principal may have in hand.
const FLOOD: usize = 12_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_from_one_principal_does_not_starve_another() {
    let desk = Desk::start();
    let (pusher, other) = (desk.sender("webshop").await, desk.sender("desk").await);
    let flood = async {
        let sends = (0..FLOOD).map(|_| async { pusher.send(&Command::case("intake", &intake("question"))).await });
        futures::stream::iter(sends).buffer_unordered(FLOOD).collect::<Vec<Value>>().await
    };
    let served = async {
        for _ in 0..50 {
            other.open_case().await;
        }
    };
    let (flooded, ()) = tokio::join!(flood, served);
    let of = |wanted: &dyn Fn(&Value) -> bool| flooded.iter().filter(|reply| wanted(reply)).count();
    let accepted = of(&|reply| reply["accepted"].is_object());
    let overloaded = of(&|reply| reply["failed"]["code"] == "overloaded" && reply["failed"]["retryable"] == true);
    assert_eq!(accepted + overloaded, FLOOD, "each is answered, one way or the other");
    assert!(accepted >= 4_096, "at least its share is carried out: {accepted}");
}

#[tokio::test]
async fn a_flood_of_submissions_from_one_principal_keeps_no_other_waiting() {
    const SUBMISSIONS: usize = 8_000;
    let (nats, service) = PrivateNats::serving().await;
    drop(service);
    let (pusher, other) = (nats.sender("webshop").await, nats.sender("desk").await);
    let pushes = (0..SUBMISSIONS).map(|_| async { pusher.submit(&Command::case("intake", &intake("question"))).await });
    futures::stream::iter(pushes).buffer_unordered(256).collect::<Vec<Value>>().await;
    let command = Command::case("intake", &intake("question"));
    other.submit(&command).await;
    let service = nats.service();
    let outcome = other.outcome(command.own_id().expect("an id")).await;
    let position = accepted(&outcome)["position"].as_u64().expect("a position");
    assert!(position < SUBMISSIONS as u64 / 2, "it was the last to come, and it is {position} in the log");
    drop(service);
    nats.stop().await;
}
