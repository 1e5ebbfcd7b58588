//! Filling a generation from the log.

use std::time::Duration;

use docket_eventlog::EventLog;
use docket_messages::Position;
use sqlx::{PgConnection, PgPool};
use tokio::sync::watch;

use crate::ProjectionError;
use crate::progress::Progress;
use crate::schema::run;
use crate::settings::Settings;
use crate::stage::{Stage, Tell};
use crate::store::{Store, checkpoint_of};
use crate::worker::Following;

/// How often it is told how far it is.
const TELL: Duration = Duration::from_millis(200);

/// A generation that is filled.
pub(crate) struct Filling<'f, L> {
    pub log: L,
    pub settings: &'f Settings,
    pub pool: PgPool,
    pub store: &'f mut Store,
}

impl<L: EventLog> Filling<'_, L> {
    /// Applies the entries up to where the log ends now.
    pub(crate) async fn fill_to_head(&mut self, tell: Tell<'_>) -> Result<(), ProjectionError> {
        let head = self.log.head().await.map_err(|source| ProjectionError::Log { source })?;
        self.fill_to(head, tell).await
    }

    /// Keeps the live worker from going on until the transaction ends, and applies what it has applied. Says where these
    /// tables are then.
    pub(crate) async fn fill_to_live(
        &mut self,
        transaction: &mut PgConnection,
        live_tables: &str,
        tell: Tell<'_>,
    ) -> Result<Position, ProjectionError> {
        run(transaction, format!("SELECT FROM {live_tables}.checkpoint FOR UPDATE")).await?;
        let (live, _) = checkpoint_of(transaction, live_tables).await?;
        if self.store.position().await?.0 < live {
            self.fill_to(live, tell).await?;
        }
        Ok(self.store.position().await?.0)
    }

    /// Applies the entries up to a position.
    pub(crate) async fn fill_to(&mut self, until: Position, tell: Tell<'_>) -> Result<(), ProjectionError> {
        let (progress, seen) = watch::channel(Progress::default());
        let Self { log, settings, pool, store } = self;
        let mut following = Following { log: log.clone(), settings, pool, store, progress: &progress };
        let filled = following.follow(Some(until));
        let telling = async {
            loop {
                tokio::time::sleep(TELL).await;
                let applied = seen.borrow().position;
                tell(Stage::Filling { applied, head: until });
            }
        };
        tokio::select! {
            filled = filled => filled?,
            () = telling => {}
        }
        let applied = self.store.position().await?.0;
        tell(Stage::Filling { applied, head: until });
        if applied < until {
            let cause = format!("the log was closed before position {until}");
            return Err(ProjectionError::Unfinished { applied, cause });
        }
        Ok(())
    }
}
