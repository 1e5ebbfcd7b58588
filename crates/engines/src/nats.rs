//! A private `nats-server` with `JetStream`.

use std::fs;
use std::net::Ipv4Addr;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpStream;

use crate::error::{Engine, EngineError, file};
use crate::guard::{Guarded, Plan};
use crate::locate::Binaries;
use crate::lock::DataLock;
use crate::log::{self, Log};
use crate::nats_config::{self, Files};
use crate::options::{NatsOptions, Report};
use crate::ports;
use crate::service::{self, Look, Service};

/// How many free ports are tried when other processes keep being faster.
const PORT_TRIES: usize = 10;
/// How many threads the server may run on for each processor. With one, which is Go's own choice, a connection that
/// floods it keeps the others waiting for Go's slices of 10 ms; with more, the operating system shares the processors
/// out.
const THREADS: usize = 4;
/// How much the server's memory may grow, in percent, before Go looks for what is free. Go does that on a quarter of
/// the threads; with 100, its own choice, the more threads cost a tenth of what the server does.
const GROWTH: usize = 300;
/// How long a server may take to read its configuration again: some seconds, when it holds hundreds of accounts.
const RELOAD: Duration = Duration::from_secs(60);
/// How often is looked whether it has.
const LOOK: Duration = Duration::from_millis(10);
/// What its log says when it has, and when it cannot.
const RELOADED: &str = "Reloaded server configuration";
const NOT_RELOADED: &str = "Failed to reload server configuration: ";
/// How long a server may take to greet a client.
const GREETING: Duration = Duration::from_secs(2);

/// A `nats-server` of our own. Dropping it stops the server, in the background;
/// [`Nats::stop`] waits for that.
#[derive(Debug)]
pub struct Nats {
    binary: PathBuf,
    /// With the data folder's real path, and the port once it is known.
    options: NatsOptions,
    service: Service,
}

impl Nats {
    /// Starts the server and waits until `JetStream` answers.
    ///
    /// # Errors
    ///
    /// When it already runs on this data, when the port is taken, or when it
    /// does not become ready; then nothing is left running.
    pub async fn start(binaries: &Binaries, options: &NatsOptions) -> Result<Self, EngineError> {
        Self::start_with(binaries, options, &|_| {}).await
    }

    /// The same, telling what is waited for.
    ///
    /// # Errors
    ///
    /// As for [`Nats::start`].
    pub async fn start_with(
        binaries: &Binaries,
        options: &NatsOptions,
        report: Report<'_>,
    ) -> Result<Self, EngineError> {
        let mut options = options.clone();
        options.data = crate::real_data(&options.data)?;
        let binary = binaries.nats_server.clone();
        let mut nats = Self { binary, options, service: Service::new(Engine::Nats) };
        nats.launch(report).await?;
        Ok(nats)
    }

    /// Starts the server again on the same port and data; if it still runs, it
    /// is stopped first.
    ///
    /// # Errors
    ///
    /// As for [`Nats::start`].
    pub async fn restart(&mut self) -> Result<(), EngineError> {
        self.stop().await?;
        self.launch(&|_| {}).await
    }

    /// Where clients connect: `nats://127.0.0.1:<port>`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.options.port)
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
        self.options.data.join("nats.log")
    }

    /// Waits until the server ends by itself. May be cancelled at any time.
    ///
    /// # Errors
    ///
    /// When it was already stopped through this handle.
    pub async fn exited(&mut self) -> Result<ExitStatus, EngineError> {
        self.service.exited().await
    }

    /// Suspends the server (`SIGSTOP`): it keeps its connections and says nothing.
    /// Returns when all of it is suspended.
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

    /// Gives the server another extra configuration while it runs (`SIGHUP`), keeps it for restarts, and waits until
    /// the server has taken it on. With one that it cannot read it goes on with the old one.
    ///
    /// # Errors
    ///
    /// When the server does not run, the configuration cannot be written, or the server refuses it.
    pub async fn reconfigure(&mut self, extra: &str) -> Result<(), EngineError> {
        let files = Files::below(&self.options.data)?;
        extra.clone_into(&mut self.options.extra);
        nats_config::rewrite(&files, self.options.port, extra)?;
        let (since, deadline) = (log::Since::now(self.log()), Instant::now() + RELOAD);
        self.service.reload()?;
        loop {
            // A file that is just being set aside says nothing.
            let said = since.read().unwrap_or_default();
            if said.contains(RELOADED) {
                return Ok(());
            }
            if let Some((_, cause)) = said.split_once(NOT_RELOADED) {
                let cause = cause.lines().next().unwrap_or_default().to_owned();
                return Err(EngineError::NotReloaded { engine: Engine::Nats, cause });
            }
            if self.service.has_ended() {
                let cause = "it has ended".to_owned();
                return Err(EngineError::NotReloaded { engine: Engine::Nats, cause });
            }
            if deadline <= Instant::now() {
                let cause = format!("it has said nothing for {} s", RELOAD.as_secs());
                return Err(EngineError::NotReloaded { engine: Engine::Nats, cause });
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Stops the server cleanly and waits until it is gone.
    ///
    /// # Errors
    ///
    /// When it does not end even when killed.
    pub async fn stop(&mut self) -> Result<(), EngineError> {
        self.service.stop().await
    }

    /// Kills the server (`SIGKILL`) and waits until it is gone.
    ///
    /// # Errors
    ///
    /// When the signal cannot be sent.
    pub async fn kill(&mut self) -> Result<(), EngineError> {
        self.service.kill().await
    }

    async fn launch(&mut self, report: Report<'_>) -> Result<(), EngineError> {
        let files = Files::below(&self.options.data)?;
        let mut lock = DataLock::take(Engine::Nats, &self.options.data, &files.config_text, report).await?;
        let (guard, port) = if self.options.port == 0 {
            self.on_any_port(&files, &mut lock).await?
        } else {
            ports::wait_free(Engine::Nats, self.options.port).await?;
            (self.on_port(&files, &mut lock, self.options.port).await?, self.options.port)
        };
        self.options.port = port;
        self.service.adopt(guard, lock);
        Ok(())
    }

    async fn on_any_port(&self, files: &Files, lock: &mut DataLock) -> Result<(Guarded, u16), EngineError> {
        for _ in 0..PORT_TRIES {
            let port = ports::free(Engine::Nats)?;
            match self.on_port(files, lock, port).await {
                Err(error) if service::lost_port(&error) => {}
                done => return done.map(|guard| (guard, port)),
            }
        }
        Err(EngineError::NoPort { engine: Engine::Nats })
    }

    async fn on_port(&self, files: &Files, lock: &mut DataLock, port: u16) -> Result<Guarded, EngineError> {
        nats_config::write(files, port, &self.options.extra)?;
        let (log, output) = Log::open(self.log())?;
        let plan = Plan {
            engine: Engine::Nats,
            program: self.binary.clone(),
            args: vec!["-c".into(), files.config.clone().into()],
            user: None,
            environment: settings_of_go(),
            log: output,
        };
        let probe = |_| probe(&files.ports, port);
        let started = service::start(plan, &log, lock, &self.options.data, self.options.start_limit, probe).await;
        match started {
            // An operator who chose the port must hear that it is taken.
            Err(error) if service::lost_port(&error) && self.options.port != 0 => {
                Err(EngineError::PortTaken { engine: Engine::Nats, port })
            }
            other => other,
        }
    }
}

/// What Go is told, unless the environment says it.
fn settings_of_go() -> Vec<(&'static str, String)> {
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get) * THREADS;
    let settings = [("GOMAXPROCS", threads), ("GOGC", GROWTH)];
    let unset = settings.into_iter().filter(|(name, _)| std::env::var_os(name).is_none());
    unset.map(|(name, value)| (name, value.to_string())).collect()
}

async fn probe(ports: &Path, port: u16) -> Look {
    let written = fs::read_dir(ports).is_ok_and(|mut entries| entries.next().is_some());
    if !written {
        return Look::NotYet;
    }
    match tokio::time::timeout(GREETING, greeting(port)).await {
        Ok(Ok(line)) if line.starts_with("INFO") && line.contains("\"jetstream\":true") => Look::Ready,
        Ok(Ok(_) | Err(_)) | Err(_) => Look::NotYet,
    }
}

async fn greeting(port: u16) -> std::io::Result<String> {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).await?;
    Ok(line)
}

/// Removes the files of an earlier run and creates the folder.
pub(crate) fn clear(dir: &Path) -> Result<(), EngineError> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(file("clear", dir)(error)),
        Ok(()) | Err(_) => {}
    }
    fs::create_dir_all(dir).map_err(file("create", dir))
}
