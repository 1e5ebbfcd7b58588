//! `docket log`: the log, entry by entry.

use std::process::ExitCode;

use docket_eventlog::{EventLog, Recorded, Subject};
use docket_jetstream::{JetStreamLog, Namespace};
use docket_messages::{AsOf, CaseId, Entry, Position};
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use serde::Serialize;

use crate::endpoints::Find;
use crate::error::AnyError;
use crate::output;

/// Arguments of `docket log`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  docket log\n  docket log --case 0199a7a0-… --json\n  docket log --from 1000 --to 2026-11-22T12:00:00Z\n  docket log --follow"
)]
pub struct Args {
    /// Only the entries of a case.
    #[arg(long, value_name = "ID")]
    case: Option<CaseId>,
    /// Begin at this position.
    #[arg(long, value_name = "POS", default_value_t = 1)]
    from: u64,
    /// End at this position, or with the last entry up to this time.
    #[arg(long, value_name = "POS|TIME")]
    to: Option<AsOf>,
    /// Go on with what comes, until Ctrl-C.
    #[arg(long, conflicts_with = "to")]
    follow: bool,
    /// Print each entry as one line of JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    find: Find,
}

/// A line of `--json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    position: Position,
    recorded_at: docket_messages::Timestamp,
    subject: String,
    entry: serde_json::Value,
}

/// Prints the log.
pub async fn run(args: Args) -> Result<ExitCode, AnyError> {
    let log = JetStreamLog::open(args.find.connect().await?, Namespace::default()).await?;
    let head = log.head().await?;
    let mut entries = entries(&log, &args, head).await?;
    while let Some(recorded) = entries.next().await {
        let recorded = recorded?;
        match args.to {
            Some(AsOf::Position(to)) if recorded.position > to => break,
            // Entries of different cases need not be in the order of their moments.
            Some(AsOf::Time(to)) if Entry::decode(&recorded.payload).is_ok_and(|entry| entry.at > to) => {}
            Some(_) | None => print(&recorded, args.json)?,
        }
        if !args.follow && args.case.is_none() && recorded.position >= head {
            break;
        }
    }
    Ok(ExitCode::SUCCESS)
}

type Entries = BoxStream<'static, Result<Recorded, docket_eventlog::ReadError>>;

async fn entries(log: &JetStreamLog, args: &Args, head: Position) -> Result<Entries, AnyError> {
    let after = Position(args.from.saturating_sub(1));
    Ok(match (args.case, args.follow) {
        (Some(case), true) => log.follow_subject(&Subject::Case(case), after).await?,
        (Some(case), false) => {
            let read = log.read_subject(&Subject::Case(case), Some(after)).await?;
            stream::iter(read.into_iter().map(Ok)).boxed()
        }
        (None, false) if after >= head => stream::empty().boxed(),
        (None, _) => log.follow(after).await?,
    })
}

fn print(recorded: &Recorded, as_json: bool) -> Result<(), AnyError> {
    if as_json {
        let entry = serde_json::from_slice(&recorded.payload)
            .unwrap_or_else(|_| String::from_utf8_lossy(&recorded.payload).into_owned().into());
        let (position, recorded_at, subject) = (recorded.position, recorded.recorded_at, recorded.subject.clone());
        return output::json(&Line { position, recorded_at, subject, entry });
    }
    match Entry::decode(&recorded.payload) {
        Ok(entry) => {
            let events: Vec<&str> = entry.events.iter().map(docket_messages::Event::name).collect();
            let by = match &entry.on_behalf_of {
                Some(who) => format!("{} for {who}", entry.by),
                None => entry.by.to_string(),
            };
            let (position, at, verb) = (recorded.position, entry.at, &entry.verb);
            output::say(&format!("{position:>8}  {at}  {verb:<13} {}  by {by}: {}", entry.of, events.join(", ")));
        }
        Err(error) => output::say(&format!("{:>8}  unreadable: {error}", recorded.position)),
    }
    Ok(())
}
