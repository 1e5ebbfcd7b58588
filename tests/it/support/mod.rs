//! What the tests stand on: real engines, the real binary, and clients as services in any language have them.

mod auditor;
mod bus;
mod cli;
mod desk;
mod disk;
mod histories;
mod log;
mod private_nats;
mod process;
mod python;
mod rebuild;
mod scratch;
mod sql;
mod wire;

use std::time::{Duration, Instant};

pub(crate) use auditor::{Auditor, keep_checkpoint};
pub(crate) use bus::{Command, Sender, accepted, intake, refused};
pub(crate) use cli::{Cli, Printed};
pub(crate) use desk::{Desk, get, sealer_stands};
pub(crate) use disk::SmallDisk;
pub(crate) use histories::{History, drive, histories};
pub(crate) use log::{entries, recorded, verify};
pub(crate) use private_nats::{NO_POSTGRES, PrivateNats, SAMPLE_POLICY};
pub(crate) use process::Process;
pub(crate) use python::{packages, python, python_lines};
pub(crate) use rebuild::rebuild;
pub(crate) use scratch::{Scratch, copy_folder};
pub(crate) use sql::Sql;
pub(crate) use wire::Wire;

/// How long a state may take to come about. It comes sooner; this is for machines that are busy with other things.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The master key of every desk of the tests, so that services and tools that are started apart have the same.
pub(crate) const MASTER_KEYS: &str = "docket-master-key-1 tests AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

/// Looks until there is something to see.
pub(crate) async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(seen) = look().await {
            return seen;
        }
        assert!(began.elapsed() < PATIENCE, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
}

/// A fresh id, of a case or of a command.
pub(crate) fn fresh() -> String {
    uuid::Uuid::now_v7().to_string()
}
