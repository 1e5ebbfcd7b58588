//! `docket evidence population`: all entries of a kind in a period, counted and bound to a checkpoint.

use std::fs::File;
use std::io::{Read as _, Seek as _, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use docket_bundle::{Finding, Kind};
use docket_eventlog::Subject;
use docket_evidence::checkpoint::{Checkpoint, SignedCheckpoint};
use docket_evidence::hash::Hash;
use docket_evidence::policy::Distrust;
use docket_evidence::tree::Frontier;
use docket_jetstream::{JetStreamLog, Namespace, StoredMessage};
use docket_messages::{AnyEntry, Event, PolicyCommand, Position, StepVerb, Timestamp, Verb};
use sha2::{Digest as _, Sha256};

use super::Unproven;
use super::checkpoint::newest;
use super::export::read_checkpoint;
use super::verify::read_policy;
use crate::commands::period::Period;
use crate::endpoints::Find;
use crate::error::{AnyError, plain};
use crate::output::{self, Progress};

/// Which entries.
#[derive(Debug, clap::Args)]
pub struct Wanted {
    /// Only entries of these verbs [default: all]
    #[arg(long = "verb", value_name = "VERB,…", value_delimiter = ',', value_parser = verb)]
    verbs: Vec<String>,
    /// Only entries with an event of these names, as docs/EVENTS.md has them [default: all]
    #[arg(long = "event", value_name = "EVENT,…", value_delimiter = ',', value_parser = event)]
    events: Vec<String>,
    #[command(flatten)]
    period: Period,
    /// Whom you trust: the checkpoint that all is bound to must be signed by them
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// A checkpoint that you kept, and that the log must contain
    #[arg(long, value_name = "FILE")]
    checkpoint: Vec<PathBuf>,
    /// The file for the CSV; it is printed if there is none
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    find: Find,
}

fn verb(text: &str) -> Result<String, String> {
    const BESIDE: [&str; 3] = ["presence", "reserveSurvey", "claim"];
    let beside = || PolicyCommand::VERBS.into_iter().chain(BESIDE);
    if Verb::parse(text).is_some() || StepVerb::parse(text).is_some() || beside().any(|verb| verb == text) {
        return Ok(text.to_owned());
    }
    let all: Vec<&str> = Verb::ALL.iter().map(|verb| verb.as_str()).chain(beside()).collect();
    Err(format!("there is no verb `{text}`; choose of {}", all.join(", ")))
}

fn event(text: &str) -> Result<String, String> {
    if Event::names().any(|name| name == text) {
        return Ok(text.to_owned());
    }
    Err(format!("there is no event `{text}`; docs/EVENTS.md lists them, and `docket log` shows those of this log"))
}

/// Arguments of `docket evidence population`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  docket evidence population --event closed --from 2026-07-01T00:00:00Z --to 2026-10-01T00:00:00Z --out q3-closed.csv
  docket evidence population --verb publish,approve --policy auditor.policy --checkpoint 2026-q3.checkpoint

A case is closed by the command `close`, by the policy, by its customer or with its parent: what happened is an event, and what
somebody asked for is a verb. The column `events` says how many events of those names an entry has.

A line for each entry. Below, in lines that begin with `#`, stand how many there are, the SHA-256 of the lines above, and the
checkpoint that they are bound to: whoever has that can have any entry proven by `docket evidence prove`. The same question
has the same lines, whenever it is asked.

Exit codes: 0 it is printed, 10 the log is not the one that was sealed, 11 a signature or the policy, 12 your checkpoint is of more
entries than are sealed.")]
pub struct Args {
    #[command(flatten)]
    wanted: Wanted,
}

/// Prints it.
pub async fn run(args: Args) -> Result<ExitCode, AnyError> {
    let mut sheet = Sheet::begin()?;
    let found = gather(&args.wanted, &mut |row| sheet.add(&row)).await?;
    sheet.write(&args.wanted, &found, &[])
}

/// An entry of a population.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// Its position.
    pub position: u64,
    /// The hash of its leaf.
    pub leaf: Hash,
    /// The columns.
    columns: [String; 12],
    /// How many events it has of those that are asked for.
    events: u64,
}

/// What the columns are called.
const HEADER: [&str; 13] = [
    "position",
    "recorded_at",
    "kind",
    "of",
    "verb",
    "by",
    "for",
    "at",
    "backdated",
    "policy",
    "version",
    "events",
    "leaf",
];

/// What was looked through.
pub(super) struct Found {
    checkpoint: String,
    size: u64,
    /// How many entries are of the population.
    pub count: u64,
    /// How many events those have.
    pub events: u64,
}

/// The checkpoints that the auditor kept, the largest first, if the auditor's policy trusts who has signed them and the newest one.
fn trusted(wanted: &Wanted, newest: &SignedCheckpoint) -> Result<Vec<Checkpoint>, AnyError> {
    let kept = wanted.checkpoint.iter().map(|file| read_checkpoint(file)).collect::<Result<Vec<_>, _>>()?;
    if let Some(file) = &wanted.policy {
        let policy = read_policy(file)?;
        let distrusted =
            |what: &str, cause: Distrust| Unproven(Finding::new(Kind::Signature, None, format!("{what}{cause}")));
        policy.judge(newest).map_err(|cause| distrusted("", cause))?;
        for kept in &kept {
            policy.vouchers(kept).map_err(|cause| distrusted("your checkpoint: ", cause))?;
        }
    }
    let mut kept: Vec<Checkpoint> = kept.iter().map(|kept| kept.checkpoint().clone()).collect();
    kept.sort_by_key(|kept| std::cmp::Reverse(kept.size));
    match kept.first().filter(|largest| largest.size > newest.checkpoint().size) {
        Some(largest) => {
            let (size, sealed) = (largest.size, newest.checkpoint().size);
            let message = format!("your checkpoint is of {size} entries, and the log is sealed up to {sealed}");
            Err(Unproven(Finding::new(Kind::Incomplete, None, message)).into())
        }
        None => Ok(kept),
    }
}

/// Reads the log, and hands on what is wanted. What was read is what is sealed, or nothing is said of it.
pub(super) async fn gather(
    wanted: &Wanted,
    take: &mut (dyn FnMut(Row) -> Result<(), AnyError> + Send),
) -> Result<Found, AnyError> {
    let checkpoint = newest(&wanted.find).await?;
    let head = checkpoint.checkpoint().clone();
    let mut kept = trusted(wanted, &checkpoint)?;
    let Period { from, to } = wanted.period;
    if let (Some(from), Some(to)) = (from, to)
        && from >= to
    {
        return Err(plain(format!("the period from {from} to {to} has no time in it; say the earlier time first")));
    }
    let log = JetStreamLog::open(wanted.find.connect().await?, Namespace::default()).await?;
    let mut progress = Progress::start("entries read", head.size);
    let (mut frontier, mut count, mut events) = (Frontier::default(), 0, 0);
    let missing = |position: u64| {
        let message = "the log has no entry there, and was sealed beyond";
        AnyError::from(Unproven(Finding::new(Kind::Integrity, Some(position), message)))
    };
    while frontier.size() < head.size {
        let (page, _) = log.page_stored(Position(frontier.size())).await?;
        let page: Vec<&StoredMessage> = page.iter().take_while(|entry| entry.position.get() <= head.size).collect();
        if page.is_empty() {
            return Err(missing(frontier.size() + 1));
        }
        for entry in page {
            let position = entry.position.get();
            if position != frontier.size() + 1 {
                return Err(missing(frontier.size() + 1));
            }
            let leaf = docket_sealing::leaf_of(entry)?.hash();
            frontier.append(leaf, |_, _, _| {});
            while let Some(kept) = kept.pop_if(|kept| kept.size == position) {
                if kept.root != frontier.root() {
                    let message =
                        format!("the log up to here is not the one that your checkpoint of {position} entries is of");
                    return Err(Unproven(Finding::new(Kind::Integrity, Some(position), message)).into());
                }
            }
            if let Some(row) = row(entry, leaf, wanted)? {
                count += 1;
                events += row.events;
                take(row)?;
            }
        }
        progress.set(frontier.size(), head.size);
    }
    progress.finish();
    if frontier.root() != head.root {
        let message = format!(
            "the log is not the one that was sealed: its first {} entries have the root {}, and the checkpoint has {}",
            head.size,
            frontier.root(),
            head.root
        );
        return Err(Unproven(Finding::new(Kind::Integrity, None, message)).into());
    }
    Ok(Found { checkpoint: checkpoint.to_string(), size: head.size, count, events })
}

fn row(entry: &StoredMessage, leaf: Hash, wanted: &Wanted) -> Result<Option<Row>, AnyError> {
    let position = entry.position.get();
    let recorded_at = Timestamp::EPOCH.plus_millis(entry.nanos.div_euclid(1_000_000));
    // Each entry by its own time: the clock of a server may have gone back between two.
    if !wanted.period.has(recorded_at) {
        return Ok(None);
    }
    let read = AnyEntry::decode(&entry.payload).map_err(|error| plain(format!("position {position}: {error}")))?;
    if !wanted.verbs.is_empty() && !wanted.verbs.contains(&read.verb) {
        return Ok(None);
    }
    let is_asked = |event: &&Event| wanted.events.is_empty() || wanted.events.iter().any(|name| name == event.name());
    let events = u64::try_from(read.events.iter().filter(is_asked).count()).unwrap_or(u64::MAX);
    if events == 0 && !wanted.events.is_empty() {
        return Ok(None);
    }
    let of = entry.subject.strip_prefix("docket.log.").and_then(|subject| Subject::parse(subject).ok());
    let of = of.map_or_else(|| read.of.clone(), |subject| subject.id());
    let columns = [
        recorded_at.to_string(),
        read.kind.as_str().to_owned(),
        of,
        read.verb.clone(),
        read.by.to_string(),
        read.on_behalf_of.as_ref().map(ToString::to_string).unwrap_or_default(),
        read.at.to_string(),
        read.is_backdated(recorded_at).to_string(),
        read.policy.to_string(),
        read.version.to_string(),
        events.to_string(),
        leaf.to_string(),
    ];
    Ok(Some(Row { position, leaf, columns, events }))
}

/// Rows as CSV, in a file of their own until it is known that they hold.
pub(super) struct Sheet {
    lines: csv::Writer<File>,
}

impl Sheet {
    pub(super) fn begin() -> Result<Self, AnyError> {
        let mut lines = csv::Writer::from_writer(tempfile::tempfile()?);
        lines.write_record(HEADER)?;
        Ok(Self { lines })
    }

    pub(super) fn add(&mut self, row: &Row) -> Result<(), AnyError> {
        let position = row.position.to_string();
        let columns = [position.as_str()].into_iter().chain(row.columns.iter().map(String::as_str));
        Ok(self.lines.write_record(columns)?)
    }

    /// Prints the lines, and below what they are bound to.
    pub(super) fn write(self, wanted: &Wanted, found: &Found, more: &[String]) -> Result<ExitCode, AnyError> {
        let mut lines = self.lines.into_inner().map_err(|error| plain(error.to_string()))?;
        lines.rewind()?;
        let mut out: Box<dyn Write> = match &wanted.out {
            Some(file) => {
                let created = File::create(file);
                Box::new(created.map_err(|error| plain(format!("could not write {}: {error}", file.display())))?)
            }
            None => Box::new(std::io::stdout().lock()),
        };
        let (mut digest, mut buffer) = (Sha256::new(), vec![0; 1 << 16]);
        loop {
            let read = lines.read(&mut buffer)?;
            let bytes = buffer.get(..read).unwrap_or_default();
            if bytes.is_empty() {
                break;
            }
            digest.update(bytes);
            out.write_all(bytes)?;
        }
        let digest: [u8; 32] = digest.finalize().into();
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let or_all = |time: Option<Timestamp>| time.map_or_else(|| "…".to_owned(), |time| time.to_string());
        let all = |names: &[String]| if names.is_empty() { "all".to_owned() } else { names.join(", ") };
        writeln!(out, "# verbs: {}\n# events: {}", all(&wanted.verbs), all(&wanted.events))?;
        writeln!(out, "# from: {}\n# to: {}", or_all(wanted.period.from), or_all(wanted.period.to))?;
        writeln!(out, "# count: {}\n# events counted: {}", found.count, found.events)?;
        more.iter().try_for_each(|line| writeln!(out, "# {line}"))?;
        writeln!(out, "# sha256: {digest}\n# checkpoint of the first {} entries:", found.size)?;
        found.checkpoint.lines().try_for_each(|line| writeln!(out, "# {line}"))?;
        out.flush()?;
        if let Some(file) = &wanted.out {
            output::say(&format!("{} entries; {} has what they are bound to below them", found.count, file.display()));
        }
        Ok(ExitCode::SUCCESS)
    }
}
