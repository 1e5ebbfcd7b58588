//! `docket demo`: everything on one machine, with generated cases.

use std::process::ExitCode;

use docket_engines::EngineOptions;
use docket_eventlog::{EventLog, Verifier};
use docket_jetstream::bus::Outgoing;
use docket_jetstream::{JetStreamLog, Namespace};
use docket_messages::{CaseCommand, CaseId, Escalate, Merge, Position, Reply, Text};
use docket_projection::{ReadModels, Schema};
use futures::StreamExt;

use crate::commands::up::every_role;
use crate::demo::{generator, tables};
use crate::desk::{self, CATCH_UP, Desk};
use crate::driver::{Outcome, drive};
use crate::error::{AnyError, plain};
use crate::{output, surroundings};

/// Arguments of `docket demo`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  docket demo\n  docket demo --cases 5000 --exit\n  docket demo --json > demo.json")]
pub struct Args {
    /// How many cases to generate.
    #[arg(long, default_value_t = 500, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    cases: u32,
    /// Stop when the tables are printed, instead of staying up.
    #[arg(long)]
    exit: bool,
    /// Print one JSON object instead of tables, and stop.
    #[arg(long)]
    json: bool,
    /// The seed of the generated cases.
    #[arg(long, default_value_t = 1, value_name = "SEED")]
    seed: u64,
    #[command(flatten)]
    binaries: desk::Binaries,
}

/// Runs the demo.
pub async fn run(args: Args) -> Result<ExitCode, AnyError> {
    let stopped = desk::stop_signal()?;
    tokio::pin!(stopped);
    let folder = temporary_folder("docket-demo-")?;
    let mut options = EngineOptions::new(folder.path());
    args.binaries.apply(&mut options);
    output::note(&format!("starting private engines in {}", folder.path().display()));
    let roles = every_role();
    let desk = tokio::select! {
        desk = Desk::start(options, &roles) => desk?,
        () = &mut stopped => return Ok(ExitCode::SUCCESS),
    };
    let shown = tokio::select! {
        shown = show(&desk, &args) => shown,
        () = &mut stopped => Ok(()),
    };
    if shown.is_ok() && !args.exit && !args.json {
        output::note(&format!(
            "\nstill running; look around, and stop it with Ctrl-C:\n  psql '{}'\n  NATS at {}",
            desk.postgres(),
            desk.nats()
        ));
        stopped.await;
    }
    desk.stop().await?;
    shown.map(|()| ExitCode::SUCCESS)
}

/// A folder for engines that are gone afterwards. PostgreSQL does not run as root; whoever it runs as must reach it.
pub fn temporary_folder(prefix: &str) -> Result<tempfile::TempDir, AnyError> {
    use std::os::unix::fs::PermissionsExt as _;
    let made = tempfile::Builder::new().prefix(prefix).tempdir().and_then(|folder| {
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755))?;
        Ok(folder)
    });
    made.map_err(|error| {
        let place = std::env::temp_dir();
        plain(format!(
            "could not make a folder in {}: {error}; set TMPDIR to a folder that can be written",
            place.display()
        ))
    })
}

async fn show(desk: &Desk, args: &Args) -> Result<(), AnyError> {
    desk.publish_sample_policy().await?;
    let cases = usize::try_from(args.cases)?;
    let stories = generator::generate(args.seed, cases, surroundings::now());
    let bus = desk.bus("importer").await?;
    let outcome = drive(&bus, &stories, "driving commands through the bus").await?;
    refuse_refusals(&outcome)?;
    let catch_up = u32::try_from(CATCH_UP.as_secs())?;
    let models = ReadModels::open(&desk.postgres(), &Schema::default()).await?;
    models.await_position(outcome.position, catch_up).await?;
    let (by_hand, position) = finish_by_hand(desk, &models).await?;
    models.await_position(position, catch_up).await?;
    let (entries, flaw) = verify(desk).await?;
    let report = tables::Report {
        cases: args.cases,
        commands: outcome.accepted + by_hand,
        entries,
        verified: flaw.is_none(),
        queues: models.queues().await?,
        backlog: models.backlog_aging().await?,
        clocks: models.clock_summary().await?,
        attainment: models.sla_attainment().await?,
        csat: models.csat_daily().await?,
        surveys: models.surveys().await?,
        escalations: models.escalations().await?,
        merges: models.merges().await?,
    };
    if args.json {
        output::json(&report.to_json())?;
    } else {
        report.print(outcome.took);
    }
    flaw.map_or(Ok(()), |flaw| Err(plain(format!("the log has a flaw at {flaw}"))))
}

/// What somebody at the desk does about what is open now: raises the oldest case, and merges one of two that could be
/// about the same thing. How many commands that were, and up to where the log goes then.
async fn finish_by_hand(desk: &Desk, models: &ReadModels) -> Result<(u64, Position), AnyError> {
    let mut commands = Vec::new();
    if let Some(case_id) = models.oldest_open().await? {
        let reason = Text::parse("It has been open for longest.")?;
        commands.push(CaseCommand::Escalate(Escalate { case_id, reason, level: None, queue: None }));
    }
    if let Some(pair) = models.likely_duplicate().await? {
        let (case_id, into) = (CaseId::new(pair.case_id), CaseId::new(pair.merged_into));
        commands.push(CaseCommand::Merge(Merge { case_id, into }));
    }
    let bus = desk.bus("desk").await?;
    for command in &commands {
        let outgoing = Outgoing {
            kind: "case".to_owned(),
            verb: command.verb().as_str().to_owned(),
            id: surroundings::fresh_command_id(),
            body: command.body()?.into(),
            on_behalf_of: None,
            expect_version: None,
            occurred_at: None,
        };
        match bus.send(&outgoing).await? {
            Reply::Accepted { .. } => {}
            Reply::Rejected { rejected } => return Err(Box::new(rejected)),
            Reply::Failed { failed } => return Err(Box::new(failed)),
        }
    }
    // The steps of a merge follow its own entry.
    let connection = docket_jetstream::connect(&desk.nats(), "docket-demo").await?;
    let head = JetStreamLog::open(connection, Namespace::default()).await?.head().await?;
    Ok((u64::try_from(commands.len())?, head))
}

/// The generator makes commands that the rules accept; a refusal is a defect, not a detail.
fn refuse_refusals(outcome: &Outcome) -> Result<(), AnyError> {
    match outcome.refused.first() {
        None => Ok(()),
        Some(first) => Err(plain(format!(
            "{} generated commands were refused, the first of them `{}` on {}: {}",
            outcome.refused.len(),
            first.verb,
            first.case,
            first.rejection
        ))),
    }
}

/// Checks the whole log: chains and gapless versions.
async fn verify(desk: &Desk) -> Result<(u64, Option<docket_eventlog::Flaw>), AnyError> {
    let connection = docket_jetstream::connect(&desk.nats(), "docket-verify").await?;
    let log = JetStreamLog::open(connection, Namespace::default()).await?;
    let head = log.head().await?;
    let mut verifier = Verifier::default();
    let mut entries = log.follow(Position(0)).await?;
    while let Some(recorded) = entries.next().await {
        let recorded = recorded?;
        if let Err(flaw) = verifier.check(&recorded) {
            return Ok((verifier.entries(), Some(flaw)));
        }
        if recorded.position >= head {
            break;
        }
    }
    Ok((verifier.entries(), None))
}
