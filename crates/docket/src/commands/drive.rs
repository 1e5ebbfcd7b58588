//! Histories on their way over the bus, with a line that shows how far they are.

use docket_import::{Driven, Story};
use docket_jetstream::bus::BusClient;

use crate::error::AnyError;
use crate::output::Progress;

/// Drives all stories and waits for every reply.
pub async fn drive(bus: &BusClient, stories: &[Story], what: &str) -> Result<Driven, AnyError> {
    let total: usize = stories.iter().map(|story| story.steps.len()).sum();
    let mut progress = Progress::start(what, u64::try_from(total).unwrap_or(u64::MAX));
    let outcome = docket_import::drive(bus, stories, |more| progress.advance(more)).await?;
    progress.finish();
    Ok(outcome)
}
