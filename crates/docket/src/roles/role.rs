//! What a role says of itself.

use std::cmp::Ordering;
use std::fmt;
use std::ops::Deref;

use clap::ValueEnum;
use clap::builder::PossibleValue;
use docket_jetstream::access::SystemUser;
use docket_messages::Timestamp;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use tokio::task::JoinHandle;

use super::Engines;
use super::health::{Health, State};
use crate::error::AnyError;

/// A role: what a process does for a desk. Each is described beside how it runs.
#[derive(Clone, Copy)]
pub struct Role(&'static Description);

impl Role {
    pub(super) const fn new(description: &'static Description) -> Self {
        Self(description)
    }

    /// Whether it needs the master keys.
    pub fn opens_texts(&self) -> bool {
        self.0.opens_texts
    }
}

/// What there is to know of a role.
pub struct Description {
    /// Its name, for `--roles`, `/readyz/<name>`, logs and threads.
    pub name: &'static str,
    /// What it does, in a few words.
    pub told: &'static str,
    /// The user of NATS that it is, where the streams are; `access/users.rs` of `jetstream` says what that may do.
    pub user: SystemUser,
    /// What it needs of the streams.
    pub streams: Streams,
    /// Whether it reads or writes what is personal, and so needs the master keys.
    pub opens_texts: bool,
    /// Whether a process that plays it is to be kept for as long as this role is well, however the others are.
    pub is_vital: bool,
    /// What beside its state must hold for it to be ready.
    pub is_current: fn(&State, Timestamp) -> bool,
    /// What beside its state must hold for it to be healthy.
    pub is_moving: fn(&State, Timestamp) -> bool,
    /// Starts it, on threads of its own.
    pub start: fn(Engines, Health) -> Started,
}

/// A role that is being started.
pub type Started = BoxFuture<'static, Result<Box<dyn AtWork>, AnyError>>;

/// What a role needs of the streams before it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Streams {
    /// It creates those that are missing.
    Creates,
    /// The log must be there.
    Reads,
}

/// A role at work.
pub trait AtWork: Send + Sync {
    /// Stops it.
    fn stop(self: Box<Self>) -> BoxFuture<'static, ()>;

    /// Has nobody new heard for as long as the result is held, while the server reads its accounts again.
    fn hears_nobody_new(&self) -> BoxFuture<'_, Option<Quiet>> {
        futures::future::ready(None).boxed()
    }
}

/// Held while nobody new is to be heard.
pub type Quiet = Box<dyn Send>;

/// A role that may end at any moment without harm.
pub(super) struct Task(JoinHandle<()>);

impl Task {
    pub(super) fn spawn(work: impl Future<Output = ()> + Send + 'static) -> Box<dyn AtWork> {
        Box::new(Self(tokio::spawn(work)))
    }
}

impl AtWork for Task {
    fn stop(mut self: Box<Self>) -> BoxFuture<'static, ()> {
        async move {
            self.0.abort();
            // That it was broken off is what was asked for.
            let _ = (&mut self.0).await;
        }
        .boxed()
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Deref for Role {
    type Target = Description;

    fn deref(&self) -> &Description {
        self.0
    }
}

impl fmt::Debug for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for Role {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Role {}

impl PartialOrd for Role {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Role {
    fn cmp(&self, other: &Self) -> Ordering {
        self.name.cmp(other.name)
    }
}

impl ValueEnum for Role {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name).help(self.told))
    }
}
