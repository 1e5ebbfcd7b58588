//! `docket audit backdated`: entries whose moment the sender named.

use std::process::ExitCode;

use super::reading::{Asked, report};
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
    asked: Asked,
}

/// Reports them.
pub async fn run(args: Args) -> Result<ExitCode, AnyError> {
    report(&args.asked, |recorded, entry| {
        entry.is_backdated(recorded.recorded_at).then(|| format!("is of {}", entry.at))
    })
    .await?;
    Ok(ExitCode::SUCCESS)
}
