//! Where the engines are.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use docket_jetstream::{Connection, Namespace};
use docket_messages::PrincipalName;
use serde::{Deserialize, Serialize};

use crate::error::{AnyError, plain};

/// The addresses of a running `docket up`, as `endpoints.json` has them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Endpoints {
    /// NATS, with the credentials of the operator.
    pub nats: String,
    /// Postgres.
    pub postgres: String,
    /// Health.
    pub http: String,
    /// NATS, with the credentials of each principal.
    #[serde(default)]
    pub principals: BTreeMap<String, String>,
}

/// The name of the file in the data folder.
const FILE: &str = "endpoints.json";

impl Endpoints {
    /// Writes the file, whole or not at all, readable by its owner only: it holds a password.
    pub fn write(&self, data: &Path) -> Result<(), AnyError> {
        let mut file = tempfile::NamedTempFile::new_in(data)?;
        writeln!(file, "{}", serde_json::to_string(self)?)?;
        file.persist(data.join(FILE))?;
        Ok(())
    }

    /// Removes the file: nobody is there any more.
    pub fn remove(data: &Path) {
        if let Err(error) = std::fs::remove_file(data.join(FILE)) {
            tracing::debug!(%error, "there was no {FILE} to remove: {error}");
        }
    }

    fn read(data: &Path) -> Result<Self, AnyError> {
        let path = data.join(FILE);
        let text = std::fs::read(&path).map_err(|_| {
            let data = data.display();
            plain(format!(
                "nothing runs in {data}; start it with `docket up --data {data}`, or say where the engines are \
                 with --nats and --postgres (or DOCKET_NATS_URL and DOCKET_POSTGRES_URL)"
            ))
        })?;
        serde_json::from_slice(&text).map_err(|error| plain(format!("could not read {}: {error}", path.display())))
    }
}

/// How a client command finds the engines.
#[derive(Debug, Clone, clap::Args)]
pub struct Find {
    /// NATS.
    #[arg(long, env = "DOCKET_NATS_URL", value_name = "URL")]
    nats: Option<String>,
    /// Postgres.
    #[arg(long, env = "DOCKET_POSTGRES_URL", value_name = "URL", hide_env_values = true)]
    postgres: Option<String>,
    /// The folder of a running `docket up`.
    #[arg(long, default_value = ".docket", value_name = "DIR")]
    data: PathBuf,
}

impl Find {
    /// Where NATS is.
    pub fn nats(&self) -> Result<String, AnyError> {
        match &self.nats {
            Some(url) => Ok(url.clone()),
            None => Endpoints::read(&self.data).map(|endpoints| endpoints.nats),
        }
    }

    /// Where Postgres is.
    pub fn postgres(&self) -> Result<String, AnyError> {
        match &self.postgres {
            Some(url) => Ok(url.clone()),
            None => Endpoints::read(&self.data).map(|endpoints| endpoints.postgres),
        }
    }

    /// A connection to NATS for a principal: with its own credentials where they are known.
    pub async fn connect_as(&self, principal: &PrincipalName) -> Result<Connection, AnyError> {
        let url = match &self.nats {
            Some(url) => url.clone(),
            None => {
                let endpoints = Endpoints::read(&self.data)?;
                endpoints.principals.get(principal.as_str()).cloned().unwrap_or(endpoints.nats)
            }
        };
        Ok(docket_jetstream::connect_as(&url, principal.as_str()).await?)
    }

    /// A connection to NATS for reading the log.
    pub async fn connect(&self) -> Result<Connection, AnyError> {
        Ok(docket_jetstream::connect(&self.nats()?, "docket-cli").await?)
    }

    /// A principal's way to the command service.
    pub async fn bus(&self, principal: &PrincipalName) -> Result<docket_jetstream::bus::BusClient, AnyError> {
        let connection = self.connect_as(principal).await?;
        Ok(docket_jetstream::bus::BusClient::new(connection, Namespace::default(), principal.clone()))
    }
}
