//! What Docket measures of itself, as Prometheus reads it.

use std::time::Duration;

use docket_jetstream::inbox::Waiting;
use docket_messages::{Position, Timestamp};
use metrics::{Unit, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::error::AnyError;
use crate::roles::Health;

/// Seconds, from a quiet disk to a timeout.
const SECONDS: [f64; 14] = [0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0];
/// Entries; a batch has 1,000 at most.
const ENTRIES: [f64; 10] = [2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1_000.0];

/// How often durations are folded into their histograms; until then each is kept, so this bounds memory.
const UPKEEP: Duration = Duration::from_secs(1);

const POSITION: &str = "docket_projection_position";
const READ: &str = "docket_projection_read_position";
const LAG: &str = "docket_projection_lag_entries";
const LAG_SECONDS: &str = "docket_projection_lag_seconds";
/// Cases that have a schedule.
pub const TIMERS: &str = "docket_timers_pending";
const SEALED: &str = "docket_sealed_position";
const TO_SEAL: &str = "docket_unsealed_entries";
const SEALED_AT: &str = "docket_sealed_timestamp_seconds";
const WITNESSED: &str = "docket_witnessed_position";
const WITNESSES: &str = "docket_witnesses";
const WAITING: &str = "docket_inbox_submissions";
const OLDEST: &str = "docket_inbox_oldest_seconds";

/// Notes how far the sealer is: positions, and when it last signed, in seconds since 1970.
#[expect(clippy::cast_precision_loss, reason = "a gauge is a double")]
pub fn sealing(progress: &docket_sealing::Progress) {
    let (read, sealed) = (progress.read.get(), progress.sealed.get());
    metrics::gauge!(SEALED).set(sealed as f64);
    metrics::gauge!(TO_SEAL).set(read.saturating_sub(sealed) as f64);
    metrics::gauge!(WITNESSED).set(progress.witnessed.get() as f64);
    metrics::gauge!(WITNESSES).set(progress.witnesses as f64);
    if let Some(at) = progress.sealed_at {
        metrics::gauge!(SEALED_AT).set(at as f64);
    }
}

/// Everything that was measured. Clones share it.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// Starts measuring, once per process.
    pub fn start() -> Result<Self, AnyError> {
        let builder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?
            .set_buckets_for_metric(Matcher::Suffix("_entries".to_owned()), &ENTRIES)?;
        let metrics = Self(builder.install_recorder()?);
        describe_counter!(docket_command::metrics::COMMANDS, "Commands that were answered, by outcome and code.");
        describe_counter!(docket_command::metrics::CONFLICTS, "Appends that met an entry of somebody else's.");
        describe_histogram!(
            docket_jetstream::metrics::APPEND_SECONDS,
            Unit::Seconds,
            "From an append to its acknowledgement, on disk."
        );
        describe_histogram!(docket_jetstream::metrics::BATCH_ENTRIES, "Entries of the batches that were committed.");
        describe_gauge!(POSITION, "The position of the read models, as this process wrote them.");
        describe_gauge!(READ, "The position of the last entry that the projection has read.");
        describe_gauge!(LAG, "Entries of the log that the projection has not applied.");
        describe_gauge!(LAG_SECONDS, Unit::Seconds, "The age of the oldest entry that was read and is not applied.");
        describe_gauge!(WAITING, "Submissions in the inbox: those that wait and those that are being decided.");
        describe_gauge!(OLDEST, Unit::Seconds, "The age of the oldest of them.");
        describe_gauge!(TIMERS, "Cases that have a schedule.");
        describe_gauge!(SEALED, "The position up to which the log is sealed.");
        describe_gauge!(TO_SEAL, "Entries that were read and are not sealed.");
        describe_gauge!(SEALED_AT, Unit::Seconds, "When the last seal was signed, since 1970.");
        describe_gauge!(WITNESSED, Unit::Count, "The position up to which a witness has signed the log.");
        describe_gauge!(
            WITNESSES,
            Unit::Count,
            "How many witnesses have signed the checkpoint that they were asked for last."
        );
        let kept = metrics.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(UPKEEP).await;
                kept.0.run_upkeep();
            }
        });
        Ok(metrics)
    }

    /// Everything, in the text format of Prometheus; ages are as of now.
    pub fn render(&self, health: &Health, now: Timestamp) -> String {
        if let Some(progress) = health.projection() {
            let (position, read) = (progress.position.get(), progress.read.get());
            gauge!(POSITION).set(as_f64(position));
            gauge!(READ).set(as_f64(read));
            let head = health.head().map_or(read, Position::get);
            gauge!(LAG).set(as_f64(head.saturating_sub(position)));
            gauge!(LAG_SECONDS).set(health.projection_lag(now).as_secs_f64());
        }
        self.0.render()
    }
}

/// Notes what is in the inbox.
pub fn inbox(waiting: &Waiting, now: Timestamp) {
    gauge!(WAITING).set(as_f64(waiting.count));
    let age = waiting.first.map_or(0, |(_, since)| u64::try_from(now.millis_since(since)).unwrap_or(0));
    gauge!(OLDEST).set(Duration::from_millis(age).as_secs_f64());
}

/// Positions are exact up to 2^53.
#[expect(clippy::cast_precision_loss, reason = "no log has so many entries")]
fn as_f64(position: u64) -> f64 {
    position as f64
}
