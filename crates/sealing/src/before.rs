//! What was said of a log before its sealer began.

use docket_evidence::checkpoint::{Checkpoint, SignedCheckpoint};
use docket_jetstream::JetStreamLog;
use docket_jetstream::seals::Seals;

use crate::sealer::Settings;
use crate::witnesses::Witnesses;
use crate::{Keys, SealingError, found};

/// What was said of the log until now, the largest head first: by the last seal, by witnesses, and beside the read models.
pub(crate) async fn known(
    settings: &Settings,
    witnesses: &mut Witnesses,
    sealed: Option<Checkpoint>,
    (log, seals): (&JetStreamLog, &Seals),
) -> Result<Vec<Checkpoint>, SealingError> {
    let keys = &settings.keys;
    let mut known = witnesses.latest(keys).await;
    let is_unseen = settings.kept.is_none() || witnesses.is_one_away();
    if is_unseen {
        // What was found may be known to those alone who do not answer now.
        found(log, seals).await.map_err(|error| {
            let is_found = matches!(error, SealingError::Found(_));
            if is_found { SealingError::Unseen(Box::new(error)) } else { error }
        })?;
    }
    // What is signed by others hides nothing that stands below it.
    let is_own = |kept: &&SignedCheckpoint| matches!(keys.have_signed(kept), Ok(true));
    known.extend(settings.kept.iter().flatten().find(is_own).map(|kept| kept.checkpoint().clone()));
    known.extend(sealed);
    known.retain(|known| known.origin == *keys.origin());
    known.sort_by_key(|known| std::cmp::Reverse(known.size));
    Ok(known)
}

/// What a seal of this log says; nothing if it is one of the log that this one was restored from.
pub(crate) fn sealed_by(
    keys: &Keys,
    number: u64,
    signed: &SignedCheckpoint,
) -> Result<Option<Checkpoint>, SealingError> {
    let unverified = |cause: String| SealingError::Unverified { number, cause };
    if signed.checkpoint().origin != *keys.origin() {
        return Ok(None);
    }
    match keys.have_signed(signed) {
        Ok(true) => Ok(Some(signed.checkpoint().clone())),
        Ok(false) => Err(unverified("another key of that name has signed it".to_owned())),
        Err(error) => Err(unverified(error.to_string())),
    }
}
