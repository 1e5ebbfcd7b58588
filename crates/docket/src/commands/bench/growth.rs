//! Whether a command costs the same when there are many cases.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use docket_lab::bench::load::Course;
use docket_lab::bench::measure::{Measured, Window, count};
use docket_messages::Position;
use docket_projection::{ReadModels, Schema};
use serde::Serialize;

use super::desk::private_desk;
use super::pipeline;
use super::process::{Each, Processors, shown};
use crate::desk::{Binaries, Desk};
use crate::error::AnyError;
use crate::output::{self, Progress};

/// Arguments of `docket bench growth`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// When there are so many cases, it is measured.
    #[arg(long, value_delimiter = ',', default_values_t = [10_000, 100_000, 1_000_000], value_name = "N,…")]
    cases: Vec<u64>,
    /// Seconds that each measurement takes. In a minute the server has looked after each of its tables about once.
    #[arg(long, default_value_t = 60, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// Commands in flight.
    #[arg(long, default_value_t = 1_024, value_name = "N")]
    in_flight: usize,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    binaries: Binaries,
}

/// Commands that each case goes through.
const COMMANDS_A_CASE: u64 = 6;
/// How long cases are added before it is looked again how many there are.
const STRETCH: Duration = Duration::from_secs(5);
/// How long the read models may take to catch up.
const CATCH_UP_SECONDS: u32 = 600;

/// What was measured when there were so many cases.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Stage {
    cases: u64,
    /// Commands, until the read models show all of them.
    commands: u64,
    seconds: f64,
    commands_per_second: f64,
    /// How long the read models took after the last reply.
    behind_seconds: f64,
    pipeline: Measured,
    /// Processor time of each command: this process is the service, the projection and the senders.
    #[serde(flatten)]
    processors: Each,
}

/// Measures.
pub async fn run(args: &Args) -> Result<(), AnyError> {
    let (desk, _folder) = private_desk(&args.binaries, true, &[]).await?;
    let measured = grow(&desk, args).await;
    desk.stop().await?;
    let stages = measured?;
    if args.json { output::json(&stages) } else { print(&stages) }
}

async fn grow(desk: &Desk, args: &Args) -> Result<Vec<Stage>, AnyError> {
    desk.publish_sample_policy().await?;
    let growth = Growth {
        desk,
        in_flight: args.in_flight,
        models: ReadModels::open(&desk.postgres(), &Schema::default()).await?,
        last: Arc::default(),
    };
    let mut stages = Vec::new();
    for cases in args.cases.iter().copied() {
        growth.add_until(cases).await?;
        output::note(&format!("measuring at {cases} cases"));
        stages.push(growth.measure(Duration::from_secs(args.seconds)).await?);
    }
    Ok(stages)
}

struct Growth<'d> {
    desk: &'d Desk,
    in_flight: usize,
    models: ReadModels,
    /// The position of the last command that was accepted.
    last: Arc<AtomicU64>,
}

impl Growth<'_> {
    fn commands(&self) -> u64 {
        self.last.load(Ordering::Relaxed)
    }

    async fn send(&self, measured: Duration) -> Result<Measured, AnyError> {
        let window = Window { warm_up: Duration::ZERO, measured };
        pipeline(self.desk, Course::Lifecycle, self.in_flight, window, &self.last).await
    }

    async fn catch_up(&self) -> Result<(), AnyError> {
        Ok(self.models.await_position(Position(self.commands()), CATCH_UP_SECONDS).await?)
    }

    async fn add_until(&self, cases: u64) -> Result<(), AnyError> {
        let wanted = cases * COMMANDS_A_CASE;
        let mut progress = Progress::start("commands", wanted);
        while self.commands() < wanted {
            self.send(STRETCH).await?;
            self.catch_up().await?;
            progress.set(self.commands(), wanted);
        }
        progress.finish();
        Ok(())
    }

    async fn measure(&self, measured: Duration) -> Result<Stage, AnyError> {
        // The caches are those of what is measured.
        self.send(Duration::from_secs(2)).await?;
        self.catch_up().await?;
        let (first, began, processors) = (self.commands(), Instant::now(), Processors::of(self.desk));
        let pipeline = self.send(measured).await?;
        let answered = Instant::now();
        self.catch_up().await?;
        let (commands, after) = (self.commands() - first, Processors::of(self.desk));
        let seconds = began.elapsed().as_secs_f64();
        let all = usize::try_from(commands)?;
        Ok(Stage {
            cases: first / COMMANDS_A_CASE,
            commands,
            seconds,
            commands_per_second: count(all) / seconds,
            behind_seconds: answered.elapsed().as_secs_f64(),
            pipeline,
            processors: after.since(processors, all),
        })
    }
}

fn print(stages: &[Stage]) -> Result<(), AnyError> {
    let first = stages.first().map_or(0.0, |stage| stage.commands_per_second);
    let rows = stages.iter().map(|stage| {
        vec![
            stage.cases.to_string(),
            format!("{:.0}", stage.commands_per_second),
            format!("{:.2}", stage.commands_per_second / first),
            format!("{:.1}", stage.pipeline.p50_ms),
            format!("{:.1}", stage.pipeline.p99_ms),
            shown(stage.processors.docket_us),
            shown(stage.processors.nats_us),
            shown(stage.processors.postgres_us),
            format!("{:.1}", stage.behind_seconds),
        ]
    });
    let header =
        ["cases", "commands/s", "of first", "p50 ms", "p99 ms", "docket us", "nats us", "postgres us", "behind s"];
    output::say(&output::table(&header, rows).to_string());
    output::say("six commands a case, until the read models show them; us: processor time of each command");
    Ok(())
}
