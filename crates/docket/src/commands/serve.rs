//! `docket serve`: roles against engines that already run.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

use docket_jetstream::Namespace;

use crate::credentials::Credentials;
use crate::error::{AnyError, plain};
use crate::keys::{self, MasterKeySource};
use crate::metrics::Metrics;
use crate::roles::{self, Engines, Health, Logins, Role, Sealing, http, sealer};
use crate::{desk, output};

/// Arguments of `docket serve`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples, with the address of Postgres in the environment, where `ps` does not show its password, and the master keys of `docket keys init`:\n  export DOCKET_POSTGRES_URL=postgresql://docket:…@db/docket\n  export DOCKET_MASTER_KEYS_FILE=master.keys\n  docket serve --nats nats://nats:4222 --users users.json\n  docket serve --nats nats://nats:4222 --users users.json --roles command\n  docket serve --nats nats://a:4222,nats://b:4222,nats://c:4222 --replicas 3 --users users.json\n\nAny number of instances may run: commands are shared among all, one projection works while others stand by."
)]
pub struct Args {
    /// NATS.
    #[arg(long, env = "DOCKET_NATS_URL", value_name = "URL", hide_env_values = true)]
    nats: String,
    /// The file of passwords that `docket nats-config` made: each role connects as its own user.
    #[arg(long, value_name = "FILE")]
    users: Option<PathBuf>,
    /// Postgres.
    #[arg(long, env = "DOCKET_POSTGRES_URL", value_name = "URL", hide_env_values = true)]
    postgres: String,
    /// The roles to play [default: all, the sealer if it has a key]
    #[arg(long, value_enum, value_delimiter = ',', value_name = "ROLE,…")]
    roles: Vec<Role>,
    /// The file of the sealer's keys, which `docket evidence keygen` made.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// The folder in which the sealer keeps the hashes of the log [default: beside its key]
    #[arg(long, value_name = "DIR", requires = "key")]
    hashes: Option<PathBuf>,
    /// A file of witnesses with their addresses, which the sealer asks to sign (c2sp.org/tlog-policy: lines `witness NAME KEY URL`).
    #[arg(long, value_name = "FILE", requires = "key")]
    witnesses: Option<PathBuf>,
    #[command(flatten)]
    keys: MasterKeySource,
    /// On how many servers of a cluster each stream is kept, if this creates it: 1, 3 or 5.
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = replicas)]
    replicas: usize,
    #[command(flatten)]
    http: http::Address,
}

/// Plays the roles until it is told to stop.
pub async fn run(args: Args) -> Result<ExitCode, AnyError> {
    let stopped = desk::stop_signal()?;
    let has_key = args.key.is_some();
    let mut wanted: BTreeSet<Role> = args.roles.iter().copied().collect();
    if wanted.is_empty() {
        wanted = Role::ALL.into_iter().filter(|role| *role != sealer::ROLE || has_key).collect();
    }
    if wanted.contains(&sealer::ROLE) && !has_key {
        output::fail(&*plain("the role `sealer` needs --key FILE; `docket evidence keygen` makes one"));
        return Ok(ExitCode::from(2));
    }
    if wanted.iter().any(Role::opens_texts) && !args.keys.is_given() {
        output::fail(&*keys::none_given());
        return Ok(ExitCode::from(2));
    }
    let sealing = args.key.map(|key| {
        let hashes = args.hashes.unwrap_or_else(|| key.with_extension("hashes"));
        Sealing::Given { key, hashes, witnesses: args.witnesses }
    });
    let nats = match &args.users {
        None => Logins::same(&args.nats),
        Some(file) => Credentials::read(file)?.logins(&args.nats),
    };
    let (names, replicas) = (Namespace::default(), args.replicas);
    let engines = Engines { nats, postgres: args.postgres, names, replicas, keys: args.keys, sealing, feed: None };
    let metrics = Metrics::start()?;
    let (listener, health) = (http::listen(args.http).await?, Health::default());
    // Probes are answered while engines are waited for.
    let http = http::serve(listener, health.clone(), metrics)?;
    tracing::info!("health and metrics are at {http}");
    tokio::pin!(stopped);
    let running = tokio::select! {
        started = roles::start(&engines, &wanted, &health) => started?,
        () = &mut stopped => return Ok(ExitCode::SUCCESS),
    };
    output::json(&serde_json::json!({ "http": http }))?;
    stopped.await;
    running.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// An even number of servers outlives no more failures than one fewer.
fn replicas(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(count @ (1 | 3 | 5)) => Ok(count),
        _ => Err("choose 1, 3 or 5".to_owned()),
    }
}
