//! A policy that takes two principals to change.

use serde_json::{Value, json};

use crate::support::{Cli, Command, Desk, SAMPLE_POLICY, Sender, eventually, fresh};

/// The sample policy, changed by two from then on: `ana` proposes, `bea` approves, and each may do both.
fn by_two() -> String {
    let sample = std::fs::read_to_string(SAMPLE_POLICY).unwrap();
    format!(
        "{sample}\n[publication]\nfour_eyes = true\n[roles.changer]\ncommands = [\"policy.propose\", \"policy.approve\"]\n\
         [principals.ana]\nroles = [\"changer\"]\n[principals.bea]\nroles = [\"changer\"]\n"
    )
}

fn to_policy(verb: &str, body: &Value) -> Command {
    Command::raw("policy", verb, body.to_string().into_bytes()).header("Docket-Command-Id", &fresh())
}

/// The server takes up the users of a new policy meanwhile: what it does not answer for is sent again.
async fn change(desk: &Desk, by: &str, verb: &str, body: Value) -> Value {
    sender(desk, by).await.insist(&to_policy(verb, &body)).await
}

/// A principal with credentials of its own, once the desk has let it in.
async fn sender(desk: &Desk, name: &str) -> Sender {
    let url = eventually("the principal has credentials", async || {
        let endpoints = std::fs::read(desk.folder().path().join("endpoints.json")).ok()?;
        let endpoints: Value = serde_json::from_slice(&endpoints).ok()?;
        endpoints["principals"][name].as_str().map(str::to_owned)
    })
    .await;
    eventually("the command service hears the principal", async || {
        let sender = Sender::try_connect(&url, name).await.ok()?;
        let asked = sender.try_send(&to_policy("publish", &json!({}))).await.ok()?;
        asked["rejected"].is_object().then_some(sender)
    })
    .await
}

#[tokio::test]
async fn what_one_proposes_comes_into_force_when_another_approves() {
    let desk = Desk::start();
    let document = json!({ "document": by_two() });
    assert_eq!(change(&desk, "admin", "publish", document).await["accepted"]["policy"], 2);
    let next = json!({ "document": by_two().replace("Sample service desk", "Our desk") });
    let refused = change(&desk, "admin", "publish", next.clone()).await;
    assert_eq!(refused["rejected"]["code"], "forbidden", "{refused}");
    assert!(refused["rejected"]["message"].as_str().unwrap().contains("`policy.propose`"), "{refused}");
    let wrong = change(&desk, "ana", "propose", json!({ "document": "name = 3" })).await;
    assert_eq!(wrong["rejected"]["code"], "invalid_policy");
    let proposed = to_policy("propose", &next).id("the-proposal");
    let sender = sender(&desk, "ana").await;
    let first = sender.insist(&proposed).await;
    assert_eq!((&first["accepted"]["proposal"], &first["accepted"]["policy"]), (&json!(1), &Value::Null));
    let again = sender.insist(&proposed).await;
    assert_eq!((&again["accepted"], &again["repeated"]), (&first["accepted"], &json!(true)));
    // It is not in force, and not by the one who has proposed it.
    let opened = desk.sender("desk").await.open_case().await;
    assert!(!opened.is_empty());
    let own = change(&desk, "ana", "approve", json!({ "proposal": 1 })).await;
    assert_eq!(own["rejected"]["code"], "forbidden");
    let none = change(&desk, "bea", "approve", json!({ "proposal": 7 })).await;
    assert_eq!((&none["rejected"]["code"], &none["rejected"]["path"]), (&json!("bad_request"), &json!("proposal")));
    // Who may send as anybody would be both.
    let operator = Sender::connect(desk.nats(), "bea").await;
    let by_operator = operator.insist(&to_policy("approve", &json!({ "proposal": 1 }))).await;
    assert_eq!(by_operator["rejected"]["code"], "forbidden");
    assert!(by_operator["rejected"]["message"].as_str().unwrap().contains("connect as `bea`"), "{by_operator}");
    let stranger = change(&desk, "admin", "approve", json!({ "proposal": 1 })).await;
    assert_eq!(stranger["rejected"]["code"], "forbidden");
    let other = json!({ "document": by_two().replace("Sample service desk", "Another desk") });
    assert_eq!(change(&desk, "bea", "propose", other).await["accepted"]["proposal"], 2);
    assert_eq!(change(&desk, "bea", "approve", json!({ "proposal": 1 })).await["accepted"]["policy"], 3);
    let late = change(&desk, "ana", "approve", json!({ "proposal": 2 })).await;
    assert_eq!(late["rejected"]["code"], "version_conflict");
    let shown = desk.cli().run(&["policy", "show"]).await.succeeded().out;
    assert!(shown.contains("name = \"Our desk\""), "{shown}");

    // Everybody who reads the log sees both.
    let sql = desk.sql().await;
    let last = desk.cli().run(&["log", "--json"]).await.lines().len();
    sql.await_position(u64::try_from(last).unwrap()).await;
    let versions = sql.rows("SELECT policy, by FROM docket.policy_versions ORDER BY policy").await;
    assert_eq!(versions.len(), 3);
    assert_eq!(versions[2], json!({ "policy": 3, "by": "bea" }));
    let auditor = Cli::new().with("DOCKET_NATS_URL", desk.principal("auditor"));
    let changes = auditor.run(&["audit", "config-changes", "--json"]).await.lines();
    assert_eq!((&changes[2]["by"], &changes[2]["proposedBy"]), (&json!("bea"), &json!("ana")));
    let proposals = auditor.run(&["policy", "proposals", "--json"]).await.lines();
    assert_eq!((&proposals[0]["approvedBy"], &proposals[1]["isOvertaken"]), (&json!("bea"), &json!(true)));
    desk.cli().run(&["log", "--verify"]).await.succeeded();
    desk.cli().run(&["replay", "--compare"]).await.succeeded();
}

#[tokio::test]
async fn a_policy_that_no_two_could_change_is_refused() {
    let folder = crate::support::Scratch::new();
    let file = folder.path().join("one.toml");
    let alone = by_two().replace("[principals.bea]\nroles = [\"changer\"]\n", "");
    std::fs::write(&file, alone).unwrap();
    let checked = Cli::new().run(&["policy", "check", &file.to_string_lossy()]).await;
    assert!(checked.code == Some(1) && checked.err.contains("no two may"), "{checked:?}");
}
