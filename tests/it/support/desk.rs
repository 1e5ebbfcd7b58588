//! A whole desk: `docket up` in a folder of its own.

use std::process::ExitStatus;
use std::sync::OnceLock;

use docket_jetstream::{JetStreamLog, Namespace};

use super::{Cli, Process, Scratch, Sender, Sql};

/// A running desk with the sample policy.
pub(crate) struct Desk {
    // Before the folder: fields are dropped in order.
    process: Process,
    folder: Scratch,
}

impl Desk {
    /// The desk of all tests that need no more than fresh case ids. It ends with the tests.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: OnceLock<Desk> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// A desk of one's own.
    pub(crate) fn start() -> Self {
        let folder = Scratch::new();
        Self { process: up(&folder), folder }
    }

    /// Starts it again in the same folder, after it was killed or stopped.
    pub(crate) fn start_again(&mut self) {
        self.process = up(&self.folder);
    }

    /// `kill -9`. The engines are left to their guards.
    pub(crate) fn kill(&mut self) {
        self.process.kill();
    }

    /// SIGTERM, and how it ended.
    pub(crate) fn stop(&mut self) -> ExitStatus {
        self.process.stop()
    }

    pub(crate) fn folder(&self) -> &Scratch {
        &self.folder
    }

    pub(crate) fn nats(&self) -> &str {
        self.process.ready("nats")
    }

    pub(crate) fn postgres(&self) -> &str {
        self.process.ready("postgres")
    }

    pub(crate) fn http(&self) -> &str {
        self.process.ready("http")
    }

    /// The command line, for this desk.
    pub(crate) fn cli(&self) -> Cli {
        Cli::new().with("DOCKET_NATS_URL", self.nats()).with("DOCKET_POSTGRES_URL", self.postgres())
    }

    /// A principal's way to the command service.
    pub(crate) async fn sender(&self, principal: &str) -> Sender {
        Sender::connect(self.nats(), principal).await
    }

    pub(crate) async fn sql(&self) -> Sql {
        Sql::connect(self.postgres()).await
    }

    pub(crate) async fn log(&self) -> JetStreamLog {
        let connection = docket_jetstream::connect(self.nats(), "test").await.expect("NATS");
        JetStreamLog::open(connection, Namespace::default()).await.expect("the log")
    }
}

fn up(folder: &Scratch) -> Process {
    Process::start(folder.path(), &["up", "--data", &folder.path().to_string_lossy()])
}
