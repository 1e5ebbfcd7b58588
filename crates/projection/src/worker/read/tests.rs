//! What reading does where something is missing.

use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use docket_eventlog::{AppendError, Draft, Expect, MemoryLog, ReadError};
use docket_keyring::provider::MasterKeys;
use docket_keyring::{KeyStore, MemoryKeys};
use docket_messages::{CaseEvent, Timestamp, WorkEvent};
use futures::StreamExt as _;
use futures::stream::BoxStream;
use serde_json::json;

use super::*;

const CASE: &str = "0199a7a0-5c3e-7d41-9a52-3b6f0c8e1d01";
/// The entry that the log has lost.
const LOST: Position = Position(2);

/// A log that has lost an entry.
#[derive(Clone)]
struct Gap(MemoryLog);

impl EventLog for Gap {
    async fn append(&self, subject: &Subject, expect: Expect, draft: Draft) -> Result<Position, AppendError> {
        self.0.append(subject, expect, draft).await
    }

    async fn read_subject(&self, subject: &Subject, after: Option<Position>) -> Result<Vec<Recorded>, ReadError> {
        self.0.read_subject(subject, after).await
    }

    async fn last_of(&self, subject: &Subject) -> Result<Option<Position>, ReadError> {
        self.0.last_of(subject).await
    }

    async fn head(&self) -> Result<Position, ReadError> {
        self.0.head().await
    }

    async fn entry_at(&self, position: Position) -> Result<Option<Recorded>, ReadError> {
        self.0.entry_at(position).await
    }

    async fn follow(&self, after: Position) -> Result<BoxStream<'static, Result<Recorded, ReadError>>, ReadError> {
        let all = self.0.follow(after).await?;
        Ok(all.filter(|read| std::future::ready(!read.as_ref().is_ok_and(|read| read.position == LOST))).boxed())
    }

    async fn follow_subject(
        &self,
        subject: &Subject,
        after: Position,
    ) -> Result<BoxStream<'static, Result<Recorded, ReadError>>, ReadError> {
        self.0.follow_subject(subject, after).await
    }
}

/// What is read of a log whose second entry of three is missing: the positions, and what it ends with.
async fn read_all(until: Option<Position>) -> (Vec<Position>, Option<ProjectionError>) {
    let log = MemoryLog::new(|| Timestamp::EPOCH);
    let subject = Subject::parse(&format!("case.{CASE}")).unwrap();
    let mut expect = Expect::Nothing;
    for version in 1..=3 {
        let entry = json!({ "v": 1, "id": format!("c-{version}"), "verb": "note", "kind": "case", "of": CASE,
            "at": "2026-11-23T09:00:00.000Z", "by": "desk", "policy": 1, "version": version,
            "salt": "BwcHBwcHBwcHBwcHBwcHBw", "request": "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",
            "events": [{ "noted": { "personal": { "plain": { "text": "x" } } } }] });
        let position = log.append(&subject, expect, Draft::from(Bytes::from(entry.to_string()))).await.unwrap();
        expect = Expect::Last(position);
    }
    let (entries, failed) = read_of(Gap(log), until, None).await;
    (entries.iter().map(|entry| entry.position).collect(), failed)
}

/// What is read of a log, and what it ends with.
async fn read_of(
    log: impl EventLog,
    until: Option<Position>,
    keys: Option<Arc<KeyRing>>,
) -> (Vec<ReadEntry>, Option<ProjectionError>) {
    let (stretches, mut read_chunks) = mpsc::channel(8);
    let (progress, _) = watch::channel(Progress::default());
    let reading = tokio::spawn(read(log, Span { after: Position(0), until, most: 10 }, keys, stretches, progress));
    let mut all = Vec::new();
    let mut failed = None;
    while let Some(chunk) = read_chunks.recv().await {
        match chunk {
            Ok(entries) => all.extend(entries),
            Err(error) => failed = Some(error),
        }
        if failed.is_some() {
            break;
        }
    }
    reading.await.unwrap();
    (all, failed)
}

/// Not random, and never the same twice.
fn counting(bytes: &mut [u8]) {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    bytes.iter_mut().zip(number.iter().cycle()).for_each(|(to, from)| *to = *from);
}

fn ring_of(store: &Arc<MemoryKeys>) -> Arc<KeyRing> {
    const MASTER: &str = "docket-master-key-1 test AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    let master = MasterKeys::parse(MASTER, counting).unwrap();
    let store: Arc<dyn KeyStore> = Arc::clone(store) as Arc<dyn KeyStore>;
    Arc::new(KeyRing::new(store, Arc::new(master), counting, docket_keyring::Settings::default()))
}

/// A log of two cases with a note each, sealed with keys of a store.
async fn sealed_log(store: &Arc<MemoryKeys>) -> (MemoryLog, Vec<KeyId>) {
    let (log, ring) = (MemoryLog::new(|| Timestamp::EPOCH), ring_of(store));
    let mut keys = Vec::new();
    for case in [CASE, "0199a7a0-5c3e-7d41-9a52-3b6f0c8e1d02"] {
        let key = ring.fresh().await.unwrap();
        let entry = json!({ "v": 1, "id": "c-1", "verb": "note", "kind": "case", "of": case, "at": "2026-11-23T09:00:00.000Z",
            "by": "desk", "policy": 1, "version": 1, "salt": "BwcHBwcHBwcHBwcHBwcHBw", "key": key.id(),
            "request": "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",
            "events": [{ "noted": { "personal": { "plain": { "text": "x" } } } }] });
        let mut entry = Entry::<CaseEvent>::decode(entry.to_string().as_bytes()).unwrap();
        docket_keyring::seal(&mut entry, &key, counting).unwrap();
        let (subject, draft) = (Subject::parse(&format!("case.{case}")).unwrap(), entry.encode().unwrap());
        log.append(&subject, Expect::Nothing, Draft::from(Bytes::from(draft))).await.unwrap();
        keys.push(key.id().clone());
    }
    (log, keys)
}

/// The notes that were read; none for one that stays sealed.
fn notes(entries: &[ReadEntry]) -> Vec<Option<&str>> {
    fn note(entry: &ReadEntry) -> Option<&str> {
        let Content::Case(_, case) = &entry.content else { panic!("{entry:?}") };
        let [CaseEvent::Work(WorkEvent::Noted(noted))] = &case.events[..] else { panic!("{case:?}") };
        noted.personal.open().map(|note| note.text.as_str())
    }
    entries.iter().map(note).collect()
}

#[tokio::test]
async fn what_is_sealed_is_opened_unless_its_key_was_destroyed() {
    let store = Arc::new(MemoryKeys::default());
    let (log, keys) = sealed_log(&store).await;
    ring_of(&store).destroy(&keys[..1]).await.unwrap();
    let (read, failed) = read_of(log, Some(Position(2)), Some(ring_of(&store))).await;
    assert!(failed.is_none(), "{failed:?}");
    assert_eq!(notes(&read), [None, Some("x")]);
}

#[tokio::test]
async fn without_its_keys_nothing_is_read_at_all() {
    let store = Arc::new(MemoryKeys::default());
    let (log, _) = sealed_log(&store).await;
    store.set_away(true);
    let (read, failed) = read_of(log.clone(), Some(Position(2)), Some(ring_of(&store))).await;
    assert!(read.is_empty() && matches!(failed, Some(ProjectionError::Keys { .. })), "{failed:?}");
    store.set_away(false);
    store.lose();
    let (read, failed) = read_of(log, Some(Position(2)), Some(ring_of(&store))).await;
    assert!(read.is_empty() && matches!(failed, Some(ProjectionError::Keys { .. })), "{failed:?}");
}

#[tokio::test]
async fn what_was_sealed_elsewhere_is_poison_and_what_comes_before_it_is_read() {
    let store = Arc::new(MemoryKeys::default());
    let (log, _) = sealed_log(&store).await;
    let entries = log.read_subject(&Subject::parse(&format!("case.{CASE}")).unwrap(), None).await.unwrap();
    let moved = String::from_utf8_lossy(&entries[0].payload).replace(CASE, "0199a7a0-5c3e-7d41-9a52-3b6f0c8e1d03");
    let subject = Subject::parse("case.0199a7a0-5c3e-7d41-9a52-3b6f0c8e1d03").unwrap();
    log.append(&subject, Expect::Nothing, Draft::from(Bytes::from(moved))).await.unwrap();
    let (read, failed) = read_of(log, Some(Position(3)), Some(ring_of(&store))).await;
    assert_eq!(notes(&read), [Some("x"), Some("x")]);
    assert!(matches!(failed, Some(ProjectionError::Poison { position: Position(3), .. })), "{failed:?}");
}

#[tokio::test]
async fn what_follows_a_gap_is_poison() {
    let (read, failed) = read_all(None).await;
    assert_eq!(read, [Position(1)]);
    assert!(matches!(failed, Some(ProjectionError::Poison { position: Position(3), .. })), "{failed:?}");
}

#[tokio::test]
async fn reading_ends_though_the_last_entry_of_the_span_is_missing() {
    let (read, failed) = read_all(Some(LOST)).await;
    assert_eq!(read, [Position(1)]);
    assert!(failed.is_none(), "{failed:?}");
}
