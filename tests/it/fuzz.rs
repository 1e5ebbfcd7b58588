//! Messages that no client would send, in the server's own protocol: header blocks, subjects, reply subjects and status
//! lines of any bytes that nats-server passes on. None of them ends or disturbs anything; each that can be answered is.

use std::time::{Duration, Instant};

use futures::StreamExt as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};

use crate::support::{Command, Desk, Sender, Wire, accepted, eventually, intake};

/// How many messages are sent before somebody else sends a command.
const ROUND: usize = 40;

/// Parts of header blocks that somebody's reader stumbles over.
const LINES: [&[u8]; 20] = [
    b"X: a\rb",
    b"X: a\nb",
    b"X\rY: a",
    b"no colon",
    b": no name",
    b"a name: with a blank",
    b" folded: line",
    b"X\xff: not text",
    b"X: \xff\xfe",
    b"X:\0",
    b"X:",
    b"",
    b"\xe2\x82",
    b"Docket-Command-Id: fuzz",
    b"docket-command-id: \xc3\xa9",
    b"Nats-Msg-Id: 1",
    b"Nats-Rollup: all",
    b"Nats-Expected-Last-Sequence: 99999",
    b"traceparent: \r",
    b"Status: 503",
];
const VERSIONS: [&[u8]; 8] = [
    b"NATS/1.0",
    b"NATS/1.0 503",
    b"NATS/1.0 100 Idle Heartbeat",
    b"NATS/1.0 99999999999",
    b"NATS/1.0 x",
    b"NATS/1.0\r",
    b"NATS/9",
    b"",
];
const PATHS: [&[u8]; 8] = [
    b"cmd.webshop.case.intake",
    b"cmd.webshop.case.note",
    b"query.webshop.case.get",
    b"submit.webshop.case.intake",
    b"submit.webshop.case",
    b"cmd.webshop.policy.publish",
    b"cmd.webshop.case",
    b"query.webshop.case",
];

struct Fuzzer {
    random: StdRng,
    /// Messages that must be answered.
    answerable: usize,
}

impl Fuzzer {
    fn bytes(&mut self, most: usize) -> Vec<u8> {
        let length = self.random.random_range(0..=most);
        (0..length).map(|_| self.random.random()).collect()
    }

    /// A token of a subject: anything but what ends it.
    fn token(&mut self) -> Vec<u8> {
        let mut token = self.bytes(12);
        token.retain(|byte| !b" \t\r\n.".contains(byte));
        token.push(b'x');
        token
    }

    fn headers(&mut self) -> Vec<u8> {
        let mut block = match self.random.random_range(0..8) {
            0 => self.bytes(40),
            1 => VERSIONS.choose(&mut self.random).unwrap().to_vec(),
            _ => b"NATS/1.0".to_vec(),
        };
        for _ in 0..self.random.random_range(0..4) {
            block.extend_from_slice(b"\r\n");
            let line = if self.random.random_bool(0.2) {
                self.bytes(30)
            } else {
                LINES.choose(&mut self.random).unwrap().to_vec()
            };
            block.extend(line);
        }
        if self.random.random_bool(0.9) {
            block.extend_from_slice(b"\r\n\r\n");
        }
        block
    }

    /// A message with its frame.
    fn message(&mut self) -> Vec<u8> {
        let mut subject = match self.random.random_range(0..12) {
            0 => b"$SRV.PING.docket".to_vec(),
            1 => b"$SRV.INFO.docket".to_vec(),
            _ => [b"docket.", *PATHS.choose(&mut self.random).unwrap()].concat(),
        };
        if self.random.random_bool(0.2) && subject.starts_with(b"docket.") {
            subject.push(b'.');
            subject.extend(self.token());
        }
        let is_odd = self.random.random_bool(0.3);
        let reply = if is_odd { [b"_INBOX_", &*self.token()].concat() } else { b"_INBOX_webshop.fuzz".to_vec() };
        let is_for_service = [&b"docket.cmd."[..], b"docket.query."].iter().any(|start| subject.starts_with(start));
        if !is_odd && is_for_service && std::str::from_utf8(&subject).is_ok() {
            self.answerable += 1;
        }
        let (headers, body) = (self.headers(), self.bytes(60));
        let total = headers.len() + body.len();
        let mut frame = [b"HPUB ", &*subject, b" ", &reply].concat();
        frame.extend(format!(" {} {total}\r\n", headers.len()).into_bytes());
        [frame, headers, body, b"\r\n".to_vec()].concat()
    }
}

async fn fuzz(seed: u64, goes_on: impl Fn(usize) -> bool) {
    let desk = Desk::start();
    let mut fuzzer = Fuzzer { random: StdRng::seed_from_u64(seed), answerable: 0 };
    let mut wire = Wire::connect(&desk.nats_as("webshop")).await;
    let hearer = Sender::connect(&desk.nats_as("webshop"), "webshop").await;
    let mut answers = hearer.client.subscribe("_INBOX_webshop.fuzz").await.unwrap();
    hearer.client.flush().await.unwrap();
    let other = desk.sender("desk").await;
    let (mut rounds, mut answered) = (0, 0);
    while goes_on(rounds) {
        let messages: Vec<u8> = (0..ROUND).flat_map(|_| fuzzer.message()).collect();
        let complaints = wire.say(&messages).await;
        // A server says so of what is not text, and passes it on.
        assert!(complaints.iter().all(|complaint| complaint.contains("Invalid Publish Subject")), "{complaints:?}");
        // At once, as every time.
        let reply = other.send(&Command::case("intake", &intake("question"))).await;
        accepted(&reply);
        rounds += 1;
        // What the server and discovery answer comes here as well, so there may be more.
        while answered < fuzzer.answerable {
            let answer = tokio::time::timeout(Duration::from_secs(30), answers.next()).await;
            let answer = answer.unwrap_or_else(|_| panic!("{answered} answers to {} messages", fuzzer.answerable));
            let answer = answer.expect("a connection");
            answered += usize::from(
                ["{\"accepted", "{\"rejected", "{\"failed", "{\"case"]
                    .iter()
                    .any(|start| answer.payload.starts_with(start.as_bytes())),
            );
        }
    }
    let operator = desk.sender("operator").await;
    let waiting = async || {
        let context = async_nats::jetstream::new(operator.client.clone());
        let inbox = context.get_stream("DOCKET_INBOX").await.ok()?;
        Some(inbox.cached_info().state.messages)
    };
    // Much may wait after a long time. It becomes less, or more at first: the server still stores what it has read.
    let mut last = waiting().await.unwrap_or(u64::MAX);
    while last > 0 {
        last =
            eventually("what waits in the inbox changes", async || waiting().await.filter(|left| *left != last)).await;
    }
    let logged = desk.logged();
    let disturbed: Vec<_> = logged
        .lines()
        .filter(|line| ["broke", "begins again", "panicked"].iter().any(|sign| line.contains(sign)))
        .collect();
    assert!(disturbed.is_empty(), "{disturbed:#?}");
    let (_, metrics) = desk.get("/metrics").await;
    let unreadable = metrics.lines().find(|line| line.starts_with("docket_unreadable_messages_total"));
    println!("seed {seed}: {} messages, {answered} answered, {unreadable:?}", rounds * ROUND);
    assert!(unreadable.is_some(), "some of it could not be read: {metrics}");
}

#[tokio::test]
async fn what_no_client_would_send_disturbs_nobody() {
    fuzz(17, |rounds| rounds < 60).await;
}

/// `just fuzz` runs it.
#[tokio::test]
#[ignore = "takes as long as it is told"]
async fn at_length() {
    let setting = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let minutes = setting("DOCKET_FUZZ_MINUTES").unwrap_or(10);
    let (began, length) = (Instant::now(), Duration::from_secs(minutes * 60));
    fuzz(setting("DOCKET_FUZZ_SEED").unwrap_or_else(rand::random), |_| began.elapsed() < length).await;
}
