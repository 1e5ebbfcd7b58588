//! The passwords of the users of NATS, in a file of their own.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use docket_jetstream::Namespace;
use docket_jetstream::access::{Access, SystemUser, is_free};
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
        if path.try_exists().is_ok_and(|exists| !exists) {
            return Ok(Self { path: path.to_path_buf(), logins: BTreeMap::new() });
        }
        Self::read(path)
    }

    /// Reads the file, which must be there.
    pub fn read(path: &Path) -> Result<Self, AnyError> {
        let shown = path.display();
        let text = std::fs::read(path).map_err(|error| {
            plain(format!("could not read {shown}: {error}; it holds the passwords of the users of NATS"))
        })?;
        let logins = serde_json::from_slice(&text).map_err(|error| {
            plain(format!(
                "{shown} is damaged: {error}; put it back from a backup. If there is none, remove it and have new passwords \
                 made (`docket up` does, and `docket nats-config`), which every user of NATS must then be told"
            ))
        })?;
        Ok(Self { path: path.to_path_buf(), logins })
    }

    /// Gives a password to Docket's own users, to principals, and to others, and keeps the file if that changed it.
    /// Those who have one keep it.
    pub fn provide(&mut self, principals: &[PrincipalName], apart: &[&str]) -> Result<(), AnyError> {
        let own = SystemUser::ALL.iter().map(|system_user| system_user.user());
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

    /// The address of a server for each of Docket's own users.
    pub fn logins(&self, server: &str) -> Logins {
        Logins::each(|system_user| self.url(server, system_user.user()), Some(self.principals()))
    }

    /// Whether a user has a password.
    pub fn knows(&self, user: &str) -> bool {
        self.logins.contains_key(user)
    }

    /// The address of a server with the credentials of a user; without any for a user that has none.
    pub fn url(&self, server: &str, user: &str) -> String {
        let Some(login) = self.logins.get(user) else { return server.to_owned() };
        // Where nothing is said, clients take it for `nats`.
        let (scheme, host) = server.split_once("://").unwrap_or(("nats", server));
        format!("{scheme}://{user}:{}@{host}", login.password)
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
        assert_eq!(url, first.url("127.0.0.1:4222", "webshop"));
        let password = url.split([':', '@']).nth(2).unwrap();
        assert!(!again.accounts(&[]).contains(password));
        assert!(again.accounts(&[]).contains("\"$2b$04$"));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_file_that_is_damaged_or_absent_where_it_must_be_is_named_with_the_mend() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("users.json");
        let absent = Credentials::read(&path).err().unwrap().to_string();
        assert!(absent.contains("users.json: No such file"), "{absent}");
        std::fs::write(&path, "{").unwrap();
        let damaged = Credentials::open(&path).err().unwrap().to_string();
        assert!(damaged.contains("users.json is damaged") && damaged.contains("from a backup"), "{damaged}");
    }
}
