//! Threads of a role's own.

use std::thread::available_parallelism;

use tokio::runtime::{Builder, Handle, Runtime};

use super::Role;

/// A role runs on threads of its own: what one of them does while it is busy keeps no other waiting, and what
/// belongs together stays on one processor as long as there are only a few.
pub struct Threads(Option<Runtime>);

impl Threads {
    /// Starts half as many threads as there are processors, and at least one.
    pub fn start(role: Role) -> std::io::Result<Self> {
        let threads = available_parallelism().map_or(1, |processors| (processors.get() / 2).max(1));
        let name = format!("docket-{}", role.name);
        let runtime = Builder::new_multi_thread().worker_threads(threads).thread_name(name).enable_all().build()?;
        Ok(Self(Some(runtime)))
    }

    /// Where to spawn.
    pub fn handle(&self) -> Handle {
        // It is there until this is dropped.
        self.0.as_ref().map_or_else(Handle::current, |runtime| runtime.handle().clone())
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        // Waiting for the threads is not allowed where futures run; what ran on them has ended before.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
