//! Where the faults happen: engines and roles as processes of their own, with a line to every server.

use std::path::Path;

use docket_engines::{Binaries, EngineOptions, Postgres, PostgresOptions, locate};
use docket_jetstream::{JetStreamLog, Namespace};
use serde_json::Value;

use super::checker::{self, Findings};
use super::cluster::Cluster;
use super::journal::Journal;
use super::proxy::{Proxy, Weather};
use crate::support::{
    Cli, Command, NO_POSTGRES, Process, SAMPLE_POLICY, Scratch, Sender, Sql, accepted, eventually, fresh, get, intake,
    rebuild,
};

/// Cases that all clients work on.
const SHARED: usize = 3;

/// A `docket serve` with lines of its own to the servers.
pub(super) struct Member {
    process: Process,
    /// A line to each server.
    nats: Vec<Proxy>,
    postgres: Option<Proxy>,
    arguments: Vec<String>,
    // Last: fields are dropped in order.
    folder: Scratch,
}

/// What a site stands on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ground<'a> {
    /// How many servers NATS has; every stream is kept on all of them.
    pub(super) servers: usize,
    /// Where they keep their data, if not with the rest.
    pub(super) nats: Option<&'a Path>,
    /// Where Postgres does.
    pub(super) postgres: Option<&'a Path>,
}

impl Default for Ground<'_> {
    fn default() -> Self {
        Self { servers: 1, nats: None, postgres: None }
    }
}

/// A desk of processes.
pub(super) struct Site {
    /// Two command services. They are given no Postgres: nothing that it does can reach them.
    pub(super) services: Vec<Member>,
    /// Two projections, of which one stands by.
    pub(super) projections: Vec<Member>,
    /// Keeps the timers going.
    _timers: Member,
    pub(super) cluster: Cluster,
    pub(super) postgres: Postgres,
    pub(super) binaries: Binaries,
    /// The way of half of the clients, to each server.
    clients: Vec<Proxy>,
    pub(super) senders: Vec<Sender>,
    pub(super) shared: Vec<String>,
    pub(super) journal: Journal,
    pub(super) accounts: String,
    users: Value,
    // Last: fields are dropped in order.
    folder: Scratch,
}

impl Member {
    async fn start(role: &str, nats: &[u16], postgres: Option<&Postgres>, users: &Path) -> Self {
        let nats = lines(nats).await;
        let (postgres, url) = match postgres {
            Some(server) => {
                let line = Proxy::to(server.port()).await;
                let url = server.url().replace(&format!(":{}/", server.port()), &format!(":{}/", line.port()));
                (Some(line), url)
            }
            None => (None, NO_POSTGRES.to_owned()),
        };
        let (replicas, users) = (nats.len().to_string(), users.to_string_lossy());
        let arguments = [
            ("--nats", &*addresses("", nats.iter().map(Proxy::port))),
            ("--postgres", &url),
            ("--users", &users),
            ("--roles", role),
            ("--replicas", &replicas),
        ];
        let arguments = arguments.into_iter().flat_map(|(name, value)| [name.to_owned(), value.to_owned()]);
        let arguments: Vec<_> = std::iter::once("serve".to_owned()).chain(arguments).collect();
        let folder = Scratch::new();
        let process = serve(&folder, &arguments, "");
        Self { process, nats, postgres, arguments, folder }
    }

    /// `kill -9`, if it still runs.
    pub(super) fn kill(&mut self) {
        if !self.process.has_ended() {
            self.process.kill();
        }
    }

    /// The same, and another in its place.
    pub(super) fn replace(&mut self, failpoints: &str) {
        self.kill();
        self.process = serve(&self.folder, &self.arguments, failpoints);
    }

    /// Waits until it has ended by itself.
    pub(super) async fn ends(&mut self) {
        eventually("a process ends at its failpoint", async || self.process.has_ended().then_some(())).await;
    }

    pub(super) fn signal(&self, signal: nix::sys::signal::Signal) {
        self.process.signal(signal);
    }

    /// The weather on its lines to NATS.
    pub(super) fn nats(&self, weather: Weather) {
        self.nats.iter().for_each(|line| line.set(weather));
    }

    /// The weather on its line to Postgres.
    pub(super) fn postgres(&self, weather: Weather) {
        self.postgres.iter().for_each(|line| line.set(weather));
    }

    /// The value of a metric, summed over its labels.
    pub(super) async fn metric(&self, name: &str) -> f64 {
        let text = get(self.process.ready("http"), "/metrics").await.1;
        let values = text.lines().filter(|line| line.starts_with(name));
        values.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
    }
}

async fn lines(servers: &[u16]) -> Vec<Proxy> {
    futures::future::join_all(servers.iter().map(|port| Proxy::to(*port))).await
}

/// The address of several servers, with credentials.
fn addresses(login: &str, ports: impl Iterator<Item = u16>) -> String {
    let each: Vec<_> = ports.map(|port| format!("nats://{login}127.0.0.1:{port}")).collect();
    each.join(",")
}

fn serve(folder: &Scratch, arguments: &[String], failpoints: &str) -> Process {
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    Process::start_with(folder.path(), &arguments, &[("FAILPOINTS", failpoints)])
}

impl Site {
    /// Starts everything.
    pub(super) async fn start(ground: Ground<'_>) -> Self {
        let folder = Scratch::new();
        let users_file = folder.path().join("users.json");
        let file = users_file.to_string_lossy();
        let cli = Cli::new();
        let accounts = cli.run(&["nats-config", "--users", &file]).await.succeeded().out;
        let users = cli.run(&["nats-config", "--users", &file, "--url", "nats://nowhere"]).await.succeeded().json();
        let binaries = locate(&EngineOptions::new(folder.path()), &|_| {}).await.expect("the engines' binaries");
        let data = ground.nats.unwrap_or(folder.path());
        let cluster = Cluster::start(&binaries, data, ground.servers, &accounts).await;
        let options = PostgresOptions::new(ground.postgres.unwrap_or(folder.path()));
        let postgres = Postgres::start(&binaries, &options).await.expect("PostgreSQL");
        let ports = cluster.ports();
        cluster.is_ready(&address(&users, "docket-operator", &ports)).await;
        let member = async |role, postgres| Member::start(role, &ports, postgres, &users_file).await;
        let services = vec![member("command", None).await, member("command", None).await];
        let with = Some(&postgres);
        let projections = vec![member("projection", with).await, member("projection", with).await];
        let timers = member("timers", with).await;
        let clients = lines(&ports).await;
        let journal = Journal::create(folder.path());
        let (senders, shared) = (Vec::new(), Vec::new());
        let mut site = Self {
            services,
            projections,
            _timers: timers,
            cluster,
            postgres,
            binaries,
            clients,
            senders,
            shared,
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
        let admin = Cli::new().with("DOCKET_NATS_URL", &self.operator());
        admin.run(&["policy", "publish", SAMPLE_POLICY]).await.succeeded();
        let through_lines: Vec<_> = self.clients.iter().map(Proxy::port).collect();
        for ports in [self.cluster.ports(), through_lines] {
            self.senders.push(Sender::connect(&address(&self.users, "desk", &ports), "desk").await);
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

    /// The address of NATS for the operator.
    pub(super) fn operator(&self) -> String {
        self.operator_at(&self.cluster.ports())
    }

    /// The same for servers elsewhere that have the same users.
    pub(super) fn operator_at(&self, ports: &[u16]) -> String {
        address(&self.users, "docket-operator", ports)
    }

    /// Waits until the servers without one of them have a leader of the log.
    pub(super) async fn another_leads(&self, without: usize) {
        let mut ports = self.cluster.ports();
        ports.remove(without);
        let leads = async || (self.cluster.leader(&self.operator_at(&ports)).await != without).then_some(());
        eventually("another server leads the log", leads).await;
    }

    /// The weather on the lines of the clients.
    pub(super) fn clients(&self, weather: Weather) {
        self.clients.iter().for_each(|line| line.set(weather));
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Waits until commands are refused, by a sentence that says who refuses, and none is accepted.
    pub(super) async fn refuses_commands(&self) {
        eventually("a command fails, since the log takes nothing", async || {
            let (id, case) = (fresh(), fresh());
            let mut body = intake("question");
            body["caseId"] = case.as_str().into();
            self.journal.sent("desk", &id, "intake", &case).await;
            let reply = self.senders[0].try_send(&Command::case("intake", &body).id(&id)).await.ok()?;
            self.journal.answered("desk", &id, &reply).await;
            let failed = reply.get("failed")?;
            assert_eq!((&failed["code"], &failed["retryable"]), (&"log_unavailable".into(), &true.into()), "{reply}");
            Some(())
        })
        .await;
    }

    /// Waits until the projection has made its tables. The command services, who are given no Postgres, do not wait for that.
    pub(super) async fn read_models_are_there(&self) {
        eventually("the read models are there", async || {
            let sql = Sql::try_connect(&self.postgres.url()).await?;
            sql.run("SELECT FROM docket.position").await.ok()
        })
        .await;
    }

    /// Waits until nothing is applied though entries come.
    pub(super) async fn read_models_stand_still(&self) {
        let sql = Sql::connect(&self.postgres.url()).await;
        let mut last = None;
        eventually("the read models stand still", async || {
            let now = sql.pool.acquire().await.ok().map(drop);
            let position = match now {
                Some(()) => {
                    sqlx::query_scalar::<_, i64>("SELECT position FROM docket.position").fetch_one(&sql.pool).await
                }
                None => return Some(()),
            };
            let Ok(position) = position else { return Some(()) };
            let before = self.journal.acknowledged();
            tokio::time::sleep(std::time::Duration::from_millis(500)).await;
            let is_busy = self.journal.acknowledged() > before;
            (last.replace(position) == Some(position) && is_busy).then_some(())
        })
        .await;
    }

    /// Waits until every server says the same of where the log ends. One that led it and was cut off says for a while what
    /// was so then.
    async fn servers_agree(&self) {
        let ends = async |port: u16| {
            let operator = Sender::try_connect(&self.operator_at(&[port]), "docket-operator").await.ok()?;
            let log = async_nats::jetstream::new(operator.client).get_stream("DOCKET_LOG").await.ok()?;
            Some(log.cached_info().state.last_sequence)
        };
        eventually("the servers agree where the log ends", async || {
            let ports = self.cluster.ports();
            let all: Option<Vec<u64>> =
                futures::future::join_all(ports.into_iter().map(ends)).await.into_iter().collect();
            all?.windows(2).all(|two| two[0] == two[1]).then_some(())
        })
        .await;
    }

    /// Lets the checker compare the journal, the log, the tables, and a fresh rebuild of these.
    pub(super) async fn check(&self) -> Findings {
        self.servers_agree().await;
        let operator_url = self.operator();
        let operator = Sender::connect(&operator_url, "docket-operator").await;
        let mut findings = checker::compare_log(self.journal.path(), &operator).await;
        let connection = docket_jetstream::connect(&operator_url, "chaos").await.expect("NATS");
        let log = JetStreamLog::open(connection, Namespace::default()).await.expect("the log");
        let head = docket_eventlog::EventLog::head(&log).await.expect("a head");
        self.read_models_are_there().await;
        let sql = Sql::connect(&self.postgres.url()).await;
        sql.await_position(head.get()).await;
        rebuild(&operator_url, &self.postgres.url(), head).await;
        checker::compare_tables(&sql, &mut findings).await;
        findings
    }

    pub(super) async fn stop(mut self) {
        drop((self.services, self.projections, self._timers));
        self.cluster.stop().await;
        self.postgres.stop().await.expect("PostgreSQL ends");
    }
}

/// The address of a user at some servers.
fn address(users: &Value, user: &str, ports: &[u16]) -> String {
    let url = users[user].as_str().unwrap_or_else(|| panic!("no user {user}"));
    let login = url.trim_start_matches("nats://").trim_end_matches("nowhere");
    addresses(login, ports.iter().copied())
}
