//! What processes take of the machine, where the system tells it as Linux does.

use std::fs;
use std::time::Duration;

use docket_lab::bench::measure::count;

use crate::desk::Desk;

/// Of how long each of the ticks is that Linux counts a process's time in (`USER_HZ`).
const TICK: Duration = Duration::from_millis(10);

/// What a process has in memory, in megabytes.
pub fn resident_megabytes(process: Option<u32>) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", process?)).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1024)
}

/// The processor time that a process has taken so far.
fn processor_time(process: u32) -> Option<Duration> {
    Some(TICK * u32::try_from(Times::of(process)?.own).ok()?)
}

/// The processor time that a process has taken so far, with the processes that it has started.
fn processor_time_of_family(process: u32) -> Option<Duration> {
    let own = Times::of(process)?;
    let children = fs::read_dir("/proc").ok()?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let living = children.filter_map(Times::of).filter(|times| times.parent == process).map(|times| times.own);
    Some(TICK * u32::try_from(own.own + own.of_ended_children + living.sum::<u64>()).ok()?)
}

/// The processor time that each part of a desk has taken so far.
#[derive(Debug, Clone, Copy)]
pub struct Processors {
    docket: Option<Duration>,
    nats: Option<Duration>,
    postgres: Option<Duration>,
}

/// Microseconds of processor time that each part has taken for one thing of many.
#[derive(Debug, Clone, Copy, Default, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Each {
    /// This process.
    pub docket_us: Option<f64>,
    pub nats_us: Option<f64>,
    pub postgres_us: Option<f64>,
}

impl Each {
    /// All parts together.
    pub fn total(&self) -> f64 {
        [self.docket_us, self.nats_us, self.postgres_us].into_iter().flatten().sum()
    }

    /// The mean of several measurements, of each part that all of them have.
    pub fn mean(of: &[Self]) -> Self {
        let mean = |part: fn(&Self) -> Option<f64>| {
            let parts: Option<Vec<f64>> = of.iter().map(part).collect();
            parts.filter(|parts| !parts.is_empty()).map(|parts| parts.iter().sum::<f64>() / count(parts.len()))
        };
        Self {
            docket_us: mean(|each| each.docket_us),
            nats_us: mean(|each| each.nats_us),
            postgres_us: mean(|each| each.postgres_us),
        }
    }
}

impl Processors {
    /// Those of a desk whose service runs in this process.
    pub fn of(desk: &Desk) -> Self {
        Self {
            docket: processor_time(std::process::id()),
            nats: desk.engines.nats.pid().and_then(processor_time),
            postgres: desk.engines.postgres.pid().and_then(processor_time_of_family),
        }
    }

    /// What was taken since, for each of so many.
    pub fn since(self, before: Self, many: usize) -> Each {
        let each = |after: Option<Duration>, before: Option<Duration>| {
            Some(after?.checked_sub(before?)?.as_secs_f64() * 1_000_000.0 / count(many))
        };
        Each {
            docket_us: each(self.docket, before.docket),
            nats_us: each(self.nats, before.nats),
            postgres_us: each(self.postgres, before.postgres),
        }
    }
}

/// Microseconds as a table shows them; a dash where the system does not tell.
pub fn shown(time: Option<f64>) -> String {
    time.map_or_else(|| "-".to_owned(), |us| format!("{us:.0}"))
}

/// What `/proc/<id>/stat` says, in ticks.
struct Times {
    parent: u32,
    own: u64,
    of_ended_children: u64,
}

impl Times {
    fn of(process: u32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        // The name, in parentheses, may hold anything.
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let ticks = |index: usize| fields.get(index)?.parse::<u64>().ok();
        Some(Self {
            parent: fields.get(1)?.parse().ok()?,
            own: ticks(11)? + ticks(12)?,
            of_ended_children: ticks(13)? + ticks(14)?,
        })
    }
}
