//! The first stage: reads the log and decodes it.

use std::collections::HashSet;
use std::sync::Arc;

use docket_eventlog::{Ended, EventLog, Follower, Recorded, Subject};
use docket_keyring::KeyRing;
use docket_messages::{AggregateEvent, ClaimEvent, CustomerEvent, Entry, KeyId, Position};
use tokio::sync::{mpsc, watch};

use super::{ReadChunk, compute};
use crate::ProjectionError;
use crate::batch::{Content, ReadEntry};
use crate::progress::Progress;

/// What is read of the log.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    /// What follows this position,
    pub after: Position,
    /// up to this one, or for ever,
    pub until: Option<Position>,
    /// at most so many entries at once.
    pub most: usize,
}

/// Reads the log in stretches. Ends at the end of the span, with the first thing that is wrong, or when nobody takes
/// the stretches any more.
pub(super) async fn read<L: EventLog>(
    log: L,
    span: Span,
    keys: Option<Arc<KeyRing>>,
    stretches: mpsc::Sender<ReadChunk>,
    progress: watch::Sender<Progress>,
) {
    if let Err(end) = read_on(&log, span, keys.as_deref(), &stretches, &progress).await {
        let _ = stretches.send(Err(end)).await;
    }
}

async fn read_on<L: EventLog>(
    log: &L,
    Span { after, until, most }: Span,
    keys: Option<&KeyRing>,
    stretches: &mpsc::Sender<ReadChunk>,
    progress: &watch::Sender<Progress>,
) -> Result<(), ProjectionError> {
    let mut follower = Follower::start(log, after).await.map_err(|source| ProjectionError::Log { source })?;
    let mut last = after;
    loop {
        let mut stretch = match follower.next(most).await {
            Ok(stretch) => stretch,
            Err(Ended::Unreadable(source)) => return Err(ProjectionError::Log { source }),
            Err(Ended::Closed) => return Ok(()),
        };
        // By what has come, and not by what is kept: the last one of the span may be missing.
        let is_over = stretch.last().is_some_and(|newest| until.is_some_and(|until| newest.position >= until));
        stretch.retain(|entry| until.is_none_or(|until| entry.position <= until));
        if let (Some(oldest), Some(newest)) = (stretch.first(), stretch.last()) {
            // What is wrong waits as well.
            progress.send_modify(|p| {
                p.read = newest.position;
                p.pending_since.get_or_insert(oldest.recorded_at);
            });
        }
        let mut entries = Vec::with_capacity(stretch.len());
        // What comes before something that is wrong is applied.
        let mut decoded = compute(stretch.len(), || decode(stretch, &mut last, &mut entries));
        if let Some(keys) = keys
            && let Err(unopened) = open(&mut entries, keys).await
        {
            decoded = Err(unopened);
        }
        if !entries.is_empty() && stretches.send(Ok(entries)).await.is_err() {
            return Ok(());
        }
        decoded?;
        if is_over {
            return Ok(());
        }
    }
}

/// Opens what is personal. What comes before something that cannot be opened is kept, and nothing behind it; nothing at all, if
/// the keys cannot be had.
async fn open(entries: &mut Vec<ReadEntry>, keys: &KeyRing) -> Result<(), ProjectionError> {
    let ids: HashSet<&KeyId> = entries.iter().filter_map(|entry| entry.content.key()).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let brought = match keys.bring(ids.into_iter().cloned()).await {
        Ok(brought) => brought,
        Err(source) => {
            entries.clear();
            return Err(ProjectionError::Keys { source });
        }
    };
    let opened = compute(entries.len(), || {
        let mut entries = entries.iter_mut().enumerate();
        entries.try_for_each(|(index, entry)| entry.content.open(&brought).map_err(|cause| (index, cause)))
    });
    opened.map_err(|(index, cause)| {
        let position = entries.get(index).map_or(Position(0), |entry| entry.position);
        entries.truncate(index);
        ProjectionError::Poison { position, cause }
    })
}

fn decode(stretch: Vec<Recorded>, last: &mut Position, entries: &mut Vec<ReadEntry>) -> Result<(), ProjectionError> {
    for recorded in stretch {
        let entry = read_entry(recorded, *last)?;
        *last = entry.position;
        entries.push(entry);
    }
    Ok(())
}

fn read_entry(recorded: Recorded, last: Position) -> Result<ReadEntry, ProjectionError> {
    let position = recorded.position;
    let poison = |cause: String| ProjectionError::Poison { position, cause };
    if position != last.next() {
        return Err(poison(format!("it follows position {last}: entries between them are missing")));
    }
    let subject = recorded.subject.as_ref().map_err(|unknown| poison(unknown.to_string()))?;
    let content = read_content(subject, &recorded.payload).map_err(poison)?;
    let trace = recorded.trace();
    let Recorded { recorded_at, payload, .. } = recorded;
    Ok(ReadEntry { position, recorded_at, content, payload, trace })
}

fn read_content(subject: &Subject, payload: &[u8]) -> Result<Content, String> {
    Ok(match subject {
        Subject::Case(case) => Content::Case(*case, read_own(subject, payload)?),
        Subject::Agent(_) => Content::Agent(read_own(subject, payload)?),
        Subject::Policy => Content::Policy(read_own(subject, payload)?),
        Subject::Claim(_) => read_own::<ClaimEvent>(subject, payload).map(|_| Content::Nothing)?,
        Subject::Customer(_) => read_own::<CustomerEvent>(subject, payload).map(|_| Content::Nothing)?,
    })
}

/// Reads an entry, which must be one of its subject.
fn read_own<E: AggregateEvent>(subject: &Subject, payload: &[u8]) -> Result<Box<Entry<E>>, String> {
    let entry = Entry::<E>::decode(payload).map_err(|error| error.to_string())?;
    if entry.of != subject.id() {
        return Err(format!("it is an entry of {} {} on the subject {subject}", entry.kind.as_str(), entry.of));
    }
    Ok(Box::new(entry))
}

#[cfg(test)]
mod tests;
