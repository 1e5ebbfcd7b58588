//! `docket evidence prove`: that one entry is in the log.

use std::path::PathBuf;
use std::process::ExitCode;

use docket_evidence::proof::InclusionProof;
use docket_evidence::tree::{Subtree, prove};
use docket_jetstream::{JetStreamLog, Namespace};
use docket_messages::Position;
use docket_sealing::leaf_at;

use super::checkpoint::newest;
use super::hashes;
use crate::endpoints::Find;
use crate::error::{AnyError, plain};
use crate::output;

/// Arguments of `docket evidence prove`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  docket evidence prove 4711 --out 4711.tlog-proof            # beside docket up
  docket evidence prove 4711 --out 4711.tlog-proof --nats nats://… --hashes /var/lib/docket/sealer

The file is a c2sp.org/tlog-proof: the path from the entry to the root, and the newest checkpoint. The entry itself is not in
it. Without the hashes that a sealer keeps, the whole log is read to find the path.")]
pub struct Args {
    /// The log position of the entry
    #[arg(value_name = "POSITION")]
    position: u64,
    /// The file
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The folder of the sealer's hashes
    #[arg(long, value_name = "DIR")]
    hashes: Option<PathBuf>,
    #[command(flatten)]
    find: Find,
}

/// Writes the proof.
pub async fn run(args: Args) -> Result<ExitCode, AnyError> {
    let position = Position(args.position);
    let checkpoint = newest(&args.find).await?;
    let size = checkpoint.checkpoint().size;
    if args.position == 0 || args.position > size {
        return Err(plain(format!(
            "the log is sealed up to position {size}; there is no proof of position {position}"
        )));
    }
    let log = JetStreamLog::open(args.find.connect().await?, Namespace::default()).await?;
    let mut of_log = hashes::of(&args.find, args.hashes.as_ref(), &log, size).await?;
    let index = args.position - 1;
    let of = Subtree::leaf(index).ok_or_else(|| plain("there is no such position"))?;
    let path = prove(&mut of_log.hashes, of, size)?.unwrap_or_default();
    let proof = InclusionProof { extra: None, index, path, checkpoint };
    // It is not handed out before it is seen to hold for what the log has there.
    let gone = || plain(format!("the log has no entry at position {position}, and was sealed up to {size}"));
    let leaf = leaf_at(&log, position).await?.ok_or_else(gone)?;
    proof
        .verify(leaf.hash())
        .map_err(|error| plain(format!("the entry at position {position} is not the one that was sealed: {error}")))?;
    std::fs::write(&args.out, proof.to_string())
        .map_err(|error| plain(format!("could not write {}: {error}", args.out.display())))?;
    output::say(&format!("the proof that the entry at position {position} is in the log is in {}", args.out.display()));
    Ok(ExitCode::SUCCESS)
}
