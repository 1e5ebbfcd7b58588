//! How NATS tools find the service (NATS ADR-32): who is there, what they offer, since when.

use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use crate::Namespace;

/// What is asked.
const QUESTIONS: [&str; 3] = ["PING", "INFO", "STATS"];

/// What an instance says of itself.
pub(super) struct Discovery {
    name: String,
    id: String,
    started: String,
    endpoints: Vec<Endpoint>,
}

#[derive(Clone, Serialize)]
struct Endpoint {
    name: &'static str,
    subject: String,
    queue_group: String,
}

#[derive(Serialize)]
struct Answer<'a> {
    r#type: &'static str,
    name: &'a str,
    id: &'a str,
    version: &'static str,
    metadata: serde_json::Map<String, serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    started: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    endpoints: Option<&'a [Endpoint]>,
}

impl Discovery {
    pub(super) fn new(names: &Namespace) -> Self {
        let endpoint = |name, subject| Endpoint { name, subject, queue_group: names.service().to_owned() };
        Self {
            name: names.service().to_owned(),
            id: nuid::next().to_string(),
            started: DateTime::<Utc>::from(std::time::SystemTime::now()).to_rfc3339_opts(SecondsFormat::Millis, true),
            endpoints: vec![endpoint("command", names.commands()), endpoint("query", names.queries())],
        }
    }

    /// Where it is asked: all services, ours, or one instance.
    pub(super) fn subjects(names: &Namespace) -> impl Iterator<Item = String> {
        let name = names.service();
        QUESTIONS.into_iter().flat_map(move |question| {
            ["", &format!(".{name}"), &format!(".{name}.*")].map(|whom| format!("$SRV.{question}{whom}"))
        })
    }

    /// Who asked, where the server says so, and what: the part of the subject after `$SRV.`.
    pub(super) fn asked(subject: &str) -> Option<(Option<&str>, &str)> {
        let (user, question) = subject.split_once("$SRV.")?;
        Some((user.strip_suffix('.').and_then(|from| from.split('.').nth(1)), question))
    }

    /// The answer to a question; none when it is for another instance. The counts of endpoints are in `/metrics`.
    pub(super) fn answer(&self, question: &str) -> Option<Bytes> {
        let mut tokens = question.split('.');
        let question = tokens.next()?;
        let whom = tokens.nth(1);
        if whom.is_some_and(|id| id != self.id) {
            return None;
        }
        let mut answer = Answer {
            r#type: "io.nats.micro.v1.ping_response",
            name: &self.name,
            id: &self.id,
            version: env!("CARGO_PKG_VERSION"),
            metadata: serde_json::Map::new(),
            description: None,
            started: None,
            endpoints: None,
        };
        match question {
            "INFO" => {
                answer.r#type = "io.nats.micro.v1.info_response";
                answer.description = Some("Docket's command service");
                answer.endpoints = Some(&self.endpoints);
            }
            "STATS" => {
                answer.r#type = "io.nats.micro.v1.stats_response";
                answer.started = Some(&self.started);
                answer.endpoints = Some(&self.endpoints);
            }
            _ => {}
        }
        serde_json::to_vec(&answer).ok().map(Bytes::from)
    }
}
