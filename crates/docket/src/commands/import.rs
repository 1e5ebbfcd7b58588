//! `docket import`: an exported history, as back-dated commands.

use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use docket_domain::policy::Policy;
use docket_import::extend::extend;
use docket_import::service_levels::{self, Comparison};
use docket_import::servicenow::{self, Import};
use docket_import::{Driven, Step, Story};
use docket_jetstream::bus::BusClient;
use docket_messages::{
    CaseCommand, CaseReply, CommandId, Digest, GetCase, PolicyReply, PolicyVersion, Position, PrincipalName, Reply,
    Tick, nfc,
};
use flate2::read::MultiGzDecoder;
use serde::Serialize;
use similar::{ChangeTag, TextDiff};

use crate::commands::drive::drive;
use crate::desk::{self, CATCH_UP};
use crate::endpoints::Find;
use crate::error::{AnyError, one_line, plain};
use crate::{environment, output, zones};

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
        /// The file, plain or gzipped.
        file: PathBuf,
        /// The zone of its times, which it does not say.
        #[arg(long, default_value = "UTC", value_name = "ZONE")]
        tz: String,
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
    },
}

/// The principal that imports.
const IMPORTER: &str = "importer";
/// So many cases are compared with an earlier import of the file.
const CASES_COMPARED: usize = 50;
/// So many rejects are printed; the file has them all.
const SHOWN: usize = 100;

/// A row that did not become a command, or not all of what it should have.
#[derive(Debug, Serialize)]
struct Rejected {
    line: Option<u64>,
    case: String,
    reason: String,
}

/// Imports the file.
pub async fn run(args: Args) -> Result<ExitCode, AnyError> {
    let Source::Servicenow { file, tz, limit, dry_run, rejects, json, find } = args.source;
    let zone = zones::current().get(&tz);
    let zone = zone.ok_or_else(|| {
        plain(format!("`{tz}` is not a time zone; write one of the IANA names, such as Europe/Lisbon"))
    })?;
    let import = read(file.clone(), servicenow::Options { zone, limit }).await?;
    output::note(&format!("{}: {} rows of {} cases", file.display(), import.rows, import.cases));
    if let (0, Some(first)) = (import.cases, import.rejects.first()) {
        return Err(plain(format!("no row of the file can be read; line {}: {}", first.line, first.reason)));
    }
    let principal = PrincipalName::parse(IMPORTER)?;
    if dry_run {
        return try_out(&find, &principal, &import, &tz, rejects.as_deref(), json).await;
    }
    // Nothing is sent when what comes of it could not be told.
    if let Some(path) = &rejects {
        write_rejects(path, &[])?;
    }
    let bus = find.bus(&principal).await?;
    let ticks = ticks(&import)?;
    let drive_all = async {
        require_same_times(&bus, &import, &tz).await?;
        if let Some(extended) = extended_policy(&bus, &import).await? {
            publish(&bus, &extended).await?;
        }
        let outcome = drive(&bus, &import.stories, "importing").await?;
        let ticked = drive(&bus, &ticks, "bringing unfinished cases up to date").await?;
        Ok::<_, AnyError>((outcome, ticked))
    };
    let (outcome, ticked) = bus.connection().unless_refused(Box::pin(drive_all)).await?;
    let compared = service_levels::compare(&bus, &import.claims, import.newest).await;
    let position = outcome.position.max(ticked.position);
    let report = Report {
        rejected: all_rejects(&import, &outcome, &ticked),
        caught_up: catch_up(&find, position).await,
        compared: compared.map_err(|error| one_line(error.as_ref())),
        import: &import,
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

async fn read(file: PathBuf, options: servicenow::Options) -> Result<Import, AnyError> {
    let read = tokio::task::spawn_blocking(move || -> Result<Import, AnyError> {
        let failed = |error: std::io::Error| plain(format!("could not read {}: {error}", file.display()));
        let mut reader = BufReader::new(std::fs::File::open(&file).map_err(failed)?);
        let is_gzip = std::io::BufRead::fill_buf(&mut reader).map_err(failed)?.starts_with(&[0x1f, 0x8b]);
        let reader: Box<dyn Read> =
            if is_gzip { Box::new(BufReader::new(MultiGzDecoder::new(reader))) } else { Box::new(reader) };
        Ok(servicenow::translate(reader, &options)?)
    });
    read.await?
}

/// Says what would be sent, and what would be added to the policy of the desk, if there is one.
async fn try_out(
    find: &Find,
    principal: &PrincipalName,
    import: &Import,
    tz: &str,
    rejects: Option<&Path>,
    json: bool,
) -> Result<ExitCode, AnyError> {
    match find.bus(principal).await {
        Ok(bus) => {
            let looked = async {
                require_same_times(&bus, import, tz).await?;
                extended_policy(&bus, import).await.map(drop)
            };
            bus.connection().unless_refused(Box::pin(looked)).await?;
        }
        Err(error) => {
            output::note(&format!(
                "could not read from a desk, so it is not known what it already has: {}",
                one_line(error.as_ref())
            ));
        }
    }
    let rejected = all_rejects(import, &Driven::default(), &Driven::default());
    if let Some(path) = rejects {
        write_rejects(path, &rejected)?;
    }
    let (commands, ticks) = (import.stories.iter().map(|story| story.steps.len()).sum::<usize>(), ticks(import)?.len());
    if json {
        output::json(&serde_json::json!({
            "dryRun": true, "rows": import.rows, "cases": import.cases, "commands": commands, "ticks": ticks,
            "newest": import.newest, "rejects": rejected,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    output::say(&format!(
        "{} rows of {} cases: {commands} commands would be sent, and {ticks} unfinished cases brought up to {}",
        import.rows, import.cases, import.newest
    ));
    print_rejects(&rejected);
    Ok(ExitCode::SUCCESS)
}

/// Refuses to import a file again with other times than before: its new rows would not fit to its old ones.
async fn require_same_times(bus: &BusClient, import: &Import, tz: &str) -> Result<(), AnyError> {
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
                "the file was imported before with other times: the case of line {} was opened at {opened_at}, and by `--tz \
                 {tz}` it is {}; give the zone of the first import",
                first.line.unwrap_or_default(),
                first.at
            )));
        }
    }
    Ok(())
}

/// The policy with what the history needs and it lacks, if it lacks anything; shows what is added.
async fn extended_policy(bus: &BusClient, import: &Import) -> Result<Option<String>, AnyError> {
    let current = match bus.policy().await? {
        PolicyReply::Policy { policy } => nfc(&policy.document).into_owned(),
        PolicyReply::Rejected { rejected } => return Err(Box::new(rejected)),
        PolicyReply::Failed { failed } => return Err(Box::new(failed)),
    };
    let Some(extended) = extend(&current, &import.vocabulary)? else { return Ok(None) };
    if let Err(findings) = Policy::compile(&extended, PolicyVersion(1), environment::now(), zones::current()) {
        let list: Vec<String> = findings.iter().map(ToString::to_string).collect();
        return Err(plain(format!("the extended policy would not be consistent: {}", list.join("; "))));
    }
    output::note("the policy does not list everything that the history uses; it needs:");
    for change in TextDiff::from_lines(&current, &extended).iter_all_changes() {
        match change.tag() {
            ChangeTag::Delete => output::note(&format!("- {}", change.value().trim_end())),
            ChangeTag::Insert => output::note(&format!("+ {}", change.value().trim_end())),
            ChangeTag::Equal => {}
        }
    }
    Ok(Some(extended))
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

/// What came of an import.
struct Report<'a> {
    import: &'a Import,
    outcome: Driven,
    ticked: Driven,
    /// The highest position of a reply.
    position: Position,
    rejected: Vec<Rejected>,
    /// After how many seconds the read models were as far, or why they were not waited for.
    caught_up: Result<f64, String>,
    /// What the file says of service levels beside what the clocks say, or why that is not known.
    compared: Result<Comparison, String>,
}

impl Report<'_> {
    fn print_json(&self) -> Result<(), AnyError> {
        let Self { import, outcome, ticked, .. } = self;
        output::json(&serde_json::json!({
            "rows": import.rows, "cases": import.cases, "accepted": outcome.accepted + ticked.accepted,
            "repeated": outcome.repeated + ticked.repeated, "refused": outcome.refused.len() + ticked.refused.len(),
            "ticked": ticked.accepted, "responsesKnown": false, "seconds": outcome.took.as_secs_f64(),
            "position": self.position, "readModelsCaughtUpSeconds": self.caught_up.as_ref().ok(),
            "serviceLevels": self.compared.as_ref().ok(), "rejects": self.rejected,
        }))
    }

    fn print(&self) {
        let Self { import, outcome, ticked, position, .. } = self;
        let (accepted, repeated, refused) = (outcome.accepted, outcome.repeated, outcome.refused.len());
        let seconds = outcome.took.as_secs_f64();
        output::say(&format!(
            "{} rows of {} cases: {accepted} commands accepted, {repeated} accepted before, {refused} refused, in {seconds:.1} s",
            import.rows, import.cases
        ));
        output::say("the file does not say what was answered, so no first_response clock was started");
        if ticked.accepted > 0 {
            output::say(&format!("{} unfinished cases brought up to {}", ticked.accepted, import.newest));
        }
        match &self.caught_up {
            Ok(after) => output::say(&format!("the read models reached position {position} {after:.1} s later")),
            Err(cause) => output::say(&format!("the read models were not waited for: {cause}")),
        }
        match &self.compared {
            Ok(compared) => print_comparison(compared),
            Err(cause) => output::say(&format!("service levels were not compared: {cause}")),
        }
        print_rejects(&self.rejected);
    }
}

fn print_comparison(compared: &Comparison) {
    let Comparison { file, docket, agree, .. } = compared;
    if file.kept + file.missed == 0 {
        return output::say("the file does not say which cases kept their service level (`made_sla`)");
    }
    let (by_file, by_docket) = compared.kept_by_one();
    output::say(&format!(
        "service levels: the file says kept {}, missed {}, nothing of {}; Docket's resolution clocks say kept {}, missed \
         {}, neither {}",
        file.kept, file.missed, file.undecided, docket.kept, docket.missed, docket.undecided
    ));
    output::say(&format!(
        "both agree on {agree} cases; {by_file} were kept by the file only, {by_docket} by the clocks only (--json lists them)"
    ));
}

fn print_rejects(rejected: &[Rejected]) {
    if rejected.is_empty() {
        return output::say("no row was rejected");
    }
    output::say(&format!("\n{} rejected:", rejected.len()));
    for one in rejected.iter().take(SHOWN) {
        let line = one.line.map_or_else(|| "-".to_owned(), |line| line.to_string());
        let (case, reason) = (output::in_line(&one.case), output::in_line(&one.reason));
        output::say(&format!("  line {line:>7}  {case}  {reason}"));
    }
    if rejected.len() > SHOWN {
        output::say(&format!("  and {} more; --rejects FILE writes them all", rejected.len() - SHOWN));
    }
}
