//! Reading a log whole.

use docket_eventlog::{EventLog, Recorded, Verifier};
use docket_jetstream::JetStreamLog;
use docket_messages::{AnyEntry, Position};
use futures::StreamExt as _;

/// The whole log up to its head.
pub(crate) async fn recorded(log: &JetStreamLog) -> Vec<Recorded> {
    let head = log.head().await.expect("a head");
    let count = usize::try_from(head.get()).expect("a small log");
    let entries = log.follow(Position(0)).await.expect("a log to follow").take(count);
    entries.map(|entry| entry.expect("an entry")).collect().await
}

/// Every entry up to the head, with its position.
pub(crate) async fn entries(log: &JetStreamLog) -> Vec<(Position, AnyEntry)> {
    let decode = |one: Recorded| (one.position, AnyEntry::decode(&one.payload).expect("a readable entry"));
    recorded(log).await.into_iter().map(decode).collect()
}

/// The same, once its chains and versions were checked.
pub(crate) async fn verify(log: &JetStreamLog) -> Vec<(Position, AnyEntry)> {
    let mut verifier = Verifier::default();
    for one in &recorded(log).await {
        verifier.check(one).unwrap_or_else(|flaw| panic!("{flaw}"));
    }
    entries(log).await
}
