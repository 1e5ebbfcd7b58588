//! `docket policy simulate`: reads the log, and prints what another policy would have made of it.

use std::collections::BTreeMap;
use std::process::ExitCode;

use comfy_table::Table;
use docket_eventlog::EventLog;
use docket_lab::simulate::{Kept, Report, Simulation, or_none};
use docket_messages::ClockName;

use crate::endpoints::Find;
use crate::error::AnyError;
use crate::output::Progress;
use crate::{environment, output};

/// Changed cases that are shown; JSON has all of them.
const SHOWN: usize = 20;

/// Runs a simulation on the log.
pub async fn run(simulation: Simulation, find: &Find, as_json: bool) -> Result<ExitCode, AnyError> {
    let running = simulation.start(environment::now());
    let read = find.with_log(async |log| {
        let head = log.head().await?;
        let mut progress = Progress::start("entries replayed", head.get());
        running.read(&log, head, |more| progress.advance(more)).await?;
        progress.finish();
        Ok(())
    });
    let read = read.await;
    // An entry that cannot be replayed is the better answer than a log that was not read to its end for it.
    let report = running.finish()?;
    read?;
    if as_json {
        output::json(&report)?;
    } else {
        print(&report);
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints it as tables.
fn print(report: &Report) {
    output::say(&workload_table(report).to_string());
    output::say("");
    output::say(&attainment_table(report).to_string());
    output::say("");
    for changed in report.changed.iter().take(SHOWN) {
        let id = changed.case_id.to_string();
        for (number, what) in changed.what.iter().enumerate() {
            output::say(&format!("{:<36}  {what}", if number == 0 { id.as_str() } else { "" }));
        }
    }
    if report.changed.len() > SHOWN {
        output::say(&format!("and {} more; `--json` has all of them", report.changed.len() - SHOWN));
    }
    let (changed, cases, entries) = (report.changed.len(), report.cases, report.entries);
    output::say(&format!("{changed} of {cases} cases change; {entries} entries were replayed"));
}

fn workload_table(report: &Report) -> Table {
    let row = |queue: String, priority: String, before: u64, after: u64| {
        vec![queue, priority, before.to_string(), after.to_string()]
    };
    let (before, after) =
        report.workload.iter().fold((0, 0), |(before, after), row| (before + row.before, after + row.after));
    let rows = report.workload.iter();
    let rows = rows.map(|it| row(or_none(it.queue.as_ref()), or_none(it.priority.as_ref()), it.before, it.after));
    let total = row("all".to_owned(), String::new(), before, after);
    output::table(&["queue", "priority", "cases came", "would have come"], rows.chain([total]))
}

fn attainment_table(report: &Report) -> Table {
    let row = |queue: String, priority: String, clock: ClockName, kept: [Kept; 2]| {
        let kept = kept.map(|kept| [kept.met.to_string(), kept.breached.to_string(), kept.attainment()]);
        [queue, priority, clock.to_string()].into_iter().chain(kept.into_iter().flatten()).collect()
    };
    let mut totals: BTreeMap<ClockName, [Kept; 2]> = BTreeMap::new();
    for it in &report.attainment {
        let [before, after] = totals.entry(it.clock).or_default();
        *before = before.and(it.before);
        *after = after.and(it.after);
    }
    let rows = report
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

#[cfg(test)]
mod tests {
    use docket_lab::simulate::{Attainment, Workload};
    use docket_messages::Name;

    use super::*;

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
            (workload_table(&report), "all 15000 15000"),
            (attainment_table(&report), "all first_response 13000 2000 86 % 13200 1800 88 %"),
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
