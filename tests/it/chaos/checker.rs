//! The checker: compares the clients' journal, the log and the tables. It knows the published contract and nothing of
//! Docket's own code: it reads the streams as JSON, computes the digests itself, and asks Postgres in SQL.

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

use async_nats::jetstream::consumer::pull;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::StreamExt as _;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::support::{PATIENCE, Sender, Sql, eventually};

/// How soon it is looked again for what is missing.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Relations that hold what entries came to.
const RELATIONS: [&str; 8] = [
    "docket.cases",
    "docket.case_history",
    "docket.case_timeline",
    "docket.clocks",
    "docket.survey_answers",
    "docket.agent_presence",
    "docket.sla_attainment",
    "docket_private.texts",
];

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// Commands that were accepted or taken in to be decided.
    pub(super) acknowledged: usize,
    pub(super) entries: usize,
    /// Acknowledged, and not in the log where it was said to be, or without an outcome.
    pub(super) lost: Vec<String>,
    /// In the log more than once, or answered in two ways.
    pub(super) doubled: Vec<String>,
    /// Anything else that should not be.
    pub(super) flaws: Vec<String>,
    /// The last version of each case, by the log.
    versions: HashMap<String, u64>,
}

/// An entry as the log has it.
struct Entry {
    position: u64,
    case: String,
    version: u64,
}

/// The log, by who sent a command and its id.
type Entries = HashMap<(String, String), Vec<Entry>>;

/// Compares the journal with the log, and with the outcomes of what was submitted. The new leader of a stream says where
/// it ends before it has applied all that the old one has acknowledged: what is missing is lost only if it stays away.
pub(super) async fn compare_log(journal: &Path, operator: &Sender) -> Findings {
    let (lines, until) = (lines(journal), Instant::now() + PATIENCE);
    loop {
        inbox_is_empty(operator).await;
        let findings = compare(&lines, operator).await;
        if findings.lost.is_empty() || Instant::now() >= until {
            return findings;
        }
        println!("{} are missing yet", findings.lost.len());
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

/// The same while submissions wait: only what was accepted is looked for.
pub(super) async fn compare_acknowledged(journal: &Path, operator: &Sender) -> Findings {
    let mut lines = lines(journal);
    lines.retain(|line| line["what"] != "submitted");
    compare(&lines, operator).await
}

async fn compare(lines: &[Value], operator: &Sender) -> Findings {
    let mut findings = Findings::default();
    let outcomes = outcomes(operator).await;
    let entries = read_log(operator, &mut findings).await;
    let of = |line: &Value| (text(line, "by"), text(line, "id"));
    let mut sent = HashMap::new();
    for line in lines {
        let found = entries.get(&of(line)).map_or(&[][..], Vec::as_slice);
        match line["what"].as_str() {
            Some("sent") => drop(sent.insert(of(line), text(line, "case"))),
            Some("accepted") => {
                findings.acknowledged += 1;
                if !found.iter().any(|entry| entry.is(line)) {
                    findings.lost.push(line.to_string());
                }
            }
            Some("submitted") => {
                findings.acknowledged += 1;
                let answers = outcomes.get(&of(line)).map_or(&[][..], Vec::as_slice);
                let accepted: Vec<&Value> =
                    answers.iter().map(|it| &it["accepted"]).filter(|it| it.is_object()).collect();
                if answers.is_empty() || accepted.iter().any(|it| !found.iter().any(|entry| entry.is(it))) {
                    findings.lost.push(format!("{line}, with the outcomes {answers:?}"));
                }
                if accepted.windows(2).any(|two| two[0] != two[1]) {
                    findings.doubled.push(format!("{line}, with the outcomes {answers:?}"));
                }
            }
            _ => {}
        }
    }
    for (command, found) in &entries {
        if found.len() > 1 {
            findings
                .doubled
                .push(format!("{command:?} at {:?}", found.iter().map(|it| it.position).collect::<Vec<_>>()));
        }
        match sent.get(command) {
            Some(case) if found.iter().all(|entry| entry.case == *case) => {}
            Some(case) => findings.flaws.push(format!("{command:?} was sent to {case} and is elsewhere")),
            None => findings.flaws.push(format!("{command:?} is in the log and nobody sent it")),
        }
    }
    findings
}

impl Entry {
    fn is(&self, accepted: &Value) -> bool {
        accepted["position"] == self.position && accepted["version"] == self.version && accepted["caseId"] == self.case
    }
}

fn lines(journal: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(journal).expect("the journal");
    text.lines().map(|line| serde_json::from_str(line).expect("a line of the journal")).collect()
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

/// Reads the log from end to end, and checks positions, versions and chains as it goes.
async fn read_log(operator: &Sender, findings: &mut Findings) -> Entries {
    let mut entries = Entries::new();
    let mut ends: HashMap<String, (u64, String)> = HashMap::new();
    for (number, (position, subject, payload)) in (1..).zip(whole_log(operator).await) {
        let flaw = |what: String| format!("position {position}: {what}");
        if position != number {
            findings.flaws.push(flaw(format!("{number} was to follow")));
        }
        let Ok(entry) = serde_json::from_slice::<Value>(&payload) else {
            findings.flaws.push(flaw("not JSON".to_owned()));
            continue;
        };
        findings.entries += 1;
        let (version, events) = (entry["version"].as_u64(), entry["events"].as_array().map_or(0, Vec::len) as u64);
        let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(&payload));
        let (before, prev) = ends.insert(subject.clone(), (version.unwrap_or(0), digest)).unzip();
        if version != Some(before.unwrap_or(0) + events) {
            findings.flaws.push(flaw(format!("version {version:?} after {before:?} with {events} events")));
        }
        if entry["prev"].as_str() != prev.as_deref() {
            findings.flaws.push(flaw("its `prev` is not the digest of the entry before it".to_owned()));
        }
        if !subject.ends_with(&text(&entry, "of")) {
            findings.flaws.push(flaw("it stands on the subject of another case".to_owned()));
        }
        if entry["kind"] == "case" {
            findings.versions.insert(text(&entry, "of"), version.unwrap_or(0));
        }
        // The policy and what falls due are not the clients'.
        if entry["kind"] == "case" && entry["verb"] != "tick" {
            let found = Entry { position, case: text(&entry, "of"), version: version.unwrap_or(0) };
            entries.entry((text(&entry, "by"), text(&entry, "id"))).or_default().push(found);
        }
    }
    entries
}

/// Waits until whatever was submitted has an outcome.
async fn inbox_is_empty(operator: &Sender) {
    let context = async_nats::jetstream::new(operator.client.clone());
    eventually("the inbox is empty", async || {
        let inbox = context.get_stream("DOCKET_INBOX").await.ok()?;
        (inbox.cached_info().state.messages == 0).then_some(())
    })
    .await;
}

/// Every outcome that is kept, by command.
async fn outcomes(operator: &Sender) -> HashMap<(String, String), Vec<Value>> {
    let mut outcomes: HashMap<_, Vec<Value>> = HashMap::new();
    for (subject, payload) in read_outcomes(operator).await {
        let mut tokens = subject.split('.').skip(2).map(str::to_owned);
        let command = (tokens.next().unwrap_or_default(), tokens.next().unwrap_or_default());
        outcomes.entry(command).or_default().push(serde_json::from_slice(&payload).expect("JSON"));
    }
    outcomes
}

/// The outcomes, one by one: nobody but the command service makes consumers of them.
async fn read_outcomes(operator: &Sender) -> Vec<(String, Vec<u8>)> {
    let context = async_nats::jetstream::new(operator.client.clone());
    let stream = context.get_stream("DOCKET_OUTCOMES").await.expect("a stream");
    let state = &stream.cached_info().state;
    let mut all = Vec::new();
    for sequence in state.first_sequence..=state.last_sequence {
        // A cluster that has lost a leader is at odds for a while.
        let message = eventually("an outcome", async || stream.direct_get(sequence).await.ok()).await;
        all.push((message.subject.to_string(), message.payload.to_vec()));
    }
    all
}

/// The log: position, subject and payload of each entry.
async fn whole_log(operator: &Sender) -> Vec<(u64, String, Vec<u8>)> {
    let context = async_nats::jetstream::new(operator.client.clone());
    let stream = context.get_stream("DOCKET_LOG").await.expect("a stream");
    let mut left = stream.cached_info().state.messages;
    // A cluster that has lost a leader is at odds for a while.
    let consumer =
        eventually("a consumer", async || stream.create_consumer(pull::OrderedConfig::default()).await.ok()).await;
    let mut messages = consumer.messages().await.expect("messages");
    let mut all = Vec::new();
    while left > 0 {
        let message = tokio::time::timeout(Duration::from_secs(30), messages.next()).await;
        let message = message.expect("the stream goes on").expect("a message").expect("a message");
        let sequence = message.info().expect("a sequence").stream_sequence;
        all.push((sequence, message.subject.to_string(), message.payload.to_vec()));
        left -= 1;
    }
    all
}

/// Compares the tables with what a fresh rebuild made in schema `again`, and with the log's last versions.
pub(super) async fn compare_tables(sql: &Sql, findings: &mut Findings) {
    for relation in RELATIONS {
        let again = relation.replacen("docket", "again", 1);
        let difference = format!(
            "SELECT * FROM (SELECT 'live' AS side, d.* FROM (TABLE {relation} EXCEPT ALL TABLE {again}) d UNION ALL \
             SELECT 'rebuilt' AS side, d.* FROM (TABLE {again} EXCEPT ALL TABLE {relation}) d) AS both_ways LIMIT 4"
        );
        let rows = sql.rows(&difference).await;
        findings.flaws.extend(rows.iter().map(|row| format!("{relation}: {row}")));
    }
    let cases = sql.rows("SELECT case_id, version FROM docket.cases").await;
    let versions = cases.iter().map(|case| (text(case, "case_id"), case["version"].as_u64().unwrap_or(0))).collect();
    if findings.versions != versions {
        findings.flaws.push("docket.cases does not have the versions of the log".to_owned());
    }
    let gaps = "SELECT case_id, count(*) AS events, max(version) AS version FROM docket.case_timeline \
                GROUP BY case_id HAVING count(*) <> max(version) LIMIT 4";
    let gaps = sql.rows(gaps).await;
    findings.flaws.extend(gaps.iter().map(|row| format!("docket.case_timeline has gaps: {row}")));
}
