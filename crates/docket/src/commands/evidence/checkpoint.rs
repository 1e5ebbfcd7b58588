//! `docket evidence checkpoint`: the newest seal.

use std::path::PathBuf;
use std::process::ExitCode;

use docket_evidence::checkpoint::SignedCheckpoint;
use docket_jetstream::Namespace;
use docket_jetstream::seals::Seals;

use crate::endpoints::Find;
use crate::error::{AnyError, plain};
use crate::output;

/// Arguments of `docket evidence checkpoint`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  docket evidence checkpoint                              # beside docket up
  docket evidence checkpoint --out 2026-q4.checkpoint

It is a signed note (c2sp.org/tlog-checkpoint): which log, how many entries it has, and the root of the tree over them. Keep it
where nobody can reach it who can reach the log: whoever has it can tell later whether these entries are still the same.")]
pub struct Args {
    /// The file that it is written to; it is printed if there is none
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    find: Find,
}

/// Prints or writes it.
pub async fn run(args: Args) -> Result<ExitCode, AnyError> {
    let signed = newest(&args.find).await?;
    match &args.out {
        None => output::say(signed.to_string().trim_end()),
        Some(file) => {
            std::fs::write(file, signed.to_string())
                .map_err(|error| plain(format!("could not write {}: {error}", file.display())))?;
            let size = signed.checkpoint().size;
            output::say(&format!("the checkpoint of the first {size} entries is in {}", file.display()));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The newest seal.
pub(super) async fn newest(find: &Find) -> Result<SignedCheckpoint, AnyError> {
    let connection = find.connect().await?;
    let last = async { Ok::<_, AnyError>(Seals::open(&connection, Namespace::default()).await?.last().await?) };
    let last = connection.unless_refused(Box::pin(last)).await?;
    let last = last.ok_or_else(|| {
        plain("nothing is sealed yet: a sealer works in `docket up`, and in `docket serve --roles sealer`")
    })?;
    Ok(docket_sealing::read_seal(&last)?)
}
