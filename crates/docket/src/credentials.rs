//! The passwords of the users of NATS, in a file of their own.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use docket_jetstream::Namespace;
use docket_jetstream::access::{Access, Insider, is_free};
use docket_messages::PrincipalName;
use serde::{Deserialize, Serialize};

use crate::error::{AnyError, plain};
use crate::roles::Logins;

/// The cost of a hash. The passwords are random and long, so nothing is gained by a slow one; and the server computes
/// it for every connection.
const COST: u32 = 4;

/// The passwords, by user. The file is its owner's only.
pub struct Credentials {
    path: PathBuf,
    logins: BTreeMap<String, Login>,
}

/// The password of a user, and its hash, which stays the same: a server whose users seem to change ends their
/// connections.
#[derive(Serialize, Deserialize)]
struct Login {
    password: String,
    hash: String,
}

impl Credentials {
    /// Reads the file; there are none yet when it is absent.
    pub fn open(path: &Path) -> Result<Self, AnyError> {
        let explained = |error: &dyn std::fmt::Display| plain(format!("could not read {}: {error}", path.display()));
        let logins = match std::fs::read(path) {
            Ok(text) => serde_json::from_slice(&text).map_err(|error| explained(&error))?,
            Err(error) if error.kind() == ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(explained(&error)),
        };
        Ok(Self { path: path.to_path_buf(), logins })
    }

    /// Gives a password to Docket's own users, to principals, and to others, and keeps the file if that changed it.
    /// Those who have one keep it.
    pub fn provide(&mut self, principals: &[PrincipalName], apart: &[&str]) -> Result<(), AnyError> {
        let own = Insider::ALL.iter().map(|insider| insider.user());
        let users = own.chain(apart.iter().copied()).chain(principals.iter().map(PrincipalName::as_str));
        let mut is_changed = false;
        for user in users {
            if !self.logins.contains_key(user) {
                let password = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 24]>());
                let hash = bcrypt::hash(&password, COST)?;
                self.logins.insert(user.to_owned(), Login { password, hash });
                is_changed = true;
            }
        }
        if is_changed {
            self.write()?;
        }
        Ok(())
    }

    fn write(&self) -> Result<(), AnyError> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let text = serde_json::to_string_pretty(&self.logins)?;
        let written = std::fs::create_dir_all(folder).and_then(|()| {
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            writeln!(file, "{text}")?;
            Ok(file.persist(&self.path)?)
        });
        let (path, folder) = (self.path.display(), folder.display());
        let failed = |error| plain(format!("could not write {path}: {error}; let this user write in {folder}"));
        written.map(drop).map_err(failed)
    }

    /// The principals that have a password.
    pub fn principals(&self) -> Vec<PrincipalName> {
        let names = self.logins.keys().filter_map(|user| PrincipalName::parse(user).ok());
        names.filter(is_free).collect()
    }

    /// The accounts of these users, as `nats-server` reads them.
    pub fn accounts(&self, apart: &[&str]) -> String {
        let hash = |user: &str| self.logins.get(user).map(|login| login.hash.clone()).unwrap_or_default();
        let (names, principals) = (Namespace::default(), self.principals());
        Access { names: &names, principals: &principals, apart, hash: &hash }.render()
    }

    /// The address of a server for each role, as its own user.
    pub fn logins(&self, server: &str) -> Logins {
        let login = |insider: Insider| self.url(server, insider.user());
        Logins {
            command: login(Insider::Command),
            bus: login(Insider::Bus),
            projection: login(Insider::Projection),
            timers: login(Insider::Timers),
            principals: Some(self.principals()),
        }
    }

    /// Whether a user has a password.
    pub fn knows(&self, user: &str) -> bool {
        self.logins.contains_key(user)
    }

    /// The address of a server with the credentials of a user; without any for a user that has none.
    pub fn url(&self, server: &str, user: &str) -> String {
        match (self.logins.get(user), server.split_once("://")) {
            (Some(login), Some((scheme, host))) => format!("{scheme}://{user}:{}@{host}", login.password),
            _ => server.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_stay_and_are_not_in_the_configuration() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("users.json");
        let webshop = PrincipalName::parse("webshop").unwrap();
        let mut first = Credentials::open(&path).unwrap();
        first.provide(std::slice::from_ref(&webshop), &[]).unwrap();
        let mut again = Credentials::open(&path).unwrap();
        again.provide(&[webshop, PrincipalName::parse("desk").unwrap()], &[]).unwrap();
        let url = again.url("nats://127.0.0.1:4222", "webshop");
        assert_eq!(url, first.url("nats://127.0.0.1:4222", "webshop"));
        let password = url.split([':', '@']).nth(2).unwrap();
        assert!(!again.accounts(&[]).contains(password));
        assert!(again.accounts(&[]).contains("\"$2b$04$"));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
