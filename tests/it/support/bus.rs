//! Commands and queries as a service in another language sends them: a NATS client, headers and JSON.

use std::time::{Duration, Instant};

use async_nats::{Client, ConnectError, ConnectOptions, HeaderMap, ServerAddr};
use serde_json::{Value, json};

use super::{PATIENCE, eventually, fresh};

/// How long one answer is waited for by those who insist.
const ANSWER: Duration = Duration::from_secs(2);

/// A command, or something that resembles one.
#[derive(Debug, Clone)]
pub(crate) struct Command {
    kind: String,
    verb: String,
    body: Vec<u8>,
    headers: Vec<(&'static str, String)>,
}

impl Command {
    /// A command to a case, with a fresh id.
    pub(crate) fn case(verb: &str, body: &Value) -> Self {
        Self::raw("case", verb, body.to_string().into_bytes()).header("Docket-Command-Id", &fresh())
    }

    /// No headers, any body.
    pub(crate) fn raw(kind: &str, verb: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { kind: kind.to_owned(), verb: verb.to_owned(), body: body.into(), headers: Vec::new() }
    }

    /// With a header, in place of one of that name.
    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.retain(|(other, _)| *other != name);
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) fn id(self, id: &str) -> Self {
        self.header("Docket-Command-Id", id)
    }

    /// When it happened.
    pub(crate) fn at(self, time: &str) -> Self {
        self.header("Docket-Occurred-At", time)
    }

    fn header_map(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            headers.insert(*name, value.as_str());
        }
        headers
    }

    /// Its id, if it has one.
    pub(crate) fn own_id(&self) -> Option<&str> {
        self.headers.iter().find(|(name, _)| *name == "Docket-Command-Id").map(|(_, id)| id.as_str())
    }
}

/// A principal's connection.
#[derive(Debug, Clone)]
pub(crate) struct Sender {
    pub(crate) client: Client,
    principal: String,
}

impl Sender {
    pub(crate) async fn connect(url: &str, principal: &str) -> Self {
        Self::try_connect(url, principal).await.expect("NATS")
    }

    /// The same, or why not.
    pub(crate) async fn try_connect(url: &str, principal: &str) -> Result<Self, ConnectError> {
        let options = ConnectOptions::new();
        let options = options.request_timeout(Some(PATIENCE)).subscription_capacity(1 << 17).client_capacity(8_192);
        // The client leaves what stands in the address out of account.
        let login = url.split_once('@').and_then(|(login, _)| login.trim_start_matches("nats://").split_once(':'));
        let (options, user) = match login {
            Some((user, password)) => (options.user_and_password(user.to_owned(), password.to_owned()), user),
            None => (options, principal),
        };
        let options = options.custom_inbox_prefix(format!("_INBOX_{user}"));
        let servers: Vec<ServerAddr> = url.split(',').map(|server| server.parse().expect("an address")).collect();
        let client = options.connect(servers).await?;
        Ok(Self { client, principal: principal.to_owned() })
    }

    /// Sends a command and waits for its reply; says why there is none.
    pub(crate) async fn try_send(&self, command: &Command) -> Result<Value, String> {
        let subject = format!("docket.cmd.{}.{}.{}", self.principal, command.kind, command.verb);
        let reply = self.client.request_with_headers(subject, command.header_map(), command.body.clone().into()).await;
        let reply = reply.map_err(|error| error.to_string())?;
        serde_json::from_slice(&reply.payload).map_err(|error| error.to_string())
    }

    /// Submits a command, and hands back what the stream answers; says why it does not.
    pub(crate) async fn try_submit(&self, command: &Command) -> Result<Value, String> {
        let subject = format!("docket.submit.{}.{}.{}", self.principal, command.kind, command.verb);
        let ack = self.client.request_with_headers(subject, command.header_map(), command.body.clone().into()).await;
        serde_json::from_slice(&ack.map_err(|error| error.to_string())?.payload).map_err(|error| error.to_string())
    }

    /// Submits a command, and hands back what the stream answers.
    pub(crate) async fn submit(&self, command: &Command) -> Value {
        self.try_submit(command).await.expect("an answer of the inbox")
    }

    /// Waits for the outcome of what was submitted with an id.
    pub(crate) async fn outcome(&self, id: &str) -> Value {
        let subject = format!("docket.outcome.{}.{id}", self.principal);
        eventually("an outcome", async || {
            let context = async_nats::jetstream::new(self.client.clone());
            let outcomes = context.get_stream("DOCKET_OUTCOMES").await.ok()?;
            let outcome = outcomes.direct_get_last_for_subject(&subject).await.ok()?;
            Some(serde_json::from_slice(&outcome.payload).expect("JSON"))
        })
        .await
    }

    /// Sends a command and waits for its reply.
    pub(crate) async fn send(&self, command: &Command) -> Value {
        self.try_send(command).await.unwrap_or_else(|error| panic!("{command:?}: {error}"))
    }

    /// Sends a command, with the same id again and again, until somebody says yes or no. Whoever has a command
    /// in hand may die with it.
    pub(crate) async fn insist(&self, command: &Command) -> Value {
        self.insist_for(PATIENCE, command).await
    }

    /// The same for longer than usual.
    pub(crate) async fn insist_for(&self, patience: Duration, command: &Command) -> Value {
        let began = Instant::now();
        loop {
            match tokio::time::timeout(ANSWER, self.try_send(command)).await {
                Ok(Ok(reply)) if reply["failed"]["retryable"] != true => return reply,
                other => before_the_next_try(began, patience, command, &other).await,
            }
        }
    }

    /// Submits a command, with the same id again and again, until the inbox says that it has it.
    pub(crate) async fn insist_on_submitting_for(&self, patience: Duration, command: &Command) {
        let began = Instant::now();
        loop {
            match tokio::time::timeout(ANSWER, self.try_submit(command)).await {
                Ok(Ok(ack)) if ack["seq"].is_u64() => return,
                other => before_the_next_try(began, patience, command, &other).await,
            }
        }
    }

    /// Sends a command that must be accepted, and hands back what was.
    pub(crate) async fn must(&self, command: &Command) -> Value {
        let reply = self.send(command).await;
        accepted(&reply).clone()
    }

    /// Opens a case, and hands back its id.
    pub(crate) async fn open_case(&self) -> String {
        let accepted = self.must(&Command::case("intake", &intake("question"))).await;
        accepted["caseId"].as_str().expect("an id").to_owned()
    }

    /// Asks a query.
    pub(crate) async fn ask(&self, query: &str, body: impl Into<Vec<u8>>) -> Value {
        let subject = format!("docket.query.{}.{query}", self.principal);
        let reply = self.client.request(subject, body.into().into()).await.expect("an answer");
        serde_json::from_slice(&reply.payload).expect("JSON")
    }

    /// A case, now or then.
    pub(crate) async fn case(&self, case: &str, as_of: Option<Value>) -> Value {
        let mut query = json!({ "caseId": case });
        if let Some(as_of) = as_of {
            query["asOf"] = as_of;
        }
        self.ask("case.get", query.to_string()).await
    }
}

async fn before_the_next_try(
    began: Instant,
    patience: Duration,
    command: &Command,
    answer: &(impl std::fmt::Debug + Sync),
) {
    assert!(began.elapsed() < patience, "{command:?}: {answer:?}");
    tokio::time::sleep(Duration::from_millis(20)).await;
}

/// The least body of an intake of a type.
pub(crate) fn intake(case_type: &str) -> Value {
    json!({ "type": case_type, "subject": "Something", "channel": "web", "impact": "low", "urgency": "low" })
}

/// What was accepted.
pub(crate) fn accepted(reply: &Value) -> &Value {
    assert!(reply["accepted"].is_object(), "not accepted: {reply}");
    &reply["accepted"]
}

/// The code and the path of a rejection.
pub(crate) fn refused(reply: &Value) -> (&str, Option<&str>) {
    let rejected = &reply["rejected"];
    let code = rejected["code"].as_str().unwrap_or_else(|| panic!("not rejected: {reply}"));
    (code, rejected["path"].as_str())
}
