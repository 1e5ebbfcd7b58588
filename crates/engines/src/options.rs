//! What the caller may choose.

use std::path::PathBuf;
use std::time::Duration;

/// How long an engine may take to become ready unless the caller says otherwise.
pub const START_LIMIT: Duration = Duration::from_secs(30);

/// A sink for one-line progress messages.
pub type Report<'a> = &'a (dyn Fn(&str) + Sync);

/// How to find and start both engines.
#[derive(Debug, Clone)]
pub struct EngineOptions {
    /// The folder that holds everything the engines write.
    pub data: PathBuf,
    /// The port of `nats-server`; 0 picks a free one.
    pub nats_port: u16,
    /// The port of `PostgreSQL`; 0 picks a free one.
    pub postgres_port: u16,
    /// This `nats-server` and no other.
    pub nats_server: Option<PathBuf>,
    /// The `PostgreSQL` programs of this folder and no others.
    pub postgres_bin: Option<PathBuf>,
    /// Where installed binaries are kept; `None` chooses a per-user cache.
    pub cache: Option<PathBuf>,
    /// Text added to the end of `nats-server`'s configuration.
    pub nats_extra: String,
    /// Text added to the end of `PostgreSQL`'s configuration.
    pub postgres_extra: String,
    /// How long each engine may take to become ready.
    pub start_limit: Duration,
}

impl EngineOptions {
    /// Options for a data folder: free ports, binaries from the cache.
    #[must_use]
    pub fn new(data: impl Into<PathBuf>) -> Self {
        Self {
            data: data.into(),
            nats_port: 0,
            postgres_port: 0,
            nats_server: None,
            postgres_bin: None,
            cache: None,
            nats_extra: String::new(),
            postgres_extra: String::new(),
            start_limit: START_LIMIT,
        }
    }

    /// The part of these options that concerns `nats-server`.
    #[must_use]
    pub fn nats(&self) -> NatsOptions {
        NatsOptions {
            data: self.data.clone(),
            port: self.nats_port,
            extra: self.nats_extra.clone(),
            start_limit: self.start_limit,
        }
    }

    /// The part of these options that concerns `PostgreSQL`.
    #[must_use]
    pub fn postgres(&self) -> PostgresOptions {
        PostgresOptions {
            data: self.data.clone(),
            port: self.postgres_port,
            extra: self.postgres_extra.clone(),
            start_limit: self.start_limit,
        }
    }
}

/// How to start `nats-server`.
#[derive(Debug, Clone)]
pub struct NatsOptions {
    /// The folder that holds everything it writes, in `nats/` and `nats.log`.
    pub data: PathBuf,
    /// The port; 0 picks a free one, which a restart keeps.
    pub port: u16,
    /// Text added to the end of the configuration, such as an `authorization` block.
    pub extra: String,
    /// How long it may take to become ready.
    pub start_limit: Duration,
}

impl NatsOptions {
    /// Options for a data folder: a free port and nothing extra.
    #[must_use]
    pub fn new(data: impl Into<PathBuf>) -> Self {
        EngineOptions::new(data).nats()
    }
}

/// How to start `PostgreSQL`.
#[derive(Debug, Clone)]
pub struct PostgresOptions {
    /// The folder that holds everything it writes, in `postgres/` and `postgres.log`.
    pub data: PathBuf,
    /// The port; 0 picks a free one, which a restart keeps.
    pub port: u16,
    /// Text added to the end of the configuration, which wins over what is set here.
    pub extra: String,
    /// How long it may take to become ready, crash recovery included.
    pub start_limit: Duration,
}

impl PostgresOptions {
    /// Options for a data folder: a free port and nothing extra.
    #[must_use]
    pub fn new(data: impl Into<PathBuf>) -> Self {
        EngineOptions::new(data).postgres()
    }
}
