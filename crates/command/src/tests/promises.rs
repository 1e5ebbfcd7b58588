//! What every kind of aggregate promises to the sender of a command, whatever goes wrong.

use std::time::Duration;

use docket_messages::{AnyEntry, CaseId, EntryKind, RejectionCode, Reply};
use futures::FutureExt as _;
use serde_json::{Value, json};

use super::{Desk, Fault, SAMPLE, accepted, fresh};
use crate::Start;

/// A command that makes an entry of one kind of aggregate.
struct Sample {
    kind: EntryKind,
    path: &'static str,
    body: Value,
    /// Another command of the same sender.
    other: Value,
    /// A command to the same aggregate that may be written first. A claim is an aggregate by itself, so that is the
    /// same one, sent to another service.
    rival: (&'static str, Value),
}

/// A desk with two services that keep boards, and a command for each kind of aggregate.
async fn prepare() -> (Desk, Vec<Sample>) {
    let desk = Desk::with_services(2).await;
    let peace = SAMPLE.replacen("[surveys.csat]\n", "[surveys.csat]\nsuppress_days = 30\n", 1);
    let longer = format!("{peace}# Longer.\n");
    accepted(&desk.send(0, "admin.policy.publish", "policy-2", &json!({ "document": peace }).to_string()).await);
    for service in desk.services.clone() {
        tokio::spawn(async move { service.keep_board(|| async { Ok(Start::default()) }.boxed()).await });
    }
    let [open, one, two] = [fresh(), fresh(), fresh()];
    for case in [open, one, two] {
        accepted(&desk.intake_of(case, "ada").await);
    }
    for case in [one, two] {
        let resolve = json!({ "caseId": case, "code": "solved", "steps": "x" }).to_string();
        accepted(&desk.send(0, "desk.case.resolve", "resolve", &resolve).await);
    }
    let note = |text: &str| json!({ "caseId": open, "text": text });
    let presence = |presence: &str| json!({ "agent": "kim", "presence": presence });
    let claim = json!({ "queue": "frontline", "agent": "kim" });
    let survey = |case: CaseId, survey: &str| json!({ "caseId": case, "survey": survey });
    let samples = vec![
        Sample {
            kind: EntryKind::Case,
            path: "webshop.case.note",
            body: note("a"),
            other: note("b"),
            rival: ("rival", note("c")),
        },
        Sample {
            kind: EntryKind::Policy,
            path: "admin.policy.publish",
            body: json!({ "document": peace }),
            other: json!({ "document": longer }),
            rival: ("rival", json!({ "document": longer })),
        },
        Sample {
            kind: EntryKind::Agent,
            path: "desk.agent.presence",
            body: presence("online"),
            other: presence("busy"),
            rival: ("rival", presence("offline")),
        },
        Sample {
            kind: EntryKind::Claim,
            path: "desk.case.claim",
            other: json!({ "queue": "frontline", "agent": "lee" }),
            rival: ("id", claim.clone()),
            body: claim,
        },
        Sample {
            kind: EntryKind::Customer,
            path: "desk.case.requestSurvey",
            body: survey(one, "csat"),
            other: survey(one, "nps"),
            rival: ("rival", survey(two, "csat")),
        },
    ];
    (desk, samples)
}

impl Desk {
    async fn intake_of(&self, case: CaseId, customer: &str) -> Reply {
        let body = json!({ "caseId": case, "type": "question", "subject": "x", "channel": "web", "impact": "low",
            "urgency": "low", "customerId": customer });
        self.send(0, "webshop.case.intake", "intake", &body.to_string()).await
    }

    /// Entries of a kind, in a log that is whole.
    async fn of_kind(&self, kind: EntryKind) -> usize {
        self.entries(fresh()).await;
        let entries = self.log.log.entries();
        entries.iter().filter(|entry| AnyEntry::decode(&entry.payload).unwrap().kind == kind).count()
    }

    async fn send_sample(&self, service: usize, sample: &Sample, id: &str) -> Reply {
        self.send(service, sample.path, id, &sample.body.to_string()).await
    }
}

/// Tries a promise with each kind of aggregate, on a desk of its own.
async fn each(promise: impl AsyncFn(&Desk, &Sample, usize)) {
    for index in 0..5 {
        let (desk, mut samples) = prepare().await;
        let sample = samples.swap_remove(index);
        let before = desk.of_kind(sample.kind).await;
        promise(&desk, &sample, before).await;
    }
}

#[tokio::test]
async fn a_command_that_is_sent_again_gets_its_first_answer_from_every_service() {
    each(async |desk, sample, before| {
        let (repeated, position) = accepted(&desk.send_sample(0, sample, "id").await);
        assert!(!repeated, "{:?}", sample.kind);
        for service in [0, 1] {
            let again = accepted(&desk.send_sample(service, sample, "id").await);
            assert_eq!(again, (true, position), "{:?}", sample.kind);
        }
        assert_eq!(desk.of_kind(sample.kind).await, before + 1, "{:?}", sample.kind);
    })
    .await;
}

#[tokio::test]
async fn another_command_under_the_same_id_is_refused() {
    each(async |desk, sample, before| {
        accepted(&desk.send_sample(0, sample, "id").await);
        for service in [0, 1] {
            let reply = desk.send(service, sample.path, "id", &sample.other.to_string()).await;
            let Reply::Rejected { rejected } = reply else { panic!("{:?}: {reply:?}", sample.kind) };
            assert_eq!(rejected.code, RejectionCode::CommandIdReused, "{:?}", sample.kind);
        }
        assert_eq!(desk.of_kind(sample.kind).await, before + 1, "{:?}", sample.kind);
    })
    .await;
}

#[tokio::test]
async fn a_lost_acknowledgement_and_a_lost_request_double_nothing() {
    for faults in
        [&[Fault::LostAcknowledgement][..], &[Fault::LostRequest], &[Fault::LostRequest, Fault::LostAcknowledgement]]
    {
        each(async |desk, sample, before| {
            desk.fail(faults);
            let first = accepted(&desk.send_sample(0, sample, "id").await);
            assert!(!first.0, "{:?} {faults:?}: it is the first answer", sample.kind);
            assert_eq!(accepted(&desk.send_sample(1, sample, "id").await), (true, first.1), "{:?}", sample.kind);
            assert_eq!(desk.of_kind(sample.kind).await, before + 1, "{:?} {faults:?}", sample.kind);
        })
        .await;
    }
}

#[tokio::test]
async fn a_log_that_takes_nothing_is_a_failure_after_which_the_command_may_be_sent_again() {
    for faults in [&[Fault::Unavailable][..], &[Fault::LostRequest; 2]] {
        each(async |desk, sample, before| {
            desk.fail(faults);
            let reply = desk.send_sample(0, sample, "id").await;
            let Reply::Failed { failed } = reply else { panic!("{:?}: {reply:?}", sample.kind) };
            assert!(failed.retryable, "{:?}: {failed:?}", sample.kind);
            assert_eq!(desk.of_kind(sample.kind).await, before, "{:?}", sample.kind);
            accepted(&desk.send_sample(1, sample, "id").await);
            assert_eq!(desk.of_kind(sample.kind).await, before + 1, "{:?}", sample.kind);
        })
        .await;
    }
}

#[tokio::test]
async fn what_somebody_writes_first_is_part_of_what_is_decided() {
    each(async |desk, sample, before| {
        desk.fail(&[Fault::Held]);
        let rival = async {
            tokio::time::timeout(Duration::from_secs(60), desk.log.line.held.notified()).await.expect("it is held");
            let (id, body) = &sample.rival;
            let reply = desk.send(1, sample.path, id, &body.to_string()).await;
            desk.log.line.freed.notify_one();
            reply
        };
        let (reply, first) = futures::join!(desk.send_sample(0, sample, "id"), rival);
        let (_, position) = accepted(&first);
        let entries = match sample.kind {
            EntryKind::Case | EntryKind::Policy | EntryKind::Agent => {
                assert!(accepted(&reply).1 > position, "{:?}", sample.kind);
                2
            }
            // It was the same claim.
            EntryKind::Claim => {
                assert_eq!(accepted(&reply).1, position);
                1
            }
            // The customer has been asked.
            EntryKind::Customer => {
                let Reply::Rejected { rejected } = reply else { panic!("{reply:?}") };
                assert_eq!(rejected.code, RejectionCode::SurveySuppressed);
                1
            }
        };
        assert_eq!(desk.of_kind(sample.kind).await, before + entries, "{:?}", sample.kind);
    })
    .await;
}
