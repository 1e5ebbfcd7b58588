//! A whole desk: `docket up` in a folder of its own.

use std::process::ExitStatus;
use std::sync::OnceLock;

use docket_jetstream::{JetStreamLog, Namespace};
use nix::sys::signal::Signal;

use super::{Cli, Process, Scratch, Sender, Sql, eventually};

/// A running desk with the sample policy.
pub(crate) struct Desk {
    // Before the folder: fields are dropped in order.
    process: Process,
    folder: Scratch,
    /// What it is started again with.
    environment: &'static [(&'static str, &'static str)],
}

impl Desk {
    /// The desk of all tests that need no more than fresh case ids. It ends with the tests.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: OnceLock<Desk> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// A desk of one's own.
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same, with environment variables.
    pub(crate) fn start_with(environment: &[(&str, &str)]) -> Self {
        let folder = Scratch::new();
        Self { process: up(&folder, &[], environment), folder, environment: &[] }
    }

    /// One with a master key of its own, which is in its folder.
    pub(crate) fn start_with_own_key() -> Self {
        const NONE_GIVEN: &[(&str, &str)] = &[("DOCKET_MASTER_KEYS", "")];
        Self { environment: NONE_GIVEN, ..Self::start_with(NONE_GIVEN) }
    }

    /// One with a witness beside it.
    pub(crate) fn start_witnessed() -> Self {
        let folder = Scratch::new();
        Self { process: up(&folder, &["--witness"], &[]), folder, environment: &[] }
    }

    /// One that goes on from a backup.
    pub(crate) async fn restored(copy: &str) -> Self {
        let folder = Scratch::new();
        let data = folder.path().to_string_lossy().into_owned();
        Cli::new().run(&["restore", copy, "--data", &data]).await.succeeded();
        Self { process: up(&folder, &[], &[]), folder, environment: &[] }
    }

    /// Starts it again in the same folder, after it was killed or stopped.
    pub(crate) fn start_again(&mut self) {
        let is_witnessed = self.folder.path().join("witness").exists();
        let more: &[&str] = if is_witnessed { &["--witness"] } else { &[] };
        self.process = up(&self.folder, more, self.environment);
    }

    /// `kill -9`. The engines are left to their guards.
    pub(crate) fn kill(&mut self) {
        self.process.kill();
    }

    /// A signal to its process. The engines have processes of their own.
    pub(crate) fn signal(&self, signal: Signal) {
        self.process.signal(signal);
    }

    /// Whether it has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.process.has_ended()
    }

    /// SIGTERM, and how it ended.
    pub(crate) fn stop(&mut self) -> ExitStatus {
        self.process.stop()
    }

    /// What it has logged so far.
    pub(crate) fn logged(&self) -> String {
        self.process.logged()
    }

    pub(crate) fn folder(&self) -> &Scratch {
        &self.folder
    }

    pub(crate) fn nats(&self) -> &str {
        self.process.ready("nats")
    }

    /// NATS for a user of Docket's own, such as the command service.
    pub(crate) fn nats_as(&self, user: &str) -> String {
        let users = std::fs::read(self.folder.path().join("users.json")).expect("the passwords");
        let users: serde_json::Value = serde_json::from_slice(&users).expect("JSON");
        let password = users[user]["password"].as_str().unwrap_or_else(|| panic!("no user {user}"));
        let server = self.nats().rsplit('@').next().expect("an address");
        format!("nats://{user}:{password}@{server}")
    }

    pub(crate) fn postgres(&self) -> &str {
        self.process.ready("postgres")
    }

    /// Postgres for a login of one's own.
    pub(crate) fn postgres_as(&self, login: &str, password: &str) -> String {
        let place = self.postgres().rsplit('@').next().expect("an address");
        format!("postgresql://{login}:{password}@{place}")
    }

    /// Postgres for its superuser, whom Docket does not use.
    pub(crate) fn superuser(&self) -> String {
        let password = std::fs::read_to_string(self.folder.path().join("postgres.password")).expect("a password");
        self.postgres_as("postgres", password.trim())
    }

    /// The folder of the Postgres server's own files.
    pub(crate) fn cluster(&self) -> std::path::PathBuf {
        std::fs::canonicalize(self.folder.path().join("postgres")).expect("a folder").join("cluster")
    }

    /// NATS for a principal of the policy.
    pub(crate) fn principal(&self, name: &str) -> &str {
        self.process.told()["principals"][name].as_str().unwrap_or_else(|| panic!("no principal {name}"))
    }

    /// Postgres for somebody who can only read.
    pub(crate) fn analyst(&self) -> &str {
        self.process.ready("analyst")
    }

    pub(crate) fn http(&self) -> &str {
        self.process.ready("http")
    }

    /// Asks for a page over HTTP; hands back its status and its text.
    pub(crate) async fn get(&self, path: &str) -> (String, String) {
        get(self.http(), path).await
    }

    /// The command line, for this desk.
    pub(crate) fn cli(&self) -> Cli {
        let cli = Cli::new().with("DOCKET_NATS_URL", self.nats()).with("DOCKET_POSTGRES_URL", self.postgres());
        if self.environment.is_empty() {
            return cli;
        }
        cli.with("DOCKET_MASTER_KEYS_FILE", &self.folder.path().join("master.keys").to_string_lossy())
    }

    /// A principal's way to the command service. One that the server lets send nothing, since the policy does not name
    /// it or names it as the auditor, goes with the operator's rights.
    pub(crate) async fn sender(&self, principal: &str) -> Sender {
        let own = self.process.told()["principals"][principal].as_str().filter(|_| principal != "auditor");
        Sender::connect(own.unwrap_or(self.nats()), principal).await
    }

    pub(crate) async fn sql(&self) -> Sql {
        Sql::connect(self.postgres()).await
    }

    /// The same, where Postgres may be away just now.
    pub(crate) async fn try_sql(&self) -> Option<Sql> {
        Sql::try_connect(self.postgres()).await
    }

    pub(crate) async fn log(&self) -> JetStreamLog {
        let connection = docket_jetstream::connect(self.nats(), "test").await.expect("NATS");
        JetStreamLog::open(connection, Namespace::default()).await.expect("the log")
    }
}

fn up(folder: &Scratch, more: &[&str], environment: &[(&str, &str)]) -> Process {
    let data = folder.path().to_string_lossy();
    Process::start_with(folder.path(), &[&["up", "--data", &data], more].concat(), environment)
}

/// Waits until the sealer of a desk stands, and hands back why.
pub(crate) async fn sealer_stands(desk: &Desk) -> String {
    eventually("the sealer stands", async || {
        let (status, body) = desk.get("/healthz/sealer").await;
        (body.contains("sealer: halted") && !status.contains("200")).then_some(body)
    })
    .await
}

/// Asks a server for a page over HTTP; hands back its status and its text.
pub(crate) async fn get(server: &str, path: &str) -> (String, String) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let address = server.trim_start_matches("http://");
    let mut stream = tokio::net::TcpStream::connect(address).await.expect("a listener");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("a request goes out");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    let (head, body) = answer.split_once("\r\n\r\n").expect("head and body");
    (head.split(' ').nth(1).expect("a status").to_owned(), body.to_owned())
}
