//! The log, copied into a bundle.

use std::collections::VecDeque;
use std::io::Write;

use docket_bundle::{Bundle, Closed, Disclosed, Head};
use docket_evidence::tree::{Rows as _, Subtrees as _};
use docket_jetstream::{JetStreamLog, StoredMessage};
use docket_messages::Position;
use docket_sealing::Hashes;
use sha2::{Digest as _, Sha256};

use super::plan::Plan;
use super::seals::Between;
use crate::error::{AnyError, plain};
use crate::output::Progress;

/// Up to so many entries stand as hashes one by one, so that any checkpoint of them can be compared. More stand together.
const ONE_BY_ONE: u64 = 1 << 22;
/// So many hashes are read at once; they are of one tile.
const ROW: u64 = 256;

/// Copies the whole log up to the checkpoint of the bundle.
pub(super) async fn all<W: Write>(
    log: &JetStreamLog,
    plan: &Plan,
    between: Vec<Between>,
    kept: &[u64],
    hashes: Option<&mut Hashes>,
    bundle: &mut Bundle<W>,
) -> Result<(), AnyError> {
    let size = bundle.sealed();
    let mut stops: Vec<u64> = between.iter().map(|between| between.size).chain(kept.iter().copied()).collect();
    stops.sort_unstable();
    let told = needed(plan);
    let of_told: u64 = told.iter().map(|(from, to)| to - from + 1).sum();
    let one_by_one = size.saturating_sub(of_told) <= ONE_BY_ONE;
    let mut copying = Copying { log, plan, between: between.into(), stops, one_by_one, hashes, bundle };
    let mut progress = Progress::start("entries written", size);
    for (from, to) in told {
        copying.hashed(from - 1)?;
        copying.entries(to, |done| progress.set(done, size)).await?;
    }
    copying.hashed(size)?;
    progress.finish();
    Ok(())
}

/// Whether every entry of the log is read for a bundle.
pub(super) fn reads_all(plan: &Plan, size: u64) -> bool {
    needed(plan) == [(1, size)]
}

/// The positions that must be read, as stretches.
fn needed(plan: &Plan) -> Vec<(u64, u64)> {
    let mut all: Vec<(u64, u64)> = plan.disclosed.iter().copied().chain(plan.told).collect();
    all.sort_unstable();
    let mut needed: Vec<(u64, u64)> = Vec::new();
    for (from, to) in all {
        match needed.last_mut() {
            Some((_, last)) if from <= last.saturating_add(1) => *last = to.max(*last),
            Some(_) | None => needed.push((from, to)),
        }
    }
    needed
}

struct Copying<'a, W> {
    log: &'a JetStreamLog,
    plan: &'a Plan,
    between: VecDeque<Between>,
    /// Where subtrees must not reach beyond.
    stops: Vec<u64>,
    one_by_one: bool,
    hashes: Option<&'a mut Hashes>,
    bundle: &'a mut Bundle<W>,
}

impl<W: Write> Copying<'_, W> {
    /// What follows up to a position, as hashes.
    fn hashed(&mut self, to: u64) -> Result<(), AnyError> {
        while self.bundle.size() < to {
            let after = self.bundle.size();
            let hashes = self.hashes.as_mut().ok_or_else(|| plain("the hashes of the log were not read"))?;
            let next = self.stops.partition_point(|stop| *stop <= after);
            let until = self.stops.get(next).copied().unwrap_or(to).min(to);
            if self.one_by_one {
                let count = (ROW - after % ROW).min(until - after);
                for hash in hashes.row(0, after, count)? {
                    self.bundle.subtree(0, hash)?;
                }
            } else {
                let widest = (until - after).ilog2();
                let level = if after == 0 { widest } else { widest.min(after.trailing_zeros()) };
                let hash = hashes.complete(level, after >> level)?;
                self.bundle.subtree(level, hash)?;
            }
            self.checkpoints()?;
        }
        Ok(())
    }

    /// What follows up to a position, as entries.
    async fn entries(&mut self, to: u64, mut tell: impl FnMut(u64)) -> Result<(), AnyError> {
        while self.bundle.size() < to {
            let next = self.bundle.size() + 1;
            let page = if next == to {
                self.log.stored_at(Position(next)).await?.into_iter().collect()
            } else {
                self.log.page_stored(Position(next - 1)).await?.0
            };
            let mut entries = page.iter().take_while(|entry| entry.position.get() <= to).peekable();
            if entries.peek().is_none() {
                return Err(plain(format!("the log has no entry at position {next}, and was sealed beyond")));
            }
            for entry in entries {
                self.entry(entry)?;
                self.checkpoints()?;
            }
            tell(self.bundle.size());
        }
        Ok(())
    }

    fn entry(&mut self, entry: &StoredMessage) -> Result<(), AnyError> {
        let (position, due) = (entry.position.get(), self.bundle.size() + 1);
        if position != due {
            return Err(plain(format!("the log has no entry at position {due}, and was sealed beyond")));
        }
        let head = Head::new(entry.nanos, entry.subject.clone(), &entry.headers());
        let from = self.plan.disclosed.partition_point(|(_, to)| *to < position);
        let is_disclosed = self.plan.disclosed.get(from).is_some_and(|(from, _)| *from <= position);
        if is_disclosed {
            self.bundle.disclosed(Disclosed { head, payload: entry.payload.to_vec() })?;
        } else {
            let length = u64::try_from(entry.payload.len()).unwrap_or(u64::MAX);
            self.bundle.closed(Closed { head, payload: Sha256::digest(&entry.payload).into(), length })?;
        }
        Ok(())
    }

    /// The checkpoints of the log so far.
    fn checkpoints(&mut self) -> Result<(), AnyError> {
        while let Some(between) = self.between.pop_front_if(|between| between.size <= self.bundle.size()) {
            self.bundle.checkpoint(between.note.to_vec())?;
        }
        Ok(())
    }
}
