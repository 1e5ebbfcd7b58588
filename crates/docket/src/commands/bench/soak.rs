//! A steady rate for a long time, second by second: latencies, memory, and how far behind the read models are.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use docket_jetstream::bus::BusClient;
use docket_lab::bench::load::{Course, Sender};
use docket_lab::bench::measure::{count, quantile};
use serde::Serialize;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::desk::private_desk;
use super::process::resident_megabytes;
use crate::desk::{self, Desk};
use crate::environment::{fresh_command_id, now};
use crate::error::AnyError;
use crate::output;

/// Arguments of `docket bench soak`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Commands a second, whether or not earlier ones were answered.
    #[arg(long, default_value_t = 1_000, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=100_000))]
    rate: u64,
    /// Seconds that it takes.
    #[arg(long, default_value_t = 60, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    seconds: u64,
    /// Another principal sends as much as it can, with so many commands in flight.
    #[arg(long, default_value_t = 0, value_name = "N")]
    flood: usize,
    /// Leave the projection out.
    #[arg(long)]
    without_projection: bool,
    /// Print one JSON object a second, and one for the whole.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    binaries: desk::Binaries,
}

/// How often what is due is sent.
const TICK: Duration = Duration::from_millis(5);

/// One second, or all of them.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    /// Seconds since the beginning.
    second: u64,
    /// Commands answered.
    commands: usize,
    /// From when they were due until they were answered.
    p50_ms: f64,
    p99_ms: f64,
    max_ms: f64,
    /// Commands of the principal that floods, and those that it was refused.
    flood: u64,
    flood_refused: u64,
    /// Memory of this process: the service, the projection and the senders.
    docket_mb: Option<u64>,
    nats_mb: Option<u64>,
    postgres_mb: Option<u64>,
    /// How old the oldest entry is that the read models do not show.
    behind_seconds: f64,
}

/// Runs it.
pub async fn run(args: &Args) -> Result<(), AnyError> {
    let (desk, _folder) = private_desk(&args.binaries, !args.without_projection, &[]).await?;
    let ended = soak(&desk, args).await;
    desk.stop().await?;
    ended
}

async fn soak(desk: &Desk, args: &Args) -> Result<(), AnyError> {
    desk.publish_sample_policy().await?;
    let flooded = Flooded::default();
    let mut tasks = JoinSet::new();
    let pusher = desk.bus("webshop").await?;
    for number in 0..args.flood {
        tasks.spawn(flood(Sender::new(pusher.clone(), number, Course::Mixed), flooded.clone()));
    }
    let (answered, mut answers) = mpsc::unbounded_channel();
    tasks.spawn(steady(desk.bus("desk").await?, args.rate, answered));
    let (mut all, mut flooded_before) = (Vec::new(), (0, 0));
    let began = Instant::now();
    let mut seconds = tokio::time::interval(Duration::from_secs(1));
    seconds.tick().await;
    for second in 1..=args.seconds {
        seconds.tick().await;
        let mut took = Vec::new();
        while let Ok(answer) = answers.try_recv() {
            took.push(answer?);
        }
        all.extend_from_slice(&took);
        let flooded_now = flooded.total();
        let of_second = (flooded_now.0 - flooded_before.0, flooded_now.1 - flooded_before.1);
        flooded_before = flooded_now;
        line(desk, second, took, of_second).print(args.json)?;
    }
    tasks.shutdown().await;
    let rate = count(all.len()) / began.elapsed().as_secs_f64();
    let whole = line(desk, args.seconds, all, flooded.total());
    if !args.json {
        output::say(&format!("\nthe whole, {rate:.0} commands/s of a steady {}:", args.rate));
    }
    whole.print(args.json)
}

/// Commands of the principal that floods, and those that it was refused.
#[derive(Clone, Default)]
struct Flooded {
    accepted: Arc<AtomicU64>,
    refused: Arc<AtomicU64>,
}

impl Flooded {
    fn total(&self) -> (u64, u64) {
        (self.accepted.load(Ordering::Relaxed), self.refused.load(Ordering::Relaxed))
    }
}

/// Sends one command after the other; one that is refused is not sent again.
async fn flood(mut sender: Sender, flooded: Flooded) {
    loop {
        match sender.send(fresh_command_id()).await {
            Ok(_) => flooded.accepted.fetch_add(1, Ordering::Relaxed),
            Err(_) => flooded.refused.fetch_add(1, Ordering::Relaxed),
        };
    }
}

/// Sends what is due, through as many senders as it takes, and tells how long each took from when it was due.
async fn steady(bus: BusClient, rate: u64, answered: mpsc::UnboundedSender<Result<Duration, AnyError>>) {
    let (idle, mut waiting) = mpsc::unbounded_channel::<Sender>();
    let (began, mut sent, mut senders) = (Instant::now(), 0_u64, 0);
    let mut ticks = tokio::time::interval(TICK);
    loop {
        ticks.tick().await;
        let due = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX) * rate / 1_000_000;
        while sent < due {
            let was_due = began + Duration::from_micros(sent * 1_000_000 / rate);
            sent += 1;
            let mut sender = waiting.try_recv().unwrap_or_else(|_| {
                senders += 1;
                Sender::new(bus.clone(), senders, Course::Mixed)
            });
            let (idle, answered) = (idle.clone(), answered.clone());
            tokio::spawn(async move {
                let reply = sender.send(fresh_command_id()).await;
                // Nobody listens any more at the end.
                let _ = answered.send(reply.map(|_| was_due.elapsed()));
                let _ = idle.send(sender);
            });
        }
    }
}

fn line(desk: &Desk, second: u64, mut took: Vec<Duration>, (flood, flood_refused): (u64, u64)) -> Line {
    took.sort_unstable();
    Line {
        second,
        commands: took.len(),
        p50_ms: quantile(&took, 50),
        p99_ms: quantile(&took, 99),
        max_ms: quantile(&took, 100),
        flood,
        flood_refused,
        docket_mb: resident_megabytes(Some(std::process::id())),
        nats_mb: resident_megabytes(desk.engines.nats.pid()),
        postgres_mb: resident_megabytes(desk.engines.postgres.pid()),
        behind_seconds: desk.health().projection_lag(now()).as_secs_f64(),
    }
}

impl Line {
    fn print(&self, as_json: bool) -> Result<(), AnyError> {
        if as_json {
            return output::json(self);
        }
        let mb = |size: Option<u64>| size.map_or_else(|| "-".to_owned(), |size| size.to_string());
        if self.second % 20 == 1 {
            output::say("second commands  p50 ms  p99 ms  max ms   flood refused     MB nats MB behind s");
        }
        output::say(&format!(
            "{:>6} {:>8} {:>7.2} {:>7.2} {:>7.1} {:>7} {:>7} {:>6} {:>7} {:>8.1}",
            self.second,
            self.commands,
            self.p50_ms,
            self.p99_ms,
            self.max_ms,
            self.flood,
            self.flood_refused,
            mb(self.docket_mb),
            mb(self.nats_mb),
            self.behind_seconds,
        ));
        Ok(())
    }
}
