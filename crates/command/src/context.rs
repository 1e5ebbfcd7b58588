//! What every step of every command needs.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use docket_keyring::KeyRing;
use docket_messages::CaseId;

use crate::Environment;
use crate::board::Boards;
use crate::policy::book::PolicyBook;

/// What every step of every command needs.
#[derive(Debug)]
pub(crate) struct Context<L> {
    pub log: L,
    pub policies: PolicyBook<L>,
    /// The keys of what is personal.
    pub keys: Arc<KeyRing>,
    pub environment: Environment,
    /// Parents whose children are being told.
    pub parents_at_work: ParentsAtWork,
    /// The board of the desk.
    pub boards: Boards,
}

impl<L> Context<L> {
    /// Waits before deciding again: longer each time, and not the same for everybody.
    pub(crate) async fn back_off(&self, attempt: u32) {
        if attempt == 0 {
            return;
        }
        let random = u64::from((self.environment.random)().first().copied().unwrap_or(0));
        let millis = (1_u64 << attempt.min(8)) * (128 + random) / 256;
        tokio::time::sleep(Duration::from_millis(millis)).await;
    }
}

/// Parents whose children this service is just telling, each by one task.
#[derive(Debug, Default)]
pub(crate) struct ParentsAtWork(Mutex<HashMap<CaseId, bool>>);

impl ParentsAtWork {
    fn parents(&self) -> MutexGuard<'_, HashMap<CaseId, bool>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether no task tells them yet; the one that does looks once more.
    pub(crate) fn begin(&self, parent: CaseId) -> bool {
        let mut parents = self.parents();
        let is_first = !parents.contains_key(&parent);
        parents.insert(parent, !is_first);
        is_first
    }

    /// Whether nobody has asked meanwhile, so that it is done.
    pub(crate) fn end(&self, parent: CaseId) -> bool {
        let mut parents = self.parents();
        let is_asked_again = parents.get_mut(&parent).is_some_and(std::mem::take);
        if !is_asked_again {
            parents.remove(&parent);
        }
        !is_asked_again
    }
}
