//! `docket export`: the read models as files for a warehouse.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use docket_export::manifest::{Content, Manifest, Seal};
use docket_export::{Format, Request, Told};
use docket_messages::Position;

use crate::endpoints::Find;
use crate::error::{AnyError, plain};
use crate::output::{self, Counting};

/// Arguments of `docket export`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  docket export cases clocks --out warehouse
  docket export --all --format csv --out /srv/docket
  docket export cases clocks --out warehouse --since 104211   # what has changed since the export before
  docket export cases --out later --since 104211              # the same, into a folder of its own

Files are named <relation>/<from>-<to>.parquet, by log positions. manifest.json says which there are, of how many rows, with
which columns, and their SHA-256; it is written last. Everything is as of one position.

Since a position, relations to which rows are only added come as the rows that are new, and relations of cases as all
rows of the cases that have changed, with the ids of these cases in <from>-<to>.tombstones.parquet: delete what you have of
them, and add the rows. All others come whole. docs/ANALYSTS.md has the statements for DuckDB.")]
pub struct Args {
    /// The relations, such as cases
    #[arg(value_name = "RELATION", conflicts_with = "all")]
    relations: Vec<String>,
    /// All relations of the schema docket
    #[arg(long)]
    all: bool,
    /// How files are written
    #[arg(long, value_enum, default_value_t = Written::Parquet)]
    format: Written,
    /// The folder: an empty one, or with --since one that holds the export up to there
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Only what entries after this log position have added or changed
    #[arg(long, value_name = "POSITION")]
    since: Option<u64>,
    /// Print the manifest
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    find: Find,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Written {
    Parquet,
    Csv,
    Jsonl,
}

/// Exports.
pub async fn run(args: Args) -> Result<ExitCode, AnyError> {
    if args.relations.is_empty() && !args.all {
        output::fail(&*plain(
            "nothing to export: name relations, such as `docket export cases clocks`, or write --all",
        ));
        return Ok(ExitCode::from(2));
    }
    let mut snapshot = args.find.snapshot().await?;
    let format = match args.format {
        Written::Parquet => Format::Parquet,
        Written::Csv => Format::Csv,
        Written::Jsonl => Format::Jsonl,
    };
    let seal = sealed(&args.find, snapshot.position).await?;
    let since = args.since.map(Position);
    let request = Request { relations: args.relations, format, out: args.out, since, seal };
    let began = Instant::now();
    let mut progress = Counting::start("rows");
    let mut tell = |told: Told<'_>| progress.set(told.relation, told.rows);
    let manifest = docket_export::export(&mut snapshot, &request, &mut tell).await?;
    progress.finish();
    snapshot.close().await?;
    if args.json {
        output::json(&manifest)?;
    } else {
        say(&manifest, &request, began.elapsed().as_secs_f64());
    }
    Ok(ExitCode::SUCCESS)
}

/// A seal is mostly as far as the read models within a second.
const SEALED_WITHIN: Duration = Duration::from_secs(3);

/// How far the log is sealed; nothing where no sealer is.
async fn sealed(find: &Find, position: Position) -> Result<Option<Seal>, AnyError> {
    let newest = find.read_as_reader().await?.sealed(position, SEALED_WITHIN).await?;
    Ok(newest.map(|row| Seal {
        position: Position(u64::try_from(row.position).unwrap_or_default()),
        root: row.root,
        sealed_at: row.sealed_at,
        checkpoint: row.checkpoint,
    }))
}

fn say(manifest: &Manifest, request: &Request, seconds: f64) {
    // Those of earlier exports are not named again.
    let new = manifest.files.iter().filter(|file| file.to == manifest.position && Some(file.to) != request.since);
    let new: Vec<_> = new.collect();
    if new.is_empty() {
        return output::say(&format!("nothing was entered since position {}: all is as it was", manifest.position));
    }
    let rows = new.iter().map(|file| {
        let what = match file.content {
            Content::All => "all",
            Content::Added => "added",
            Content::Changed => "changed",
            Content::Tombstones => "tombstones",
        };
        vec![file.relation.clone(), what.to_owned(), file.rows.to_string(), file.bytes.to_string()]
    });
    output::say(&output::table(&["relation", "rows are", "rows", "bytes"], rows).to_string());
    let total: u64 = new.iter().map(|file| file.rows).sum();
    let (folder, position) = (request.out.display(), manifest.position);
    output::say(&format!("{total} rows as of position {position} in {folder}, in {seconds:.1} s"));
}
