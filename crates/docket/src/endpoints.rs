//! Where the engines are.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use docket_jetstream::{Connection, JetStreamLog, Namespace};
use docket_messages::PrincipalName;
use docket_projection::{ReadModels, Schema, Snapshot};
use serde::{Deserialize, Serialize};

use crate::desk::Desk;
use crate::error::{AnyError, one_line, plain};
use crate::output;

/// The addresses of a running `docket up`, as `endpoints.json` has them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Endpoints {
    /// NATS, with the credentials of the operator.
    pub nats: String,
    /// Postgres, as the owner of the read models.
    pub postgres: String,
    /// Postgres, as somebody who can only read them.
    pub analyst: String,
    /// Health.
    pub http: String,
    /// NATS, with the credentials of each principal.
    #[serde(default)]
    pub principals: BTreeMap<String, String>,
}

/// The name of the file in the data folder.
const FILE: &str = "endpoints.json";

impl Endpoints {
    /// The addresses of a desk that runs.
    pub async fn of(desk: &Desk, http: String) -> Result<Self, AnyError> {
        let (nats, postgres, analyst) = (desk.nats(), desk.postgres(), desk.analyst().await?);
        Ok(Self { nats, postgres, analyst, http, principals: desk.principals() })
    }

    /// Says that the desk is ready, and where; but no password, since terminals and their logs are read by others.
    pub fn announce(&self, data: &Path) {
        output::say("docket is ready");
        for (what, url) in [("NATS", &self.nats), ("Postgres", &self.postgres), ("health", &self.http)] {
            output::say(&format!("  {what:<10}{}", without_login(url)));
        }
        let file = data.join(FILE);
        output::say(&format!(
            "{} has these addresses with their logins: operator, owner, analyst, and each principal",
            file.display()
        ));
        output::say("Ctrl-C stops everything");
    }

    /// Writes the file, whole or not at all, readable by its owner only: it holds a password.
    pub fn write(&self, data: &Path) -> Result<(), AnyError> {
        let path = data.join(FILE);
        let text = serde_json::to_string(self)?;
        let written = tempfile::NamedTempFile::new_in(data).and_then(|mut file| {
            writeln!(file, "{text}")?;
            Ok(file.persist(&path)?)
        });
        let failed = |error| {
            plain(format!("could not write {}: {error}; let this user write in {}", path.display(), data.display()))
        };
        written.map(drop).map_err(failed)
    }

    /// Removes the file: nobody is there any more.
    pub fn remove(data: &Path) {
        if let Err(error) = std::fs::remove_file(data.join(FILE)) {
            tracing::debug!(%error, "there was no {FILE} to remove: {error}");
        }
    }

    /// Reads the file of a desk that runs.
    pub fn read(data: &Path) -> Result<Self, AnyError> {
        let path = data.join(FILE);
        let text = std::fs::read(&path).map_err(|error| {
            let (data, path, kind) = (data.display(), path.display(), error.kind());
            if kind == ErrorKind::NotFound {
                plain(format!(
                    "nothing runs in {data}; start it with `docket up --data {data}`, or say where the engines are \
                     with --nats and --postgres (or DOCKET_NATS_URL and DOCKET_POSTGRES_URL)"
                ))
            } else {
                plain(format!(
                    "could not read {path}: {error}; it belongs to the user who runs `docket up`: ask as that user, or say \
                     where the engines are with --nats and --postgres"
                ))
            }
        })?;
        serde_json::from_slice(&text).map_err(|error| {
            let (data, path) = (data.display(), path.display());
            plain(format!(
                "could not understand {path}: {error}; another version of Docket may have written it: stop what runs in \
                 {data}, and start it again with `docket up --data {data}`"
            ))
        })
    }
}

/// An address without the login in it.
pub fn without_login(url: &str) -> String {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, place))) => format!("{scheme}://{place}"),
        _ => url.to_owned(),
    }
}

/// How the address of an engine is given.
struct Way {
    option: &'static str,
    variable: &'static str,
}

const NATS: Way = Way { option: "--nats", variable: "DOCKET_NATS_URL" };
const POSTGRES: Way = Way { option: "--postgres", variable: "DOCKET_POSTGRES_URL" };

/// How a client command finds the engines.
#[derive(Debug, Clone, clap::Args)]
pub struct Find {
    /// NATS.
    #[arg(long, env = "DOCKET_NATS_URL", value_name = "URL", hide_env_values = true)]
    nats: Option<String>,
    /// Postgres.
    #[arg(long, env = "DOCKET_POSTGRES_URL", value_name = "URL", hide_env_values = true)]
    postgres: Option<String>,
    /// The folder of a running `docket up`.
    #[arg(long, default_value = ".docket", value_name = "DIR")]
    data: PathBuf,
}

impl Find {
    /// A connection to NATS for a principal: with its own credentials where they are known.
    pub async fn connect_as(&self, principal: &PrincipalName) -> Result<Connection, AnyError> {
        let url = match &self.nats {
            Some(url) => url.clone(),
            None => {
                let endpoints = Endpoints::read(&self.data)?;
                endpoints.principals.get(principal.as_str()).cloned().unwrap_or(endpoints.nats)
            }
        };
        let connected = docket_jetstream::connect_as(&url, principal.as_str()).await;
        connected.map_err(|error| self.unreachable(&error, self.nats.as_deref(), &NATS))
    }

    /// A connection to NATS for reading the log.
    pub async fn connect(&self) -> Result<Connection, AnyError> {
        let url = match &self.nats {
            Some(url) => url.clone(),
            None => Endpoints::read(&self.data)?.nats,
        };
        let connected = docket_jetstream::connect(&url, "docket-cli").await;
        connected.map_err(|error| self.unreachable(&error, self.nats.as_deref(), &NATS))
    }

    /// The data folder, if the engines are those of a desk in one.
    pub fn data(&self) -> Option<&Path> {
        self.nats.is_none().then_some(&self.data)
    }

    /// Reads the log, unless the server says that the user of the address may not.
    pub async fn with_log<T>(
        &self,
        read: impl AsyncFnOnce(JetStreamLog) -> Result<T, AnyError>,
    ) -> Result<T, AnyError> {
        let connection = self.connect().await?;
        let read = async {
            let log = JetStreamLog::open(connection.clone(), Namespace::default()).await?;
            read(log).await
        };
        connection.unless_refused(Box::pin(read)).await
    }

    /// Whether there is an address of Postgres: a client that was given only that of NATS has none.
    pub fn knows_postgres(&self) -> bool {
        self.postgres.is_some() || self.nats.is_none() || self.data.join(FILE).exists()
    }

    /// The read models.
    pub async fn read_models(&self) -> Result<ReadModels, AnyError> {
        self.read_models_at(self.postgres_url()?).await
    }

    async fn read_models_at(&self, url: String) -> Result<ReadModels, AnyError> {
        let opened = ReadModels::open(&url, &Schema::default()).await;
        opened.map_err(|error| self.unreachable(&error, self.postgres.as_deref(), &POSTGRES))
    }

    /// The address of Postgres.
    ///
    /// # Errors
    /// When none was given, and no `docket up` has left one.
    pub fn postgres_url(&self) -> Result<String, AnyError> {
        match &self.postgres {
            Some(url) => Ok(url.clone()),
            None => Ok(Endpoints::read(&self.data)?.postgres),
        }
    }

    /// The address of Postgres for who only reads: that of a desk's analysts, unless another one was given.
    ///
    /// # Errors
    /// When none was given, and no `docket up` has left one.
    fn reader_url(&self) -> Result<String, AnyError> {
        match &self.postgres {
            Some(url) => Ok(url.clone()),
            None => Ok(Endpoints::read(&self.data)?.analyst),
        }
    }

    /// The read models, as the login that reads them.
    pub async fn read_as_reader(&self) -> Result<ReadModels, AnyError> {
        self.read_models_at(self.reader_url()?).await
    }

    /// All relations of the read models as of one position.
    pub async fn snapshot(&self) -> Result<Snapshot, AnyError> {
        let opened = Snapshot::open(&self.reader_url()?, &Schema::default()).await;
        opened.map_err(|error| self.unreachable(&error, self.postgres.as_deref(), &POSTGRES))
    }

    /// Says of an engine that cannot be reached where its address came from, and what to do about that.
    fn unreachable(&self, error: &(dyn std::error::Error + 'static), given: Option<&str>, way: &Way) -> AnyError {
        let (what, Way { option, variable }) = (one_line(error), way);
        let from = match given {
            None => format!(
                "the address is from {file}, which a killed `docket up` leaves behind: if none runs there, start it with \
                 `docket up --data {data}`",
                file = self.data.join(FILE).display(),
                data = self.data.display()
            ),
            Some(url) if std::env::var(variable).is_ok_and(|set| set == url) => {
                format!("the address is from {variable}")
            }
            Some(_) => format!("the address is from {option}"),
        };
        plain(format!("{what}; {from}"))
    }

    /// A principal's way to the command service.
    pub async fn bus(&self, principal: &PrincipalName) -> Result<docket_jetstream::bus::BusClient, AnyError> {
        let connection = self.connect_as(principal).await?;
        Ok(docket_jetstream::bus::BusClient::new(connection, Namespace::default(), principal.clone()))
    }
}
