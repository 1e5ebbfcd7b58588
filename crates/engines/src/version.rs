//! Whether a binary works and is new enough, found out by asking it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::{Engine, EngineError};
use crate::run;
use crate::user::RunAs;

/// The oldest versions that do what Docket needs.
const NATS_OLDEST: Version = Version(2, 14, 4);
const POSTGRES_OLDEST: Version = Version(15, 0, 0);

/// A version wrapper (a shim that installs something first, say) may be slow,
/// but a binary that says nothing for this long is not usable.
const ANSWER_LIMIT: Duration = Duration::from_secs(20);

/// Major, minor and patch number; what is not given counts as 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(pub(crate) u32, pub(crate) u32, pub(crate) u32);

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

impl Version {
    /// The first word that looks like a version: `nats-server: v2.15.1`,
    /// `postgres (PostgreSQL) 18.6`, `… 19beta1`.
    fn parse(text: &str) -> Option<Self> {
        text.split_whitespace().find_map(|word| {
            let word = word.strip_prefix('v').unwrap_or(word);
            let mut parts = word.split('.').map(|part| {
                let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
                digits.parse::<u32>().ok()
            });
            let major = parts.next().flatten()?;
            let mut rest = || parts.next().flatten().unwrap_or(0);
            Some(Self(major, rest(), rest()))
        })
    }
}

/// The programs of an engine at a place, the one that matters last.
fn programs(engine: Engine, place: &Path) -> Vec<PathBuf> {
    match engine {
        Engine::Nats => vec![place.to_path_buf()],
        Engine::Postgres => vec![place.join("initdb"), place.join("postgres")],
    }
}

/// Runs the engine's programs as the user that will run them, so that a closed
/// folder, a missing library and an old version are all noticed before use.
/// The place is the binary of `nats-server`, or `PostgreSQL`'s folder of binaries.
pub(crate) async fn check(engine: Engine, place: &Path, postgres_user: Option<&RunAs>) -> Result<Version, EngineError> {
    let (oldest, name, user) = match engine {
        Engine::Nats => (NATS_OLDEST, "nats-server", None),
        Engine::Postgres => (POSTGRES_OLDEST, "PostgreSQL", postgres_user),
    };
    let mut found = oldest;
    for program in programs(engine, place) {
        let said = run::output(run::command(&program, user).arg("--version"), None, ANSWER_LIMIT).await?;
        let said = said.trim().to_owned();
        found = match Version::parse(&said) {
            Some(version) if version >= oldest && said.contains(name) => version,
            Some(_) | None => {
                return Err(EngineError::WrongVersion { program, said, wanted: format!("{name} {oldest}") });
            }
        };
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn versions_are_read_as_the_engines_print_them() {
        assert_eq!(Version::parse("nats-server: v2.15.1"), Some(Version(2, 15, 1)));
        assert_eq!(Version::parse("postgres (PostgreSQL) 18.6"), Some(Version(18, 6, 0)));
        let debian = "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)";
        assert_eq!(Version::parse(debian), Some(Version(15, 18, 0)));
        assert_eq!(Version::parse("initdb (PostgreSQL) 19beta1"), Some(Version(19, 0, 0)));
        assert_eq!(Version::parse("pyenv: nats-server: command not found"), None);
    }
}
