//! `docket audit backdated`: entries whose moment the sender named.

use std::process::ExitCode;

use super::reading::{Period, report};
use crate::endpoints::Find;
use crate::error::AnyError;

/// Arguments of `docket audit backdated`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  docket audit backdated --from 2026-07-01T00:00:00Z --to 2026-10-01T00:00:00Z
  docket audit backdated --json

An entry is back-dated if its sender named the moment at which it happened (`Docket-Occurred-At`), which takes the right
`backdate`. Imported histories are.")]
pub struct Args {
    #[command(flatten)]
    period: Period,
    /// Print each entry as one line of JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    find: Find,
}

/// Reports them.
pub async fn run(args: Args) -> Result<ExitCode, AnyError> {
    report(&args.find, args.period, args.json, |recorded, entry| {
        entry.is_backdated(recorded.recorded_at).then(|| format!("is of {}", entry.at))
    })
    .await?;
    Ok(ExitCode::SUCCESS)
}
