//! Days are those of the zone that the policy says.

use serde_json::json;

use crate::support::{Command, Desk, SAMPLE_POLICY, fresh};

#[tokio::test]
async fn a_policy_with_another_zone_moves_every_day_at_once() {
    let desk = Desk::start();
    let importer = desk.sender("importer").await;
    let case = "00000000-0000-4000-8000-0000000000aa";
    let intake = json!({ "caseId": case, "type": "question", "subject": "It hurts", "channel": "web", "impact": "low", "urgency": "low" });
    importer.must(&Command::case("intake", &intake).at("2026-06-10T09:00:00Z")).await;
    let resolve = json!({ "caseId": case, "code": "solved", "steps": "Mended" });
    importer.must(&Command::case("resolve", &resolve).at("2026-06-10T10:30:00Z")).await;
    let sql = desk.sql().await;
    let sample = std::fs::read_to_string(SAMPLE_POLICY).unwrap();
    for (zone, day) in
        [("UTC", "2026-06-10"), ("Pacific/Kiritimati", "2026-06-11"), ("Pacific/Pago_Pago", "2026-06-09")]
    {
        let document = sample.replacen("[lifecycle]", &format!("[reporting]\nzone = \"{zone}\"\n[lifecycle]"), 1);
        let publish = Command::raw("policy", "publish", json!({ "document": document }).to_string()).id(&fresh());
        let published = desk.sender("admin").await.must(&publish).await;
        sql.await_position(published["position"].as_u64().unwrap()).await;
        assert_eq!(sql.value("SELECT zone FROM docket.reporting").await, zone);
        assert_eq!(sql.value("SELECT day FROM docket.resolutions_daily").await, day, "{zone}");
    }
    let versions = sql.rows("SELECT policy, by FROM docket.policy_versions ORDER BY policy").await;
    let of_admin = |policy: u32| json!({ "policy": policy, "by": "admin" });
    assert_eq!(versions, [json!({ "policy": 1, "by": "docket" }), of_admin(2), of_admin(3), of_admin(4)]);
}
