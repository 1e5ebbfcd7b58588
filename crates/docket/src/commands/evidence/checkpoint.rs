//! `docket evidence checkpoint`: the newest seal.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

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

/// How long is waited for the first seal of all: a desk that has only just begun has one in a moment.
const FIRST: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(200);

/// The newest checkpoint, with all signatures: the sealer is asked for it. While none answers, it is the last that one wrote.
pub(super) async fn newest(find: &Find) -> Result<SignedCheckpoint, AnyError> {
    let (connection, names) = (find.connect().await?, Namespace::default());
    let found = async {
        let (seals, began) = (Seals::open(&connection, names.clone()).await?, Instant::now());
        loop {
            if let Some(note) = seals::ask(&connection, &names).await? {
                return Ok::<_, AnyError>(Some(SignedCheckpoint::parse(&note)?));
            }
            let last = last(&seals).await?;
            if last.is_some() || began.elapsed() > FIRST {
                return Ok(last);
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    let found = connection.unless_refused(Box::pin(found)).await?;
    found.ok_or_else(|| {
        plain("nothing is sealed yet: a sealer works in `docket up`, and in `docket serve --roles sealer`")
    })
}

/// The last that a sealer has left; of those that witnesses have signed, if there is one of this log.
async fn last(seals: &Seals) -> Result<Option<SignedCheckpoint>, AnyError> {
    let Some((_, last)) = docket_sealing::last_seal(seals).await? else { return Ok(None) };
    let witnessed = seals.last_witnessed().await?;
    let witnessed = witnessed.and_then(|seal| docket_sealing::read_seal(&seal).ok());
    let witnessed = witnessed.filter(|witnessed| witnessed.checkpoint().origin == last.checkpoint().origin);
    output::note("no sealer answers: this is the last checkpoint that one wrote, and it may lack signatures");
    Ok(Some(witnessed.unwrap_or(last)))
}
