//! What every log must pass, whatever it is made of. It panics with the promise that was broken.

use bytes::Bytes;
use docket_messages::{CaseId, Position};
use futures::StreamExt;

use crate::{AppendError, EventLog, Expect, Follower, Subject};

/// Tries every promise of [`EventLog`] on a log that nobody else writes to.
///
/// # Panics
/// With the promise that was broken.
pub async fn every_promise<L: EventLog>(log: &L, fresh: impl Fn() -> CaseId) {
    appends_are_in_one_order(log, Subject::Case(fresh()), Subject::Case(fresh())).await;
    a_wrong_expectation_is_a_conflict(log, Subject::Case(fresh())).await;
    of_many_writers_one_wins(log, Subject::Case(fresh())).await;
    many_subjects_at_once_all_arrive(log, (0..300).map(|_| Subject::Case(fresh())).collect()).await;
    a_follower_sees_everything_in_order(log).await;
}

async fn append<L: EventLog>(log: &L, subject: &Subject, expect: Expect, text: &'static str) -> Position {
    match log.append(subject, expect, Bytes::from_static(text.as_bytes()).into()).await {
        Ok(position) => position,
        Err(error) => panic!("an append that should succeed failed: {error:?}"),
    }
}

async fn texts<L: EventLog>(log: &L, subject: &Subject, after: Option<Position>) -> Vec<Bytes> {
    let read = log.read_subject(subject, after).await;
    read.unwrap_or_else(|error| panic!("{error}")).into_iter().map(|entry| entry.payload).collect()
}

async fn appends_are_in_one_order<L: EventLog>(log: &L, a: Subject, b: Subject) {
    assert!(texts(log, &a, None).await.is_empty(), "a new subject is empty");
    assert_eq!(log.last_of(&a).await.ok(), Some(None), "a new subject has no last entry");
    let first = append(log, &a, Expect::Nothing, "1").await;
    let other = append(log, &b, Expect::Nothing, "2").await;
    let second = append(log, &a, Expect::Last(first), "3").await;
    assert!(first < other && other < second, "positions grow over all subjects");
    assert_eq!(log.head().await.ok(), Some(second), "the head is the last position");
    assert_eq!(log.last_of(&a).await.ok(), Some(Some(second)), "a subject knows its last entry");
    assert_eq!(texts(log, &a, None).await, ["1", "3"], "a subject's entries are in order");
    assert_eq!(texts(log, &a, Some(first)).await, ["3"], "reading on begins after the position");
    let at = async |position| log.entry_at(position).await.ok().flatten().map(|entry| (entry.position, entry.payload));
    assert_eq!(at(other).await, Some((other, Bytes::from_static(b"2"))), "an entry is found by its position");
    assert_eq!(at(second.next()).await, None, "nothing is beyond the head");
}

async fn a_wrong_expectation_is_a_conflict<L: EventLog>(log: &L, subject: Subject) {
    let conflict = |result| matches!(result, Err(AppendError::Conflict));
    let payload = Bytes::from_static(b"x");
    let first = append(log, &subject, Expect::Nothing, "1").await;
    assert!(conflict(log.append(&subject, Expect::Nothing, payload.clone().into()).await), "the subject has an entry");
    let second = append(log, &subject, Expect::Last(first), "2").await;
    assert!(
        conflict(log.append(&subject, Expect::Last(first), payload.clone().into()).await),
        "the entry is not the last"
    );
    let beyond = Expect::Last(second.next());
    assert!(conflict(log.append(&subject, beyond, payload.into()).await), "nothing is there yet");
    assert_eq!(texts(log, &subject, None).await, ["1", "2"], "a conflict writes nothing");
}

async fn of_many_writers_one_wins<L: EventLog>(log: &L, subject: Subject) {
    let writers = (0..50).map(|_| log.append(&subject, Expect::Nothing, Bytes::from_static(b"me").into()));
    let results = futures::future::join_all(writers).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "one writer wins");
    assert_eq!(texts(log, &subject, None).await.len(), 1, "one entry is written");
}

async fn many_subjects_at_once_all_arrive<L: EventLog>(log: &L, subjects: Vec<Subject>) {
    let writers =
        subjects.iter().map(|subject| log.append(subject, Expect::Nothing, Bytes::from(subject.to_string()).into()));
    let results = futures::future::join_all(writers).await;
    for (subject, result) in subjects.iter().zip(results) {
        let position = result.unwrap_or_else(|error| panic!("{error:?}"));
        let read = log.read_subject(subject, None).await.unwrap_or_else(|error| panic!("{error}"));
        let entry = read.first().unwrap_or_else(|| panic!("the entry of {subject} is missing"));
        assert_eq!(
            (entry.position, &entry.payload),
            (position, &Bytes::from(subject.to_string())),
            "each at its place"
        );
    }
}

async fn a_follower_sees_everything_in_order<L: EventLog>(log: &L) {
    let head = log.head().await.unwrap_or_else(|error| panic!("{error}"));
    let count = usize::try_from(head.get()).unwrap_or(usize::MAX);
    let entries = log.follow(Position(0)).await.unwrap_or_else(|error| panic!("{error}"));
    let positions: Vec<u64> =
        entries.take(count).map(|entry| entry.unwrap_or_else(|error| panic!("{error}")).position.get()).collect().await;
    assert_eq!(positions, (1..=head.get()).collect::<Vec<_>>(), "a follower sees each position once, in order");

    let mut follower = Follower::start(log, Position(0)).await.unwrap_or_else(|error| panic!("{error}"));
    let mut positions = Vec::new();
    while follower.position() < head {
        let stretch = follower.next(2).await.unwrap_or_else(|error| panic!("{error}"));
        assert!(
            !stretch.is_empty() && stretch.len() <= 2,
            "a stretch of {} where at most 2 were asked for",
            stretch.len()
        );
        positions.extend(stretch.iter().map(|entry| entry.position.get()));
    }
    assert_eq!(positions, (1..=head.get()).collect::<Vec<_>>(), "no entry is lost between two stretches");
}
