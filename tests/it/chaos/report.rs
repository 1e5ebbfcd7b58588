//! What a run came to.

use std::collections::BTreeMap;
use std::fmt;

use docket_engines::Engine;

use super::checker::Findings;
use super::faults::Fault;

/// How often each fault was struck, and what the checks found.
#[derive(Default)]
pub(super) struct Report {
    seed: u64,
    struck: BTreeMap<String, usize>,
    acknowledged: usize,
    entries: usize,
    lost: usize,
    doubled: usize,
    flaws: usize,
    checks: usize,
}

impl Report {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed, ..Self::default() }
    }

    pub(super) fn struck(&mut self, fault: Fault) {
        *self.struck.entry(format!("{fault:?}")).or_default() += 1;
    }

    /// The journal of one site, from its beginning.
    pub(super) fn add(&mut self, found: &Findings) {
        self.acknowledged += found.acknowledged;
        self.entries += found.entries;
        self.lost += found.lost.len();
        self.doubled += found.doubled.len();
        self.flaws += found.flaws.len();
    }

    /// A disk was full under an engine.
    pub(super) fn full_disk(&mut self, under: Engine, found: &Findings) {
        *self.struck.entry(format!("FullDisk({under:?})")).or_default() += 1;
        self.checked();
        self.add(found);
    }

    pub(super) fn checked(&mut self) {
        self.checks += 1;
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "seed {}", self.seed)?;
        for (fault, times) in &self.struck {
            writeln!(f, "{times:>6} x {fault}")?;
        }
        let Self { acknowledged, entries, lost, doubled, flaws, checks, .. } = self;
        let faults: usize = self.struck.values().sum();
        write!(f, "faults tried {faults}, checks {checks}, commands acknowledged {acknowledged}, entries {entries}, ")?;
        write!(f, "lost {lost}, doubled {doubled}, other flaws {flaws}")
    }
}
