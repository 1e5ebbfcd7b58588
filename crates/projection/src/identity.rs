//! Whether the read models are of the log that is there.
//!
//! Beside its position the checkpoint keeps which log it was made from, and the digest of the entry at that position.
//! An entry holds a random salt and the digest of the one before it on its subject, so another log, and another
//! continuation of an old copy, has another one there.

use std::time::Duration;

use docket_eventlog::{EventLog, ReadError};
use docket_messages::{Digest, Position};
use tokio::sync::watch;

use crate::ProjectionError;
use crate::progress::Progress;

/// How often it is looked while the log is followed.
const LOOK: Duration = Duration::from_secs(5);
/// How often it is looked whether a log that ends too early goes on.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// So many looks in a row must find a log that ends too early where it was,
const LOOKS: u32 = 10;
/// or so many find it too short: an old copy that takes commands grows, too.
const LOOKS_MAX: u32 = 30;

/// What the checkpoint says of the log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// The digest of the first entry: which log it is. None before the first, and in read models of before it was
    /// noted.
    pub log: Option<String>,
    /// The digest of the entry at the position; none as before.
    pub digest: Option<String>,
}

/// Compares what the checkpoint says with the log, and hands back which log that is.
///
/// # Errors
/// [`ProjectionError::OtherLog`] when they differ; [`ProjectionError::Log`] when the log cannot be read.
pub async fn verify<L: EventLog>(
    log: &L,
    position: Position,
    expected: &Identity,
) -> Result<Option<String>, ProjectionError> {
    if let Some(head) = ends_before(log, position).await? {
        let cause = format!("they are as of position {position}, and this log ends at {head}");
        return Err(ProjectionError::OtherLog { position, cause });
    }
    compare(log, position, expected).await
}

/// The same, of a log that is long enough.
async fn compare<L: EventLog>(
    log: &L,
    position: Position,
    expected: &Identity,
) -> Result<Option<String>, ProjectionError> {
    let other = |cause: String| Err(ProjectionError::OtherLog { position, cause });
    if position == Position(0) {
        return digest_at(log, Position(1)).await;
    }
    let first = digest_at(log, Position(1)).await?;
    if first.is_some() && expected.log.is_some() && expected.log != first {
        return other("its first entry is another one".to_owned());
    }
    let found = digest_at(log, position).await?;
    // One server of a cluster may be behind; what it does not have yet says nothing.
    if found.is_some() && expected.digest.is_some() && expected.digest != found {
        return other(format!("its entry at position {position} is not the one that they were made from"));
    }
    Ok(first)
}

/// Where the log ends for good, if that is before a position. The new leader of a cluster says where it ends before it
/// has applied all that the old one has acknowledged; so a log that ends too early is believed only when it stays
/// there, or stays behind for long.
async fn ends_before<L: EventLog>(log: &L, position: Position) -> Result<Option<Position>, ProjectionError> {
    let (mut last, mut same, mut looks) = (None, 0, 0);
    loop {
        let head = log.head().await.map_err(|source| ProjectionError::Log { source })?;
        if head >= position {
            return Ok(None);
        }
        (same, looks) = (if last == Some(head) { same + 1 } else { 0 }, looks + 1);
        if same == LOOKS || looks == LOOKS_MAX {
            return Ok(Some(head));
        }
        if last.is_none() {
            tracing::warn!(%head, "the log ends at {head}, before position {position}; looking whether it goes on");
        }
        last = Some(head);
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

/// Looks now and then while the log is followed: an old copy can be put in its place meanwhile. Ends when it was, and
/// when the log is too short: then nothing may be applied until it is known why, which the next start finds out.
pub(crate) async fn watch<L: EventLog>(log: &L, progress: &watch::Sender<Progress>) -> ProjectionError {
    loop {
        tokio::time::sleep(LOOK).await;
        let (position, identity) = {
            let progress = progress.borrow();
            (progress.position, progress.identity.clone())
        };
        match log.head().await {
            Ok(head) if head < position => {
                let cause = format!("it ends at {head}, before position {position}");
                return ProjectionError::Log { source: ReadError::new("follow the log", cause) };
            }
            // Who follows the log complains of what cannot be read.
            Ok(_) | Err(_) => {}
        }
        if let Err(other @ ProjectionError::OtherLog { .. }) = compare(log, position, &identity).await {
            return other;
        }
    }
}

/// The digest of an entry; none when the log ends before it.
async fn digest_at<L: EventLog>(log: &L, position: Position) -> Result<Option<String>, ProjectionError> {
    let entry = log.entry_at(position).await.map_err(|source| ProjectionError::Log { source })?;
    Ok(entry.map(|entry| digest(&entry.payload)))
}

/// As `prev` of an entry.
pub(crate) fn digest(payload: &[u8]) -> String {
    Digest::of(&[payload]).to_string()
}

#[cfg(test)]
mod tests {
    use docket_eventlog::{Draft, Expect, MemoryLog, Subject};
    use docket_messages::Timestamp;

    use super::*;

    async fn log(entries: &[&str]) -> MemoryLog {
        let log = MemoryLog::new(|| Timestamp::EPOCH);
        let mut last = None;
        for entry in entries {
            let draft = Draft::from(bytes::Bytes::copy_from_slice(entry.as_bytes()));
            last = log.append(&Subject::Policy, Expect::after(last), draft).await.ok();
        }
        log
    }

    fn made_from(first: &str, last: &str) -> Identity {
        Identity { log: Some(digest(first.as_bytes())), digest: Some(digest(last.as_bytes())) }
    }

    async fn cause(entries: &[&str], position: u64, expected: &Identity) -> Option<String> {
        match verify(&log(entries).await, Position(position), expected).await {
            Err(ProjectionError::OtherLog { cause, .. }) => Some(cause),
            Ok(_) => None,
            Err(error) => panic!("{error}"),
        }
    }

    #[tokio::test]
    async fn read_models_are_of_the_log_whose_entries_they_were_made_from() {
        let models = made_from("a", "c");
        assert_eq!(cause(&["a", "b", "c", "d"], 3, &models).await, None);
        assert_eq!(cause(&["a", "b", "c"], 3, &Identity::default()).await, None, "nothing was noted");
        assert_eq!(cause(&[], 0, &Identity::default()).await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn another_log_an_older_copy_and_what_became_of_one_are_noticed() {
        let models = made_from("a", "c");
        let cause_of = async |entries: &[&str]| cause(entries, 3, &models).await.expect("a difference");
        assert_eq!(cause_of(&["a", "b"]).await, "they are as of position 3, and this log ends at 2");
        assert_eq!(cause_of(&["x", "b", "c"]).await, "its first entry is another one");
        assert_eq!(
            cause_of(&["a", "b", "x", "y"]).await,
            "its entry at position 3 is not the one that they were made from"
        );
        assert_eq!(cause_of(&[]).await, "they are as of position 3, and this log ends at 0");
    }

    #[tokio::test(start_paused = true)]
    async fn an_older_copy_that_takes_commands_is_noticed_before_it_is_as_long() {
        let log = log(&["a"]).await;
        let grows = async {
            let mut last = Position(1);
            loop {
                tokio::time::sleep(LOOK_AGAIN).await;
                let draft = Draft::from(bytes::Bytes::from_static(b"x"));
                last = log.append(&Subject::Policy, Expect::Last(last), draft).await.unwrap();
            }
        };
        let models = Identity::default();
        let verified = tokio::select! {
            verified = verify(&log, Position(1_000), &models) => verified,
            () = grows => unreachable!("it grows for ever"),
        };
        assert!(matches!(verified, Err(ProjectionError::OtherLog { .. })), "{verified:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_followed_while_the_log_is_too_short() {
        let (log, progress) = (log(&["a"]).await, watch::Sender::new(Progress::default()));
        progress.send_modify(|progress| progress.position = Position(3));
        assert!(matches!(super::watch(&log, &progress).await, ProjectionError::Log { .. }));
    }

    #[tokio::test(start_paused = true)]
    async fn a_log_whose_new_leader_is_behind_for_a_while_is_the_same_log() {
        let (log, models) = (log(&["a"]).await, made_from("a", "c"));
        let applied = async {
            let mut last = Position(1);
            for entry in ["b", "c"] {
                tokio::time::sleep(LOOK_AGAIN * (LOOKS - 1)).await;
                let draft = Draft::from(bytes::Bytes::from_static(entry.as_bytes()));
                last = log.append(&Subject::Policy, Expect::Last(last), draft).await.unwrap();
            }
        };
        let (verified, ()) = futures::join!(verify(&log, Position(3), &models), applied);
        assert_eq!(verified.unwrap(), models.log);
    }
}
