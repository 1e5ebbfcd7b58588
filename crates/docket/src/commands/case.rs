//! `docket case show`: one case, folded from the log.

use std::process::ExitCode;

use docket_command::Aggregate;
use docket_eventlog::{EventLog, Subject};
use docket_jetstream::{JetStreamLog, Namespace};
use docket_messages::{AsOf, CaseId};

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
    let entries = log.read_subject(&Subject::Case(id), None).await?;
    let Some(view) = Aggregate::view(id, entries, as_of, surroundings::now())? else {
        let when = if as_of.is_some() { " as of then" } else { "" };
        return Err(plain(format!("there is no case {id}{when}")));
    };
    output::json(&view)?;
    Ok(ExitCode::SUCCESS)
}
