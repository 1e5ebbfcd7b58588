//! `docket audit access`: who could do what at a time.

use std::process::ExitCode;

use docket_domain::authority;
use docket_domain::policy::Policy;
use docket_messages::{PolicyEvent, PolicyVersion, PrincipalName, Timestamp};
use serde::Serialize;

use crate::commands::policy::entries;
use crate::endpoints::Find;
use crate::error::{AnyError, plain};
use crate::{environment, output, zones};

/// Arguments of `docket audit access`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  docket audit access --as-of 2026-06-30T22:00:00Z
  docket audit access --json

Rights are granted by the policy that was in force then. Whatever it does not grant is refused. Beside its principals, Docket
itself acts as `docket`: it lets time pass, and carries out what is between two cases.")]
pub struct Args {
    /// The time [default: now]
    #[arg(long, value_name = "TIME")]
    as_of: Option<Timestamp>,
    /// Print each principal as one line of JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    find: Find,
}

/// What a principal could do.
#[derive(Debug, Serialize)]
struct Access {
    principal: PrincipalName,
    roles: Vec<String>,
    commands: Vec<String>,
    delegate: bool,
    backdate: bool,
    /// The version of the policy that granted it.
    policy: u32,
}

/// Reports it.
pub async fn run(args: Args) -> Result<ExitCode, AnyError> {
    let as_of = args.as_of.unwrap_or_else(environment::now);
    let entries = entries(&args.find).await?;
    let (mut version, mut in_force) = (0, None);
    for (recorded, entry) in entries.into_iter().filter(|(recorded, _)| recorded.recorded_at <= as_of) {
        for published in entry.events.into_iter().filter_map(PolicyEvent::into_published) {
            version += 1;
            in_force = Some((published.document, entry.at, recorded.position));
        }
    }
    let (document, at, position) =
        in_force.ok_or_else(|| plain(format!("no policy was in force at {as_of}, so nobody could do anything")))?;
    let policy = Policy::compile_published(&document, PolicyVersion(version), at, zones::current());
    let policy = policy.map_err(|_| plain(format!("version {version} of the policy cannot be read")))?;
    let all: Vec<Access> = policy.document.principals.keys().map(|principal| access(&policy, principal)).collect();
    if args.json {
        all.iter().try_for_each(output::json)?;
        return Ok(ExitCode::SUCCESS);
    }
    let yes = |is_so: bool| if is_so { "yes" } else { "" }.to_owned();
    let rows = all.into_iter().map(|Access { principal, roles, commands, delegate, backdate, .. }| {
        vec![principal.to_string(), roles.join(", "), commands.join(", "), yes(delegate), yes(backdate)]
    });
    output::say(&output::table(&["principal", "roles", "commands", "for others", "back-dated"], rows).to_string());
    output::say(&format!("as of {as_of}, by version {version} of the policy (position {position})"));
    Ok(ExitCode::SUCCESS)
}

fn access(policy: &Policy, principal: &PrincipalName) -> Access {
    let rule = policy.document.principals.get(principal);
    let names: Vec<_> = rule.map(|rule| rule.roles.iter().collect()).unwrap_or_default();
    let roles = authority::roles(policy, principal);
    let mut commands: Vec<String> =
        roles.iter().flat_map(|role| role.commands.iter().map(ToString::to_string)).collect();
    commands.sort_unstable();
    commands.dedup();
    Access {
        principal: principal.clone(),
        roles: names.iter().map(ToString::to_string).collect(),
        commands,
        delegate: roles.iter().any(|role| role.delegate),
        backdate: roles.iter().any(|role| role.backdate),
        policy: policy.version.get(),
    }
}
