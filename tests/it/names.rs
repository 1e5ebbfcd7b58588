//! Names of other languages, from a policy and an import to subjects and tables.

use docket_eventlog::{EventLog as _, Subject};
use docket_messages::AgentId;
use serde_json::json;

use crate::support::{Command, Desk, Scratch, fresh, intake};

const FIXTURE: &str = include_str!("../fixtures/servicenow-small.csv");

#[tokio::test]
async fn words_agents_and_customers_are_of_any_script() {
    let desk = Desk::start();
    let sample = include_str!("../../policies/sample.toml");
    let policy = format!("{sample}\n[queues.\"Équipe réseau\"]\n[types.\"故障\"]\n");
    let published = Command::raw("policy", "publish", json!({ "document": policy }).to_string()).id(&fresh());
    desk.sender("admin").await.must(&published).await;
    let sender = desk.sender("desk").await;
    let mut body = intake("故障");
    body["customerId"] = json!("客户-1001");
    let case = sender.must(&Command::case("intake", &body)).await["caseId"].as_str().unwrap().to_owned();
    // Typed on a machine that writes a letter and its mark apart.
    let apart = json!({ "caseId": case, "agent": "Zoe\u{308} Łuk", "queue": "E\u{301}quipe re\u{301}seau" });
    sender.must(&Command::case("assign", &apart).header("Docket-On-Behalf-Of", "Zoë Łuk")).await;
    let presence = json!({ "agent": "Zoë Łuk", "presence": "online" });
    let present = sender.must(&Command::raw("agent", "presence", presence.to_string()).id(&fresh())).await;

    let subject = Subject::Agent(AgentId::parse("Zoë Łuk").unwrap());
    assert_eq!(subject.to_string(), "agent.Zo=C3=AB=20=C5=81uk");
    assert_eq!(desk.log().await.last_of(&subject).await.unwrap().unwrap().get(), present["position"]);
    let sql = desk.sql().await;
    sql.await_position(present["position"].as_u64().unwrap()).await;
    let rows = sql.rows("SELECT type, queue, assignee, customer_id FROM docket.cases").await;
    let expected =
        json!({ "type": "故障", "queue": "Équipe réseau", "assignee": "Zoë Łuk", "customer_id": "客户-1001" });
    assert_eq!(rows, [expected]);
    assert_eq!(
        sql.rows("SELECT agent, presence FROM docket.agents").await,
        [json!({ "agent": "Zoë Łuk", "presence": "online" })]
    );
    let named = sql.value("SELECT on_behalf_of FROM docket.case_timeline WHERE event = 'assigned'").await;
    assert_eq!(named, "Zoë Łuk");
    let shown = desk.cli().run(&["case", "show", &case]).await.succeeded().out;
    assert!(shown.contains("Équipe réseau"), "{shown}");
}

#[tokio::test]
async fn a_history_with_groups_of_another_language_is_imported() {
    let (desk, folder) = (Desk::start(), Scratch::new());
    let file = folder.path().join("incidents.csv");
    std::fs::write(&file, FIXTURE.replace("Group 1", "Équipe réseau")).unwrap();
    let arguments = ["import", "servicenow", file.to_str().unwrap(), "--json"];
    let report = desk.cli().run(&arguments).await.succeeded().json();
    assert_eq!((&report["cases"], &report["refused"]), (&json!(13), &json!(0)), "{report}");
    let rejects = report["rejects"].as_array().unwrap().len();
    assert_eq!(rejects, 7, "no row more than with other groups: {report}");
    assert_eq!(desk.sql().await.value("SELECT count(*) FROM docket.cases WHERE queue = 'Équipe réseau'").await, 4);
    let policy = desk.cli().run(&["policy", "show"]).await.succeeded().out;
    assert!(policy.contains("[queues.\"Équipe réseau\"]"), "{policy}");
}
