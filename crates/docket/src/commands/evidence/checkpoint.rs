//! `docket evidence checkpoint`: the newest seal.

use std::path::PathBuf;
use std::process::ExitCode;

use docket_evidence::checkpoint::SignedCheckpoint;
use docket_jetstream::Namespace;
use docket_jetstream::seals::{self, Seals};

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

/// The newest checkpoint, with all signatures: the sealer is asked for it. While none answers, it is the last that one wrote.
pub(super) async fn newest(find: &Find) -> Result<SignedCheckpoint, AnyError> {
    let (connection, names) = (find.connect().await?, Namespace::default());
    let last = async {
        if let Some(note) = seals::ask(&connection, &names).await? {
            return Ok::<_, AnyError>(Some(SignedCheckpoint::parse(&note)?));
        }
        let last = Seals::open(&connection, names.clone()).await?.last().await?;
        if last.is_some() {
            output::note("no sealer answers: this is the last checkpoint that one wrote, and it may lack signatures");
        }
        last.map(|seal| Ok(docket_sealing::read_seal(&seal)?)).transpose()
    };
    let last = connection.unless_refused(Box::pin(last)).await?;
    last.ok_or_else(|| {
        plain("nothing is sealed yet: a sealer works in `docket up`, and in `docket serve --roles sealer`")
    })
}
