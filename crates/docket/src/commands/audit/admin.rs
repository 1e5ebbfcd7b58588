//! `docket audit admin`: what was done that goes beyond the daily work.

use std::process::ExitCode;

use docket_messages::{AnyEntry, EntryKind, Event, Verb, Via};

use super::reading::{Asked, report};
use crate::error::AnyError;

/// Arguments of `docket audit admin`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  docket audit admin --from 2026-07-01T00:00:00Z --to 2026-10-01T00:00:00Z
  docket audit admin --json

Reported are: what the operator sent in the name of a principal, publications of the policy, claims with `force`, and clocks
that were brought under another policy. What is done on the servers of NATS and Postgres is not in the log: look at their own.")]
pub struct Args {
    #[command(flatten)]
    asked: Asked,
}

/// Reports it.
pub async fn run(args: Args) -> Result<ExitCode, AnyError> {
    report(&args.asked, |_, entry| reason(entry)).await?;
    Ok(ExitCode::SUCCESS)
}

fn reason(entry: &AnyEntry) -> Option<String> {
    let reasons = [
        (entry.via == Some(Via::Operator), "sent by the operator"),
        (entry.kind == EntryKind::Policy, "changes the policy"),
        (
            entry.events.iter().any(|event| matches!(event, Event::Case(event) if event.is_forced())),
            "claimed with `force`",
        ),
        (entry.verb == Verb::RebaseClocks.as_str(), "brings clocks under another policy"),
    ];
    let reasons: Vec<&str> = reasons.into_iter().filter(|(is_so, _)| *is_so).map(|(_, why)| why).collect();
    (!reasons.is_empty()).then(|| reasons.join(", "))
}
