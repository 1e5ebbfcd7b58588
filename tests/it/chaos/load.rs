//! Clients at work: each journals what it sends before it sends it, and insists until somebody says yes or no.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::journal::Journal;
use crate::support::{Command, Sender, eventually, fresh, intake};

/// Clients at a time.
const CLIENTS: usize = 16;
/// How long a command may go without an answer: longer than any fault lasts.
const LONGEST: Duration = Duration::from_secs(180);

/// Clients at work, until they are told to stop.
pub(super) struct Load {
    stop: Arc<AtomicBool>,
    clients: JoinSet<()>,
    journal: Journal,
}

impl Load {
    /// Starts the clients, all of them also at work on the same few cases.
    pub(super) fn start(senders: &[Sender], shared: &[String], journal: &Journal, seed: u64) -> Self {
        let (stop, mut clients) = (Arc::<AtomicBool>::default(), JoinSet::new());
        for number in 0..CLIENTS {
            let client = Client {
                sender: senders[number % senders.len()].clone(),
                by: "desk",
                shared: shared.to_vec(),
                journal: journal.clone(),
                random: StdRng::seed_from_u64(seed ^ (number as u64) << 32),
                stop: Arc::clone(&stop),
            };
            clients.spawn(client.work());
        }
        Self { stop, clients, journal: journal.clone() }
    }

    /// Waits until so many more commands are acknowledged.
    pub(super) async fn goes_on(&self, more: usize) {
        let goal = self.journal.acknowledged() + more;
        let reached = async || (self.journal.acknowledged() >= goal).then_some(());
        eventually("acknowledgements come in", reached).await;
    }

    /// Lets every client finish what it has in hand.
    pub(super) async fn stop(mut self) {
        self.stop.store(true, Ordering::Relaxed);
        while let Some(ended) = self.clients.join_next().await {
            ended.expect("a client that gets its answers");
        }
    }
}

struct Client {
    sender: Sender,
    by: &'static str,
    shared: Vec<String>,
    journal: Journal,
    random: StdRng,
    stop: Arc<AtomicBool>,
}

impl Client {
    /// Opens cases and works on them, and on those that it shares with others.
    async fn work(mut self) {
        while !self.stop.load(Ordering::Relaxed) {
            let case = fresh();
            let mut body = intake("question");
            body["caseId"] = json!(case);
            self.carry_out(&case, "intake", body).await;
            for step in 0..6 {
                if self.stop.load(Ordering::Relaxed) {
                    return;
                }
                let on_shared = !self.shared.is_empty() && self.random.random_range(0..8) == 0;
                let case = if on_shared {
                    self.shared[self.random.random_range(0..self.shared.len())].clone()
                } else {
                    case.clone()
                };
                let (verb, body) = self.next(&case, step);
                self.carry_out(&case, verb, body).await;
            }
        }
    }

    fn next(&mut self, case: &str, step: usize) -> (&'static str, Value) {
        let one = |words: &[&str], n: usize| words[n % words.len()].to_owned();
        let n = self.random.random_range(0..4);
        match step {
            0 => ("assign", json!({ "caseId": case, "agent": one(&["ana", "bob", "eve", "joe"], n) })),
            1 => ("respond", json!({ "caseId": case, "text": "We look into it." })),
            2 => ("route", json!({ "caseId": case, "queue": one(&["billing", "technical"], n) })),
            3 => ("pend", json!({ "caseId": case, "reason": "awaiting_customer" })),
            4 => ("receive", json!({ "caseId": case, "text": "Here it is." })),
            _ if n == 0 => ("note", json!({ "caseId": case, "text": "A note." })),
            _ => ("resolve", json!({ "caseId": case, "code": "solved", "steps": "Replaced it." })),
        }
    }

    async fn carry_out(&mut self, case: &str, verb: &str, body: Value) {
        let id = fresh();
        let command = Command::case(verb, &body).id(&id);
        self.journal.sent(self.by, &id, verb, case).await;
        match self.random.random_range(0..10) {
            // An intake is awaited, since what follows needs the case.
            0 | 1 if verb != "intake" => {
                self.sender.insist_on_submitting_for(LONGEST, &command).await;
                self.journal.submitted(self.by, &id).await;
            }
            // Delivered three times, in any order.
            2 | 3 => {
                let times = futures::future::join_all((0..3).map(|_| self.sender.insist_for(LONGEST, &command))).await;
                let accepted: Vec<&Value> =
                    times.iter().map(|reply| &reply["accepted"]).filter(|it| it.is_object()).collect();
                assert!(accepted.windows(2).all(|two| two[0] == two[1]), "one command, two answers: {times:?}");
                let told = times.iter().find(|reply| reply["accepted"].is_object()).unwrap_or(&times[0]);
                self.journal.answered(self.by, &id, told).await;
            }
            _ => {
                let reply = self.sender.insist_for(LONGEST, &command).await;
                self.journal.answered(self.by, &id, &reply).await;
            }
        }
    }
}
