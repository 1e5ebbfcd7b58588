//! What changes: by queue and priority, and case by case.

use std::collections::{BTreeMap, BTreeSet};

use comfy_table::Table;
use docket_domain::ledger::Ledger;
use docket_messages::{CaseId, ClockName, Name, Timestamp};
use serde::Serialize;

use super::story::Stories;
use crate::output;

/// Changed cases that are shown; JSON has all of them.
const SHOWN: usize = 20;

/// The whole report.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    entries: u64,
    cases: usize,
    /// By queue and priority: how many cases came.
    workload: Vec<Workload>,
    /// By queue, priority and clock: how many were kept.
    attainment: Vec<Attainment>,
    changed: Vec<Changed>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Workload {
    queue: Option<Name>,
    priority: Option<Name>,
    before: u64,
    after: u64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Attainment {
    queue: Option<Name>,
    priority: Option<Name>,
    clock: ClockName,
    before: Kept,
    after: Kept,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Kept {
    met: u64,
    breached: u64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Changed {
    case_id: CaseId,
    what: Vec<String>,
}

/// What is counted together.
type Place = (Option<Name>, Option<Name>);

impl Report {
    /// Counts what happened from an instant on.
    pub fn of(threads: Vec<Stories>, from: Option<Timestamp>, until: Timestamp) -> Self {
        let counts = |at: Timestamp| from.is_none_or(|from| at >= from) && at < until;
        let (mut workload, mut attainment) = (BTreeMap::<Place, [u64; 2]>::new(), BTreeMap::new());
        let (mut entries, mut cases, mut changed) = (0, 0, Vec::new());
        for stories in threads {
            entries += stories.entries;
            cases += stories.cases.len();
            for (case_id, story) in stories.cases {
                for (side, ledger) in [&story.before, &story.after].into_iter().enumerate() {
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
                let what = differences(&story.before, &story.after);
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

    /// Prints it as tables.
    pub fn print(&self) {
        output::say(&self.workload_table().to_string());
        output::say("");
        output::say(&self.attainment_table().to_string());
        output::say("");
        for changed in self.changed.iter().take(SHOWN) {
            let id = changed.case_id.to_string();
            for (number, what) in changed.what.iter().enumerate() {
                output::say(&format!("{:<36}  {what}", if number == 0 { id.as_str() } else { "" }));
            }
        }
        if self.changed.len() > SHOWN {
            output::say(&format!("and {} more; `--json` has all of them", self.changed.len() - SHOWN));
        }
        let (changed, cases, entries) = (self.changed.len(), self.cases, self.entries);
        output::say(&format!("{changed} of {cases} cases change; {entries} entries were replayed"));
    }

    fn workload_table(&self) -> Table {
        let row = |queue: String, priority: String, before: u64, after: u64| {
            vec![queue, priority, before.to_string(), after.to_string()]
        };
        let (before, after) =
            self.workload.iter().fold((0, 0), |(before, after), row| (before + row.before, after + row.after));
        let rows = self.workload.iter();
        let rows = rows.map(|it| row(or_none(it.queue.as_ref()), or_none(it.priority.as_ref()), it.before, it.after));
        let total = row("all".to_owned(), String::new(), before, after);
        output::table(&["queue", "priority", "cases came", "would have come"], rows.chain([total]))
    }

    fn attainment_table(&self) -> Table {
        let row = |queue: String, priority: String, clock: ClockName, kept: [Kept; 2]| {
            let kept = kept.map(|kept| [kept.met.to_string(), kept.breached.to_string(), kept.attainment()]);
            [queue, priority, clock.to_string()].into_iter().chain(kept.into_iter().flatten()).collect()
        };
        let mut totals: BTreeMap<ClockName, [Kept; 2]> = BTreeMap::new();
        for it in &self.attainment {
            let [before, after] = totals.entry(it.clock).or_default();
            *before = before.and(it.before);
            *after = after.and(it.after);
        }
        let rows = self
            .attainment
            .iter()
            .map(|it| row(or_none(it.queue.as_ref()), or_none(it.priority.as_ref()), it.clock, [it.before, it.after]));
        let totals = totals.into_iter().map(|(clock, kept)| row("all".to_owned(), String::new(), clock, kept));
        let header = [
            "\nqueue",
            "\npriority",
            "\nclock",
            "was\nmet",
            "was\nlate",
            "was\nkept",
            "new\nmet",
            "new\nlate",
            "new\nkept",
        ];
        output::table(&header, rows.chain(totals))
    }
}

impl Kept {
    fn and(self, other: Self) -> Self {
        Self { met: self.met + other.met, breached: self.breached + other.breached }
    }

    fn attainment(self) -> String {
        match self.met + self.breached {
            0 => "-".to_owned(),
            all => format!("{} %", self.met * 100 / all),
        }
    }
}

fn or_none(name: Option<&Name>) -> String {
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
    differ("priority", or_none(before.priority.as_ref()), or_none(after.priority.as_ref()));
    let queues = |ledger: &Ledger| -> String {
        let queues: Vec<&str> = ledger.arrivals.iter().map(|arrival| arrival.queue.as_str()).collect();
        if queues.is_empty() { "-".to_owned() } else { queues.join(", ") }
    };
    differ("queue", queues(before), queues(after));
    differ("level", before.level.to_string(), after.level.to_string());
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

#[cfg(test)]
mod tests {
    use docket_messages::{ClockName, Name};

    use super::{Attainment, Kept, Report, Workload};

    #[test]
    fn the_tables_have_totals_and_fit_eighty_columns() {
        let name = |text: &str| Name::parse(text).ok();
        let workload =
            |queue: &str, before, after| Workload { queue: name(queue), priority: name("moderate"), before, after };
        let attainment = |queue: &str, met| Attainment {
            queue: name(queue),
            priority: name("moderate"),
            clock: ClockName::FirstResponse,
            before: Kept { met, breached: 1_000 },
            after: Kept { met: met + 100, breached: 900 },
        };
        let report = Report {
            entries: 9_000,
            cases: 4_000,
            workload: vec![workload("complaints", 12_000, 11_000), workload("frontline", 3_000, 4_000)],
            attainment: vec![attainment("complaints", 11_000), attainment("frontline", 2_000)],
            changed: Vec::new(),
        };
        for (mut table, total) in [
            (report.workload_table(), "all 15000 15000"),
            (report.attainment_table(), "all first_response 13000 2000 86 % 13200 1800 88 %"),
        ] {
            let text = table.set_width(80).to_string();
            let lines: Vec<&str> = text.lines().collect();
            // A header, a rule, two rows and the total, and nothing broken.
            assert!(lines.len() <= 6 && lines.iter().all(|line| line.chars().count() <= 80), "{text}");
            let last: Vec<&str> = lines.last().unwrap().split_whitespace().collect();
            assert_eq!(last.join(" "), total, "{text}");
        }
    }
}
