//! A whole desk in this process: private engines, and the roles on them.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use docket_engines::{EngineOptions, Engines};
use docket_eventlog::{EventLog, Subject};
use docket_jetstream::bus::{BusClient, Outgoing};
use docket_jetstream::{JetStreamLog, Namespace};
use docket_messages::{CommandId, PrincipalName, PublishPolicy, Reply};

use crate::error::{AnyError, plain};
use crate::output;
use crate::roles::{self, Health, Role, Running};

/// The sample policy that ships with Docket.
pub const SAMPLE_POLICY: &str = include_str!("../../../policies/sample.toml");

/// Where the engines' binaries are, if not where Docket finds them by itself.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Binaries {
    /// A nats-server to use instead of the pinned one.
    #[arg(long, env = "DOCKET_NATS_SERVER", value_name = "FILE")]
    nats_server: Option<PathBuf>,
    /// A folder with `postgres` and `initdb` to use instead of the pinned ones.
    #[arg(long, env = "DOCKET_POSTGRES_BIN", value_name = "DIR")]
    postgres_bin: Option<PathBuf>,
}

impl Binaries {
    /// Notes them in the options of engines.
    pub fn apply(&self, options: &mut EngineOptions) {
        options.nats_server.clone_from(&self.nats_server);
        options.postgres_bin.clone_from(&self.postgres_bin);
    }
}

/// A whole desk in this process.
pub struct Desk {
    /// The engines.
    pub engines: Engines,
    roles: Running,
}

impl Desk {
    /// Starts the engines, and then the roles.
    pub async fn start(options: &EngineOptions, wanted: &BTreeSet<Role>) -> Result<Self, AnyError> {
        let report = |line: &str| output::note(line);
        let mut engines = Engines::start(options, &report).await?;
        let addresses =
            roles::Engines { nats: engines.nats.url(), postgres: engines.postgres.url(), names: Namespace::default() };
        match roles::start(&addresses, wanted).await {
            Ok(roles) => Ok(Self { engines, roles }),
            Err(error) => {
                engines.stop().await?;
                Err(error)
            }
        }
    }

    /// Where NATS is.
    pub fn nats(&self) -> String {
        self.engines.nats.url()
    }

    /// Where Postgres is.
    pub fn postgres(&self) -> String {
        self.engines.postgres.url()
    }

    /// How the roles are.
    pub fn health(&self) -> Health {
        self.roles.health.clone()
    }

    /// A principal's way to the command service.
    pub async fn bus(&self, principal: &str) -> Result<BusClient, AnyError> {
        let principal = PrincipalName::parse(principal)?;
        let connection = docket_jetstream::connect_as(&self.nats(), principal.as_str()).await?;
        Ok(BusClient::new(connection, Namespace::default(), principal))
    }

    /// Publishes the sample policy if the log has none.
    pub async fn publish_sample_policy(&self) -> Result<(), AnyError> {
        let connection = docket_jetstream::connect(&self.nats(), "docket-cli").await?;
        let log = JetStreamLog::open(connection, Namespace::default()).await?;
        if log.last_of(&Subject::Policy).await?.is_some() {
            return Ok(());
        }
        // The same id on every start, so that two starts at once publish once.
        let reply =
            publish_policy(&self.bus("admin").await?, SAMPLE_POLICY, CommandId::parse("sample-policy")?).await?;
        match reply {
            Reply::Accepted { .. } => Ok(()),
            Reply::Rejected { rejected } => Err(Box::new(rejected)),
            Reply::Failed { failed } => Err(Box::new(failed)),
        }
    }

    /// Stops the roles, and then the engines.
    pub async fn stop(mut self) -> Result<(), AnyError> {
        self.roles.stop().await;
        Ok(self.engines.stop().await?)
    }
}

/// Publishes a policy.
pub async fn publish_policy(bus: &BusClient, document: &str, id: CommandId) -> Result<Reply, AnyError> {
    let body = serde_json::to_vec(&PublishPolicy { document: document.to_owned() })?;
    let outgoing = Outgoing {
        kind: "policy".to_owned(),
        verb: "publish".to_owned(),
        id,
        body: body.into(),
        on_behalf_of: None,
        expect_version: None,
        occurred_at: None,
    };
    Ok(bus.send(&outgoing).await?)
}

/// Resolves when the process is told to stop: by Ctrl-C or SIGTERM.
pub fn stop_signal() -> Result<impl Future<Output = ()>, AnyError> {
    use tokio::signal::unix::{SignalKind, signal};
    let failed = |error: std::io::Error| plain(format!("could not listen for signals: {error}"));
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// How long a reader waits for the read models to catch up.
pub const CATCH_UP: Duration = Duration::from_secs(120);
