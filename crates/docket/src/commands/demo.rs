//! `docket demo`: everything on one machine, with generated cases.

mod tables;

use std::path::Path;
use std::process::ExitCode;

use docket_engines::EngineOptions;
use docket_eventlog::EventLog;
use docket_import::Driven;
use docket_jetstream::bus::Outgoing;
use docket_jetstream::{JetStreamLog, Namespace};
use docket_lab::demo;
use docket_messages::{
    AgentId, CaseCommand, CaseId, Escalate, Line, Merge, Position, Presence, Reply, SetPresence, Split, Text,
};
use docket_projection::{ReadModels, Schema};

use crate::commands::drive::drive;
use crate::commands::{self, up::every_role};
use crate::desk::{self, CATCH_UP, Desk, temporary_folder};
use crate::endpoints::Endpoints;
use crate::error::{AnyError, plain};
use crate::metrics::Metrics;
use crate::roles::http;
use crate::{environment, output};

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
    let (roles, metrics) = (every_role(), Metrics::start()?);
    let desk = tokio::select! {
        desk = Desk::start(options, &roles, None) => desk?,
        () = &mut stopped => return Ok(ExitCode::SUCCESS),
    };
    let shown = tokio::select! {
        shown = show(&desk, &args) => shown,
        () = &mut stopped => Ok(()),
    };
    let mut invited = Ok(());
    if shown.is_ok() && !args.exit && !args.json {
        invited = invite(&desk, folder.path(), metrics).await;
        if invited.is_ok() {
            stopped.await;
        }
    }
    desk.stop().await?;
    shown.and(invited).map(|()| ExitCode::SUCCESS)
}

/// Says what to try next, with addresses that work while the desk stays up.
async fn invite(desk: &Desk, data: &Path, metrics: Metrics) -> Result<(), AnyError> {
    let http = http::serve(http::listen(http::Address::ANY).await?, desk.health(), metrics)?;
    Endpoints::of(desk, http).await?.write(data)?;
    // As it was called, so that it is found again: `docket`, or a path.
    let docket = std::env::args().next().unwrap_or_else(|| "docket".to_owned());
    let address =
        |key: &str| format!("$(python3 -c 'import json; print(json.load(open(\"'$D'/endpoints.json\"))[\"{key}\"])')");
    output::say(&format!("\nStill running, until Ctrl-C. In another terminal, try:\n  export D={}", data.display()));
    let claim = "send case claim '{\"queue\":\"frontline\",\"agent\":\"ana\"}'";
    for command in ["case list --status active", claim, "log --verb resolve", "policy list", "doctor"] {
        output::say(&format!("  {docket} {command} --data $D"));
    }
    output::say(&format!("  psql \"{}\" \\\n    -c 'SELECT * FROM docket.queues'", address("analyst")));
    output::say(&format!("  curl \"{}/metrics\"", address("http")));
    Ok(())
}

async fn show(desk: &Desk, args: &Args) -> Result<(), AnyError> {
    desk.publish_sample_policy().await?;
    let cases = usize::try_from(args.cases)?;
    let stories = demo::generate(args.seed, cases, environment::now());
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
        effort: models.effort().await?,
        articles: models.articles().await?,
        agents: models.agents().await?,
        splits: models.splits().await?,
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

/// What people at the desk do now: agents say whether they take cases on; somebody raises the oldest case, splits a
/// part of it off, and merges one of two that could be about the same thing. How many commands that were, and up to
/// where the log goes then.
async fn finish_by_hand(desk: &Desk, models: &ReadModels) -> Result<(u64, Position), AnyError> {
    let mut commands = presences(models).await?;
    let mut to_case = Vec::new();
    if let Some(case_id) = models.oldest_open().await? {
        let reason = Text::parse("It has been open for longest.")?;
        to_case.push(CaseCommand::Escalate(Escalate { case_id, reason, level: None, queue: None }));
        let subject = Line::parse("The manual is missing, too")?;
        to_case.push(CaseCommand::Split(Split {
            case_id,
            subject,
            description: None,
            case_type: None,
            category: None,
            subcategory: None,
            impact: None,
            urgency: None,
        }));
    }
    if let Some(pair) = models.likely_duplicate().await? {
        let (case_id, into) = (CaseId::new(pair.case_id), CaseId::new(pair.merged_into));
        to_case.push(CaseCommand::Merge(Merge { case_id, into }));
    }
    for command in &to_case {
        commands.push(outgoing("case", command.verb().as_str(), command.body()?));
    }
    let bus = desk.bus("desk").await?;
    for command in &commands {
        match bus.send(command).await? {
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

/// Agents who are at work say so; one of them takes nothing new on, one has gone home.
async fn presences(models: &ReadModels) -> Result<Vec<Outgoing>, AnyError> {
    let mut commands = Vec::new();
    for (number, agent) in models.agents_at_work().await?.iter().enumerate() {
        let presence = match number {
            1 => Presence::Busy,
            2 => Presence::Offline,
            _ => Presence::Online,
        };
        let body = serde_json::to_vec(&SetPresence { agent: AgentId::parse(agent)?, presence })?;
        commands.push(outgoing("agent", "presence", body));
    }
    Ok(commands)
}

fn outgoing(kind: &str, verb: &str, body: Vec<u8>) -> Outgoing {
    Outgoing {
        kind: kind.to_owned(),
        verb: verb.to_owned(),
        id: environment::fresh_command_id(),
        body: body.into(),
        on_behalf_of: None,
        expect_version: None,
        occurred_at: None,
    }
}

/// The generator makes commands that the rules accept; a refusal is a defect, not a detail.
fn refuse_refusals(outcome: &Driven) -> Result<(), AnyError> {
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
    commands::log::verify(&log, None).await
}
