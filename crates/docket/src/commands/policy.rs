//! `docket policy`: check, compare, simulate, publish, show; and holidays for its calendars.

mod entries;
mod proposals;
mod simulate;

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use chrono::Datelike as _;
use docket_domain::policy::{self, Finding, Policies, Policy};
use docket_lab::simulate::Simulation;
use docket_messages::policy::Document;
use docket_messages::{
    ApprovePolicy, PolicyCommand, PolicyEvent, PolicyVersion, PrincipalName, ProposePolicy, PublishPolicy, Reply,
    Timestamp, nfc,
};
use miette::{LabeledSpan, MietteDiagnostic, NamedSource, Report, Severity};

use crate::commands::log::who;
use crate::endpoints::Find;
use crate::error::{AnyError, plain};
use crate::holidays::Holidays;
use crate::{desk, environment, output, zones};

pub use entries::{entries, entries_of};

/// Arguments of `docket policy`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Check a policy whole; errors point at their lines.
    #[command(after_help = "Example:\n  docket policy check policies/sample.toml")]
    Check {
        /// The TOML document.
        file: PathBuf,
    },
    /// Say in words what changes from one policy to another.
    #[command(
        after_help = "Examples:\n  docket policy diff 3 desk.toml        from version 3 of the log to a file\n  docket policy diff old.toml new.toml\n  docket policy diff current desk.toml  from the one in force"
    )]
    Diff {
        /// A file, a version of the log, or `current`.
        old: String,
        /// The same.
        new: String,
        #[command(flatten)]
        find: Find,
    },
    /// Read holidays from an iCalendar file: print them, or add them to a calendar of a policy.
    #[command(
        after_help = "Examples:\n  docket policy holidays nl.ics\n  docket policy holidays nl.ics --into desk.toml --calendar office --to 2030"
    )]
    Holidays {
        /// The iCalendar file.
        file: PathBuf,
        /// The first year [default: this year].
        #[arg(long, value_name = "YEAR")]
        from: Option<i32>,
        /// The last year [default: two years later].
        #[arg(long, value_name = "YEAR")]
        to: Option<i32>,
        /// The policy to add them to; what it has stays.
        #[arg(long, value_name = "POLICY", requires = "calendar")]
        into: Option<PathBuf>,
        /// The calendar of the policy.
        #[arg(long, value_name = "NAME", requires = "into")]
        calendar: Option<String>,
    },
    /// Replay the log under another policy, and say what would have been different.
    ///
    /// What people did stays as it was recorded; what the policy derives is derived again: priorities, the queues that
    /// rules chose, clocks, escalations, auto-close.
    #[command(
        after_help = "Examples:\n  docket policy simulate desk.toml\n  docket policy simulate desk.toml --from 2026-11-01T00:00:00Z --to 2026-11-08T00:00:00Z --json"
    )]
    Simulate {
        /// A file, a version of the log, or `current`.
        new: String,
        /// Count what happened from this time on [default: everything].
        #[arg(long, value_name = "TIME")]
        from: Option<Timestamp>,
        /// Leave out what happened from this time on [default: now].
        #[arg(long, value_name = "TIME")]
        to: Option<Timestamp>,
        /// Print one JSON object, with every case that changes.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        find: Find,
    },
    /// Publish a policy: from then on commands are decided under it.
    #[command(after_help = "Example:\n  docket policy publish policies/sample.toml --as admin")]
    Publish {
        /// The TOML document.
        file: PathBuf,
        /// Who asks.
        #[arg(long = "as", value_name = "PRINCIPAL", default_value = "admin")]
        principal: PrincipalName,
        #[command(flatten)]
        find: Find,
    },
    /// Propose a policy, for another principal to approve.
    #[command(
        after_help = "Example:\n  docket policy propose desk.toml --as ana\n\nThe reply has the number of the proposal."
    )]
    Propose {
        /// The TOML document.
        file: PathBuf,
        /// Who asks.
        #[arg(long = "as", value_name = "PRINCIPAL", default_value = "admin")]
        principal: PrincipalName,
        #[command(flatten)]
        find: Find,
    },
    /// Approve a policy that another principal has proposed: it comes into force.
    #[command(after_help = "Examples:\n  docket policy proposals\n  docket policy approve 2 --as bea")]
    Approve {
        /// The number of the proposal.
        proposal: u32,
        /// Who asks; not who has proposed it.
        #[arg(long = "as", value_name = "PRINCIPAL", default_value = "admin")]
        principal: PrincipalName,
        #[command(flatten)]
        find: Find,
    },
    /// List what was proposed, and what became of it.
    #[command(after_help = "Example:\n  docket policy proposals")]
    Proposals {
        /// Print each proposal as one line of JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        find: Find,
    },
    /// List the versions of the policy that were published.
    #[command(after_help = "Example:\n  docket policy list")]
    List {
        /// Print each version as one line of JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        find: Find,
    },
    /// Print a policy from the log.
    #[command(after_help = "Examples:\n  docket policy show\n  docket policy show 3")]
    Show {
        /// The version [default: the one in force].
        #[arg(id = "policy-version", value_name = "VERSION")]
        version: Option<u32>,
        #[command(flatten)]
        find: Find,
    },
}

/// Runs the action.
pub async fn run(args: Args) -> Result<ExitCode, AnyError> {
    match args.action {
        Action::Check { file } => Ok(if check(&file, &read(&file)?) { ExitCode::SUCCESS } else { ExitCode::FAILURE }),
        Action::Diff { old, new, find } => {
            let (old, new) = (document(&old, &find).await?, document(&new, &find).await?);
            let changes = policy::diff(&old, &new);
            changes.iter().for_each(|change| output::say(&change.to_string()));
            let count = changes.len();
            output::note(&format!("{count} change{}", if count == 1 { "" } else { "s" }));
            Ok(ExitCode::SUCCESS)
        }
        Action::Holidays { file, from, to, into, calendar } => {
            let from = from.unwrap_or_else(|| environment::now().to_chrono().year());
            let years = from..=to.unwrap_or(from + 2);
            holidays(&file, &years, into.as_deref().zip(calendar.as_deref()))
        }
        Action::Simulate { new, from, to, json, find } => {
            if from.zip(to).is_some_and(|(from, to)| from >= to) {
                return Err(plain("nothing lies between `--from` and `--to`; give an earlier `--from`"));
            }
            let policies = Policies::new(Arc::new(policy(&new, &find).await?.from_the_beginning()));
            simulate::run(Simulation { policies, from, to }, &find, json).await
        }
        Action::Publish { file, principal, find } => {
            let Some(document) = checked(&file)? else { return Ok(ExitCode::FAILURE) };
            send(&PolicyCommand::Publish(PublishPolicy { document }), &principal, &find).await
        }
        Action::Propose { file, principal, find } => {
            let Some(document) = checked(&file)? else { return Ok(ExitCode::FAILURE) };
            send(&PolicyCommand::Propose(ProposePolicy { document }), &principal, &find).await
        }
        Action::Approve { proposal, principal, find } => {
            send(&PolicyCommand::Approve(ApprovePolicy { proposal }), &principal, &find).await
        }
        Action::Proposals { json, find } => proposals::run(&find, json).await,
        Action::List { json, find } => list(&find, json).await,
        Action::Show { version, find } => {
            output::say(published(&find, version).await?.trim_end());
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn read(file: &Path) -> Result<String, AnyError> {
    let text = std::fs::read_to_string(file);
    let text = text.map_err(|error| plain(format!("could not read {}: {error}", file.display())))?;
    // The form in which findings say where they are.
    Ok(nfc(&text).into_owned())
}

/// Prints the holidays of a file, or adds them to a calendar of a policy.
fn holidays(file: &Path, years: &RangeInclusive<i32>, into: Option<(&Path, &str)>) -> Result<ExitCode, AnyError> {
    let holidays = Holidays::read(&read(file)?, years)
        .map_err(|error| plain(format!("could not read {}: {error}", file.display())))?;
    let (days, timed) = (holidays.days.len(), holidays.timed);
    if timed > 0 {
        output::note(&format!("{timed} events have a time of day, so they close no day"));
    }
    if days == 0 {
        let (from, to) = (years.start(), years.end());
        return Err(plain(format!(
            "{}: no event closes a whole day from {from} to {to}; look whether it is the right file, or give `--from` and `--to`",
            file.display()
        )));
    }
    match into {
        None => output::say(&holidays.to_toml()),
        Some((policy, calendar)) => {
            let (text, count) = holidays.added_to(&read(policy)?, calendar)?;
            std::fs::write(policy, text)
                .map_err(|error| plain(format!("could not write {}: {error}", policy.display())))?;
            output::say(&format!("{}: {count} days were added to `{calendar}`", policy.display()));
        }
    }
    output::note(&format!("{days} days from {} to {}", years.start(), years.end()));
    Ok(ExitCode::SUCCESS)
}

/// A document by its name.
async fn document(name: &str, find: &Find) -> Result<Document, AnyError> {
    Ok(policy(name, find).await?.document)
}

/// A policy by its name: a file, a version of the log, or the one in force.
async fn policy(name: &str, find: &Find) -> Result<Policy, AnyError> {
    let now = environment::now();
    let compiled = match name.parse() {
        Ok(version) => {
            Policy::compile_published(&published(find, Some(version)).await?, PolicyVersion(1), now, zones::current())
        }
        Err(_) if name == "current" => {
            Policy::compile_published(&published(find, None).await?, PolicyVersion(1), now, zones::current())
        }
        Err(_) => Policy::compile(&read(Path::new(name))?, PolicyVersion(1), now, zones::current()),
    };
    compiled.map_err(|findings| {
        let first = findings.first().map(ToString::to_string).unwrap_or_default();
        plain(format!("{name}: {first}; `docket policy check` says more"))
    })
}

/// Checks a document and says what is wrong with it.
fn check(file: &Path, text: &str) -> bool {
    match Policy::compile(text, PolicyVersion(1), environment::now(), zones::current()) {
        Ok(policy) => {
            let document = &policy.document;
            output::say(&format!(
                "{}: `{}` is consistent: {} types, {} queues, {} targets, {} calendars, {} principals",
                file.display(),
                document.name,
                document.types.len(),
                document.queues.len(),
                document.targets.len(),
                document.calendars.len(),
                document.principals.len()
            ));
            true
        }
        Err(findings) => {
            for finding in &findings {
                output::note(&format!("{:?}", report(file, text, finding)));
            }
            let count = findings.len();
            output::note(&format!("{}: {count} error{}", file.display(), if count == 1 { "" } else { "s" }));
            false
        }
    }
}

fn report(file: &Path, text: &str, finding: &Finding) -> Report {
    let mut diagnostic = MietteDiagnostic::new(finding.to_string()).with_severity(Severity::Error);
    if let Some(span) = &finding.span {
        diagnostic = diagnostic.with_label(LabeledSpan::at(span.clone(), "here"));
    }
    Report::new(diagnostic).with_source_code(NamedSource::new(file.display().to_string(), text.to_owned()))
}

/// A document, unless something is wrong with it.
fn checked(file: &Path) -> Result<Option<String>, AnyError> {
    let text = read(file)?;
    Ok(check(file, &text).then_some(text))
}

/// Sends a command to the policy, and prints the reply.
async fn send(command: &PolicyCommand, principal: &PrincipalName, find: &Find) -> Result<ExitCode, AnyError> {
    let bus = find.bus(principal).await?;
    let sent = desk::change_policy(&bus, command, environment::fresh_command_id());
    let reply = bus.connection().unless_refused(sent).await?;
    output::json(&reply)?;
    Ok(match reply {
        Reply::Accepted { .. } => ExitCode::SUCCESS,
        Reply::Rejected { .. } | Reply::Failed { .. } => ExitCode::FAILURE,
    })
}

/// Lists the versions that were published.
async fn list(find: &Find, as_json: bool) -> Result<ExitCode, AnyError> {
    let (mut rows, mut version) = (Vec::new(), 0_u32);
    for (recorded, entry) in entries(find).await? {
        for published in entry.events.iter().filter_map(PolicyEvent::published) {
            version += 1;
            let name =
                Policy::compile_published(&published.document, PolicyVersion(version), entry.at, zones::current())
                    .map_or_else(|_| "(cannot be read)".to_owned(), |policy| policy.document.name.to_string());
            if as_json {
                let (position, at, by, who) = (recorded.position, entry.at, &entry.by, &entry.on_behalf_of);
                output::json(&serde_json::json!({
                    "version": version, "position": position, "at": at, "by": by, "for": who, "name": name,
                }))?;
            }
            let (position, at) = (recorded.position.to_string(), entry.at.to_string());
            rows.push(vec![version.to_string(), position, at, who(&entry), name]);
        }
    }
    if !as_json {
        output::say(&output::table(&["version", "position", "published", "by", "name"], rows).to_string());
    }
    Ok(ExitCode::SUCCESS)
}

/// The document of a version, or of the one in force, from the log.
pub async fn published(find: &Find, version: Option<u32>) -> Result<String, AnyError> {
    let mut documents = Vec::new();
    for (_, entry) in entries(find).await? {
        documents.extend(
            entry.events.into_iter().filter_map(PolicyEvent::into_published).map(|published| published.document),
        );
    }
    let count = documents.len();
    let index = version.map_or(count, |version| usize::try_from(version).unwrap_or(usize::MAX));
    index.checked_sub(1).and_then(|index| documents.into_iter().nth(index)).ok_or_else(|| match count {
        0 => plain("no policy has been published yet; publish one with `docket policy publish FILE`"),
        _ => plain(format!("there is no such version; there are 1 to {count}")),
    })
}
