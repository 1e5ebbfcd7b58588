//! `docket serve`: roles against engines that already run.

use std::collections::BTreeSet;
use std::process::ExitCode;

use crate::commands::up::engines;
use crate::error::AnyError;
use crate::roles::{self, Role, http};
use crate::{desk, output};

/// Arguments of `docket serve`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  docket serve --nats nats://nats:4222 --postgres postgres://docket:…@db/docket\n  docket serve --nats nats://nats:4222 --postgres postgres://… --roles command\n\nAny number of instances may run: commands are shared among all, one projection works while others stand by."
)]
pub struct Args {
    /// NATS.
    #[arg(long, env = "DOCKET_NATS_URL", value_name = "URL")]
    nats: String,
    /// Postgres.
    #[arg(long, env = "DOCKET_POSTGRES_URL", value_name = "URL", hide_env_values = true)]
    postgres: String,
    /// The roles to play.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Role::Command, Role::Projection, Role::Timers])]
    roles: Vec<Role>,
    /// The port of /healthz and /readyz on the loopback address; 0 takes any free one.
    #[arg(long, default_value_t = 0, value_name = "PORT")]
    http_port: u16,
}

/// Plays the roles until it is told to stop.
pub async fn run(args: Args) -> Result<ExitCode, AnyError> {
    let stopped = desk::stop_signal()?;
    let wanted: BTreeSet<Role> = args.roles.into_iter().collect();
    let running = roles::start(&engines(args.nats, args.postgres), &wanted).await?;
    let http = http::serve(args.http_port, running.health.clone()).await?;
    output::json(&serde_json::json!({ "http": http }))?;
    stopped.await;
    running.stop().await;
    Ok(ExitCode::SUCCESS)
}
