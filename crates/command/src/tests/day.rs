//! A day of a large desk, in simulated time: 200 agents who come, go, accept, decline, let offers pass and claim, and
//! up to 20,000 cases. What must hold is then read from the log.
//!
//! The clock is tokio's paused one: it moves on when nobody has anything to do, so a day takes as long as its commands.

mod judge;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use docket_calendar::zones::Zones;
use docket_eventlog::{EventLog as _, MemoryLog, Subject};
use docket_keyring::MemoryKeys;
use docket_messages::{
    AgentId, CaseEntry, CaseEvent, CaseId, EndingEvent, Headers, OfferEvent, RejectionCode, Reply, Timestamp, WorkEvent,
};
use futures::{FutureExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep, sleep_until};

use self::judge::Judge;
use super::{SAMPLE, keys_of};
use crate::{CommandService, Envelope, Environment, Settings, Start};

const AGENTS: usize = 200;
const DAY: Duration = Duration::from_secs(24 * 3_600);
const SHIFT: Duration = Duration::from_secs(8 * 3_600);

thread_local! {
    static MIDNIGHT: Instant = Instant::now();
}

fn since_midnight() -> Duration {
    MIDNIGHT.with(|midnight| Instant::now().duration_since(*midnight))
}

fn now() -> Timestamp {
    let midnight: Timestamp = "2026-11-23T00:00:00Z".parse().unwrap();
    midnight.plus_millis(i64::try_from(since_midnight().as_millis()).unwrap())
}

fn random() -> [u8; 16] {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let mut bytes = [7; 16];
    bytes[..8].copy_from_slice(&COUNT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    bytes
}

/// A number that looks random and is the same on every run.
fn dice(seed: usize, sides: usize) -> usize {
    let mut mixed = u64::try_from(seed).unwrap().wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(sides).unwrap()).unwrap()
}

/// The sample desk with three ways to hand out cases: `frontline` offers them, `technical` gives them, `billing` is
/// claimed from.
fn policy() -> String {
    let mut agents = String::new();
    for number in 0..AGENTS {
        let (french, networks) = (1 + number % 3, 1 + number / 3 % 4);
        let queues = if number.is_multiple_of(5) {
            "queues = [\"billing\"]\n"
        } else {
            "queues = [\"frontline\", \"technical\"]\n"
        };
        let skills = format!("skills = {{ french = {french}, networks = {networks} }}");
        writeln!(agents, "[agents.\"agent {number}\"]\ncapacity = 4\n{queues}{skills}").unwrap();
    }
    agents.push_str("[[weights]]\nunits = 3\nchannel = [\"phone\"]\n");
    let french = "[[routes]]\nqueue = \"frontline\"\nlanguage = [\"fr\"]\nskills = { french = 2 }\n\
         relaxing = [{ skill = \"french\", level = 3, after_seconds = 120 }]\n[[routes]]\nqueue = \"frontline\"\n";
    let technical = "[[routes]]\nqueue = \"technical\"\ntype = [\"incident\"]\nskills = { networks = 2 }\n";
    SAMPLE
        .replacen("channels = ", "skills = [\"french\", \"networks\"]\nchannels = ", 1)
        .replacen("[queues.frontline]\n", &format!("{agents}[queues.frontline]\npush = true\noffer_seconds = 60\n"), 1)
        .replacen("[queues.technical]\n", "[queues.technical]\npush = true\n", 1)
        .replacen("[[routes]]\nqueue = \"technical\"\ntype = [\"incident\"]\n", technical, 1)
        .replacen("[[routes]]\nqueue = \"frontline\"\n", french, 1)
}

#[derive(Clone)]
struct Desk {
    service: CommandService<MemoryLog>,
    sent: Arc<AtomicUsize>,
}

impl Desk {
    async fn send(&self, path: &str, body: &Value) -> Reply {
        let id = format!("c-{}", self.sent.fetch_add(1, Ordering::Relaxed));
        let (tell, told) = oneshot::channel();
        let body = Bytes::from(body.to_string());
        let envelope = Envelope {
            path: path.to_owned(),
            headers: Headers::read([(Headers::COMMAND_ID, id.as_str())]),
            body,
            ..Envelope::default()
        };
        self.service.take(envelope, move |reply| tell.send(reply).unwrap());
        told.await.unwrap()
    }

    async fn must(&self, path: &str, body: &Value) {
        let reply = self.send(path, body).await;
        assert!(matches!(reply, Reply::Accepted { .. }), "{path}: {reply:?}");
    }

    async fn arrive(self, number: usize) {
        // Most come by day.
        let hour = [9, 10, 11, 13, 14, 15, 16, dice(number, 24)][dice(number * 7, 8)];
        let second = hour * 3_600 + dice(number * 13, 3_600);
        sleep(Duration::from_millis(u64::try_from(second * 1_000 + dice(number, 1_000)).unwrap())).await;
        let (impact, urgency) =
            (["high", "medium", "low", "low"][dice(number, 4)], ["high", "low"][dice(number * 3, 2)]);
        let channel = ["phone", "chat", "email", "web"][dice(number * 5, 4)];
        let mut body = json!({ "subject": "A need", "channel": channel, "impact": impact, "urgency": urgency });
        match dice(number * 11, 10) {
            0 => (body["type"], body["language"]) = (json!("question"), json!("fr")),
            1..=5 => body["type"] = json!("question"),
            6 | 7 => (body["type"], body["category"]) = (json!("incident"), json!("product")),
            _ => (body["type"], body["category"]) = (json!("question"), json!("billing")),
        }
        self.must("desk.case.intake", &body).await;
    }

    /// An agent's day: online for a shift, working on what comes.
    async fn work(self, number: usize, mut screen: mpsc::UnboundedReceiver<(CaseId, bool)>) {
        let agent = format!("agent {number}");
        sleep(SHIFT * u32::try_from(number % 3).unwrap()).await;
        // They stay a little longer, so that the last who come are served.
        let end = Instant::now() + SHIFT + SHIFT / 8;
        self.must("desk.agent.presence", &json!({ "agent": agent, "presence": "online" })).await;
        if number.is_multiple_of(5) {
            tokio::spawn(self.clone().claim(agent.clone(), end));
        }
        let mut seen = 0;
        loop {
            tokio::select! {
                Some((case, is_offer)) = screen.recv() => {
                    seen += 1;
                    let (desk, agent, seed) = (self.clone(), agent.clone(), number * 10_000 + seen);
                    tokio::spawn(async move { desk.take_on(agent, case, is_offer, seed).await });
                }
                () = sleep_until(end) => break,
            }
        }
        self.must("desk.agent.presence", &json!({ "agent": agent, "presence": "offline" })).await;
        // What is in flight is finished.
        while let Some((case, is_offer)) = screen.recv().await {
            let (desk, agent) = (self.clone(), agent.clone());
            tokio::spawn(async move { desk.take_on(agent, case, is_offer, 1).await });
        }
    }

    async fn claim(self, agent: String, end: Instant) {
        while Instant::now() < end {
            let reply = self.send("desk.case.claim", &json!({ "queue": "billing", "agent": agent })).await;
            match reply {
                Reply::Accepted { .. } => sleep(Duration::from_secs(30)).await,
                Reply::Rejected { rejected } => {
                    let expected = [RejectionCode::QueueEmpty, RejectionCode::AgentFull, RejectionCode::AgentOffline];
                    assert!(expected.contains(&rejected.code), "{rejected}");
                    sleep(Duration::from_secs(60)).await;
                }
                Reply::Failed { failed } => panic!("{failed}"),
            }
        }
    }

    /// Works on a case; an offer is accepted, declined or overlooked first.
    async fn take_on(self, agent: String, case: CaseId, is_offer: bool, seed: usize) {
        if is_offer {
            sleep(Duration::from_secs(5)).await;
            match dice(seed, 20) {
                0 => {
                    let declined = json!({ "caseId": case, "agent": agent });
                    self.send("desk.case.declineOffer", &declined).await;
                }
                1 => {
                    sleep(Duration::from_secs(56)).await;
                    self.send("docket.case.tick", &json!({ "caseId": case })).await;
                }
                _ => self.must("desk.case.acceptOffer", &json!({ "caseId": case, "agent": agent })).await,
            }
            return;
        }
        sleep(Duration::from_secs(u64::try_from(60 + dice(seed, 600)).unwrap())).await;
        self.must("desk.case.resolve", &json!({ "caseId": case, "code": "solved", "steps": "Done" })).await;
    }
}

/// Shows each agent what the log says.
async fn show(
    log: MemoryLog,
    screens: HashMap<AgentId, mpsc::UnboundedSender<(CaseId, bool)>>,
    cases: usize,
    done: oneshot::Sender<()>,
) {
    let mut entries = log.follow(docket_messages::Position(0)).await.unwrap();
    let (mut resolved, mut done) = (0, Some(done));
    while let Some(recorded) = entries.next().await {
        let recorded = recorded.unwrap();
        let Ok(Subject::Case(case)) = recorded.subject else { continue };
        let entry = CaseEntry::decode(&recorded.payload).unwrap();
        for event in &entry.events {
            if let CaseEvent::Work(WorkEvent::Assigned(docket_messages::Assigned { agent, .. }))
            | CaseEvent::Offer(OfferEvent::Offered(docket_messages::Offered { agent, .. })) = event
            {
                screens[agent].send((case, matches!(event, CaseEvent::Offer(OfferEvent::Offered(_))))).unwrap();
            }
            resolved += usize::from(matches!(event, CaseEvent::Ending(EndingEvent::Resolved(_))));
        }
        if resolved == cases
            && let Some(done) = done.take()
        {
            done.send(()).unwrap();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_quiet_day_of_two_hundred_agents() {
    a_day(3_000).await;
}

#[tokio::test(start_paused = true)]
#[ignore = "takes minutes without optimisation; `just day` runs it"]
async fn a_day_of_two_hundred_agents_and_twenty_thousand_cases() {
    a_day(20_000).await;
}

async fn a_day(cases: usize) {
    MIDNIGHT.with(|_| {});
    let log = MemoryLog::new(now);
    let keys = Arc::new(MemoryKeys::default());
    let environment = Environment { now, random, zones: Zones::bundled };
    let service = CommandService::start(log.clone(), keys_of(&keys), environment, Settings::default());
    let desk = Desk { service: service.clone(), sent: Arc::default() };
    desk.must("admin.policy.publish", &json!({ "document": policy() })).await;
    let board = service.clone();
    tokio::spawn(async move { board.keep_board(|| async { Ok(Start::default()) }.boxed()).await.unwrap() });
    let mut screens = HashMap::new();
    for number in 0..AGENTS {
        let (screen, seen) = mpsc::unbounded_channel();
        screens.insert(AgentId::parse(&format!("agent {number}")).unwrap(), screen);
        tokio::spawn(desk.clone().work(number, seen));
    }
    let (done, all_done) = oneshot::channel();
    tokio::spawn(show(log.clone(), screens, cases, done));
    for number in 0..cases {
        tokio::spawn(desk.clone().arrive(number));
    }
    tokio::time::timeout(DAY * 2, all_done).await.expect("every case is solved by somebody").unwrap();
    Judge::of(&log).judge(cases);
}
