//! `docket case show`: one case, folded from the log.

use std::process::ExitCode;

use docket_command::Aggregate;
use docket_eventlog::{EventLog, Subject};
use docket_jetstream::{JetStreamLog, Namespace};
use docket_messages::{AsOf, CaseId, Entry};

use crate::endpoints::Find;
use crate::error::{AnyError, plain};
use crate::{output, surroundings};

/// Arguments of `docket case`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// The state of one case as JSON, now or then, folded from the log.
    #[command(
        after_help = "Examples:\n  docket case show 0199a7a0-…\n  docket case show 0199a7a0-… --as-of 1234\n  docket case show 0199a7a0-… --as-of 2026-11-22T12:00:00Z"
    )]
    Show {
        /// The case.
        id: CaseId,
        /// A position of the log, or a time.
        #[arg(long, value_name = "POS|TIME")]
        as_of: Option<AsOf>,
        #[command(flatten)]
        find: Find,
    },
}

/// Shows the case.
pub async fn run(args: Args) -> Result<ExitCode, AnyError> {
    let Action::Show { id, as_of, find } = args.action;
    let log = JetStreamLog::open(find.connect().await?, Namespace::default()).await?;
    let mut entries = log.read_subject(&Subject::Case(id), None).await?;
    entries.retain(|recorded| match as_of {
        None => true,
        Some(AsOf::Position(position)) => recorded.position <= position,
        Some(AsOf::Time(time)) => Entry::decode(&recorded.payload).map_or(true, |entry| entry.at <= time),
    });
    let aggregate = Aggregate::fold(id, &entries)?;
    let (Some(case), Some(position)) = (aggregate.case(), aggregate.last()) else {
        let when = if as_of.is_some() { " at that moment" } else { "" };
        return Err(plain(format!("there is no case {id}{when}")));
    };
    let now = match as_of {
        None => surroundings::now(),
        Some(AsOf::Time(time)) => time,
        Some(AsOf::Position(_)) => case.last_at,
    };
    output::json(&case.view(position, now))?;
    Ok(ExitCode::SUCCESS)
}
