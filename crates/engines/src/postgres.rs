//! A private `PostgreSQL`.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use tokio::net::TcpStream;

use crate::cluster::Cluster;
use crate::error::{Engine, EngineError};
use crate::guard::{Guarded, Plan};
use crate::home::Home;
use crate::locate::Binaries;
use crate::lock::{self, DataLock};
use crate::log::Log;
use crate::options::{PostgresOptions, Report};
use crate::postgres_config as config;
use crate::service::{self, Look, Service};
use crate::{ports, version};

/// How many free ports are tried when other processes keep being faster.
const PORT_TRIES: usize = 10;
/// How often a wait looks again.
const POLL: Duration = Duration::from_millis(50);

/// A `PostgreSQL` of our own, with a database `docket` that belongs to the role
/// `docket`. Dropping it stops the server, in the background;
/// [`Postgres::stop`] waits for that.
#[derive(Debug)]
pub struct Postgres {
    bin: PathBuf,
    /// With the data folder's real path, and the port once it is known.
    options: PostgresOptions,
    home: Home,
    password: String,
    service: Service,
}

impl Postgres {
    /// Starts the server, after making its cluster if there is none, and waits
    /// until it accepts connections.
    ///
    /// # Errors
    ///
    /// When it already runs on this data, when the port is taken, or when it
    /// does not become ready; then nothing is left running.
    pub async fn start(binaries: &Binaries, options: &PostgresOptions) -> Result<Self, EngineError> {
        Self::start_with(binaries, options, &|_| {}).await
    }

    /// The same, telling what is waited for.
    ///
    /// # Errors
    ///
    /// As for [`Postgres::start`].
    pub async fn start_with(
        binaries: &Binaries,
        options: &PostgresOptions,
        report: Report<'_>,
    ) -> Result<Self, EngineError> {
        let mut options = options.clone();
        options.data = crate::real_data(&options.data)?;
        let home = Home::prepare(&options.data).await?;
        let bin = binaries.postgres_bin.clone();
        let service = Service::new(Engine::Postgres);
        let mut postgres = Self { bin, options, home, password: String::new(), service };
        postgres.launch(report).await?;
        Ok(postgres)
    }

    /// Starts the server again on the same port and data; if it still runs, it
    /// is stopped first.
    ///
    /// # Errors
    ///
    /// As for [`Postgres::start`].
    pub async fn restart(&mut self) -> Result<(), EngineError> {
        self.stop().await?;
        self.launch(&|_| {}).await
    }

    /// Where clients connect: `postgresql://docket:<password>@127.0.0.1:<port>/docket`.
    #[must_use]
    pub fn url(&self) -> String {
        self.url_as("docket", &self.password)
    }

    /// Where clients connect as another role.
    #[must_use]
    pub fn url_as(&self, role: &str, password: &str) -> String {
        format!("postgresql://{role}:{password}@127.0.0.1:{}/docket", self.options.port)
    }

    /// The port, which a restart keeps.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.options.port
    }

    /// The process of the server itself; `None` after `stop` or `kill`.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.service.pid()
    }

    /// The server's log.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.options.data.join("postgres.log")
    }

    /// Where the cluster really is; `<data>/postgres` is this or links to it.
    #[must_use]
    pub fn home(&self) -> &Path {
        &self.home.dir
    }

    /// Waits until the server ends by itself. May be cancelled at any time.
    ///
    /// # Errors
    ///
    /// When it was already stopped through this handle.
    pub async fn exited(&mut self) -> Result<ExitStatus, EngineError> {
        self.service.exited().await
    }

    /// Suspends the server's main process (`SIGSTOP`): it accepts no further
    /// connections, while those that exist go on.
    ///
    /// # Errors
    ///
    /// When it does not run.
    pub async fn pause(&mut self) -> Result<(), EngineError> {
        self.service.pause().await
    }

    /// Lets a suspended server go on (`SIGCONT`).
    ///
    /// # Errors
    ///
    /// When it does not run.
    pub fn resume(&mut self) -> Result<(), EngineError> {
        self.service.resume()
    }

    /// Stops the server cleanly, ending its connections, and waits until it is gone.
    ///
    /// # Errors
    ///
    /// When it does not end even when killed.
    pub async fn stop(&mut self) -> Result<(), EngineError> {
        self.service.stop().await
    }

    /// Kills the server (`SIGKILL`) and waits until it is gone. The processes of
    /// its connections notice and end by themselves, shortly after.
    ///
    /// # Errors
    ///
    /// When the signal cannot be sent.
    pub async fn kill(&mut self) -> Result<(), EngineError> {
        self.service.kill().await
    }

    async fn launch(&mut self, report: Report<'_>) -> Result<(), EngineError> {
        let version = version::check(Engine::Postgres, &self.bin, self.home.user.as_ref()).await?;
        let cluster = Cluster { bin: &self.bin, version, home: &self.home };
        let dir = cluster.dir();
        let marker = dir.to_string_lossy().into_owned();
        let data = self.options.data.clone();
        let mut lock = DataLock::take(Engine::Postgres, &data, &marker, report).await?;
        // The lock is the data folder's; the cluster may be linked from a copy of it.
        if let Some(pid) = config::locked_by(&dir)
            && !lock::gone(
                pid,
                &marker,
                &format!("PostgreSQL (pid {pid}), which another folder started on {marker}"),
                report,
            )
            .await
        {
            return Err(EngineError::AlreadyRunning { engine: Engine::Postgres, data: dir, pid });
        }
        config::clear_stale(&dir, &marker)?;
        let password = cluster.ensure(&data).await?;
        config::write(&dir, &self.options.extra)?;
        let (guard, port) = self.on_a_port(&dir, &mut lock).await?;
        self.password = password;
        self.options.port = port;
        self.service.adopt(guard, lock);
        Ok(())
    }

    async fn on_a_port(&self, dir: &Path, lock: &mut DataLock) -> Result<(Guarded, u16), EngineError> {
        let (engine, wanted) = (Engine::Postgres, self.options.port);
        let deadline = Instant::now() + self.options.start_limit;
        let mut tries = 0..PORT_TRIES;
        loop {
            let port = if wanted == 0 { ports::free(engine)? } else { wanted };
            ports::wait_free(engine, port).await?;
            let error = match self.on_port(dir, lock, port).await {
                Ok(guard) => return Ok((guard, port)),
                Err(error) => error,
            };
            if service::lost_port(&error) {
                if wanted != 0 {
                    return Err(EngineError::PortTaken { engine, port });
                }
                tries.next().ok_or(EngineError::NoPort { engine })?;
            } else if !(leftovers(&error) && Instant::now() < deadline) {
                return Err(error);
            } else {
                tokio::time::sleep(POLL).await;
            }
        }
    }

    async fn on_port(&self, dir: &Path, lock: &mut DataLock, port: u16) -> Result<Guarded, EngineError> {
        let (log, output) = Log::open(self.log())?;
        let plan = Plan {
            engine: Engine::Postgres,
            program: self.bin.join("postgres"),
            args: vec!["-D".into(), dir.into(), "-p".into(), port.to_string().into()],
            user: self.home.user.as_ref(),
            environment: Vec::new(),
            log: output,
        };
        let probe = |pid| probe(dir, pid, port);
        service::start(plan, &log, lock, &self.options.data, self.options.start_limit, probe).await
    }
}

/// Whether processes of a killed server still hold its shared memory; they end
/// as soon as they notice.
fn leftovers(error: &EngineError) -> bool {
    matches!(error, EngineError::EndedEarly { tail, .. } if tail.contains("pre-existing shared memory block"))
}

async fn probe(dir: &Path, pid: u32, port: u16) -> Look {
    if config::says_ready(dir, pid, port) && TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_ok() {
        return Look::Ready;
    }
    Look::NotYet
}
