//! Before the first policy, nothing but publishing one.

use docket_eventlog::EventLog as _;
use serde_json::json;

use crate::support::{Command, PrivateNats, fresh, intake, refused};

#[tokio::test]
async fn without_a_policy_only_publishing_one_is_accepted() {
    let nats = PrivateNats::start().await;
    let service = nats.service();
    let desk = nats.sender("desk").await;
    assert_eq!(refused(&desk.insist(&Command::case("intake", &intake("question"))).await).0, "no_policy");
    assert_eq!(refused(&desk.case(&fresh(), None).await).0, "no_policy");
    assert_eq!(nats.log().await.head().await.unwrap().get(), 0);
    let document = include_str!("../../../policies/sample.toml");
    let publish = Command::raw("policy", "publish", json!({ "document": document }).to_string()).id("first");
    let admin = nats.sender("admin").await;
    assert_eq!(admin.send(&publish).await, json!({ "accepted": { "policy": 1, "position": 1 } }));
    let again = admin.send(&publish).await;
    assert_eq!(again, json!({ "accepted": { "policy": 1, "position": 1 }, "repeated": true }));
    desk.must(&Command::case("intake", &intake("question"))).await;
    drop(service);
    nats.stop().await;
}
