//! The entries of the policy, as the log has them.

use docket_eventlog::{EventLog, Recorded, Subject};
use docket_messages::PolicyEntry;

use crate::endpoints::Find;
use crate::error::AnyError;

/// All of them, from the first.
pub async fn entries(find: &Find) -> Result<Vec<(Recorded, PolicyEntry)>, AnyError> {
    find.with_log(async |log| entries_of(&log).await).await
}

/// The same of a log that is open.
pub async fn entries_of(log: &impl EventLog) -> Result<Vec<(Recorded, PolicyEntry)>, AnyError> {
    let recorded = log.read_subject(&Subject::Policy, None).await?;
    let decoded = recorded.into_iter().map(|recorded| {
        let entry = PolicyEntry::decode(&recorded.payload)?;
        Ok((recorded, entry))
    });
    decoded.collect()
}
