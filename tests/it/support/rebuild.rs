//! The read models once more.

use docket_jetstream::JetStreamLog;
use docket_messages::Position;
use docket_projection::{Progress, Schema, Settings};
use tokio::sync::watch;

/// Makes the read models once more, from nothing, in schema `again`.
pub(crate) async fn rebuild(log: JetStreamLog, postgres: &str, head: Position) {
    let (progress, mut seen) = watch::channel(Progress::default());
    let settings = Settings { schema: Schema::new("again"), ..Settings::new(postgres) };
    let worker = tokio::spawn(async move { Box::pin(docket_projection::run(log, &settings, &progress)).await });
    seen.wait_for(|progress| progress.position >= head).await.expect("a rebuild");
    worker.abort();
    let _ = worker.await;
}
