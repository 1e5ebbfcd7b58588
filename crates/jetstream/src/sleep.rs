//! Waiting for what may have no end.

use tokio::time::Instant;

/// Waits for an instant; without one it is over at once, so a `select!` on it asks first whether there is one.
pub(crate) async fn sleep_until(instant: Option<Instant>) {
    if let Some(instant) = instant {
        tokio::time::sleep_until(instant).await;
    }
}
