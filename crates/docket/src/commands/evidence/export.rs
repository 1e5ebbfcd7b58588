//! `docket evidence export`: a bundle.

mod copy;
mod plan;
mod seals;

pub use plan::first_since;

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use docket_bundle::{Bundle, Claim};
use docket_evidence::checkpoint::SignedCheckpoint;
use docket_jetstream::seals::Seals;
use docket_jetstream::{JetStreamLog, Namespace};
use docket_messages::{CaseId, CustomerId, Timestamp};

use super::checkpoint::newest;
use super::hashes;
use crate::endpoints::Find;
use crate::error::{AnyError, plain};
use crate::output;

/// Arguments of `docket evidence export`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  docket evidence export --case 0199a7a0-… --reveal --out case.bundle
  docket evidence export --customer C-1001 --reveal --out customer.bundle
  docket evidence export --from 2026-07-01T00:00:00Z --to 2026-10-01T00:00:00Z --reveal --out q3.bundle
  docket evidence export --positions 4700..4800 --reveal --out some.bundle

A bundle is one file, and all that `docket evidence verify` needs. It holds entries as the log has them, with what customers
and agents wrote in clear; so it takes `--reveal`. Of all other entries it tells subject and headers, where that is needed to
see that none is left out, or only the hash.")]
#[command(group = clap::ArgGroup::new("of").required(true).args(["case", "customer", "from", "positions"]))]
pub struct Args {
    /// All entries of a case
    #[arg(long, value_name = "ID")]
    case: Option<CaseId>,
    /// All entries of a customer's cases
    #[arg(long, value_name = "ID", value_parser = customer)]
    customer: Option<CustomerId>,
    /// All entries that were taken in from this time on
    #[arg(long, value_name = "TIME", requires = "to")]
    from: Option<Timestamp>,
    /// …and before this one
    #[arg(long, value_name = "TIME", requires = "from")]
    to: Option<Timestamp>,
    /// All entries from one position to another, both included
    #[arg(long, value_name = "A..B", value_parser = positions)]
    positions: Option<(u64, u64)>,
    /// The file
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Disclose what customers and agents wrote
    #[arg(long)]
    reveal: bool,
    /// A checkpoint that the auditor keeps, and that the bundle must connect to; needed for large logs only
    #[arg(long, value_name = "FILE")]
    checkpoint: Vec<PathBuf>,
    /// The folder of the sealer's hashes
    #[arg(long, value_name = "DIR")]
    hashes: Option<PathBuf>,
    #[command(flatten)]
    find: Find,
}

fn customer(text: &str) -> Result<CustomerId, String> {
    CustomerId::parse(text).map_err(|error| error.to_string())
}

fn positions(text: &str) -> Result<(u64, u64), String> {
    let parsed = text.split_once("..").and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?)));
    let is_in_order = |(from, to): &(u64, u64)| *from > 0 && from <= to;
    parsed
        .filter(is_in_order)
        .ok_or_else(|| format!("`{text}` is not two positions such as 4700..4800, the lower one first"))
}

/// Writes the bundle.
pub async fn run(args: Args) -> Result<ExitCode, AnyError> {
    if !args.reveal {
        output::note(
            "docket: a bundle discloses what customers and agents wrote, in clear; say `--reveal` if that is what you want",
        );
        return Ok(ExitCode::from(2));
    }
    let checkpoint = newest(&args.find).await?;
    let kept = args.checkpoint.iter().map(|file| read_checkpoint(file)).collect::<Result<Vec<_>, _>>()?;
    let kept: Vec<u64> = kept.iter().map(|kept| kept.checkpoint().size).collect();
    let connection = args.find.connect().await?;
    let made = async {
        let log = JetStreamLog::open(connection.clone(), Namespace::default()).await?;
        let seals = Seals::open(&connection, Namespace::default()).await?;
        make(&args, &log, &seals, checkpoint, &kept).await
    };
    connection.unless_refused(Box::pin(made)).await
}

async fn make(
    args: &Args,
    log: &JetStreamLog,
    seals: &Seals,
    checkpoint: SignedCheckpoint,
    kept: &[u64],
) -> Result<ExitCode, AnyError> {
    let head = checkpoint.checkpoint().clone();
    let plan = plan::of(args, log, head.size).await?;
    let between = seals::around(seals, &head.origin, head.size, &plan.disclosed).await?;
    // Where every entry is read anyhow, nobody needs its hash from elsewhere.
    let mut of_log = if copy::reads_all(&plan, head.size) {
        None
    } else {
        Some(hashes::of(&args.find, args.hashes.as_ref(), log, head.size).await?)
    };
    let hashes = of_log.as_mut().map(|of_log| &mut of_log.hashes);
    let folder = args.out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let cannot = |error: std::io::Error| plain(format!("could not write {}: {error}", args.out.display()));
    let file = tempfile::NamedTempFile::new_in(folder).map_err(cannot)?;
    let claim = Claim::new(head.origin.to_string(), head.size, plan.of.clone());
    let mut bundle = Bundle::begin(BufWriter::new(file), claim, checkpoint)?;
    copy::all(log, &plan, between, kept, hashes, &mut bundle).await?;
    let file = bundle.finish()?.into_inner().map_err(|error| cannot(error.into_error()))?;
    file.as_file().sync_all().map_err(cannot)?;
    let file = file.persist(&args.out).map_err(|error| cannot(error.error))?;
    let bytes = file.metadata().map_err(cannot)?.len();
    let (of, out) = (&plan.of, args.out.display());
    output::say(&format!("{out} discloses {of}, as of the first {} entries of the log ({bytes} bytes)", head.size));
    output::say("it holds texts in clear: keep it where nobody else reads");
    Ok(ExitCode::SUCCESS)
}

/// A checkpoint that somebody kept.
pub(super) fn read_checkpoint(file: &Path) -> Result<SignedCheckpoint, AnyError> {
    let shown = file.display();
    let bytes = read_bounded(file, docket_evidence::note::BYTES_LIMIT)?;
    SignedCheckpoint::parse(&bytes).map_err(|error| plain(format!("{shown} is no checkpoint: {error}")))
}

/// A file that is not larger than it has to be.
pub(super) fn read_bounded(file: &Path, limit: usize) -> Result<Vec<u8>, AnyError> {
    use std::io::Read as _;
    let shown = file.display();
    let opened = File::open(file).map_err(|error| plain(format!("could not open {shown}: {error}")))?;
    let mut bytes = Vec::new();
    let bound = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    opened.take(bound).read_to_end(&mut bytes).map_err(|error| plain(format!("could not read {shown}: {error}")))?;
    if bytes.len() > limit { Err(plain(format!("{shown} is longer than {limit} bytes"))) } else { Ok(bytes) }
}
