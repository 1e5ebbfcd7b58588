//! `docket rebuild`: the read models once more, from the log.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use docket_eventlog::EventLog as _;
use docket_jetstream::{JetStreamLog, Namespace};

use crate::endpoints::Find;
use crate::error::{AnyError, plain};
use crate::output::{self, Progress};

/// Arguments of `docket rebuild`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  docket rebuild\n  docket rebuild --nats nats://… --postgres postgresql://…\n\nThe tables are removed at once and filled again by the projection that runs, so analysts see old positions until it is \
                  done. Objects of your own that depend on them are removed as well: keep them in a schema of your own, with \
                  their definitions. Commands go on."
)]
pub struct Args {
    #[command(flatten)]
    find: Find,
}

/// How often is looked how far it is.
const LOOK: Duration = Duration::from_millis(200);
/// How long no projection may report before it is said that none runs.
const SILENCE: Duration = Duration::from_secs(30);

/// Makes them anew, and waits until they have what the log had when it began.
pub async fn run(args: Args) -> Result<ExitCode, AnyError> {
    let log = JetStreamLog::open(args.find.connect().await?, Namespace::default()).await?;
    let head = log.head().await?;
    args.find.rebuild().await?;
    let mut progress = Progress::start("entries applied", head.get());
    let (mut applied, mut heard) = (0, Instant::now());
    while applied < head.get() {
        tokio::time::sleep(LOOK).await;
        let checkpoint = args.find.read_models().await?.checkpoint().await?;
        if let (Some(position), Some(cause)) = (checkpoint.halted_at, checkpoint.halt_cause) {
            return Err(plain(format!("the projection stands at position {position}: {cause}")));
        }
        if checkpoint.lag_seconds.is_some() {
            heard = Instant::now();
        }
        if heard.elapsed() > SILENCE {
            return Err(plain(
                "the tables are empty, and no projection reports; start one with `docket up` or `docket serve --roles \
                 projection`, and it fills them",
            ));
        }
        let position = u64::try_from(checkpoint.position)?.min(head.get());
        progress.advance(position.saturating_sub(applied));
        applied = applied.max(position);
    }
    progress.finish();
    output::say(&format!("the read models are made anew from {head} entries"));
    Ok(ExitCode::SUCCESS)
}
