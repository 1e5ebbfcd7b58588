//! `docket keys`: the keys that what is personal is sealed with.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::error::AnyError;
use crate::{keys, output};

/// Arguments of `docket keys`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Make a file with a new master key. Whoever has it can open everything that is not erased: keep copies of it where you
    /// keep no backups of NATS.
    #[command(
        after_help = "Examples:\n  docket keys init --out master.keys\n  docket serve --master-keys master.keys …"
    )]
    Init {
        /// The file. It must not exist.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

/// Does what was asked for.
pub fn run(args: &Args) -> Result<ExitCode, AnyError> {
    match &args.action {
        Action::Init { out } => {
            keys::create(out)?;
            output::say(&format!(
                "{} has a new master key; without it nothing personal can be read again",
                out.display()
            ));
        }
    }
    Ok(ExitCode::SUCCESS)
}
