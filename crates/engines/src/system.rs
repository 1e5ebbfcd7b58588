//! Engines that the machine already has, for when none can be installed.

use std::path::{Path, PathBuf};

use crate::error::{Engine, EngineError};
use crate::user::RunAs;
use crate::version;

/// Where packages put `PostgreSQL`'s programs without putting them on PATH:
/// the folder, and what follows each version's folder in it.
const POSTGRES_HOMES: [(&str, &str); 3] =
    [("/usr/lib/postgresql", "bin"), ("/opt/homebrew/opt", "bin"), ("/usr/local/opt", "bin")];

/// The first engine on this machine that works, or why none does.
pub(crate) async fn find(engine: Engine, user: Option<&RunAs>) -> Result<PathBuf, String> {
    let mut reason = format!("there is no {engine} on PATH");
    for place in candidates(engine) {
        match version::check(engine, &place, user).await {
            Ok(_) => return Ok(place),
            Err(error) => reason = explain(&error),
        }
    }
    Err(reason)
}

/// An error and its cause in one line.
pub(crate) fn explain(error: &EngineError) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

fn candidates(engine: Engine) -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).filter(|dir| dir.is_absolute());
    match engine {
        Engine::Nats => on_path.map(|dir| dir.join("nats-server")).filter(|f| f.is_file()).collect(),
        Engine::Postgres => {
            let homes = POSTGRES_HOMES.iter().flat_map(|(home, inside)| packaged(Path::new(home), inside));
            on_path.filter_map(|dir| postgres_dir(&dir)).chain(homes).collect()
        }
    }
}

/// The folder that really holds the programs: PATH may hold links to them.
fn postgres_dir(dir: &Path) -> Option<PathBuf> {
    let initdb = dir.join("initdb").canonicalize().ok()?;
    let real = initdb.parent()?;
    real.join("postgres").is_file().then(|| real.to_path_buf())
}

/// The versions below a folder of packages, newest first.
fn packaged(home: &Path, inside: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(home) else { return Vec::new() };
    let mut versions: Vec<(u32, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            let number = name.strip_prefix("postgresql@").unwrap_or(&name).parse().ok()?;
            Some((number, postgres_dir(&entry.path().join(inside))?))
        })
        .collect();
    versions.sort_by(|a, b| b.cmp(a));
    versions.into_iter().map(|(_, dir)| dir).collect()
}
