//! `docket log`: the log, entry by entry.

mod line;
mod verify;

use std::process::ExitCode;
use std::time::Duration;

use docket_eventlog::{EventLog, Recorded, Subject};
use docket_jetstream::JetStreamLog;
use docket_messages::{AnyEntry, AsOf, CaseId, EntryKind, Position, PrincipalName};

use crate::endpoints::Find;
use crate::error::{AnyError, plain};
use line::Form;
pub use line::{events, who};
pub use verify::verify;

/// Arguments of `docket log`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  docket log\n  docket log --case 0199a7a0-… --json\n  docket log --from 1000 --to 2026-11-22T12:00:00Z\n  docket log --verb resolve,close --principal desk --from 2026-11-01T00:00:00Z\n  docket log --kind policy\n  docket log --follow\n  docket log --verify\n\nThe auditor's address is enough for all of them. `--raw` prints the bytes that are stored: `prev` of an entry is\nbase64url of the SHA-256 of the entry before it on its subject, without the line's end."
)]
pub struct Args {
    /// Only the entries of a case.
    #[arg(long, value_name = "ID")]
    case: Option<CaseId>,
    /// Only entries of a kind: case, policy, agent, claim or customer.
    #[arg(long, value_name = "KIND", value_parser = kind)]
    kind: Option<EntryKind>,
    /// Only entries of these verbs.
    #[arg(long = "verb", value_name = "VERB,…", value_delimiter = ',')]
    verbs: Vec<String>,
    /// Only entries of a principal.
    #[arg(long, value_name = "PRINCIPAL")]
    principal: Option<PrincipalName>,
    /// Begin at this position, or with the entries from this time on.
    #[arg(long, value_name = "POS|TIME", default_value = "1")]
    from: AsOf,
    /// End at this position, or with the last entry up to this time.
    #[arg(long, value_name = "POS|TIME")]
    to: Option<AsOf>,
    /// Go on with what comes, until Ctrl-C.
    #[arg(long, conflicts_with = "to")]
    follow: bool,
    /// Print each entry as one line of JSON.
    #[arg(long)]
    json: bool,
    /// Print each entry as the bytes that are stored, one a line.
    #[arg(long, conflicts_with = "json")]
    raw: bool,
    /// Check the log instead, or a case of it: chains, versions, and gaps between positions.
    #[arg(long, conflicts_with_all = ["follow", "raw", "from", "to", "kind", "verbs", "principal"])]
    verify: bool,
    #[command(flatten)]
    find: Find,
}

/// How long a reader that follows waits before it asks for more.
const PAUSE: Duration = Duration::from_millis(200);

/// Prints the log.
pub async fn run(args: Args) -> Result<ExitCode, AnyError> {
    args.find.with_log(async |log| read(&args, &log).await).await
}

async fn read(args: &Args, log: &JetStreamLog) -> Result<ExitCode, AnyError> {
    let subject = args.case.map(Subject::Case);
    if let (Some(case), Some(subject), false) = (args.case, &subject, args.follow)
        && log.last_of(subject).await?.is_none()
    {
        return Err(plain(format!("there is no case {case} in this log")));
    }
    if args.verify {
        return verify::run(log, subject.as_ref(), args.json).await;
    }
    let form = match (args.raw, args.json) {
        (true, _) => Form::Raw,
        (false, true) => Form::Json,
        (false, false) => Form::Text,
    };
    let head = log.head().await?;
    let mut after = match args.from {
        AsOf::Position(from) => Position(from.get().saturating_sub(1)),
        AsOf::Time(_) => Position::default(),
    };
    loop {
        let (entries, is_all) = log.page(subject.as_ref(), after).await?;
        for recorded in &entries {
            after = recorded.position;
            if !args.follow && is_past_the_end(args, recorded.position, head) {
                return Ok(ExitCode::SUCCESS);
            }
            if is_wanted(args, recorded) {
                line::print(recorded, form)?;
            }
        }
        match (is_all, args.follow) {
            (true, false) => return Ok(ExitCode::SUCCESS),
            (true, true) => tokio::time::sleep(PAUSE).await,
            (false, _) => {}
        }
    }
}

fn is_past_the_end(args: &Args, position: Position, head: Position) -> bool {
    let is_past_to = matches!(args.to, Some(AsOf::Position(to)) if position > to);
    is_past_to || position > head
}

/// Whether an entry is asked for. One that cannot be read always is.
fn is_wanted(args: &Args, recorded: &Recorded) -> bool {
    let Ok(entry) = AnyEntry::decode(&recorded.payload) else { return true };
    // Entries of different cases need not be in the order of their moments.
    let is_in_time = !matches!(args.from, AsOf::Time(from) if entry.at < from)
        && !matches!(args.to, Some(AsOf::Time(to)) if entry.at > to);
    is_in_time
        && args.kind.is_none_or(|kind| entry.kind == kind)
        && (args.verbs.is_empty() || args.verbs.contains(&entry.verb))
        && args.principal.as_ref().is_none_or(|principal| entry.by == *principal)
}

fn kind(text: &str) -> Result<EntryKind, String> {
    let all = [EntryKind::Case, EntryKind::Policy, EntryKind::Agent, EntryKind::Claim, EntryKind::Customer];
    let named = all.into_iter().find(|kind| kind.as_str() == text);
    named.ok_or_else(|| format!("choose one of {}", all.map(EntryKind::as_str).join(", ")))
}
