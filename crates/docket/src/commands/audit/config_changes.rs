//! `docket audit config-changes`: who changed the policy, when, and what.

use std::process::ExitCode;

use docket_domain::policy::{Policy, diff};
use docket_messages::{PolicyEvent, PolicyVersion, Position, Timestamp, proposal_of};
use serde::Serialize;

use crate::commands::log::who;
use crate::commands::period::Period;
use crate::commands::policy::entries;
use crate::endpoints::Find;
use crate::error::{AnyError, plain};
use crate::{output, zones};

/// Arguments of `docket audit config-changes`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  docket audit config-changes
  docket audit config-changes --from 2026-07-01T00:00:00Z --to 2026-10-01T00:00:00Z --json

Everything that decides about cases is in the policy: queues, targets, calendars, rights. Each publication is an entry of the
log; this shows what each of them changed.")]
pub struct Args {
    #[command(flatten)]
    period: Period,
    /// Print each publication as one line of JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    find: Find,
}

/// A change of the policy.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Published {
    version: u32,
    position: Position,
    recorded_at: Timestamp,
    at: Timestamp,
    by: String,
    /// Who proposed it, where somebody did.
    proposed_by: Option<String>,
    name: String,
    changes: Vec<String>,
}

/// Reports them.
pub async fn run(args: Args) -> Result<ExitCode, AnyError> {
    let (mut before, mut all): (Option<Policy>, Vec<Published>) = (None, Vec::new());
    let mut proposals = Vec::new();
    for (recorded, entry) in entries(&args.find).await? {
        let mut proposed_by = None;
        for event in &entry.events {
            let published = match event {
                PolicyEvent::PolicyProposed(_) => {
                    proposals.push(who(&entry));
                    continue;
                }
                PolicyEvent::PolicyApproved(approved) => {
                    proposed_by = proposal_of(&proposals, approved.proposal).cloned();
                    continue;
                }
                PolicyEvent::PolicyPublished(published) => published,
            };
            let version = before.as_ref().map_or(0, |before| before.version.get()) + 1;
            let policy =
                Policy::compile_published(&published.document, PolicyVersion(version), entry.at, zones::current());
            let policy = policy.map_err(|_| plain(format!("version {version} of the policy cannot be read")))?;
            let changes = match &before {
                Some(before) => diff(&before.document, &policy.document).iter().map(ToString::to_string).collect(),
                None => vec!["the first policy".to_owned()],
            };
            if args.period.has(recorded.recorded_at) {
                let (name, by) = (policy.document.name.to_string(), who(&entry));
                let (position, recorded_at, at) = (recorded.position, recorded.recorded_at, entry.at);
                let proposed_by = proposed_by.clone();
                all.push(Published { version, position, recorded_at, at, by, proposed_by, name, changes });
            }
            before = Some(policy);
        }
    }
    if args.json {
        all.iter().try_for_each(output::json)?;
        return Ok(ExitCode::SUCCESS);
    }
    for Published { version, position, recorded_at, by, proposed_by, name, changes, .. } in &all {
        let name = output::in_line(name);
        let proposed = proposed_by.as_ref().map_or_else(String::new, |who| format!(", proposed by {who}"));
        output::say(&format!("version {version} `{name}`, at position {position}, {recorded_at}, by {by}{proposed}"));
        changes.iter().for_each(|change| output::say(&format!("  {}", output::in_line(change))));
    }
    output::say(&format!("{} publications", all.len()));
    Ok(ExitCode::SUCCESS)
}
