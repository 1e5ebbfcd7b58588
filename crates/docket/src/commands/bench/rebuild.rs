//! How fast the read models are filled anew, against the log and the database as they are.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use docket_eventlog::EventLog as _;
use docket_jetstream::{JetStreamLog, Namespace};
use docket_lab::bench::load::Course;
use docket_lab::bench::measure::{Window, count};
use docket_messages::Position;
use docket_projection::{Copied, Options, Schema, Settings, Stage};
use futures::StreamExt as _;
use serde::Serialize;

use super::desk::private_desk;
use super::pipeline;
use super::process::{Each, Processors, resident_megabytes, shown};
use crate::desk::{Binaries, Desk};
use crate::error::AnyError;
use crate::output::{self, Progress};
use crate::zones;

/// Arguments of `docket bench rebuild`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Entries of the log.
    #[arg(long, default_value_t = 300_000, value_name = "N", value_parser = clap::value_parser!(u64).range(1_000..=100_000_000))]
    entries: u64,
    /// How often all three are measured, one after the other.
    #[arg(long, default_value_t = 2, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=20))]
    rounds: u32,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    binaries: Binaries,
}

/// Commands in flight while the log is filled.
const IN_FLIGHT: usize = 1_024;
/// How long it is filled before it is looked again how long it is.
const STRETCH: Duration = Duration::from_secs(5);

/// What was measured.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    entries: u64,
    rounds: Vec<Round>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Round {
    /// Reading the log in its order, and nothing else.
    read_seconds: f64,
    /// COPY of the same rows into empty tables,
    copy_seconds: f64,
    /// and their keys and indexes after that.
    keys_seconds: f64,
    rows: u64,
    megabytes: f64,
    /// Filling all tables from the log, with keys and indexes,
    #[serde(flatten)]
    rebuild: Rebuild,
    /// and how fast that is, as a part of copying with keys.
    of_copy: f64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Rebuild {
    rebuild_seconds: f64,
    /// Processor time that it took for each entry.
    #[serde(flatten)]
    processors: Each,
    /// Memory of this process meanwhile, at most.
    docket_mb: u64,
}

/// Measures.
pub async fn run(args: &Args) -> Result<(), AnyError> {
    let (desk, _folder) = private_desk(&args.binaries, false, &[]).await?;
    let measured = measure(&desk, args).await;
    desk.stop().await?;
    let report = measured?;
    if args.json { output::json(&report) } else { report.print() }
}

async fn measure(desk: &Desk, args: &Args) -> Result<Report, AnyError> {
    desk.publish_sample_policy().await?;
    fill(desk, args.entries).await?;
    let connection = docket_jetstream::connect(&desk.nats(), "docket-bench").await?;
    let log = JetStreamLog::open(connection, Namespace::default()).await?;
    let head = log.head().await?;
    let mut report = Report { entries: head.get(), rounds: Vec::new() };
    for round in 1..=args.rounds {
        output::note(&format!("round {round} of {}: reading the log", args.rounds));
        let read_seconds = read(&log, head).await?;
        output::note("filling the read models");
        let rebuild = rebuild(desk, &log, usize::try_from(head.get())?).await?;
        // The server would do it some time, beside what is measured next.
        output::note("vacuuming the read models");
        docket_projection::vacuum_live(&desk.postgres(), &Schema::default()).await?;
        output::note("copying the same rows");
        let copied = docket_projection::copy_live(&desk.postgres(), &Schema::default()).await?;
        report.rounds.push(Round::new(read_seconds, rebuild, copied));
    }
    Ok(report)
}

/// Takes cases through their lives until the log is so long.
async fn fill(desk: &Desk, entries: u64) -> Result<(), AnyError> {
    let last = Arc::new(AtomicU64::new(0));
    let mut progress = Progress::start("entries", entries);
    while last.load(Ordering::Relaxed) < entries {
        let window = Window { warm_up: Duration::ZERO, measured: STRETCH };
        pipeline(desk, Course::Lifecycle, IN_FLIGHT, window, &last).await?;
        progress.set(last.load(Ordering::Relaxed), entries);
    }
    progress.finish();
    Ok(())
}

async fn read(log: &JetStreamLog, head: Position) -> Result<f64, AnyError> {
    let began = Instant::now();
    let mut entries = log.follow(Position(0)).await?;
    while let Some(entry) = entries.next().await {
        if entry?.position >= head {
            break;
        }
    }
    Ok(began.elapsed().as_secs_f64())
}

/// Fills the read models anew from so many entries.
async fn rebuild(desk: &Desk, log: &JetStreamLog, entries: usize) -> Result<Rebuild, AnyError> {
    let settings = Settings::new(&desk.postgres(), zones::current());
    let mut most = 0;
    let mut tell = |_: Stage| most = resident_megabytes(Some(std::process::id())).unwrap_or_default().max(most);
    let (began, before) = (Instant::now(), Processors::of(desk));
    docket_projection::rebuild(log.clone(), &settings, Options::default(), &mut tell).await?;
    let (rebuild_seconds, processors) = (began.elapsed().as_secs_f64(), Processors::of(desk).since(before, entries));
    Ok(Rebuild { rebuild_seconds, processors, docket_mb: most })
}

impl Round {
    fn new(read_seconds: f64, rebuild: Rebuild, copied: Copied) -> Self {
        let (copy_seconds, keys_seconds) = (copied.copying.as_secs_f64(), copied.keys.as_secs_f64());
        Self {
            read_seconds,
            copy_seconds,
            keys_seconds,
            rows: copied.rows,
            megabytes: count(usize::try_from(copied.bytes / 1_000).unwrap_or(usize::MAX)) / 1_000.0,
            of_copy: (copy_seconds + keys_seconds) / rebuild.rebuild_seconds,
            rebuild,
        }
    }
}

impl Report {
    fn print(&self) -> Result<(), AnyError> {
        let entries = count(usize::try_from(self.entries)?);
        let row = |what: &str, seconds: f64, of_copy: Option<f64>| {
            let ratio = of_copy.map_or_else(String::new, |ratio| format!("{ratio:.2}"));
            vec![what.to_owned(), format!("{seconds:.1}"), format!("{:.0}", entries / seconds), ratio]
        };
        let rows = self.rounds.iter().flat_map(|round| {
            let copy = round.copy_seconds + round.keys_seconds;
            [
                row("reading the log", round.read_seconds, None),
                row("COPY of the rows, then keys", copy, None),
                row("docket rebuild", round.rebuild.rebuild_seconds, Some(round.of_copy)),
            ]
        });
        output::say(&output::table(&["what", "seconds", "entries/s", "of COPY"], rows).to_string());
        if let Some(last) = self.rounds.last() {
            output::say(&format!(
                "{} entries, {} rows of {:.0} MB; {} MB of memory at most while filling",
                self.entries, last.rows, last.megabytes, last.rebuild.docket_mb
            ));
            let Each { docket_us, nats_us, postgres_us } = last.rebuild.processors;
            output::say(&format!(
                "processor time of each entry: {} us of docket, {} of nats-server, {} of Postgres",
                shown(docket_us),
                shown(nats_us),
                shown(postgres_us)
            ));
        }
        Ok(())
    }
}
