//! A whole desk in this process: private engines, and the roles on them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use docket_domain::policy::Policy;
use docket_engines::{EngineOptions, Engines, secret};
use docket_eventlog::{EventLog, Subject};
use docket_jetstream::access::{SystemUser, is_free};
use docket_jetstream::bus::{BusClient, Outgoing};
use docket_jetstream::{JetStreamLog, Namespace};
use docket_messages::{CommandId, PolicyCommand, PolicyVersion, PrincipalName, PublishPolicy, Reply, Timestamp};

use crate::credentials::Credentials;
use crate::error::{AnyError, plain};
use crate::keys::MasterKeySource;
use crate::roles::{self, Health, Role, Running, Sealing};
use crate::{output, zones};

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
    credentials: Credentials,
    /// Users with an account apart.
    apart: &'static [&'static str],
    /// The data folder.
    data: PathBuf,
    /// Who has credentials, and is not let in yet.
    outside: Vec<PrincipalName>,
}

/// How far a principal comes.
enum LetIn {
    /// To no stream.
    Outside,
    /// To the streams, and to no command service.
    Unheard,
    /// To both.
    Heard,
}

/// How long the server may take to let a new user in.
const LET_IN: Duration = Duration::from_secs(60);
/// How often is looked whether a new user is heard.
const LOOK: Duration = Duration::from_millis(50);

/// The file of the data folder that holds the passwords of the users of NATS.
pub const CREDENTIALS: &str = "users.json";

/// The login of analysts, and the file of the data folder that holds its password.
const ANALYST: &str = "docket_reader";
const ANALYST_PASSWORD: &str = "analyst.password";

impl Desk {
    /// Starts the engines, and then the roles.
    pub async fn start(
        options: EngineOptions,
        wanted: &BTreeSet<Role>,
        witnesses: Option<String>,
    ) -> Result<Self, AnyError> {
        Self::start_with(options, wanted, witnesses, &[]).await
    }

    /// The same, with users who may do anything, in accounts apart from the desk's.
    pub async fn start_with(
        mut options: EngineOptions,
        wanted: &BTreeSet<Role>,
        witnesses: Option<String>,
        apart: &'static [&'static str],
    ) -> Result<Self, AnyError> {
        let mut credentials = Credentials::open(&options.data.join(CREDENTIALS))?;
        credentials.provide(&principals_of(SAMPLE_POLICY)?, apart)?;
        options.nats_extra.push_str(&credentials.accounts(apart));
        let report = |line: &str| output::note(line);
        let mut engines = Engines::start(&options, &report).await?;
        let nats = credentials.logins(&engines.nats.url());
        let addresses = roles::Engines {
            nats,
            postgres: engines.postgres.url(),
            names: Namespace::default(),
            replicas: 1,
            keys: MasterKeySource::own(&options.data)?,
            sealing: Some(Sealing::Own { data: options.data.clone(), witnesses }),
            feed: None,
        };
        let started = async {
            // Once the desk says that it is ready, the tables are there.
            docket_projection::migrate(&addresses.postgres, &docket_projection::Schema::default()).await?;
            roles::start(&addresses, wanted, &Health::default()).await
        };
        match started.await {
            Ok(roles) => Ok(Self { engines, roles, credentials, apart, data: options.data, outside: Vec::new() }),
            Err(error) => {
                engines.stop().await?;
                Err(error)
            }
        }
    }

    /// Where NATS is, with the credentials of the operator.
    pub fn nats(&self) -> String {
        self.nats_as(SystemUser::Operator.user())
    }

    /// Where NATS is, with the credentials of a user, if it has any.
    pub fn nats_as(&self, user: &str) -> String {
        self.credentials.url(&self.engines.nats.url(), user)
    }

    /// Where NATS is for each principal that is let in.
    pub fn principals(&self) -> BTreeMap<String, String> {
        let url = |name: PrincipalName| (name.to_string(), self.nats_as(name.as_str()));
        let inside = self.credentials.principals().into_iter().filter(|name| !self.outside.contains(name));
        inside.map(url).collect()
    }

    /// Gives credentials to the principals of a policy that have none, and waits until all are let in. Says whether
    /// there were any. Who is not let in yet stays outside, for [`let_in`](Self::let_in).
    pub async fn admit(&mut self, document: &str) -> Result<bool, AnyError> {
        let known = self.credentials.principals();
        self.credentials.provide(&principals_of(document)?, self.apart)?;
        self.outside.extend(self.credentials.principals().into_iter().filter(|name| !known.contains(name)));
        let are_any = self.has_outside();
        self.let_in().await?;
        Ok(are_any)
    }

    /// Whether somebody has credentials whom the server does not let in yet.
    pub fn has_outside(&self) -> bool {
        !self.outside.is_empty()
    }

    /// Waits until all who are outside can connect, reach the streams, and are heard. The server reads its
    /// configuration for that, as seldom as it takes, since it stops what it does meanwhile. (nats-server 2.15.1
    /// resolves what a new account imports only when it reads the configuration a second time.)
    pub async fn let_in(&mut self) -> Result<(), AnyError> {
        let (accounts, until) = (self.credentials.accounts(self.apart), Instant::now() + LET_IN);
        while let Some(principal) = self.outside.last().cloned() {
            match self.is_let_in(&principal).await {
                Ok(LetIn::Heard) => drop(self.outside.pop()),
                // The service opens a line for it by itself.
                Ok(LetIn::Unheard) if Instant::now() < until => tokio::time::sleep(LOOK).await,
                Ok(LetIn::Outside) | Err(_) if Instant::now() < until => {
                    let _quiet = tokio::time::timeout(LET_IN, self.roles.hears_nobody_new()).await?;
                    self.engines.nats.reconfigure(&accounts).await?;
                }
                Ok(LetIn::Unheard) => return Err(plain(format!("no command service listens for `{principal}`"))),
                Ok(LetIn::Outside) => return Err(plain(format!("the server does not let `{principal}` in"))),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn is_let_in(&self, principal: &PrincipalName) -> Result<LetIn, AnyError> {
        let bus = self.bus(principal.as_str()).await?;
        Ok(match (bus.reaches_streams().await?, bus.is_heard().await?) {
            (false, _) => LetIn::Outside,
            (true, false) => LetIn::Unheard,
            (true, true) => LetIn::Heard,
        })
    }

    /// Where Postgres is, as the owner of the read models.
    pub fn postgres(&self) -> String {
        self.engines.postgres.url()
    }

    /// Where Postgres is, as somebody who can only read. The projection has made the read models.
    pub async fn analyst(&self) -> Result<String, AnyError> {
        let password = secret::keep(&self.data.join(ANALYST_PASSWORD))?.text;
        docket_projection::provide_reader(&self.postgres(), ANALYST, &password).await?;
        Ok(self.engines.postgres.url_as(ANALYST, &password))
    }

    /// How the roles are.
    pub fn health(&self) -> Health {
        self.roles.health.clone()
    }

    /// A principal's way to the command service.
    pub async fn bus(&self, principal: &str) -> Result<BusClient, AnyError> {
        let principal = PrincipalName::parse(principal)?;
        let connection = docket_jetstream::connect_as(&self.nats_as(principal.as_str()), principal.as_str()).await?;
        Ok(BusClient::new(connection, Namespace::default(), principal))
    }

    /// Publishes the sample policy if the log has none.
    pub async fn publish_sample_policy(&self) -> Result<(), AnyError> {
        let connection = docket_jetstream::connect(&self.nats(), "docket-cli").await?;
        let log = JetStreamLog::open(connection, Namespace::default()).await?;
        if log.last_of(&Subject::Policy).await?.is_some() {
            return Ok(());
        }
        // Nobody asked for it but Docket itself. The same id on every start, so that two starts at once publish once.
        let own = PrincipalName::parse("docket")?;
        let connection = docket_jetstream::connect_as(&self.nats(), own.as_str()).await?;
        let bus = BusClient::new(connection, Namespace::default(), own);
        let reply = publish_policy(&bus, SAMPLE_POLICY, CommandId::parse("sample-policy")?).await?;
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

/// The principals that a policy names, and that can have credentials.
pub fn principals_of(document: &str) -> Result<Vec<PrincipalName>, AnyError> {
    let policy = Policy::compile_published(document, PolicyVersion(1), Timestamp::EPOCH, zones::current()).map_err(
        |findings| {
            let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
            plain(format!("the policy cannot be read: {}", findings.join("; ")))
        },
    )?;
    Ok(policy.document.principals.into_keys().filter(is_free).collect())
}

/// Publishes a policy.
pub async fn publish_policy(bus: &BusClient, document: &str, id: CommandId) -> Result<Reply, AnyError> {
    let publish = PublishPolicy { document: document.to_owned() };
    change_policy(bus, &PolicyCommand::Publish(publish), id).await
}

/// Sends a command to the policy.
pub async fn change_policy(bus: &BusClient, command: &PolicyCommand, id: CommandId) -> Result<Reply, AnyError> {
    let body = serde_json::to_vec(command)?;
    let outgoing = Outgoing {
        kind: "policy".to_owned(),
        verb: command.verb().to_owned(),
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

/// A folder for engines that are gone afterwards. PostgreSQL does not run as root; the user that it runs as must reach
/// it.
pub fn temporary_folder(prefix: &str) -> Result<tempfile::TempDir, AnyError> {
    use std::os::unix::fs::PermissionsExt as _;
    let made = tempfile::Builder::new().prefix(prefix).tempdir().and_then(|folder| {
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755))?;
        Ok(folder)
    });
    made.map_err(|error| {
        let place = std::env::temp_dir();
        plain(format!(
            "could not make a folder in {}: {error}; set TMPDIR to a folder that can be written",
            place.display()
        ))
    })
}
