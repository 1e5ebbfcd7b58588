//! Measuring: many at a time, for a while, and what came of it.

use std::future::Future;
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::task::JoinSet;

use crate::Error;

/// What a measurement came to.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Measured {
    /// How many were under way at a time.
    pub in_flight: usize,
    /// How many were done per second.
    pub per_second: f64,
    /// Half of them took at most so many milliseconds.
    pub p50_ms: f64,
    /// All but one in a hundred took at most so many milliseconds.
    pub p99_ms: f64,
}

/// How long is measured, and how long is run before that counts.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    /// Not counted.
    pub warm_up: Duration,
    /// Counted.
    pub measured: Duration,
}

/// Keeps `in_flight` workers at work, each doing one thing after the other, and measures each.
pub async fn measure<W, F>(in_flight: usize, window: Window, worker: impl Fn(usize) -> W) -> Result<Measured, Error>
where
    W: FnMut() -> F + Send + 'static,
    F: Future<Output = Result<(), Error>> + Send,
{
    let from = Instant::now() + window.warm_up;
    let until = from + window.measured;
    let mut workers = JoinSet::new();
    for index in 0..in_flight {
        let mut act = worker(index);
        workers.spawn(async move {
            let mut took = Vec::new();
            loop {
                let began = Instant::now();
                if began >= until {
                    return Ok::<_, Error>(took);
                }
                act().await?;
                let ended = Instant::now();
                if began >= from && ended < until {
                    took.push(ended - began);
                }
            }
        });
    }
    let mut all = Vec::new();
    while let Some(worker) = workers.join_next().await {
        all.extend(worker??);
    }
    all.sort_unstable();
    Ok(Measured {
        in_flight,
        per_second: count(all.len()) / window.measured.as_secs_f64(),
        p50_ms: quantile(&all, 50),
        p99_ms: quantile(&all, 99),
    })
}

/// All but `100 - percent` in a hundred took at most so many milliseconds.
pub fn quantile(sorted: &[Duration], percent: usize) -> f64 {
    let index = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(index).map_or(0.0, |took| took.as_secs_f64() * 1_000.0)
}

/// A count as a number to calculate with.
pub fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
