//! One file per subcommand.

pub mod backup;
pub mod bench;
pub mod case;
pub mod demo;
pub mod doctor;
mod drive;
pub mod import;
pub mod log;
pub mod nats_config;
pub mod policy;
pub mod rebuild;
pub mod restore;
pub mod send;
pub mod serve;
pub mod up;

use std::process::ExitCode;

use crate::cli::{Cli, Command};
use crate::error::AnyError;

/// Runs a subcommand.
pub async fn run(cli: Cli) -> Result<ExitCode, AnyError> {
    match cli.command {
        Command::Demo(args) => Box::pin(demo::run(args)).await,
        Command::Up(args) => Box::pin(up::run(args)).await,
        Command::Serve(args) => Box::pin(serve::run(args)).await,
        Command::Send(args) => send::run(args).await,
        Command::Log(args) => log::run(args).await,
        Command::Case(args) => case::run(args).await,
        Command::Policy(args) => policy::run(args).await,
        Command::Import(args) => Box::pin(import::run(args)).await,
        Command::Doctor(args) => doctor::run(args).await,
        Command::Rebuild(args) => rebuild::run(args).await,
        Command::Backup(args) => Box::pin(backup::run(args)).await,
        Command::Restore(args) => Box::pin(restore::run(args)).await,
        Command::NatsConfig(args) => nats_config::run(&args),
        Command::Bench(args) => Box::pin(bench::run(args)).await,
    }
}
