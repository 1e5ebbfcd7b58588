//! `docket up`: private engines and all roles in one folder.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

use docket_engines::EngineOptions;
use docket_jetstream::Namespace;

use crate::desk::{self, Desk};
use crate::endpoints::Endpoints;
use crate::error::AnyError;
use crate::roles::{Role, http};
use crate::{output, roles};

/// Arguments of `docket up`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  docket up\n  docket up --data /var/lib/docket --nats-port 4222 --postgres-port 5432 --http-port 8080\n\nWhen it is ready it prints the addresses as JSON and writes them to DIR/endpoints.json.\nCtrl-C or SIGTERM stops everything; starting again in the same folder goes on where it stopped."
)]
pub struct Args {
    /// The folder that everything is in.
    #[arg(long, default_value = ".docket", value_name = "DIR")]
    data: PathBuf,
    /// The port of NATS; 0 takes any free one.
    #[arg(long, default_value_t = 0, value_name = "PORT")]
    nats_port: u16,
    /// The port of Postgres; 0 takes any free one.
    #[arg(long, default_value_t = 0, value_name = "PORT")]
    postgres_port: u16,
    /// The port of /healthz and /readyz; 0 takes any free one.
    #[arg(long, default_value_t = 0, value_name = "PORT")]
    http_port: u16,
    /// Where the engines' binaries are.
    #[command(flatten)]
    binaries: desk::Binaries,
}

/// Runs the desk until it is told to stop.
pub async fn run(args: Args) -> Result<ExitCode, AnyError> {
    let mut options = EngineOptions::new(&args.data);
    options.nats_port = args.nats_port;
    options.postgres_port = args.postgres_port;
    args.binaries.apply(&mut options);
    let stopped = desk::stop_signal()?;
    tokio::pin!(stopped);
    let started = tokio::select! {
        started = start(&options, args.http_port) => started?,
        () = &mut stopped => return Ok(ExitCode::SUCCESS),
    };
    let (mut desk, endpoints) = started;
    endpoints.write(&args.data)?;
    output::json(&endpoints)?;
    let ended = tokio::select! {
        () = &mut stopped => None,
        ended = desk.engines.exited() => Some(ended),
    };
    Endpoints::remove(&args.data);
    desk.stop().await?;
    match ended {
        None => Ok(ExitCode::SUCCESS),
        Some(ended) => {
            let (engine, status) = ended?;
            output::note(&format!(
                "docket: {engine} ended by itself ({status}); see its log in {}",
                args.data.display()
            ));
            Ok(ExitCode::FAILURE)
        }
    }
}

async fn start(options: &EngineOptions, http_port: u16) -> Result<(Desk, Endpoints), AnyError> {
    let desk = Desk::start(options, &every_role()).await?;
    desk.publish_sample_policy().await?;
    let http = http::serve(http_port, desk.health()).await?;
    let endpoints =
        Endpoints { nats: desk.nats(), postgres: desk.postgres(), http, principals: std::collections::BTreeMap::new() };
    Ok((desk, endpoints))
}

/// All roles.
pub fn every_role() -> BTreeSet<Role> {
    BTreeSet::from([Role::Command, Role::Projection, Role::Timers])
}

/// The addresses of engines for the roles.
pub fn engines(nats: String, postgres: String) -> roles::Engines {
    roles::Engines { nats, postgres, names: Namespace::default() }
}
