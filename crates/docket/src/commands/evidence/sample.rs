//! `docket evidence sample`: entries of a population, chosen by an auditor's seed.

use std::collections::BTreeMap;
use std::process::ExitCode;

use sha2::{Digest as _, Sha256};

use super::population::{Row, Sheet, Wanted, gather};
use crate::error::{AnyError, plain};

/// Arguments of `docket evidence sample`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  docket evidence sample --n 25 --seed 'audit 2026, Q3' --event closed --from 2026-07-01T00:00:00Z --to 2026-10-01T00:00:00Z

Chosen are those entries of the population for which the SHA-256 of the seed, a zero byte and the hash of the entry's leaf is
the lowest. So the same seed chooses the same entries of the same population, and nobody can know beforehand which: bring a
seed of your own.")]
pub struct Args {
    /// How many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    n: u32,
    /// Any text
    #[arg(long, value_name = "SEED")]
    seed: String,
    #[command(flatten)]
    wanted: Wanted,
}

/// Prints it.
pub async fn run(args: Args) -> Result<ExitCode, AnyError> {
    if args.seed.is_empty() {
        return Err(plain("the seed is empty; say some text that nobody here can know beforehand"));
    }
    let mut sample = Sample::new(&args.seed, args.n);
    let found = gather(&args.wanted, &mut |row| {
        sample.consider(row);
        Ok(())
    })
    .await?;
    let mut sheet = Sheet::begin()?;
    let rows = sample.finish();
    rows.iter().try_for_each(|row| sheet.add(row))?;
    sheet.write(&args.wanted, &found, &[format!("sample: {} of them", rows.len()), format!("seed: {:?}", args.seed)])
}

/// The entries that are chosen so far, by what chooses them.
struct Sample {
    seed: Vec<u8>,
    size: usize,
    chosen: BTreeMap<[u8; 32], Row>,
}

impl Sample {
    fn new(seed: &str, size: u32) -> Self {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        Self { seed: seed.as_bytes().to_vec(), size, chosen: BTreeMap::new() }
    }

    fn consider(&mut self, row: Row) {
        let lot = Sha256::new_with_prefix(&self.seed).chain_update([0]).chain_update(row.leaf.0).finalize();
        self.chosen.insert(lot.into(), row);
        if self.chosen.len() > self.size {
            self.chosen.pop_last();
        }
    }

    /// In the order of the log.
    fn finish(self) -> Vec<Row> {
        let mut rows: Vec<Row> = self.chosen.into_values().collect();
        rows.sort_by_key(|row| row.position);
        rows
    }
}
