//! Where the master keys are, and the keys of what is personal that they open.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use docket_jetstream::keys::Keys;
use docket_jetstream::{Connection, Namespace};
use docket_keyring::provider::MasterKeys;
use docket_keyring::{KeyRing, Settings};

use crate::environment::random;
use crate::error::{AnyError, plain};

/// The file of the master keys in the data folder of a desk.
const FILE: &str = "master.keys";

/// Where the master keys are.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct MasterKeySource {
    /// The file of the master keys, which `docket keys init` makes: what is personal cannot be read without it.
    #[arg(long, env = FILE_VARIABLE, value_name = "FILE")]
    master_keys: Option<PathBuf>,
    /// The same keys themselves, as the file has them.
    #[arg(skip = set(VARIABLE))]
    text: Option<String>,
}

/// The variable of the environment that may name the file of the master keys.
const FILE_VARIABLE: &str = "DOCKET_MASTER_KEYS_FILE";
/// The variable of the environment that may hold the master keys themselves.
const VARIABLE: &str = "DOCKET_MASTER_KEYS";

impl MasterKeySource {
    /// Those of a desk in a data folder, which makes some for itself unless the environment has some.
    pub fn own(data: &Path) -> Result<Self, AnyError> {
        let given = Self { master_keys: set(FILE_VARIABLE).map(PathBuf::from), text: set(VARIABLE) };
        if given.is_given() {
            return Ok(given);
        }
        let file = data.join(FILE);
        if !file.exists() {
            create(&file)?;
        }
        Ok(Self { master_keys: Some(file), text: None })
    }

    /// The file that is given; else that of the desk in a data folder, if it has one; else what the environment holds.
    pub fn or_of(&self, data: Option<&Path>) -> Self {
        let of_desk = || data.map(|data| data.join(FILE)).filter(|file| file.exists());
        Self { master_keys: self.master_keys.clone().or_else(of_desk), text: self.text.clone() }
    }

    /// Whether any are given.
    pub fn is_given(&self) -> bool {
        self.master_keys.is_some() || self.text.is_some()
    }

    /// The keys of what is personal; none when no master keys are given.
    pub fn ring(&self, connection: &Connection, names: &Namespace) -> Result<Option<Arc<KeyRing>>, AnyError> {
        let master = match (&self.master_keys, &self.text) {
            (Some(file), _) => read(file)?,
            (None, Some(text)) => {
                MasterKeys::parse(text, random).map_err(|error| plain(format!("{VARIABLE}: {error}")))?
            }
            (None, None) => return Ok(None),
        };
        let store = Arc::new(Keys::new(connection, names.clone()));
        Ok(Some(Arc::new(KeyRing::new(store, Arc::new(master), random, Settings::default()))))
    }

    /// The same for who cannot do without.
    pub fn needed_ring(&self, connection: &Connection, names: &Namespace) -> Result<Arc<KeyRing>, AnyError> {
        self.ring(connection, names)?.ok_or_else(none_given)
    }
}

/// A variable of the environment, if it is set to something.
fn set(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

/// What is said when no master keys are given.
pub fn none_given() -> AnyError {
    plain(format!(
        "what is personal is sealed with keys that a master key opens, and none is given: make one with `docket keys init --out \
         FILE`, and say --master-keys FILE (or DOCKET_MASTER_KEYS_FILE, or the keys themselves in {VARIABLE})"
    ))
}

/// Makes a file with a new master key, which nobody but its owner can read. One that exists is left as it is.
pub fn create(file: &Path) -> Result<(), AnyError> {
    let failed = |error: std::io::Error| plain(format!("could not write {}: {error}", file.display()));
    let mut created = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).map_err(failed)?;
    created.write_all(MasterKeys::generate(random).as_bytes()).and_then(|()| created.sync_all()).map_err(failed)?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
}

fn read(file: &Path) -> Result<MasterKeys, AnyError> {
    let shown = file.display();
    let failed = |error: &dyn std::fmt::Display| plain(format!("could not read the master keys in {shown}: {error}"));
    let mode = fs::metadata(file).map_err(|error| failed(&error))?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(plain(format!("others can read the master keys in {shown}; run `chmod 600 {shown}`")));
    }
    let text = zeroize::Zeroizing::new(fs::read_to_string(file).map_err(|error| failed(&error))?);
    MasterKeys::parse(&text, random).map_err(|error| failed(&error))
}
