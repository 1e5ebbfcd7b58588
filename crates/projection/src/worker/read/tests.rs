//! What reading does where something is missing.

use bytes::Bytes;
use docket_eventlog::{AppendError, Draft, Expect, MemoryLog, ReadError};
use docket_messages::Timestamp;
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
    let (stretches, mut read_chunks) = mpsc::channel(8);
    let (progress, _) = watch::channel(Progress::default());
    let reading = tokio::spawn(read(Gap(log), Span { after: Position(0), until, most: 10 }, stretches, progress));
    let mut positions = Vec::new();
    let mut failed = None;
    while let Some(chunk) = read_chunks.recv().await {
        match chunk {
            Ok(entries) => positions.extend(entries.iter().map(|entry| entry.position)),
            Err(error) => failed = Some(error),
        }
        if failed.is_some() {
            break;
        }
    }
    reading.await.unwrap();
    (positions, failed)
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
