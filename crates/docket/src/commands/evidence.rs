//! `docket evidence`: what proves that the log is the one that it was.

mod checkpoint;
mod export;
mod hashes;
mod keygen;
mod population;
mod prove;
mod sample;
mod verify;

pub use export::first_since;

use std::process::ExitCode;

use crate::error::AnyError;
use crate::output;

/// Arguments of `docket evidence`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Make the keys of a sealer, or of a witness.
    Keygen(keygen::Args),
    /// The newest checkpoint, for an auditor to keep.
    Checkpoint(checkpoint::Args),
    /// The proof that an entry is in the log, which others' tools can check.
    Prove(prove::Args),
    /// A bundle: one file by which an auditor verifies a case, a customer, a period or positions.
    Export(export::Args),
    /// Verify a bundle, offline.
    Verify(verify::Args),
    /// All entries of a kind in a period, counted and bound to a checkpoint.
    Population(population::Args),
    /// Some entries of a population, chosen by a seed.
    Sample(sample::Args),
}

/// What could not be shown, which has an exit code of its own.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Unproven(docket_bundle::Finding);

/// Does what was asked for.
pub async fn run(args: Args) -> Result<ExitCode, AnyError> {
    let done = act(args).await;
    if let Err(error) = &done
        && let Some(Unproven(finding)) = error.downcast_ref()
    {
        output::note(&format!("docket: {finding}"));
        return Ok(ExitCode::from(finding.kind.code()));
    }
    done
}

async fn act(args: Args) -> Result<ExitCode, AnyError> {
    match args.command {
        Command::Keygen(args) => keygen::run(&args),
        Command::Checkpoint(args) => checkpoint::run(args).await,
        Command::Prove(args) => prove::run(args).await,
        Command::Export(args) => export::run(args).await,
        Command::Verify(args) => verify::run(&args),
        Command::Population(args) => population::run(args).await,
        Command::Sample(args) => sample::run(args).await,
    }
}
