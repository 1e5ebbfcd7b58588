//! `docket witness`: somebody who has seen the heads of logs.

mod serve;

use std::process::ExitCode;

use crate::error::AnyError;

/// Arguments of `docket witness`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Sign heads of logs that have only grown, until Ctrl-C.
    Serve(serve::Args),
}

/// Does what was asked for.
pub async fn run(args: Args) -> Result<ExitCode, AnyError> {
    match args.command {
        Command::Serve(args) => serve::run(args).await,
    }
}
