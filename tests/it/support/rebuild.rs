//! The read models once more.

use std::sync::Arc;
use std::time::{Duration, Instant};

use docket_calendar::zones::Zones;
use docket_jetstream::keys::Keys;
use docket_jetstream::{JetStreamLog, Namespace};
use docket_keyring::KeyRing;
use docket_keyring::provider::MasterKeys;
use docket_messages::Position;
use docket_projection::{Progress, Schema, Settings};
use tokio::sync::watch;

use super::{MASTER_KEYS, PATIENCE, Sql};

/// Makes the read models once more, from nothing, in schema `again`. As in the product, a worker that loses the log
/// begins again where it was: a cluster that has lost its leader is at odds for a while.
pub(crate) async fn rebuild(nats: &str, postgres: &str, head: Position) {
    let connection = docket_jetstream::connect(nats, "rebuild").await.expect("NATS");
    let log = JetStreamLog::open(connection.clone(), Namespace::default()).await.expect("the log");
    let drop = "DROP SCHEMA IF EXISTS again, again_private, again_access, again_g1 CASCADE";
    Sql::connect(postgres).await.run(drop).await.expect("the owner may");
    let store = Arc::new(Keys::new(&connection, Namespace::default()));
    let master = MasterKeys::parse(MASTER_KEYS, |_| panic!("it only reads")).expect("master keys");
    let keys = KeyRing::new(store, Arc::new(master), |_| panic!("it only reads"), docket_keyring::Settings::default());
    let keys = Some(Arc::new(keys));
    let settings = Settings { schema: Schema::new("again"), keys, ..Settings::new(postgres, Zones::bundled()) };
    let began = Instant::now();
    loop {
        let (progress, mut seen) = watch::channel(Progress::default());
        let worker = Box::pin(docket_projection::run(log.clone(), &settings, &progress));
        tokio::select! {
            _ = seen.wait_for(|progress| progress.position >= head) => return,
            ended = worker => assert!(began.elapsed() < PATIENCE, "the rebuild always ends: {ended:?}"),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
