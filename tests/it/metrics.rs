//! What `/metrics` tells.

use serde_json::json;

use crate::support::{Command, Desk, accepted, eventually, intake};

/// The value of a line, by its name and labels.
fn value(page: &str, line: &str) -> Option<f64> {
    page.lines().find_map(|found| found.strip_prefix(line)?.trim().parse().ok())
}

#[tokio::test]
async fn what_was_answered_appended_and_applied_is_counted() {
    let desk = Desk::start();
    let sender = desk.sender("webshop").await;
    let open = Command::case("intake", &intake("question")).id("open-1");
    let case = accepted(&sender.send(&open).await)["caseId"].clone();
    assert_eq!(sender.send(&open).await["repeated"], true);
    sender.send(&Command::case("close", &json!({ "caseId": case, "code": "nonsense" }))).await;
    let page = eventually("the projection has applied it", async || {
        let (_, page) = desk.get("/metrics").await;
        (value(&page, "docket_projection_position") == Some(2.0)).then_some(page)
    })
    .await;
    let commands = |labels: &str| value(&page, &format!("docket_commands_total{{{labels}}}"));
    // The policy, and the case.
    assert_eq!(commands(r#"outcome="accepted",code="""#), Some(2.0), "{page}");
    assert_eq!(commands(r#"outcome="repeated",code="""#), Some(1.0), "{page}");
    assert_eq!(commands(r#"outcome="rejected",code="unknown_value""#), Some(1.0), "{page}");
    assert_eq!(value(&page, "docket_append_seconds_count"), Some(2.0), "{page}");
    assert_eq!(value(&page, "docket_projection_lag_entries"), Some(0.0), "{page}");
    assert_eq!(value(&page, "docket_projection_lag_seconds"), Some(0.0), "{page}");
    eventually("the inbox was looked into", async || value(&desk.get("/metrics").await.1, "docket_inbox_submissions"))
        .await;
    let pending = eventually("the timers have seen it", async || {
        value(&desk.get("/metrics").await.1, "docket_timers_pending").filter(|pending| *pending > 0.0)
    });
    assert!((pending.await - 1.0).abs() < f64::EPSILON);
}
