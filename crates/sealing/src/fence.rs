//! What keeps a log that has lost its end from being written again: what follows would take the places of what was sealed.

use docket_eventlog::EventLog as _;
use docket_evidence::checkpoint::SignedCheckpoint;
use docket_evidence::note::KeyName;
use docket_jetstream::JetStreamLog;
use docket_jetstream::seals::{Seal, Seals};
use docket_messages::Position;

use crate::SealingError;
use crate::tree::{incarnation, is_of};

/// How long a log has been seen to be.
#[derive(Debug, Default)]
pub struct Length {
    longest: Position,
    /// How often in a row it was shorter.
    shorter: u32,
}

impl Length {
    /// A new leader of a cluster may say less for a moment than the one before has said.
    const OFTEN: u32 = 2;

    /// Notes where it ends.
    ///
    /// # Errors
    /// [`SealingError::Truncated`] when it has become shorter, and stays so.
    pub fn note(&mut self, head: Position) -> Result<(), SealingError> {
        if head >= self.longest {
            (self.longest, self.shorter) = (head, 0);
            return Ok(());
        }
        self.shorter += 1;
        if self.shorter < Self::OFTEN { Ok(()) } else { Err(SealingError::Truncated { head, sealed: self.longest }) }
    }
}

/// Up to where a log is sealed, and by whom it is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sealed {
    /// Nobody has sealed anything here.
    Never,
    /// The last seal is of the log that this one was restored from.
    Before,
    /// Up to a position.
    UpTo(Position),
}

/// What a seal says, and who has signed it. Nothing of it has been verified.
///
/// # Errors
/// [`SealingError::NoSeal`] when it is no checkpoint.
pub fn read(seal: &Seal) -> Result<SignedCheckpoint, SealingError> {
    SignedCheckpoint::parse(&seal.note)
        .map_err(|error| SealingError::NoSeal { number: seal.number, cause: error.to_string() })
}

/// The last seal. What is no checkpoint is passed over: who may follow the log can have entries of it delivered to the subject
/// of seals, and none of them is one.
///
/// # Errors
/// [`SealingError::Nats`].
pub async fn last_seal(seals: &Seals) -> Result<Option<(Seal, SignedCheckpoint)>, SealingError> {
    let mut next = seals.last().await?;
    while let Some(seal) = next {
        if let Ok(signed) = read(&seal) {
            return Ok(Some((seal, signed)));
        }
        next = if seal.number > 1 { seals.at(seal.number - 1).await? } else { None };
    }
    Ok(None)
}

/// Says in the stream of seals what is wrong with a log, so that the command service stands, wherever it runs. Once the
/// sealer signs again, it counts for nothing.
///
/// # Errors
/// [`SealingError::Nats`].
pub async fn tell(seals: &Seals, origin: &KeyName, finding: &SealingError) -> Result<(), SealingError> {
    Ok(seals.write_finding(format!("{origin}\n{finding}")).await?)
}

/// That the sealer has found nothing wrong with this log since it last signed.
///
/// # Errors
/// [`SealingError::Found`] when it has.
pub async fn found(log: &JetStreamLog, seals: &Seals) -> Result<(), SealingError> {
    let sealed = last_seal(seals).await?.map_or(0, |(last, _)| last.number);
    let Some((origin, message)) = last_finding(seals, sealed).await? else { return Ok(()) };
    let word = incarnation(log).await?;
    let is_of_this_log = word.is_none_or(|word| is_of(&origin, &word));
    if is_of_this_log { Err(SealingError::Found(message)) } else { Ok(()) }
}

/// The last finding behind a number: of which log it is, and what it says. What is none is passed over: who may follow the log can
/// have entries of it delivered to any subject, and none of them has a line like the first of a finding.
async fn last_finding(seals: &Seals, behind: u64) -> Result<Option<(KeyName, String)>, SealingError> {
    let mut next = seals.last_finding().await?;
    while let Some(found) = next.filter(|found| found.number > behind) {
        let text = String::from_utf8_lossy(&found.note).into_owned();
        // A head that witnesses have signed may stand in between.
        if read(&found).is_err()
            && let Some((origin, message)) = text.split_once('\n')
            && let Some(origin) = KeyName::parse(origin)
        {
            return Ok(Some((origin, message.to_owned())));
        }
        next = seals.at(found.number.saturating_sub(1)).await?;
    }
    Ok(None)
}

/// Up to where a log is sealed, which does not end before that. Signatures are the sealer's and the auditors' to verify.
///
/// # Errors
/// [`SealingError::Truncated`] when it does; [`SealingError::Found`]; [`SealingError::NoSeal`] when the last seal is none.
pub async fn sealed(log: &JetStreamLog, seals: &Seals) -> Result<Sealed, SealingError> {
    found(log, seals).await?;
    let Some((_, signed)) = last_seal(seals).await? else { return Ok(Sealed::Never) };
    let checkpoint = signed.checkpoint();
    let (sealed, head) = (Position(checkpoint.size), log.head().await?);
    // A log that has lost all of its entries has no word of its own.
    let word = incarnation(log).await?;
    if word.is_some_and(|word| !is_of(&checkpoint.origin, &word)) {
        return Ok(Sealed::Before);
    }
    if head < sealed { Err(SealingError::Truncated { head, sealed }) } else { Ok(Sealed::UpTo(sealed)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_is_shorter_twice_in_a_row_has_lost_its_end() {
        let mut length = Length::default();
        for head in [5, 9, 7, 9, 8, 10] {
            assert!(length.note(Position(head)).is_ok(), "{head}");
        }
        assert!(length.note(Position(4)).is_ok());
        let lost = length.note(Position(6));
        assert!(matches!(lost, Err(SealingError::Truncated { head: Position(6), sealed: Position(10) })), "{lost:?}");
    }
}
