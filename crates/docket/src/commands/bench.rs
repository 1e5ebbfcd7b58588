//! `docket bench`: measure this machine, against the raw engine in the same run.

mod desk;
mod domain;
mod evidence;
mod growth;
mod process;
mod queries;
mod rebuild;
mod soak;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use docket_eventlog::EventLog;
use docket_jetstream::raw::RawLog;
use docket_jetstream::{JetStreamLog, Namespace, streams};
use docket_lab::bench::load::{Course, Sender};
use docket_lab::bench::measure::{Measured, Window, count, measure};
use docket_messages::Position;
use docket_projection::{ReadModels, Schema};
use futures::StreamExt;
use serde::Serialize;
use uuid::Uuid;

use self::desk::private_desk;
use crate::desk::{Binaries, CATCH_UP, Desk};
use crate::environment::fresh_command_id;
use crate::error::AnyError;
use crate::output;

/// Arguments of `docket bench`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Commands per second through the whole pipeline, against raw appends.
    #[command(
        after_help = "Examples:\n  docket bench commands\n  docket bench commands --seconds 10 --in-flight 1,64,1024 --json\n  docket bench commands --lifecycle --without-projection\n\nEvery append is on disk before it is acknowledged (sync_interval: always). The raw limits are measured in\nthe same run, so compare ratios: these figures are this machine's, at this moment."
    )]
    Commands(CommandsArgs),
    /// What a command costs when there are few cases, and many.
    #[command(
        after_help = "Examples:\n  docket bench growth\n  docket bench growth --cases 10000,320000 --seconds 20 --json\n\nA million cases are six million commands, and some gigabytes of disk."
    )]
    Growth(growth::Args),
    /// How long the relations and functions take on a desk of years.
    #[command(
        after_help = "Examples:\n  docket bench queries\n  docket bench queries --cases 1000000 --json\n\nThe desk is made up, three years of it; a million cases take some minutes and ten gigabytes of disk."
    )]
    Queries(queries::Args),
    /// How fast the read models are filled anew, against reading the log, and COPY of the same rows.
    #[command(
        after_help = "Examples:\n  docket bench rebuild\n  docket bench rebuild --entries 2000000 --rounds 3 --json"
    )]
    Rebuild(rebuild::Args),
    /// A steady rate for a long time: every second's latencies, memory, and how far behind the read models are.
    #[command(
        after_help = "Examples:\n  docket bench soak --rate 2000 --seconds 300\n  docket bench soak --rate 100 --flood 4096      how one principal fares while another floods\n  docket bench soak --rate 100 --flood 1024 --seconds 600 --json      memory over millions of commands"
    )]
    Soak(soak::Args),
    /// What evidence costs: sealing, proofs, and verifying a bundle.
    #[command(
        after_help = "Examples:\n  docket bench evidence\n  docket bench evidence --rounds 5 --seconds 20 --entries 1000000 --json"
    )]
    Evidence(evidence::Args),
    /// The rules alone: decisions per second on cases of different lengths, and deadlines near and far.
    #[command(after_help = "Examples:\n  docket bench domain\n  docket bench domain --events 10,5000 --json")]
    Domain(domain::Args),
}

#[derive(Debug, clap::Args)]
struct CommandsArgs {
    /// Seconds that each measurement takes.
    #[arg(long, default_value_t = 5, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// Commands in flight.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 64, 1_024], value_name = "N,…")]
    in_flight: Vec<usize>,
    /// Take one case after the other through six commands, instead of opening one with every second command.
    #[arg(long)]
    lifecycle: bool,
    /// Leave the projection out.
    #[arg(long)]
    without_projection: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    binaries: Binaries,
}

/// Measures.
pub async fn run(args: Args) -> Result<ExitCode, AnyError> {
    match args.what {
        What::Commands(args) => measure_commands(&args).await?,
        What::Growth(args) => growth::run(&args).await?,
        What::Queries(args) => queries::run(&args).await?,
        What::Rebuild(args) => rebuild::run(&args).await?,
        What::Soak(args) => soak::run(&args).await?,
        What::Evidence(args) => Box::pin(evidence::run(&args)).await?,
        What::Domain(args) => domain::run(&args)?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn measure_commands(args: &CommandsArgs) -> Result<(), AnyError> {
    let (desk, _folder) = private_desk(&args.binaries, !args.without_projection, &[APART]).await?;
    let measured = commands(&desk, args).await;
    desk.stop().await?;
    let report = measured?;
    if args.json {
        return output::json(&report);
    }
    report.print();
    Ok(())
}

/// What was measured.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    rounds: Vec<Round>,
    /// Bytes of the average entry, which the raw messages have, too.
    entry_bytes: usize,
    /// How long the projection took to reach the last position after the last command.
    read_models_caught_up_seconds: Option<f64>,
}

/// The pipeline and its limits, one right after the other: a shared machine changes from minute to minute.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Round {
    in_flight: usize,
    raw_single: Measured,
    /// Messages a second; the times are those of a whole batch. One batch is under way at a time.
    raw_batch: Measured,
    pipeline: Measured,
}

const RAW_BATCH: usize = 500;
/// The user whose account holds the raw log, apart from the desk's.
const APART: &str = "docket-bench";

async fn commands(desk: &Desk, args: &CommandsArgs) -> Result<Report, AnyError> {
    let window = Window { warm_up: Duration::from_secs(1), measured: Duration::from_secs(args.seconds) };
    desk.publish_sample_policy().await?;
    let last = Arc::new(AtomicU64::new(0));
    let course = if args.lifecycle { Course::Lifecycle } else { Course::Mixed };
    output::note("warming up");
    let brief = Window { warm_up: Duration::ZERO, measured: Duration::from_secs(1) };
    pipeline(desk, course, 64, brief, &last).await?;
    let entry_bytes = average_entry(desk).await?;
    let payload = Bytes::from(vec![b'x'; entry_bytes]);
    let raw = raw_log(desk).await?;
    let mut report = Report { rounds: Vec::new(), entry_bytes, read_models_caught_up_seconds: None };
    for in_flight in args.in_flight.iter().copied() {
        output::note(&format!("raw atomic batches of {RAW_BATCH}"));
        let mut raw_batch = raw_batches(&raw, window, &payload).await?;
        raw_batch.per_second *= count(RAW_BATCH);
        output::note(&format!("raw single publishes, {in_flight} in flight"));
        let raw_single = raw_singles(&raw, in_flight, window, &payload).await?;
        output::note(&format!("the pipeline, {in_flight} in flight"));
        let pipeline = pipeline(desk, course, in_flight, window, &last).await?;
        report.rounds.push(Round { in_flight, raw_single, raw_batch, pipeline });
    }
    if !args.without_projection {
        let began = Instant::now();
        let models = ReadModels::open(&desk.postgres(), &Schema::default()).await?;
        let position = Position(last.load(Ordering::Relaxed));
        models.await_position(position, u32::try_from(CATCH_UP.as_secs())?).await?;
        report.read_models_caught_up_seconds = Some(began.elapsed().as_secs_f64());
    }
    Ok(report)
}

async fn pipeline(
    desk: &Desk,
    course: Course,
    in_flight: usize,
    window: Window,
    last: &Arc<AtomicU64>,
) -> Result<Measured, AnyError> {
    // One connection for all, as the raw publishes have.
    let bus = desk.bus("webshop").await?;
    measure(in_flight, window, |index| {
        let mut sender = Sender::new(bus.clone(), index, course);
        let last = Arc::clone(last);
        move || {
            let (sent, last) = (sender.send(fresh_command_id()), Arc::clone(&last));
            async move {
                last.fetch_max(sent.await?.get(), Ordering::Relaxed);
                Ok(())
            }
        }
    })
    .await
}

async fn average_entry(desk: &Desk) -> Result<usize, AnyError> {
    const SAMPLE: usize = 1_000;
    let connection = docket_jetstream::connect(&desk.nats(), "docket-bench").await?;
    let log = JetStreamLog::open(connection, Namespace::default()).await?;
    let head = usize::try_from(log.head().await?.get())?;
    let entries = log.follow(Position(1)).await?.take(SAMPLE.min(head.saturating_sub(1)));
    let sizes: Vec<usize> =
        entries.filter_map(|entry| async move { entry.ok().map(|entry| entry.payload.len()) }).collect().await;
    Ok(sizes.iter().sum::<usize>() / sizes.len().max(1))
}

/// A stream beside the log, with the same settings.
async fn raw_log(desk: &Desk) -> Result<RawLog, AnyError> {
    let names = Namespace::new("raw");
    let connection = docket_jetstream::connect(&desk.nats_as(APART), "docket-bench").await?;
    streams::ensure(&connection, &names, 1).await?;
    Ok(RawLog::new(connection, names))
}

async fn raw_singles(raw: &RawLog, in_flight: usize, window: Window, payload: &Bytes) -> Result<Measured, AnyError> {
    measure(in_flight, window, |_| {
        let (raw, payload) = (raw.clone(), payload.clone());
        move || {
            let (raw, payload) = (raw.clone(), payload.clone());
            async move { Ok(raw.single(&Uuid::now_v7().to_string(), &payload).await?) }
        }
    })
    .await
}

async fn raw_batches(raw: &RawLog, window: Window, payload: &Bytes) -> Result<Measured, AnyError> {
    measure(1, window, |_| {
        let (raw, payload) = (raw.clone(), payload.clone());
        move || {
            let (raw, payload) = (raw.clone(), payload.clone());
            async move {
                let ids: Vec<String> = (0..RAW_BATCH).map(|_| Uuid::now_v7().to_string()).collect();
                Ok(raw.batch(&Uuid::now_v7().to_string(), &ids, &payload).await?)
            }
        }
    })
    .await
}

impl Report {
    fn print(&self) {
        let header = ["what", "in flight", "per second", "p50 ms", "p99 ms", "of raw single", "of raw batch"];
        output::say(&output::table(&header, self.rounds.iter().flat_map(Round::rows)).to_string());
        output::say(&format!("{} bytes per entry; every append on disk before it is acknowledged", self.entry_bytes));
        if let Some(seconds) = self.read_models_caught_up_seconds {
            output::say(&format!("the read models caught up {seconds:.1} s after the last command"));
        }
    }
}

impl Round {
    fn rows(&self) -> [Vec<String>; 3] {
        [
            row(&format!("raw batches of {RAW_BATCH}"), &self.raw_batch, None),
            row("raw single publishes", &self.raw_single, None),
            row("the pipeline", &self.pipeline, Some((self.raw_single.per_second, self.raw_batch.per_second))),
        ]
    }
}

fn row(what: &str, measured: &Measured, raw: Option<(f64, f64)>) -> Vec<String> {
    let ratio = |limit: f64| if limit > 0.0 { format!("{:.2}", measured.per_second / limit) } else { String::new() };
    vec![
        what.to_owned(),
        measured.in_flight.to_string(),
        format!("{:.0}", measured.per_second),
        format!("{:.2}", measured.p50_ms),
        format!("{:.2}", measured.p99_ms),
        raw.map_or_else(String::new, |(single, _)| ratio(single)),
        raw.map_or_else(String::new, |(_, batch)| ratio(batch)),
    ]
}
