//! What one in a process reads of the log, for another one there who needs the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{Mutex, MutexGuard, mpsc};

use crate::StoredMessage;

/// So many messages wait for who takes them. What is over that is left out.
const WAITING: usize = 16_384;

/// Passes messages of the log on, as the server sent them. Nothing is promised: some may be left out, come late, or twice.
#[derive(Debug, Clone)]
pub struct Feed {
    pass_on: mpsc::Sender<StoredMessage>,
    passed_on: Arc<Mutex<mpsc::Receiver<StoredMessage>>>,
    is_taken: Arc<AtomicBool>,
}

/// Who takes what is passed on; nobody else does meanwhile.
#[derive(Debug)]
pub struct Fed<'f> {
    passed_on: MutexGuard<'f, mpsc::Receiver<StoredMessage>>,
    is_taken: &'f AtomicBool,
}

impl Feed {
    /// Takes what is passed on from now on.
    pub async fn take(&self) -> Fed<'_> {
        let mut fed = Fed { passed_on: self.passed_on.lock().await, is_taken: &self.is_taken };
        fed.discard();
        self.is_taken.store(true, Ordering::Relaxed);
        fed
    }

    /// Passes a message on, if somebody takes such.
    pub(crate) fn pass_on(&self, message: impl FnOnce() -> Option<StoredMessage>) {
        // A copy is made for who has room for it.
        if self.is_taken.load(Ordering::Relaxed)
            && let Ok(room) = self.pass_on.try_reserve()
            && let Some(message) = message()
        {
            room.send(message);
        }
    }
}

impl Default for Feed {
    fn default() -> Self {
        let (pass_on, passed_on) = mpsc::channel(WAITING);
        Self { pass_on, passed_on: Arc::new(Mutex::new(passed_on)), is_taken: Arc::default() }
    }
}

impl Fed<'_> {
    /// The next message that was passed on, if one is there.
    pub fn take(&mut self) -> Option<StoredMessage> {
        self.passed_on.try_recv().ok()
    }

    /// Leaves out what was passed on: who has not looked for long does not know what it is of.
    pub fn discard(&mut self) {
        while self.take().is_some() {}
    }
}

impl Drop for Fed<'_> {
    fn drop(&mut self) {
        // Nothing is kept for nobody.
        self.is_taken.store(false, Ordering::Relaxed);
        self.discard();
    }
}
