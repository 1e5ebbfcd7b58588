//! `docket audit`: what auditors ask first, answered from the log alone.

mod access;
mod admin;
mod backdated;
mod config_changes;
mod reading;

use std::process::ExitCode;

use crate::error::AnyError;

/// Arguments of `docket audit`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Who changed the policy, when, and what.
    ConfigChanges(config_changes::Args),
    /// Who could do what at a time.
    Access(access::Args),
    /// What was recorded with an earlier moment than its own.
    Backdated(backdated::Args),
    /// What was done that goes beyond the daily work.
    Admin(admin::Args),
}

/// Answers.
pub async fn run(args: Args) -> Result<ExitCode, AnyError> {
    match args.command {
        Command::ConfigChanges(args) => config_changes::run(args).await,
        Command::Access(args) => access::run(args).await,
        Command::Backdated(args) => backdated::run(args).await,
        Command::Admin(args) => admin::run(args).await,
    }
}
