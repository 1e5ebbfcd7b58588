//! What can go wrong, said so that one line tells the reader what to do.

use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;
use std::{fmt, io};

/// Which of the two engines a message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Engine {
    /// `nats-server` with `JetStream`.
    Nats,
    /// The `PostgreSQL` server.
    Postgres,
}

impl Engine {
    /// How the command line calls the option that chooses its port.
    fn port_option(self) -> &'static str {
        match self {
            Self::Nats => "--nats-port",
            Self::Postgres => "--postgres-port",
        }
    }

    /// The short name used for files in the data folder.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Nats => "nats",
            Self::Postgres => "postgres",
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nats => "nats-server",
            Self::Postgres => "PostgreSQL",
        })
    }
}

/// Why an engine could not be found, started or stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The data folder was copied, and its link leads to the cluster of the original.
    #[error(
        "{} leads to the PostgreSQL cluster of the data folder {}: this one was copied from it, and both would write \
         there. To start the copy, remove the link: the read models are then made anew from the log. To go on with the \
         original, use its folder", link.display(), owner.display()
    )]
    Copied {
        /// The link.
        link: PathBuf,
        /// The folder whose cluster it is.
        owner: PathBuf,
    },
    /// A file or folder could not be used.
    #[error("cannot {action} {}", path.display())]
    File {
        /// What was being done, as a verb: `create`, `read`, …
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// A path cannot be written into a configuration file.
    #[error("the path {} is not UTF-8, which the engines' configuration needs", path.display())]
    PathText {
        /// The path.
        path: PathBuf,
    },
    /// A program could not be started at all.
    #[error("cannot run {}", program.display())]
    Run {
        /// The program.
        program: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// A program ran and reported failure.
    #[error("{} failed ({status}): {output}", program.display())]
    Failed {
        /// The program.
        program: PathBuf,
        /// How it ended.
        status: ExitStatus,
        /// The end of what it printed.
        output: String,
    },
    /// A program did not finish in time.
    #[error("{} did not finish within {}s", program.display(), limit.as_secs())]
    TooSlow {
        /// The program.
        program: PathBuf,
        /// How long it was given.
        limit: Duration,
    },
    /// A binary is too old, or not what its name says.
    #[error("{} is not usable: it says `{said}`, and {wanted} or newer is needed", program.display())]
    WrongVersion {
        /// The binary.
        program: PathBuf,
        /// What it answered to `--version`.
        said: String,
        /// The oldest version that will do.
        wanted: String,
    },
    /// No usable binary was found, and none could be installed.
    #[error("no usable {engine}: installing it failed ({install}), and {found}; {mend}, or give {option}")]
    NoBinary {
        /// Which engine is missing.
        engine: Engine,
        /// Why the installation failed.
        install: String,
        /// What was found on this machine instead.
        found: String,
        /// What would let it be installed.
        mend: &'static str,
        /// The command-line option that names the binary.
        option: &'static str,
    },
    /// Nothing here can install Python wheels.
    #[error("there is no Python 3 with pip")]
    NoPip {
        /// What became of asking for it.
        #[source]
        source: Box<Self>,
    },
    /// We are root, and there is no other user to run `PostgreSQL` as.
    #[error(
        "PostgreSQL does not run as root, and this machine has neither a user `postgres` nor `nobody`; \
         start as an ordinary user"
    )]
    NoUser,
    /// A folder is closed to the user that `PostgreSQL` runs as.
    #[error("{} is closed to the user `{user}`, which PostgreSQL runs as", path.display())]
    Closed {
        /// The folder.
        path: PathBuf,
        /// The user.
        user: String,
    },
    /// The engine of this data folder already runs.
    #[error("{engine} is already running on {} (pid {pid})", data.display())]
    AlreadyRunning {
        /// Which engine.
        engine: Engine,
        /// The data folder.
        data: PathBuf,
        /// The process: the engine's, or its owner's while it is starting.
        pid: u32,
    },
    /// The port belongs to another process.
    #[error(
        "{engine} cannot listen on 127.0.0.1:{port}: another process uses this port; choose another one with {}, or 0 \
         for any free one", engine.port_option()
    )]
    PortTaken {
        /// Which engine.
        engine: Engine,
        /// The port.
        port: u16,
    },
    /// No free port was found.
    #[error("no free port for {engine} was found on 127.0.0.1")]
    NoPort {
        /// Which engine.
        engine: Engine,
    },
    /// The data was written by another major version.
    #[error(
        "the data in {} was made by PostgreSQL {made_by}, and {} is version {binary}. The log is not in it: it holds the \
         read models, which are filled anew from the log, and what you added beside them. Give PostgreSQL {made_by} with \
         --postgres-bin; or, if nothing in it is yours alone, remove this folder and start again",
        cluster.display(), program.display()
    )]
    DataVersion {
        /// The cluster's folder.
        cluster: PathBuf,
        /// The major version that made it.
        made_by: String,
        /// The binary.
        program: PathBuf,
        /// The binary's major version.
        binary: u32,
    },
    /// The engine ended while it was starting.
    #[error("{engine} stopped while starting ({status}); the end of {}:\n{tail}", log.display())]
    EndedEarly {
        /// Which engine.
        engine: Engine,
        /// How it ended.
        status: ExitStatus,
        /// Its log.
        log: PathBuf,
        /// The last lines of its log.
        tail: String,
    },
    /// The engine was not ready in time; it has been stopped.
    #[error("{engine} was not ready within {}s; the end of {}:\n{tail}", limit.as_secs(), log.display())]
    NotReady {
        /// Which engine.
        engine: Engine,
        /// How long it was given.
        limit: Duration,
        /// Its log.
        log: PathBuf,
        /// The last lines of its log.
        tail: String,
    },
    /// The guard process did not say which process the engine is.
    #[error("the guard of {engine} ended before it named the engine's process")]
    Guard {
        /// Which engine.
        engine: Engine,
    },
    /// The engine did not end in time after it was told to.
    #[error("{engine} (pid {pid}) did not stop within {}s", limit.as_secs())]
    NotStopped {
        /// Which engine.
        engine: Engine,
        /// The engine's process.
        pid: u32,
        /// How long it was given.
        limit: Duration,
    },
    /// A signal could not be sent.
    #[error("cannot signal {engine} (pid {pid})")]
    Signal {
        /// Which engine.
        engine: Engine,
        /// The engine's process.
        pid: u32,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// The engine did not take its configuration on again.
    #[error("{engine} did not read its configuration again: {cause}")]
    NotReloaded {
        /// Which engine.
        engine: Engine,
        /// What it said.
        cause: String,
    },
    /// The engine is not running, so the request makes no sense.
    #[error("{engine} is not running")]
    NotRunning {
        /// Which engine.
        engine: Engine,
    },
}

/// Names the action and the path of a failed file operation.
pub(crate) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> EngineError {
    let path = path.to_path_buf();
    move |source| EngineError::File { action, path, source }
}
