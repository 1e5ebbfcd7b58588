//! What changes: by queue and priority, and case by case.

use std::collections::{BTreeMap, BTreeSet};

use docket_domain::ledger::Ledger;
use docket_messages::{CaseId, ClockName, Name, Timestamp};
use serde::Serialize;

use super::comparison::Comparisons;

/// The whole report.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Entries that were replayed.
    pub entries: u64,
    /// Cases that they are of.
    pub cases: usize,
    /// By queue and priority: how many cases came.
    pub workload: Vec<Workload>,
    /// By queue, priority and clock: how many were kept.
    pub attainment: Vec<Attainment>,
    /// Case by case.
    pub changed: Vec<Changed>,
}

/// Cases that came, of one queue and priority.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Workload {
    /// The queue; none if there was none.
    pub queue: Option<Name>,
    /// The priority; none if there was none.
    pub priority: Option<Name>,
    /// As it was.
    pub before: u64,
    /// As it would have been.
    pub after: u64,
}

/// What became of one clock, of one queue and priority.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Attainment {
    /// The queue; none if there was none.
    pub queue: Option<Name>,
    /// The priority; none if there was none.
    pub priority: Option<Name>,
    /// The clock.
    pub clock: ClockName,
    /// As it was.
    pub before: Kept,
    /// As it would have been.
    pub after: Kept,
}

/// How many deadlines were kept, and how many were not.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Kept {
    /// Kept.
    pub met: u64,
    /// Not kept.
    pub breached: u64,
}

/// A case that would be another one, and in what.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Changed {
    /// The case.
    pub case_id: CaseId,
    /// What differs, in words.
    pub what: Vec<String>,
}

/// What is counted together.
type Place = (Option<Name>, Option<Name>);

impl Report {
    /// Counts what happened from an instant on.
    pub fn of(threads: Vec<Comparisons>, from: Option<Timestamp>, until: Timestamp) -> Self {
        let counts = |at: Timestamp| from.is_none_or(|from| at >= from) && at < until;
        let (mut workload, mut attainment) = (BTreeMap::<Place, [u64; 2]>::new(), BTreeMap::new());
        let (mut entries, mut cases, mut changed) = (0, 0, Vec::new());
        for comparisons in threads {
            entries += comparisons.entries;
            cases += comparisons.cases.len();
            for (case_id, comparison) in comparisons.cases {
                for (side, ledger) in [&comparison.before, &comparison.after].into_iter().enumerate() {
                    for arrival in ledger.arrivals.iter().filter(|arrival| counts(arrival.at)) {
                        let place = (Some(arrival.queue.clone()), arrival.priority.clone());
                        if let Some(count) = workload.entry(place).or_default().get_mut(side) {
                            *count += 1;
                        }
                    }
                    for ((clock, _), outcome) in ledger.outcomes.iter().filter(|(_, outcome)| counts(outcome.at)) {
                        let place = (outcome.queue.clone(), outcome.priority.clone(), *clock);
                        let kept: &mut [Kept; 2] = attainment.entry(place).or_default();
                        if let Some(kept) = kept.get_mut(side) {
                            let count = if outcome.is_met { &mut kept.met } else { &mut kept.breached };
                            *count += 1;
                        }
                    }
                }
                let what = differences(&comparison.before, &comparison.after);
                if !what.is_empty() {
                    changed.push(Changed { case_id, what });
                }
            }
        }
        changed.sort_unstable_by_key(|changed| changed.case_id);
        let workload = workload.into_iter();
        let workload = workload.map(|((queue, priority), [before, after])| Workload { queue, priority, before, after });
        let attainment = attainment.into_iter().map(|((queue, priority, clock), [before, after])| Attainment {
            queue,
            priority,
            clock,
            before,
            after,
        });
        Self { entries, cases, workload: workload.collect(), attainment: attainment.collect(), changed }
    }
}

impl Kept {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { met: self.met + other.met, breached: self.breached + other.breached }
    }

    /// The share that was kept, in words.
    #[must_use]
    pub fn attainment(self) -> String {
        match self.met + self.breached {
            0 => "-".to_owned(),
            all => format!("{} %", self.met * 100 / all),
        }
    }
}

/// A name in a table; a dash where there is none.
#[must_use]
pub fn or_none(name: Option<&Name>) -> String {
    name.map_or("-".to_owned(), Name::to_string)
}

/// What differs between a case as it was and as it would have been, in words.
fn differences(before: &Ledger, after: &Ledger) -> Vec<String> {
    let mut what = Vec::new();
    let mut differ = |name: &str, before: String, after: String| {
        if before != after {
            what.push(format!("{name} {after} instead of {before}"));
        }
    };
    differ("priority", or_none(before.priority()), or_none(after.priority()));
    let queues = |ledger: &Ledger| -> String {
        let queues: Vec<&str> = ledger.arrivals.iter().map(|arrival| arrival.queue.as_str()).collect();
        if queues.is_empty() { "-".to_owned() } else { queues.join(", ") }
    };
    differ("queue", queues(before), queues(after));
    differ("level", before.level().to_string(), after.level().to_string());
    let clocks: BTreeSet<_> = before.outcomes.keys().chain(after.outcomes.keys()).collect();
    for id in clocks {
        let outcome = |ledger: &Ledger| match ledger.outcomes.get(id) {
            Some(outcome) if outcome.is_met => "met".to_owned(),
            Some(_) => "breached".to_owned(),
            None => "open".to_owned(),
        };
        differ(&format!("{}/{}", id.0, id.1), outcome(before), outcome(after));
    }
    what
}
