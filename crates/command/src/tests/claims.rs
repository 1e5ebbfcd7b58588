//! A claim of one case by its id asks the desk of the agent, as a claim of the next one does.

use std::time::Duration;

use docket_messages::{CaseId, Reply};
use futures::FutureExt as _;
use serde_json::{Value, json};

use super::{Desk, Fault, SAMPLE, accepted, fresh};
use crate::Start;

impl Desk {
    /// A desk whose policy lists kim, who works on `frontline` and has room for one case, with a board on every
    /// service.
    async fn of_kim(services: usize) -> Self {
        let desk = Self::with_services(services).await;
        let kim = "[roles.head]\ncommands = [\"case.*\", \"claim.force\"]\n[principals.head]\nroles = [\"head\"]\n\
                   [agents.kim]\ncapacity = 1\nqueues = [\"frontline\"]\n[queues.frontline]\n";
        let document = SAMPLE.replacen("[queues.frontline]\n", kim, 1);
        let publish = json!({ "document": document }).to_string();
        accepted(&desk.send(0, "admin.policy.publish", "policy-2", &publish).await);
        for service in desk.services.clone() {
            tokio::spawn(async move { service.keep_board(|| async { Ok(Start::default()) }.boxed()).await });
        }
        desk
    }

    async fn opened(&self) -> CaseId {
        let case = fresh();
        accepted(&self.intake(case, "open").await);
        case
    }

    async fn is_online(&self) {
        let online = json!({ "agent": "kim", "presence": "online" }).to_string();
        accepted(&self.send(0, "desk.agent.presence", "online", &online).await);
    }

    async fn claim(&self, service: usize, by: &str, id: &str, body: Value) -> Reply {
        self.send(service, &format!("{by}.case.claim"), id, &body.to_string()).await
    }
}

fn by_kim(case: CaseId) -> Value {
    json!({ "caseId": case, "agent": "kim" })
}

fn refused(reply: &Reply) -> (&str, Option<&str>) {
    let Reply::Rejected { rejected } = reply else { panic!("not rejected: {reply:?}") };
    (rejected.code.as_str(), rejected.path.as_deref())
}

#[tokio::test]
async fn a_case_is_not_claimed_for_somebody_offline_without_room_or_of_another_queue() {
    let desk = Desk::of_kim(1).await;
    let (first, second, elsewhere) = (desk.opened().await, desk.opened().await, desk.opened().await);
    let route = json!({ "caseId": elsewhere, "queue": "technical" }).to_string();
    accepted(&desk.send(0, "desk.case.route", "route", &route).await);
    assert_eq!(refused(&desk.claim(0, "desk", "1", by_kim(first)).await), ("agent_offline", Some("agent")));
    desk.is_online().await;
    assert_eq!(refused(&desk.claim(0, "desk", "2", by_kim(elsewhere)).await), ("unknown_value", Some("agent")));
    accepted(&desk.claim(0, "desk", "3", by_kim(first)).await);
    assert_eq!(refused(&desk.claim(0, "desk", "4", by_kim(second)).await), ("agent_full", Some("agent")));
    // What was answered is answered again, and one's own case is no new one.
    assert!(accepted(&desk.claim(0, "desk", "3", by_kim(first)).await).0);
    accepted(&desk.claim(0, "desk", "5", by_kim(first)).await);
    // An agent whom the policy does not list is asked nothing.
    accepted(&desk.claim(0, "desk", "6", json!({ "caseId": second, "agent": "zoe" })).await);
    let solve = json!({ "caseId": first, "code": "solved", "steps": "Done." }).to_string();
    accepted(&desk.send(0, "desk.case.resolve", "7", &solve).await);
    let third = desk.opened().await;
    accepted(&desk.claim(0, "desk", "8", by_kim(third)).await);
}

#[tokio::test]
async fn of_many_cases_that_are_claimed_at_once_an_agent_gets_what_they_have_room_for() {
    let desk = Desk::of_kim(1).await;
    desk.is_online().await;
    let cases = [desk.opened().await, desk.opened().await, desk.opened().await, desk.opened().await];
    let claims = cases.map(|case| desk.claim(0, "desk", "claim", by_kim(case)));
    let replies = futures::future::join_all(claims).await;
    let had = replies.iter().filter(|reply| matches!(reply, Reply::Accepted { .. })).count();
    assert_eq!(had, 1, "{replies:?}");
}

#[tokio::test]
async fn what_another_service_has_given_an_agent_counts() {
    let desk = Desk::of_kim(2).await;
    desk.is_online().await;
    let (first, second) = (desk.opened().await, desk.opened().await);
    accepted(&desk.claim(0, "desk", "1", by_kim(first)).await);
    assert_eq!(refused(&desk.claim(1, "desk", "2", by_kim(second)).await), ("agent_full", Some("agent")));
}

#[tokio::test]
async fn whoever_has_the_grant_claims_a_case_all_the_same_and_the_entry_says_so() {
    let desk = Desk::of_kim(1).await;
    let case = desk.opened().await;
    let forced = json!({ "caseId": case, "agent": "kim", "force": true });
    // `case.*` does not grant it.
    let reply = desk.claim(0, "desk", "1", forced.clone()).await;
    let Reply::Rejected { rejected } = &reply else { panic!("{reply:?}") };
    assert_eq!(rejected.code.as_str(), "forbidden");
    assert!(rejected.message.contains("`claim.force`"), "{rejected}");
    accepted(&desk.claim(0, "head", "2", forced).await);
    let last = desk.log.log.entries().pop().unwrap();
    let entry: Value = serde_json::from_slice(&last.payload).unwrap();
    assert_eq!(entry["events"][0]["assigned"], json!({ "agent": "kim", "status": "open", "forced": true }));
    let next = json!({ "queue": "frontline", "agent": "kim", "force": true });
    assert_eq!(refused(&desk.claim(0, "head", "3", next).await), ("bad_request", Some("force")));
}

#[tokio::test(start_paused = true)]
async fn a_claim_that_is_decided_again_keeps_its_room_until_the_log_has_it() {
    let desk = Desk::of_kim(1).await;
    desk.is_online().await;
    let (first, second) = (desk.opened().await, desk.opened().await);
    desk.fail(&[Fault::LostRequest, Fault::Held]);
    let beside = async {
        desk.log.line.held.notified().await;
        // Longer than a case is left alone that was let go of.
        tokio::time::sleep(Duration::from_secs(5)).await;
        let reply = desk.claim(0, "desk", "2", by_kim(second)).await;
        desk.log.line.freed.notify_one();
        reply
    };
    let (had, beside) = futures::join!(desk.claim(0, "desk", "1", by_kim(first)), beside);
    accepted(&had);
    assert_eq!(refused(&beside), ("agent_full", Some("agent")));
}
