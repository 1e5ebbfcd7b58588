//! What processes take of the machine, where the system tells it as Linux does.

use std::fs;
use std::time::Duration;

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
pub fn processor_time(process: u32) -> Option<Duration> {
    Some(TICK * u32::try_from(Times::of(process)?.own).ok()?)
}

/// The processor time that a process has taken so far, with the processes that it has started.
pub fn processor_time_of_family(process: u32) -> Option<Duration> {
    let own = Times::of(process)?;
    let children = fs::read_dir("/proc").ok()?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let living = children.filter_map(Times::of).filter(|times| times.parent == process).map(|times| times.own);
    Some(TICK * u32::try_from(own.own + own.of_ended_children + living.sum::<u64>()).ok()?)
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
