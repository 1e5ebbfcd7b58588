//! Where the faults happen: engines and roles as processes of their own, with a line to every server.

use std::path::{Path, PathBuf};

use docket_engines::{Binaries, EngineOptions, Nats, NatsOptions, Postgres, PostgresOptions, locate};
use docket_jetstream::{JetStreamLog, Namespace};
use docket_messages::Position;
use docket_projection::{Progress, Schema, Settings};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::checker::{self, Findings};
use super::journal::Journal;
use super::proxy::Proxy;
use crate::support::{Cli, Command, NO_POSTGRES, Process, SAMPLE_POLICY, Scratch, Sender, Sql, accepted, eventually, intake};

/// Cases that all clients work on.
const SHARED: usize = 3;

/// A `docket serve` with lines of its own to the servers.
pub(super) struct Member {
    role: &'static str,
    process: Process,
    pub(super) nats: Proxy,
    pub(super) postgres: Proxy,
    /// Its address of Postgres, through the line.
    postgres_url: String,
    users: PathBuf,
    folder: Scratch,
}

/// A desk of processes.
pub(super) struct Site {
    /// Two command services. They are given no Postgres: nothing that it does can reach them.
    pub(super) services: Vec<Member>,
    /// Two projections, of which one stands by.
    pub(super) projections: Vec<Member>,
    /// Keeps the timers going.
    _timers: Member,
    pub(super) nats: Nats,
    pub(super) postgres: Postgres,
    pub(super) binaries: Binaries,
    /// The way of the clients.
    pub(super) clients: Proxy,
    pub(super) senders: Vec<Sender>,
    pub(super) shared: Vec<String>,
    pub(super) journal: Journal,
    pub(super) accounts: String,
    users: Value,
    // Last: fields are dropped in order.
    folder: Scratch,
}

impl Member {
    async fn start(role: &'static str, nats: u16, postgres: Option<&Postgres>, users: &Path) -> Self {
        let nats = Proxy::to(nats).await;
        let (line, url) = match postgres {
            Some(server) => {
                let line = Proxy::to(server.port()).await;
                let url = server.url().replace(&format!(":{}/", server.port()), &format!(":{}/", line.port()));
                (line, url)
            }
            None => (Proxy::to(1).await, NO_POSTGRES.to_owned()),
        };
        let folder = Scratch::new();
        let process = serve(&folder, role, nats.port(), &url, users, "");
        Self { role, process, nats, postgres: line, postgres_url: url, users: users.to_owned(), folder }
    }

    /// `kill -9`, if it still runs, and another in its place.
    pub(super) fn replace(&mut self, failpoints: &str) {
        if !self.process.has_ended() {
            self.process.kill();
        }
        self.process =
            serve(&self.folder, self.role, self.nats.port(), &self.postgres_url, &self.users, failpoints);
    }

    /// Waits until it has ended by itself.
    pub(super) async fn ends(&mut self) {
        eventually("a process ends at its failpoint", async || self.process.has_ended().then_some(())).await;
    }

    pub(super) fn signal(&self, signal: nix::sys::signal::Signal) {
        self.process.signal(signal);
    }

    /// The value of a metric, summed over its labels.
    pub(super) async fn metric(&self, name: &str) -> f64 {
        let text = crate::support::get(self.process.ready("http"), "/metrics").await.1;
        let values = text.lines().filter(|line| line.starts_with(name));
        values.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
    }
}

fn serve(folder: &Scratch, role: &str, nats: u16, postgres: &str, users: &Path, failpoints: &str) -> Process {
    let (nats, users) = (format!("nats://127.0.0.1:{nats}"), users.to_string_lossy());
    let arguments = ["serve", "--nats", &nats, "--postgres", postgres, "--users", &users, "--roles", role];
    Process::start_with(folder.path(), &arguments, failpoints)
}

impl Site {
    /// Starts everything, the engines' data in folders of choice.
    pub(super) async fn start(nats_data: Option<&Path>, postgres_data: Option<&Path>) -> Self {
        let folder = Scratch::new();
        let users_file = folder.path().join("users.json");
        let file = users_file.to_string_lossy();
        let cli = Cli::new();
        let accounts = cli.run(&["nats-config", "--users", &file]).await.succeeded().out;
        let users = cli.run(&["nats-config", "--users", &file, "--url", "nats://127.0.0.1:1"]).await.succeeded().json();
        let binaries = locate(&EngineOptions::new(folder.path()), &|_| {}).await.expect("the engines' binaries");
        let mut options = NatsOptions::new(nats_data.unwrap_or(folder.path()));
        options.extra.clone_from(&accounts);
        let nats = Nats::start(&binaries, &options).await.expect("nats-server");
        let options = PostgresOptions::new(postgres_data.unwrap_or(folder.path()));
        let postgres = Postgres::start(&binaries, &options).await.expect("PostgreSQL");
        let mut services = Vec::new();
        for _ in 0..2 {
            services.push(Member::start("command", nats.port(), None, &users_file).await);
        }
        let mut projections = Vec::new();
        for _ in 0..2 {
            projections.push(Member::start("projection", nats.port(), Some(&postgres), &users_file).await);
        }
        let timers = Member::start("timers", nats.port(), Some(&postgres), &users_file).await;
        let clients = Proxy::to(nats.port()).await;
        let journal = Journal::create(folder.path());
        let mut site = Self {
            services,
            projections,
            _timers: timers,
            nats,
            postgres,
            binaries,
            clients,
            senders: Vec::new(),
            shared: Vec::new(),
            journal,
            accounts,
            users,
            folder,
        };
        site.open().await;
        site
    }

    /// Publishes the policy, connects the clients, and opens the cases that they share.
    async fn open(&mut self) {
        let admin = Cli::new().with("DOCKET_NATS_URL", &self.address("docket-operator", self.nats.port()));
        admin.run(&["policy", "publish", SAMPLE_POLICY]).await.succeeded();
        for port in [self.nats.port(), self.clients.port()] {
            self.senders.push(Sender::connect(&self.address("desk", port), "desk").await);
        }
        for _ in 0..SHARED {
            let command = Command::case("intake", &intake("question"));
            let id = command.own_id().expect("an id").to_owned();
            let reply = self.senders[0].insist(&command).await;
            let case = accepted(&reply)["caseId"].as_str().expect("an id").to_owned();
            self.journal.sent("desk", &id, "intake", &case).await;
            self.journal.answered("desk", &id, &reply).await;
            self.shared.push(case);
        }
    }

    /// The address of a user at a port.
    pub(super) fn address(&self, user: &str, port: u16) -> String {
        let url = self.users[user].as_str().unwrap_or_else(|| panic!("no user {user}"));
        url.replace("127.0.0.1:1", &format!("127.0.0.1:{port}"))
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The folder that the members say what they do in, one after the other.
    pub(super) async fn check(&self) -> Findings {
        let operator_url = self.address("docket-operator", self.nats.port());
        let operator = Sender::connect(&operator_url, "docket-operator").await;
        let mut findings = checker::compare_log(self.journal.path(), &operator).await;
        let connection = docket_jetstream::connect(&operator_url, "chaos").await.expect("NATS");
        let log = JetStreamLog::open(connection, Namespace::default()).await.expect("the log");
        let head = docket_eventlog::EventLog::head(&log).await.expect("a head");
        let sql = Sql::connect(&self.postgres.url()).await;
        sql.await_position(head.get()).await;
        sql.run("DROP SCHEMA IF EXISTS again CASCADE; DROP SCHEMA IF EXISTS again_private CASCADE").await.expect("SQL");
        rebuild(log, &self.postgres.url(), head).await;
        checker::compare_tables(&sql, &mut findings).await;
        findings
    }

    pub(super) async fn stop(mut self) {
        drop((self.services, self.projections, self._timers));
        self.nats.stop().await.expect("nats-server ends");
        self.postgres.stop().await.expect("PostgreSQL ends");
    }
}

/// Makes the read models once more, from nothing, in schema `again`.
async fn rebuild(log: JetStreamLog, postgres: &str, head: Position) {
    let (progress, mut seen) = watch::channel(Progress::default());
    let settings = Settings { schema: Schema::new("again"), ..Settings::new(postgres) };
    let worker = tokio::spawn(async move { Box::pin(docket_projection::run(log, &settings, &progress)).await });
    seen.wait_for(|progress| progress.position >= head).await.expect("a rebuild");
    worker.abort();
    let _ = worker.await;
}

/// What a round came to, for the report.
pub(super) fn sum_up(findings: &Findings) -> Value {
    json!({
        "acknowledged": findings.acknowledged, "entries": findings.entries, "lost": findings.lost.len(),
        "doubled": findings.doubled.len(), "flaws": findings.flaws.len(),
    })
}
