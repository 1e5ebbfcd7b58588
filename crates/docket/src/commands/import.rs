//! `docket import`: an exported history, as back-dated commands.

mod months;
mod rehearsal;
mod report;

use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use docket_import::events::{self, Mapping};
use docket_import::extend::extend;
use docket_import::file::Import;
use docket_import::{Driven, Step, Story, service_levels, servicenow};
use docket_jetstream::bus::BusClient;
use docket_messages::{
    CaseCommand, CaseReply, CommandId, Digest, GetCase, PolicyReply, Position, PrincipalName, Reply, Tick, nfc,
};
use flate2::read::MultiGzDecoder;
use serde::Serialize;
use similar::{ChangeTag, TextDiff};

use crate::commands::drive::drive;
use crate::desk::{self, CATCH_UP};
use crate::endpoints::Find;
use crate::error::{AnyError, one_line, plain};
use crate::{environment, output, zones};

use months::Months;
use rehearsal::{Counts, Rehearsed, rehearse};
use report::{Report, print_rejects};

/// Arguments of `docket import`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    source: Source,
}

#[derive(Debug, clap::Subcommand)]
enum Source {
    /// The audit log of a ServiceNow incident process, as CSV.
    #[command(
        after_help = "Examples:\n  docket import servicenow incident_event_log.csv.gz\n  docket import servicenow incidents.csv --tz Europe/Lisbon --dry-run\n  docket import servicenow incidents.csv --tz Europe/Lisbon --limit 100 --rejects rejects.csv\n\nA second run adds nothing. Values that the policy does not list are added by publishing an extended\npolicy first; what is added is shown. Rows that cannot become a command are listed with line and reason."
    )]
    Servicenow {
        /// The zone of its times, which it does not say.
        #[arg(long, default_value = "UTC", value_name = "ZONE")]
        tz: String,
        #[command(flatten)]
        how: How,
    },
    /// Any CSV of events, by a mapping.
    #[command(
        after_help = "Examples:\n  docket import csv events.csv --mapping events.toml --dry-run\n  docket import csv helpdesk.csv.gz --mapping docs/mappings/italian-helpdesk.toml --rejects rejects.csv\n\nThe mapping says which columns mean what; docs/IMPORT.md tells how it is written. A run that was stopped goes on when it is\nstarted again, and a second run adds nothing: ids come from the mapping's source and from the lines. Values that the policy\ndoes not list are added by publishing an extended policy first; what is added is shown. Months and statuses are counted, to\nbe compared with those of the source."
    )]
    Csv {
        /// Which columns mean what: a TOML file.
        #[arg(long, value_name = "FILE")]
        mapping: PathBuf,
        #[command(flatten)]
        how: How,
    },
}

/// What holds of every source.
#[derive(Debug, clap::Args)]
struct How {
    /// The file, plain or gzipped.
    file: PathBuf,
    /// Only so many cases: the first ones of the file.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Send nothing: say what would be sent, and what would be added to the policy.
    #[arg(long)]
    dry_run: bool,
    /// Also write the whole reject report to this file, as CSV.
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Print the counts and the whole reject report as one JSON object.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    find: Find,
}

/// The principal that imports.
const IMPORTER: &str = "importer";
/// So many cases are compared with an earlier import of the file.
const CASES_COMPARED: usize = 50;

/// A row that did not become a command, or not all of what it should have.
#[derive(Debug, Serialize)]
struct Rejected {
    line: Option<u64>,
    case: String,
    reason: String,
}

/// Imports the file.
pub async fn run(args: Args) -> Result<ExitCode, AnyError> {
    let (import, how, times) = match args.source {
        Source::Servicenow { tz, how } => {
            let zone = zones::current().get(&tz);
            let zone = zone.ok_or_else(|| {
                plain(format!("`{tz}` is not a time zone; write one of the IANA names, such as Europe/Lisbon"))
            })?;
            let options = servicenow::Options { zone, limit: how.limit };
            let translate = move |file: Box<dyn Read>| Ok(servicenow::translate(file, &options)?);
            (read(how.file.clone(), translate).await?, how, format!("`--tz {tz}`"))
        }
        Source::Csv { mapping, how } => {
            let text = std::fs::read_to_string(&mapping);
            let text = text.map_err(|error| plain(format!("could not read {}: {error}", mapping.display())))?;
            let (rules, limit) = (Mapping::read(&text)?, how.limit);
            let translate = move |mut file: Box<dyn Read>| {
                let mut bytes = Vec::new();
                file.read_to_end(&mut bytes)?;
                Ok(events::translate(&bytes, &rules, zones::current(), limit)?)
            };
            (read(how.file.clone(), translate).await?, how, format!("[time] of {}", mapping.display()))
        }
    };
    output::note(&format!("{}: {} rows of {} cases", how.file.display(), import.rows, import.cases));
    if let (0, Some(first)) = (import.cases, import.rejects.first()) {
        return Err(plain(format!("no row of the file can be read; line {}: {}", first.line, first.reason)));
    }
    Box::pin(send(&import, how, &times)).await
}

async fn send(import: &Import, how: How, times: &str) -> Result<ExitCode, AnyError> {
    let How { dry_run, rejects, json, find, .. } = how;
    let principal = PrincipalName::parse(IMPORTER)?;
    if dry_run {
        return try_out(&find, &principal, import, times, rejects.as_deref(), json).await;
    }
    // Nothing is sent when what comes of it could not be told.
    if let Some(path) = &rejects {
        write_rejects(path, &[])?;
    }
    let bus = find.bus(&principal).await?;
    let ticks = ticks(import)?;
    let drive_all = async {
        require_same_times(&bus, import, times).await?;
        let needed = needed_policy(&bus, import).await?;
        let rehearsed = rehearse(&import.stories, &needed.document)?;
        require_some_case(import, &rehearsed)?;
        if needed.is_extended {
            publish(&bus, &needed.document).await?;
        }
        let outcome = drive(&bus, &import.stories, "importing").await?;
        let ticked = drive(&bus, &ticks, "bringing unfinished cases up to date").await?;
        Ok::<_, AnyError>((outcome, ticked, rehearsed.months))
    };
    let (outcome, ticked, expected) = bus.connection().unless_refused(Box::pin(drive_all)).await?;
    let compared = service_levels::compare(&bus, &import.claims, import.newest).await;
    let position = outcome.position.max(ticked.position);
    let caught_up = catch_up(&find, position).await;
    let report = Report {
        rejected: all_rejects(import, &outcome, &ticked),
        months: Months::of(import, expected, &find, caught_up.is_ok()).await,
        caught_up,
        compared: compared.map_err(|error| one_line(error.as_ref())),
        import,
        outcome,
        ticked,
        position,
    };
    if let Some(path) = &rejects {
        write_rejects(path, &report.rejected)?;
    }
    // Some rows of most files are refused; a file of which nothing is taken was not imported.
    let Driven { accepted, repeated, refused, .. } = &report.outcome;
    let is_imported = accepted + repeated > 0 || refused.is_empty();
    if json {
        report.print_json()?
    } else {
        report.print()
    }
    Ok(if is_imported { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Reads a file, plain or gzipped, and translates it.
async fn read(
    file: PathBuf,
    translate: impl FnOnce(Box<dyn Read>) -> Result<Import, AnyError> + Send + 'static,
) -> Result<Import, AnyError> {
    let read = tokio::task::spawn_blocking(move || -> Result<Import, AnyError> {
        let failed = |error: std::io::Error| plain(format!("could not read {}: {error}", file.display()));
        let mut reader = BufReader::new(std::fs::File::open(&file).map_err(failed)?);
        let is_gzip = std::io::BufRead::fill_buf(&mut reader).map_err(failed)?.starts_with(&[0x1f, 0x8b]);
        translate(if is_gzip { Box::new(BufReader::new(MultiGzDecoder::new(reader))) } else { Box::new(reader) })
    });
    read.await?
}

/// Says what would be sent, and what would be added to the policy of the desk, if there is one.
async fn try_out(
    find: &Find,
    principal: &PrincipalName,
    import: &Import,
    times: &str,
    rejects: Option<&Path>,
    json: bool,
) -> Result<ExitCode, AnyError> {
    let mut rejected = all_rejects(import, &Driven::default(), &Driven::default());
    let mut months = Months::expected(Counts::new());
    match find.bus(principal).await {
        Ok(bus) => {
            let looked = async {
                require_same_times(&bus, import, times).await?;
                needed_policy(&bus, import).await
            };
            let needed = bus.connection().unless_refused(Box::pin(looked)).await?;
            let rehearsed = rehearse(&import.stories, &needed.document)?;
            rejected.extend(rehearsed.refused);
            rejected.sort_by_key(|rejected| rejected.line);
            months = Months::expected(rehearsed.months);
        }
        Err(error) => {
            output::note(&format!(
                "could not read from a desk, so it is not known what it already has, and what it would refuse: {}",
                one_line(error.as_ref())
            ));
        }
    }
    if let Some(path) = rejects {
        write_rejects(path, &rejected)?;
    }
    let (commands, ticks) = (import.stories.iter().map(|story| story.steps.len()).sum::<usize>(), ticks(import)?.len());
    if json {
        output::json(&serde_json::json!({
            "dryRun": true, "rows": import.rows, "cases": import.cases, "commands": commands, "ticks": ticks,
            "newest": import.newest, "months": months.rows(), "rejects": rejected,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    output::say(&format!(
        "{} rows of {} cases: {commands} commands would be sent, and {ticks} unfinished cases brought up to {}",
        import.rows, import.cases, import.newest
    ));
    months.print();
    print_rejects(&rejected);
    Ok(ExitCode::SUCCESS)
}

/// Refuses to import a file again with other times than before: its new rows would not fit to its old ones.
async fn require_same_times(bus: &BusClient, import: &Import, times: &str) -> Result<(), AnyError> {
    // Zones often agree for half of a year, so cases of the whole file are looked at.
    let step = import.stories.len().div_ceil(CASES_COMPARED).max(1);
    for story in import.stories.iter().step_by(step) {
        let Some(first) = story.steps.first() else { continue };
        let query = GetCase { case_id: story.case_id, as_of: None };
        let opened_at = match bus.case(&query).await? {
            CaseReply::Case { case } => case.opened_at,
            CaseReply::Rejected { .. } => continue,
            CaseReply::Failed { failed } => return Err(Box::new(failed)),
        };
        if opened_at != first.at {
            return Err(plain(format!(
                "the file was imported before with other times: the case of line {} was opened at {opened_at}, and by {times} \
                 it is {}; give the zone of the first import",
                first.line.unwrap_or_default(),
                first.at
            )));
        }
    }
    Ok(())
}

/// The policy that a history needs.
struct Needed {
    document: String,
    /// Whether it is another one than that of the desk.
    is_extended: bool,
}

/// The policy of the desk with what the history needs and it lacks; shows what is added.
async fn needed_policy(bus: &BusClient, import: &Import) -> Result<Needed, AnyError> {
    let current = match bus.policy().await? {
        PolicyReply::Policy { policy } => nfc(&policy.document).into_owned(),
        PolicyReply::Rejected { rejected } => return Err(Box::new(rejected)),
        PolicyReply::Failed { failed } => return Err(Box::new(failed)),
    };
    let Some(extended) = extend(&current, &import.vocabulary)? else {
        return Ok(Needed { document: current, is_extended: false });
    };
    output::note("the policy does not list everything that the history uses; it needs:");
    for change in TextDiff::from_lines(&current, &extended).iter_all_changes() {
        match change.tag() {
            ChangeTag::Delete => output::note(&format!("- {}", change.value().trim_end())),
            ChangeTag::Insert => output::note(&format!("+ {}", change.value().trim_end())),
            ChangeTag::Equal => {}
        }
    }
    Ok(Needed { document: extended, is_extended: true })
}

/// Refuses a history of which no case could be opened, before anything is sent.
fn require_some_case(import: &Import, rehearsed: &Rehearsed) -> Result<(), AnyError> {
    match rehearsed.refused.first() {
        Some(first) if rehearsed.unopened.len() == import.stories.len() => Err(plain(format!(
            "no case of the file could be opened, so nothing was sent; line {}: {}",
            first.line.unwrap_or_default(),
            first.reason
        ))),
        Some(_) | None => Ok(()),
    }
}

async fn publish(bus: &BusClient, extended: &str) -> Result<(), AnyError> {
    match desk::publish_policy(bus, extended, environment::fresh_command_id()).await? {
        Reply::Accepted { .. } => Ok(()),
        Reply::Rejected { rejected } => Err(Box::new(rejected)),
        Reply::Failed { failed } => Err(Box::new(failed)),
    }
}

/// Ticks for the cases that the file leaves unfinished, as of its newest instant. The ids are the same on
/// every run.
fn ticks(import: &Import) -> Result<Vec<Story>, AnyError> {
    let is_unfinished = |story: &&Story| {
        let ends = |step: &Step| matches!(step.command, CaseCommand::Close(_) | CaseCommand::Cancel(_));
        let reopens = |step: &Step| matches!(step.command, CaseCommand::Reopen(_));
        story.steps.iter().rposition(ends) <= story.steps.iter().rposition(reopens)
    };
    let tick = |story: &Story| -> Result<Story, AnyError> {
        let digest = Digest::of(&[story.case_id.uuid().as_bytes(), import.newest.to_string().as_bytes()]);
        let command = CaseCommand::Tick(Tick { case_id: story.case_id });
        let step =
            Step { at: import.newest, id: CommandId::parse(&digest.to_string())?, command, once: None, line: None };
        Ok(Story { case_id: story.case_id, steps: vec![step] })
    };
    import.stories.iter().filter(is_unfinished).map(tick).collect()
}

/// Waits for the read models, if they can be found.
async fn catch_up(find: &Find, position: Position) -> Result<f64, String> {
    let began = Instant::now();
    let waited = async {
        let models = find.read_models().await?;
        models.await_position(position, u32::try_from(CATCH_UP.as_secs())?).await?;
        Ok::<_, AnyError>(began.elapsed().as_secs_f64())
    };
    waited.await.map_err(|error| one_line(error.as_ref()))
}

fn all_rejects(import: &Import, outcome: &Driven, ticked: &Driven) -> Vec<Rejected> {
    let translated = import.rejects.iter().map(|reject| Rejected {
        line: Some(reject.line),
        case: reject.case.clone(),
        reason: reject.reason.clone(),
    });
    let refused = outcome.refused.iter().chain(&ticked.refused).map(|refused| Rejected {
        line: refused.line,
        case: refused.case.to_string(),
        reason: format!("`{}` was refused: {}", refused.verb, refused.rejection),
    });
    let mut all: Vec<Rejected> = translated.chain(refused).collect();
    all.sort_by_key(|rejected| rejected.line);
    all
}

fn write_rejects(path: &Path, rejected: &[Rejected]) -> Result<(), AnyError> {
    let written = csv::Writer::from_path(path).and_then(|mut writer| {
        rejected.iter().try_for_each(|one| writer.serialize(one))?;
        Ok(writer.flush()?)
    });
    written.map_err(|error| {
        plain(format!("could not write {}: {error}; choose another file with --rejects", path.display()))
    })
}
