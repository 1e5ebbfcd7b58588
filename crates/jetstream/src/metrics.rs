//! What appending measures, and what the edge of the bus counts.

use std::time::Duration;

/// From an append to its acknowledgement.
pub const APPEND_SECONDS: &str = "docket_append_seconds";
/// Entries of a batch that was committed.
pub const BATCH_ENTRIES: &str = "docket_append_batch_entries";

/// Messages of others that cannot be read, or cannot be answered.
pub const UNREADABLE: &str = "docket_unreadable_messages_total";
/// Replies that were left out, since more waited than may.
pub const UNSENT: &str = "docket_replies_unsent_total";

/// Notes an append that was acknowledged.
pub(crate) fn appended(took: Duration) {
    ::metrics::histogram!(APPEND_SECONDS).record(took);
}

/// Notes a batch that was committed.
pub(crate) fn committed(entries: usize) {
    ::metrics::histogram!(BATCH_ENTRIES).record(f64::from(u32::try_from(entries).unwrap_or(u32::MAX)));
}
