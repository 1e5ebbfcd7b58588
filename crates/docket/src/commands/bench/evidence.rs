//! What evidence costs: the pipeline with and without a sealer, proofs of a large log, and verifying a bundle.

use std::io::Read as _;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use docket_eventlog::EventLog as _;
use docket_evidence::hash::Hash;
use docket_evidence::tree::{Frontier, Subtree, prove};
use docket_jetstream::access::SystemUser;
use docket_jetstream::seals::Seals;
use docket_jetstream::{JetStreamLog, Namespace};
use docket_lab::bench::load::Course;
use docket_lab::bench::measure::{Window, count, quantile};
use docket_messages::Position;
use docket_projection::{ReadModels, Schema};
use docket_sealing::Hashes;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::desk::private_desk_with;
use super::pipeline;
use super::process::{Each, Processors, resident_megabytes, shown};
use crate::desk::{Binaries, CATCH_UP, Desk};
use crate::environment::now;
use crate::error::{AnyError, plain};
use crate::output;
use crate::roles::{Role, command, projection, sealer};

/// Arguments of `docket bench evidence`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Entries of the bundle that is verified.
    #[arg(long, default_value_t = 1_000_000, value_name = "N", value_parser = clap::value_parser!(u64).range(1_000..=20_000_000))]
    entries: u64,
    /// Entries of the log of which proofs are made; they are made up.
    #[arg(long, default_value_t = 10_000_000, value_name = "N", value_parser = clap::value_parser!(u64).range(1_000..=200_000_000))]
    leaves: u64,
    /// How often the pipeline is measured with a sealer, and without.
    #[arg(long, default_value_t = 3, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=20))]
    rounds: u32,
    /// Seconds that each of these measurements takes.
    #[arg(long, default_value_t = 10, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    binaries: Binaries,
}

/// So many commands are in flight.
const IN_FLIGHT: usize = 1_024;
/// So many proofs are made.
const PROOFS: u64 = 1_000;
/// How often is looked how far the sealer is behind.
const LOOK: Duration = Duration::from_millis(100);

/// What was measured.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    /// Commands a second with and without a sealer, round by round.
    with_sealer: Vec<f64>,
    without_sealer: Vec<f64>,
    /// The rates with, of those without.
    ratio: f64,
    /// Microseconds of processor time for a command, of each part; the mean of all rounds.
    each_with_sealer: Each,
    each_without_sealer: Each,
    /// How much more a command takes with a sealer, of what it takes without.
    more_of_the_processor: f64,
    /// The same for reading an entry, as a sealer does in a process without a projection, and putting it into the tree; nothing else
    /// was at work.
    each_sealed_entry: Each,
    /// The age of the oldest entry that no checkpoint covers, at that rate.
    behind_p50_ms: f64,
    behind_max_ms: f64,
    proof: Proof,
    verify: Verify,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Proof {
    leaves: u64,
    p50_ms: f64,
    max_ms: f64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Verify {
    entries: u64,
    megabytes: u64,
    seconds: f64,
    /// Reading the file and hashing its bytes once takes so long.
    raw_seconds: f64,
    /// The most memory that verifying took.
    resident_mb: Option<u64>,
}

/// Measures.
pub async fn run(args: &Args) -> Result<(), AnyError> {
    let (mut with, mut without, mut behind) = (Vec::new(), Vec::new(), Vec::new());
    let (mut each_with, mut each_without, mut each_sealed) = (Vec::new(), Vec::new(), Each::default());
    for round in 0..args.rounds {
        // Turn about, since a shared machine changes from minute to minute.
        for sealed in if round % 2 == 0 { [true, false] } else { [false, true] } {
            output::note(&format!("the pipeline {} a sealer", if sealed { "with" } else { "without" }));
            let (rate, ages, each, alone) = Box::pin(rate(args, sealed)).await?;
            if sealed { &mut each_with } else { &mut each_without }.push(each);
            each_sealed = alone.unwrap_or(each_sealed);
            if sealed {
                with.push(rate)
            } else {
                without.push(rate)
            }
            behind.extend(ages);
        }
    }
    behind.sort_unstable();
    output::note(&format!("proofs of {} entries", args.leaves));
    let proof = proofs(args.leaves)?;
    let verify = Box::pin(verify(args)).await?;
    let sum = |rates: &[f64]| rates.iter().sum::<f64>();
    let ratio = sum(&with) / sum(&without);
    let (each_with, each_without) = (Each::mean(&each_with), Each::mean(&each_without));
    let (behind_p50_ms, behind_max_ms) = (quantile(&behind, 50), quantile(&behind, 100));
    let report = Report {
        with_sealer: with,
        without_sealer: without,
        ratio,
        each_with_sealer: each_with,
        each_without_sealer: each_without,
        each_sealed_entry: each_sealed,
        more_of_the_processor: each_with.total() / each_without.total() - 1.0,
        behind_p50_ms,
        behind_max_ms,
        proof,
        verify,
    };
    if args.json { output::json(&report) } else { report.print() }
}

async fn desk(args: &Args, sealed: bool) -> Result<(Desk, tempfile::TempDir), AnyError> {
    let roles: &[Role] =
        if sealed { &[command::ROLE, projection::ROLE, sealer::ROLE] } else { &[command::ROLE, projection::ROLE] };
    let (desk, folder) = private_desk_with(&args.binaries, roles, &[]).await?;
    desk.publish_sample_policy().await?;
    Ok((desk, folder))
}

/// The rate of the pipeline, how far behind the sealer was meanwhile, and what a command took; without a sealer also what one
/// in a process of its own takes for an entry, read afterwards.
async fn rate(args: &Args, sealed: bool) -> Result<(f64, Vec<Duration>, Each, Option<Each>), AnyError> {
    let (desk, _folder) = desk(args, sealed).await?;
    let window = Window { warm_up: Duration::from_secs(2), measured: Duration::from_secs(args.seconds) };
    let last = Arc::new(AtomicU64::new(0));
    let (mut ages, before) = (Vec::new(), Processors::of(&desk));
    let measured = tokio::select! {
        measured = pipeline(&desk, Course::Lifecycle, IN_FLIGHT, window, &last) => measured,
        never = watch(&desk, sealed, &mut ages) => never,
    };
    let (after, commands) = (Processors::of(&desk), last.load(std::sync::atomic::Ordering::Relaxed));
    let each = after.since(before, usize::try_from(commands).unwrap_or(1).max(1));
    let alone = if sealed { None } else { Some(alone(&desk).await?) };
    desk.stop().await?;
    Ok((measured?.per_second, ages, each, alone))
}

/// What a sealer that asks for each entry takes for it, when nothing else is at work.
async fn alone(desk: &Desk) -> Result<Each, AnyError> {
    let connection = docket_jetstream::connect(&desk.nats_as(SystemUser::Sealer.user()), "docket-bench").await?;
    let log = JetStreamLog::open(connection, Namespace::default()).await?;
    let models = ReadModels::open(&desk.postgres(), &Schema::default()).await?;
    let head = log.head().await?;
    models.await_position(head, u32::try_from(CATCH_UP.as_secs())?).await?;
    let (folder, before) = (tempfile::tempdir()?, Processors::of(desk));
    docket_sealing::read_hashes(&log, folder.path(), head.get(), &mut |_| {}).await?;
    Ok(Processors::of(desk).since(before, usize::try_from(head.get())?.max(1)))
}

/// Looks how old the first entry is that no checkpoint covers, for ever.
async fn watch<T>(desk: &Desk, sealed: bool, ages: &mut Vec<Duration>) -> Result<T, AnyError> {
    if !sealed {
        return std::future::pending().await;
    }
    let connection = docket_jetstream::connect(&desk.nats(), "docket-bench").await?;
    let log = JetStreamLog::open(connection.clone(), Namespace::default()).await?;
    let seals = Seals::open(&connection, Namespace::default()).await?;
    loop {
        tokio::time::sleep(LOOK).await;
        let Some((_, last)) = docket_sealing::last_seal(&seals).await? else { continue };
        let size = last.checkpoint().size;
        let looked = now();
        if let Some(entry) = log.entry_at(Position(size + 1)).await? {
            let age = looked.millis_since(entry.recorded_at);
            ages.push(Duration::from_millis(u64::try_from(age).unwrap_or(0)));
        }
    }
}

/// Proofs of entries of a log that is made up, from files as a sealer keeps them.
fn proofs(leaves: u64) -> Result<Proof, AnyError> {
    let folder = tempfile::tempdir()?;
    let (mut hashes, mut frontier) = (Hashes::open(folder.path())?, Frontier::default());
    for index in 0..leaves {
        let mut noted = Ok(());
        frontier.append(Hash::of_leaf(&index.to_be_bytes()), |level, index, hash| {
            if noted.is_ok() {
                noted = hashes.note(level, index, &hash);
            }
        });
        noted?;
    }
    hashes.flush()?;
    let mut took = Vec::new();
    for number in 0..PROOFS {
        // Anywhere in the log, and not in order.
        let index = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) % leaves;
        let of = Subtree::leaf(index).ok_or_else(|| plain("no such leaf"))?;
        let began = Instant::now();
        let proof = prove(&mut hashes, of, leaves)?;
        took.push(began.elapsed());
        if proof.is_none() {
            return Err(plain("no proof was made"));
        }
    }
    took.sort_unstable();
    Ok(Proof { leaves, p50_ms: quantile(&took, 50), max_ms: quantile(&took, 100) })
}

/// A bundle of so many entries, verified by the binary as an auditor runs it.
async fn verify(args: &Args) -> Result<Verify, AnyError> {
    let (desk, folder) = desk(args, true).await?;
    let last = Arc::new(AtomicU64::new(0));
    let second = Window { warm_up: Duration::ZERO, measured: Duration::from_secs(1) };
    output::note(&format!("{} entries to verify", args.entries));
    while last.load(std::sync::atomic::Ordering::Relaxed) < args.entries {
        pipeline(&desk, Course::Lifecycle, IN_FLIGHT, second, &last).await?;
    }
    let bundle = folder.path().join("all.bundle");
    let positions = format!("1..{}", args.entries);
    let nats = desk.nats();
    let out = bundle.to_string_lossy();
    let export = ["evidence", "export", "--reveal", "--positions", &positions, "--out", &out, "--nats", &nats];
    docket(&export).await?;
    let policy = policy_in(&folder.path().join("sealer"))?;
    desk.stop().await?;
    let (raw_seconds, megabytes) = hash_once(&bundle)?;
    output::note("verifying");
    let began = Instant::now();
    let resident_mb = docket(&["evidence", "verify", &out, "--policy", &policy]).await?;
    let seconds = began.elapsed().as_secs_f64();
    Ok(Verify { entries: args.entries, megabytes, seconds, raw_seconds, resident_mb })
}

/// Runs this binary, which must end well; says how much memory it took at most.
async fn docket(arguments: &[&str]) -> Result<Option<u64>, AnyError> {
    let mut command = tokio::process::Command::new(std::env::current_exe()?);
    let mut child = command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let (pid, mut most) = (child.id(), None);
    let status = loop {
        tokio::select! {
            status = child.wait() => break status?,
            () = tokio::time::sleep(LOOK) => most = most.max(resident_megabytes(pid)),
        }
    };
    let what = arguments.get(..2).unwrap_or_default().join(" ");
    if status.success() { Ok(most) } else { Err(plain(format!("`docket {what}` ended with {status}"))) }
}

/// The policy that the desk's sealer has written.
fn policy_in(folder: &Path) -> Result<String, AnyError> {
    let files = std::fs::read_dir(folder)?.filter_map(Result::ok).map(|file| file.path());
    let policy = files.into_iter().find(|path| path.extension().is_some_and(|kind| kind == "policy"));
    policy.map(|path| path.to_string_lossy().into_owned()).ok_or_else(|| plain("the sealer has written no policy"))
}

/// How long it takes to read a file and hash its bytes, and how many megabytes it has.
fn hash_once(path: &Path) -> Result<(f64, u64), AnyError> {
    let (mut file, mut digest, mut buffer) = (std::fs::File::open(path)?, Sha256::new(), vec![0; 1 << 20]);
    let (began, mut bytes) = (Instant::now(), 0);
    loop {
        let read = file.read(&mut buffer)?;
        digest.update(buffer.get(..read).unwrap_or_default());
        bytes += u64::try_from(read)?;
        if read == 0 {
            std::hint::black_box(digest.finalize());
            return Ok((began.elapsed().as_secs_f64(), bytes >> 20));
        }
    }
}

impl Report {
    fn print(&self) -> Result<(), AnyError> {
        let rate = |rates: &[f64]| format!("{:.0}", rates.iter().sum::<f64>() / count(rates.len()));
        let Self { with_sealer, without_sealer, ratio, proof, verify, .. } = self;
        let each = |each: &Each| {
            let parts = [("docket", each.docket_us), ("nats", each.nats_us), ("postgres", each.postgres_us)];
            parts.map(|(part, us)| format!("{part} {}", shown(us))).join(", ")
        };
        let rows = [
            vec!["us of a processor without".to_owned(), String::new(), each(&self.each_without_sealer)],
            vec![
                "us of a processor with".to_owned(),
                format!("{:+.1} %", 100.0 * self.more_of_the_processor),
                each(&self.each_with_sealer),
            ],
            vec![
                "us for an entry, in a process of its own".to_owned(),
                format!("{:.0}", self.each_sealed_entry.total()),
                each(&self.each_sealed_entry),
            ],
            vec!["commands/s without a sealer".to_owned(), rate(without_sealer), String::new()],
            vec!["commands/s with a sealer".to_owned(), rate(with_sealer), format!("{ratio:.3} of without")],
            vec!["ms behind, half of the time".to_owned(), format!("{:.0}", self.behind_p50_ms), String::new()],
            vec!["ms behind, at most".to_owned(), format!("{:.0}", self.behind_max_ms), String::new()],
            vec!["ms for a proof".to_owned(), format!("{:.2}", proof.p50_ms), format!("of {} entries", proof.leaves)],
            vec!["ms for a proof, at most".to_owned(), format!("{:.2}", proof.max_ms), String::new()],
            vec![
                "s to verify".to_owned(),
                format!("{:.1}", verify.seconds),
                format!("{} entries, {} MB", verify.entries, verify.megabytes),
            ],
            vec![
                "s to hash the same file once".to_owned(),
                format!("{:.1}", verify.raw_seconds),
                format!("{:.1} times that to verify", verify.seconds / verify.raw_seconds),
            ],
            vec![
                "MB of memory to verify".to_owned(),
                verify.resident_mb.map_or_else(|| "-".to_owned(), |mb| mb.to_string()),
                String::new(),
            ],
        ];
        output::say(&output::table(&["what", "figure", "beside"], rows).to_string());
        Ok(())
    }
}
