//! The service on a log that fails as real ones do: acknowledgements get lost, somebody else writes first.

mod claims;
mod day;
mod follow_ups;
mod histories;
mod identity;
mod promises;
mod sealed;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use docket_calendar::zones::Zones;
use docket_eventlog::{AppendError, Draft, EventLog, Expect, MemoryLog, ReadError, Recorded, Subject, Verifier};
use docket_keyring::provider::MasterKeys;
use docket_keyring::{KeyRing, KeyStore, MemoryKeys};
use docket_messages::{CaseId, Headers, Position, RejectionCode, Reply, Timestamp};
use futures::FutureExt as _;
use futures::stream::BoxStream;
use tokio::sync::{Notify, oneshot};
use uuid::Uuid;

use crate::{CommandService, Envelope, Environment, Settings, Start};

const SAMPLE: &str = include_str!("../../../policies/sample.toml");

fn now() -> Timestamp {
    "2026-11-23T10:00:00Z".parse().unwrap()
}

/// What goes wrong with one append.
#[derive(Debug, Clone, Copy)]
enum Fault {
    /// Nothing.
    Nothing,
    /// The entry is written, and nobody hears of it.
    LostAcknowledgement,
    /// The entry never arrives, and nobody hears of that.
    LostRequest,
    /// The log refuses.
    Unavailable,
    /// The entry is on its way for as long as the line is held.
    Held,
}

#[derive(Debug, Clone)]
struct FaultyLog {
    log: MemoryLog,
    faults: Arc<Mutex<VecDeque<Fault>>>,
    line: Arc<Line>,
}

/// A line on which an entry may be held.
#[derive(Debug, Default)]
struct Line {
    held: Notify,
    freed: Notify,
}

impl EventLog for FaultyLog {
    async fn append(&self, subject: &Subject, expect: Expect, draft: Draft) -> Result<Position, AppendError> {
        let fault = self.faults.lock().unwrap().pop_front();
        let unknown = || AppendError::Unknown { source: "the line was cut".into() };
        match fault {
            None | Some(Fault::Nothing) => self.log.append(subject, expect, draft).await,
            Some(Fault::LostAcknowledgement) => {
                self.log.append(subject, expect, draft).await?;
                Err(unknown())
            }
            Some(Fault::LostRequest) => Err(unknown()),
            Some(Fault::Held) => {
                self.line.held.notify_one();
                self.line.freed.notified().await;
                self.log.append(subject, expect, draft).await
            }
            Some(Fault::Unavailable) => Err(AppendError::Unavailable { source: "the disk is full".into() }),
        }
    }

    async fn read_subject(&self, subject: &Subject, after: Option<Position>) -> Result<Vec<Recorded>, ReadError> {
        self.log.read_subject(subject, after).await
    }

    async fn last_of(&self, subject: &Subject) -> Result<Option<Position>, ReadError> {
        self.log.last_of(subject).await
    }

    async fn head(&self) -> Result<Position, ReadError> {
        self.log.head().await
    }

    async fn entry_at(&self, position: Position) -> Result<Option<Recorded>, ReadError> {
        self.log.entry_at(position).await
    }

    async fn follow(&self, after: Position) -> Result<BoxStream<'static, Result<Recorded, ReadError>>, ReadError> {
        self.log.follow(after).await
    }

    async fn follow_subject(
        &self,
        subject: &Subject,
        after: Position,
    ) -> Result<BoxStream<'static, Result<Recorded, ReadError>>, ReadError> {
        self.log.follow_subject(subject, after).await
    }
}

/// The keys of a store, as one service has them.
fn keys_of(store: &Arc<MemoryKeys>) -> Arc<KeyRing> {
    const MASTER: &str = "docket-master-key-1 test AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    let master = MasterKeys::parse(MASTER, counting).unwrap();
    let store: Arc<dyn KeyStore> = Arc::clone(store) as Arc<dyn KeyStore>;
    Arc::new(KeyRing::new(store, Arc::new(master), counting, docket_keyring::Settings::default()))
}

/// Not random, and never the same twice.
fn counting(bytes: &mut [u8]) {
    static NEXT: AtomicUsize = AtomicUsize::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    bytes.iter_mut().zip(number.iter().cycle()).for_each(|(to, from)| *to = *from);
}

/// Services on one log.
struct Desk {
    log: FaultyLog,
    keys: Arc<MemoryKeys>,
    services: Vec<CommandService<FaultyLog>>,
}

impl Desk {
    async fn with_services(count: usize) -> Self {
        let log = FaultyLog { log: MemoryLog::new(now), faults: Arc::default(), line: Arc::default() };
        let environment = Environment { now, random: || [7; 16], zones: Zones::bundled };
        let keys = Arc::new(MemoryKeys::default());
        let service = || CommandService::start(log.clone(), keys_of(&keys), environment, Settings::default());
        let desk = Self { services: (0..count).map(|_| service()).collect(), log, keys };
        let body = serde_json::json!({ "document": SAMPLE }).to_string();
        accepted(&desk.send(0, "admin.policy.publish", "policy-1", &body).await);
        desk
    }

    fn fail(&self, faults: &[Fault]) {
        self.log.faults.lock().unwrap().extend(faults);
    }

    async fn send(&self, service: usize, path: &str, id: &str, body: &str) -> Reply {
        self.send_with(service, path, &[("docket-command-id", id)], body).await
    }

    async fn send_with(&self, service: usize, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let (tell, told) = oneshot::channel();
        let envelope = Envelope {
            path: path.to_owned(),
            headers: Headers::read(headers.iter().copied()),
            body: Bytes::from(body.to_owned()),
            ..Envelope::default()
        };
        self.services[service].take(envelope, move |reply| tell.send(reply).unwrap());
        told.await.unwrap()
    }

    async fn note(&self, service: usize, case: CaseId, id: &str) -> Reply {
        let body = serde_json::json!({ "caseId": case, "text": "x" }).to_string();
        self.send(service, "webshop.case.note", id, &body).await
    }

    async fn intake(&self, case: CaseId, id: &str) -> Reply {
        let body = serde_json::json!({ "caseId": case, "type": "question", "subject": "x", "channel": "web",
            "impact": "low", "urgency": "low" });
        self.send(0, "webshop.case.intake", id, &body.to_string()).await
    }

    /// How many entries the case has, in a log that is whole.
    async fn entries(&self, case: CaseId) -> usize {
        let mut verifier = Verifier::default();
        for entry in self.log.log.entries() {
            verifier.check(&entry).unwrap();
        }
        self.log.read_subject(&Subject::Case(case), None).await.unwrap().len()
    }
}

/// Whether the reply repeats an earlier one, and where the entry is.
fn accepted(reply: &Reply) -> (bool, Position) {
    match reply {
        Reply::Accepted { accepted, repeated } => (*repeated, accepted.position),
        Reply::Rejected { .. } | Reply::Failed { .. } => panic!("not accepted: {reply:?}"),
    }
}

fn fresh() -> CaseId {
    CaseId::new(Uuid::now_v7())
}

#[tokio::test]
async fn a_lost_acknowledgement_is_resolved_by_looking() {
    let (desk, case) = (Desk::with_services(1).await, fresh());
    desk.fail(&[Fault::LostAcknowledgement]);
    assert_eq!(accepted(&desk.intake(case, "1").await), (false, Position(2)));
    desk.fail(&[Fault::LostAcknowledgement]);
    assert_eq!(accepted(&desk.note(0, case, "2").await), (false, Position(3)));
    assert_eq!(desk.entries(case).await, 2);
}

#[tokio::test]
async fn a_lost_request_is_sent_again() {
    let (desk, case) = (Desk::with_services(1).await, fresh());
    desk.fail(&[Fault::LostRequest, Fault::LostAcknowledgement]);
    assert_eq!(accepted(&desk.intake(case, "1").await), (false, Position(2)));
    assert_eq!(desk.entries(case).await, 1);
}

#[tokio::test]
async fn a_log_that_says_nothing_is_a_failure_that_may_be_tried_again() {
    let (desk, case) = (Desk::with_services(1).await, fresh());
    desk.fail(&[Fault::LostRequest, Fault::LostRequest]);
    let Reply::Failed { failed } = desk.intake(case, "1").await else { panic!("nobody acknowledged it") };
    assert!(failed.retryable && failed.message.contains("does not acknowledge"), "{failed:?}");
    assert_eq!(accepted(&desk.intake(case, "1").await), (false, Position(2)));
}

#[tokio::test]
async fn a_log_that_refuses_is_a_failure_that_may_be_tried_again() {
    let (desk, case) = (Desk::with_services(1).await, fresh());
    desk.fail(&[Fault::Unavailable]);
    let Reply::Failed { failed } = desk.intake(case, "1").await else { panic!("it was not appended") };
    assert!(failed.retryable && failed.message.contains("the disk is full"), "{failed:?}");
    assert_eq!(accepted(&desk.intake(case, "1").await), (false, Position(2)));
}

#[tokio::test]
async fn a_repeated_command_gets_its_first_answer_from_every_service() {
    let (desk, case) = (Desk::with_services(2).await, fresh());
    accepted(&desk.intake(case, "1").await);
    let first = accepted(&desk.note(0, case, "2").await).1;
    accepted(&desk.note(0, case, "3").await);
    for service in [0, 1] {
        assert_eq!(accepted(&desk.note(service, case, "2").await), (true, first));
    }
    assert_eq!(desk.entries(case).await, 3);
}

#[tokio::test]
async fn a_rejection_is_never_decided_on_what_is_stale() {
    let (desk, case) = (Desk::with_services(2).await, fresh());
    accepted(&desk.intake(case, "1").await);
    accepted(&desk.note(1, case, "2").await);
    let body = serde_json::json!({ "caseId": case, "code": "solved", "steps": "x" }).to_string();
    accepted(&desk.send(0, "webshop.case.resolve", "3", &body).await);
    // The other service still knows the case as new, from which `completed` does not close.
    let body = serde_json::json!({ "caseId": case, "code": "completed" }).to_string();
    accepted(&desk.send(1, "webshop.case.close", "4", &body).await);
    let body = serde_json::json!({ "caseId": case, "reason": "awaiting_customer" }).to_string();
    let Reply::Rejected { rejected } = desk.send(0, "webshop.case.pend", "5", &body).await else {
        panic!("a closed case cannot wait")
    };
    assert_eq!(rejected.code, RejectionCode::WrongStatus);
}

#[tokio::test]
async fn a_board_that_could_not_begin_begins_again() {
    let (desk, case) = (Desk::with_services(1).await, fresh());
    accepted(&desk.intake(case, "1").await);
    let claim = serde_json::json!({ "queue": "frontline", "agent": "ana" }).to_string();
    let service = desk.services[0].clone();
    let (failed, kept) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
    let tries = Arc::clone(&kept);
    let keeping = tokio::spawn(async move {
        loop {
            let first = failed.fetch_add(1, Ordering::Relaxed) == 0;
            let start = move || {
                async move { if first { Err("Postgres is away".into()) } else { Ok(Start::default()) } }.boxed()
            };
            assert!(service.keep_board(start).await.is_err());
            tries.fetch_add(1, Ordering::Relaxed);
        }
    });
    // The claim waits until there is a board.
    accepted(&desk.send(0, "desk.case.claim", "2", &claim).await);
    assert_eq!(kept.load(Ordering::Relaxed), 1, "it failed once");
    keeping.abort();
}

#[tokio::test]
async fn agents_who_claim_from_two_services_get_a_case_each_and_none_twice() {
    const CASES: usize = 60;
    let desk = Desk::with_services(2).await;
    for service in desk.services.clone() {
        tokio::spawn(async move { service.keep_board(|| async { Ok(Start::default()) }.boxed()).await });
    }
    for number in 0..CASES {
        accepted(&desk.intake(fresh(), &number.to_string()).await);
    }
    let claims: Vec<String> = (0..CASES + 10)
        .map(|number| serde_json::json!({ "queue": "frontline", "agent": format!("agent {number}") }).to_string())
        .collect();
    let sends = claims.iter().enumerate().map(|(number, claim)| {
        let (desk, id) = (&desk, format!("c-{number}"));
        async move { desk.send(number % 2, "desk.case.claim", &id, claim).await }
    });
    let replies = futures::future::join_all(sends).await;
    let mut taken = Vec::new();
    for reply in &replies {
        match reply {
            Reply::Accepted { accepted, .. } => taken.push(accepted.case_id.unwrap()),
            Reply::Rejected { rejected } => assert_eq!(rejected.code, RejectionCode::QueueEmpty),
            Reply::Failed { failed } => panic!("{failed}"),
        }
    }
    taken.sort_unstable();
    taken.dedup();
    assert_eq!(taken.len(), CASES, "each case has one agent, and nobody waits in vain");
    assert_eq!(replies.iter().filter(|reply| matches!(reply, Reply::Accepted { .. })).count(), CASES);
}

#[tokio::test]
async fn two_services_on_one_case_lose_and_double_nothing() {
    let (desk, case) = (Desk::with_services(2).await, fresh());
    accepted(&desk.intake(case, "0").await);
    let ids: Vec<String> = (1..=200).map(|n| n.to_string()).collect();
    // Each command goes to both services at once.
    let sends = ids.iter().flat_map(|id| [0, 1].map(|service| desk.note(service, case, id)));
    let replies = futures::future::join_all(sends).await;
    for pair in replies.chunks(2) {
        let [a, b] = pair else { panic!("two replies for each") };
        assert_eq!(accepted(a).1, accepted(b).1, "both name the one entry");
    }
    assert_eq!(desk.entries(case).await, 201);
}

#[tokio::test]
async fn commands_are_decided_while_a_long_policy_is_checked() {
    let desk = Desk::with_services(1).await;
    let case = CaseId::new(Uuid::from_u128(77));
    accepted(&desk.intake(case, "i").await);
    let target = "[[targets]]\nclock = \"update\"\npriority = [\"low\"]\ncalendar = \"office\"\nseconds = 60\n";
    let document = format!("{SAMPLE}{}", target.repeat(2_000));
    let body = serde_json::json!({ "document": document }).to_string();
    let checking = &desk.services[0].context.policies.checking;
    let noted_meanwhile = async {
        let begun = async {
            while checking.try_lock().is_ok() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), begun)
            .await
            .expect("the document is checked beside the commands");
        accepted(&desk.note(0, case, "n").await);
        checking.try_lock().is_err()
    };
    let (published, is_noted_meanwhile) =
        futures::join!(desk.send(0, "admin.policy.publish", "policy-2", &body), noted_meanwhile);
    let Reply::Rejected { rejected } = published else { panic!("{published:?}") };
    assert!(rejected.message.contains("this target is never reached"), "{rejected:?}");
    assert!(is_noted_meanwhile, "the note waited for the policy");
}

#[tokio::test]
async fn an_expected_version_that_is_no_number_is_repeated_with_what_would_be_one() {
    let (desk, case) = (Desk::with_services(1).await, fresh());
    accepted(&desk.intake(case, "1").await);
    let body = serde_json::json!({ "caseId": case, "text": "x" }).to_string();
    for (said, shown) in [("latest", "latest"), ("-1", "-1"), ("4294967296", "4294967296"), ("", "")] {
        let headers = [("docket-command-id", "2"), ("docket-expect-version", said)];
        let reply = desk.send_with(0, "webshop.case.note", &headers, &body).await;
        let Reply::Rejected { rejected } = reply else { panic!("{said}: {reply:?}") };
        assert_eq!(
            (rejected.code, rejected.path.as_deref()),
            (RejectionCode::BadRequest, Some("Docket-Expect-Version"))
        );
        assert_eq!(rejected.message, format!("`{shown}` is no version; send a whole number from 0 to 4294967295"));
    }
}
