//! What is personal is sealed before it is written, and opened where it is read.

use docket_messages::{CaseEntry, FailureCode, KeyId};
use serde_json::{Value, json};

use super::*;
use crate::Answer;

const SECRET: &str = "The canary sings at noon.";

impl Desk {
    async fn say(&self, service: usize, case: CaseId, id: &str, text: &str) -> Reply {
        let body = json!({ "caseId": case, "text": text }).to_string();
        self.send(service, "webshop.case.note", id, &body).await
    }

    async fn begin(&self, case: CaseId) -> Reply {
        let body = json!({ "caseId": case, "type": "question", "subject": SECRET, "description": SECRET,
            "channel": "web", "impact": "low", "urgency": "low", "fields": { "orderNumber": SECRET } });
        self.send(0, "webshop.case.intake", "begin", &body.to_string()).await
    }

    async fn get(&self, service: usize, case: CaseId) -> Value {
        let (tell, told) = oneshot::channel();
        let body = Bytes::from(json!({ "caseId": case }).to_string());
        self.services[service].take_query("desk.case.get".to_owned(), body, move |answer: Answer| {
            tell.send(serde_json::to_value(&answer).unwrap()).unwrap();
        });
        told.await.unwrap()
    }

    async fn key(&self, case: CaseId) -> KeyId {
        let entries = self.log.read_subject(&Subject::Case(case), None).await.unwrap();
        CaseEntry::decode(&entries.last().unwrap().payload).unwrap().key.unwrap()
    }
}

fn failed(reply: &Reply) -> (FailureCode, bool) {
    match reply {
        Reply::Failed { failed } => (failed.code, failed.retryable),
        Reply::Accepted { .. } | Reply::Rejected { .. } => panic!("not failed: {reply:?}"),
    }
}

#[tokio::test]
async fn nothing_personal_is_written_in_clear_and_any_service_opens_it() {
    let (desk, case) = (Desk::with_services(2).await, fresh());
    accepted(&desk.begin(case).await);
    accepted(&desk.say(1, case, "2", SECRET).await);
    for entry in desk.log.log.entries() {
        assert!(!String::from_utf8_lossy(&entry.payload).contains("canary"));
    }
    for service in [0, 1] {
        let found = desk.get(service, case).await;
        assert_eq!(found["case"]["subject"], SECRET);
        assert_eq!(found["case"]["fields"]["orderNumber"], SECRET);
    }
}

#[tokio::test]
async fn what_the_rules_ask_of_sealed_texts_is_known_without_opening_them() {
    let (desk, case) = (Desk::with_services(2).await, fresh());
    accepted(&desk.begin(case).await);
    let entries = desk.log.read_subject(&Subject::Case(case), None).await.unwrap();
    let aggregate = crate::Aggregate::fold(case, &entries).unwrap();
    let folded = aggregate.case().unwrap();
    assert!(folded.is_described);
    assert_eq!(folded.personal_fields.iter().map(docket_messages::Name::as_str).collect::<Vec<_>>(), ["orderNumber"]);
}

#[tokio::test]
async fn while_keys_cannot_be_had_commands_fail_as_retryable_and_nothing_is_written() {
    let (desk, case) = (Desk::with_services(2).await, fresh());
    accepted(&desk.begin(case).await);
    desk.keys.set_away(true);
    // The other service has not seen the key yet.
    assert_eq!(failed(&desk.say(1, case, "2", SECRET).await), (FailureCode::KeysUnavailable, true));
    let found = desk.get(1, case).await;
    assert_eq!(found["failed"]["code"], "keys_unavailable", "and nothing looks as if it were erased: {found}");
    assert_eq!(desk.entries(case).await, 1);
    desk.keys.set_away(false);
    accepted(&desk.say(1, case, "2", SECRET).await);
    assert_eq!(desk.entries(case).await, 2);
}

#[tokio::test]
async fn a_key_store_that_was_lost_is_an_error_that_stays() {
    let (desk, case) = (Desk::with_services(2).await, fresh());
    accepted(&desk.begin(case).await);
    desk.keys.lose();
    assert_eq!(failed(&desk.say(1, case, "2", SECRET).await), (FailureCode::KeysUnavailable, false));
    assert_eq!(desk.get(1, case).await["failed"]["retryable"], false);
    assert_eq!(desk.entries(case).await, 1);
}

#[tokio::test]
async fn once_a_key_is_destroyed_a_repeat_is_known_by_its_id_and_its_verb_and_the_case_goes_on_with_another() {
    let (desk, case) = (Desk::with_services(2).await, fresh());
    accepted(&desk.begin(case).await);
    let (_, said) = accepted(&desk.say(0, case, "2", SECRET).await);
    let key = desk.key(case).await;
    keys_of(&desk.keys).destroy(std::slice::from_ref(&key)).await.unwrap();
    // The other service has not seen the key yet.
    assert_eq!(accepted(&desk.say(1, case, "2", "Another text.").await), (true, said));
    let body = json!({ "caseId": case, "reason": "x" }).to_string();
    let reused = desk.send(1, "webshop.case.cancel", "2", &body).await;
    assert!(matches!(&reused, Reply::Rejected { rejected } if rejected.code == RejectionCode::CommandIdReused));
    let found = desk.get(1, case).await;
    assert_eq!((&found["case"]["subject"], &found["case"]["status"]), (&Value::Null, &json!("new")));
    accepted(&desk.say(1, case, "3", "After that.").await);
    assert_ne!(desk.key(case).await, key);
}
