//! Filling the tables anew beside the live ones, and switching to them.
//!
//! 1. A generation of its own is filled from the log. The live one goes on meanwhile.
//! 2. If that is wanted, both are compared as of one position, in a snapshot: the live one goes on.
//! 3. The live checkpoint is locked, so that the live worker waits, and what is missing up to there is filled in.
//! 4. In the same transaction the relations are made to show the new generation, and the old one is retired: its worker
//!    finds that, and goes on with the new one.
//!
//! A transaction of an analyst that has read the relations is in the way of step 4. Then it is given up at once, before
//! anybody could wait for anybody in a circle, and tried again later. What is filled stays filled when this is killed.

mod dropping;

use std::time::Duration;

use docket_eventlog::EventLog;
use docket_messages::Position;
use fail::fail_point;
use sqlx::PgConnection;
use sqlx::postgres::PgConnectOptions;

use crate::filling::Filling;
use crate::layout::generations::{self, Generation, State};
use crate::layout::{self, relations, tables};
use crate::places::{self, HeldPlace, Place};
use crate::schema::{self, Schema, WAIT, connect, run};
use crate::settings::Settings;
use crate::stage::{Stage, Tell};
use crate::store::{Store, checkpoint_of};
use crate::{ProjectionError, identity, parity};

pub use self::dropping::{cancel, drop_kept};

/// How long a lock is waited for when it is switched. Shorter than the time after which Postgres looks for a circle of
/// sessions that wait for each other (`deadlock_timeout`, one second), so there is none.
const LOCK: Duration = Duration::from_millis(200);
/// So many entries are a batch, or as many as come in this time.
const BATCH: usize = 20_000;
const PACE: Duration = Duration::from_secs(1);
/// The pauses between tries to compare or to switch.
const PAUSES: [Duration; 5] = [
    Duration::from_millis(100),
    Duration::from_millis(300),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(5),
];

/// How a rebuild is done.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Goes back to the tables that were kept, brought up to date, instead of filling new ones.
    pub to_kept: bool,
    /// The schema that the new tables are made in; one that is numbered, if none is named.
    pub tables_of: Option<String>,
    /// Keeps the tables that were live.
    pub keep_old: bool,
    /// Compares the new tables with the live ones before it is switched.
    pub compare: bool,
    /// Waits while another rebuild is under way, instead of refusing.
    pub waits: bool,
}

/// Fills the tables anew, or brings those that were kept up to date, and switches to them.
///
/// # Errors
/// [`ProjectionError`]; nothing of what is live is changed then. [`ProjectionError::Taken`] when another rebuild is under
/// way.
pub async fn rebuild<L: EventLog>(
    log: L,
    settings: &Settings,
    options: Options,
    tell: Tell<'_>,
) -> Result<(), ProjectionError> {
    let postgres = schema::options(&settings.url)?;
    let mut connection = connect(&postgres).await?;
    places::prepare(&mut connection, &settings.schema).await?;
    generations::prepare(&mut connection, &settings.schema).await?;
    let patience = if options.waits { Duration::MAX } else { Duration::ZERO };
    let place = places::take_within(patience, &postgres, &settings.schema, Place::Rebuild).await?;
    let live = generations::live(&mut connection, &settings.schema).await?;
    if options.waits && live.is_some_and(|live| live.is_of_this_layout()) {
        // The one that was waited for has done it.
        return Ok(());
    }
    // Nobody waits for a batch, and a row that changes several times within one is written once.
    let settings = &Settings { batch: BATCH.max(settings.batch), pace: PACE, ..settings.clone() };
    let mut rebuild = Rebuild { settings, options, postgres, connection };
    let generation = if rebuild.options.to_kept { rebuild.kept().await? } else { rebuild.building(&log).await? };
    rebuild.carry_out(log, generation, place, tell).await
}

/// Every generation, the newest first.
///
/// # Errors
/// [`ProjectionError::Postgres`].
pub async fn generations(url: &str, schema: &Schema) -> Result<Vec<Generation>, ProjectionError> {
    let mut connection = connect(&schema::options(url)?).await?;
    generations::prepare(&mut connection, schema).await?;
    generations::all(&mut connection, schema).await
}

/// A rebuild under way. There is one at a time.
struct Rebuild<'s> {
    settings: &'s Settings,
    options: Options,
    postgres: PgConnectOptions,
    connection: PgConnection,
}

impl Rebuild<'_> {
    /// The generation that was kept.
    async fn kept(&mut self) -> Result<Generation, ProjectionError> {
        let all = generations::all(&mut self.connection, &self.settings.schema).await?;
        let kept = all.into_iter().find(|generation| generation.state == State::Kept && generation.is_of_this_layout());
        let Some(kept) = kept else { return Err(ProjectionError::NothingKept) };
        // No worker writes into it, so this one may.
        run(&mut self.connection, format!("UPDATE {}.checkpoint SET is_retired = false", kept.tables_of)).await?;
        Ok(kept)
    }

    /// The generation to fill: one that was left half filled, or a new one.
    async fn building<L: EventLog>(&mut self, log: &L) -> Result<Generation, ProjectionError> {
        let schema = &self.settings.schema;
        for generation in generations::all(&mut self.connection, schema).await? {
            if generation.state != State::Building {
                continue;
            }
            if generation.is_of_this_layout() && self.is_of(log, &generation.tables_of).await? {
                return match &self.options.tables_of {
                    Some(wanted) if *wanted != generation.tables_of => {
                        Err(ProjectionError::HalfFilled { schema: generation.tables_of })
                    }
                    Some(_) | None => Ok(generation),
                };
            }
            generations::remove(&mut self.connection, schema, &generation).await?;
        }
        generations::create(&mut self.connection, schema, self.options.tables_of.as_deref()).await
    }

    /// Whether what tables were filled with is of this log.
    async fn is_of<L: EventLog>(&mut self, log: &L, tables_of: &str) -> Result<bool, ProjectionError> {
        let (position, identity) = checkpoint_of(&mut self.connection, tables_of).await?;
        match identity::verify(log, position, &identity).await {
            Ok(_) => Ok(true),
            Err(ProjectionError::OtherLog { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn carry_out<L: EventLog>(
        &mut self,
        log: L,
        generation: Generation,
        place: HeldPlace,
        tell: Tell<'_>,
    ) -> Result<(), ProjectionError> {
        match Box::pin(self.fill_and_switch(log, &generation, place, tell)).await {
            // Dropped under it: that is how it is cancelled.
            Err(ProjectionError::Postgres { doing, source }) => {
                let mut connection = connect(&self.postgres).await?;
                let all = generations::all(&mut connection, &self.settings.schema).await?;
                let found = all.into_iter().find(|one| one.number == generation.number);
                match found.map(|one| one.state) {
                    None | Some(State::Retired) => Err(ProjectionError::Cancelled),
                    Some(_) => Err(ProjectionError::Postgres { doing, source }),
                }
            }
            done => done,
        }
    }

    async fn fill_and_switch<L: EventLog>(
        &mut self,
        log: L,
        generation: &Generation,
        place: HeldPlace,
        tell: Tell<'_>,
    ) -> Result<(), ProjectionError> {
        let live_tables = self.live_tables().await?;
        let is_same_log = match &live_tables {
            Some(live_tables) => self.is_of(&log, live_tables).await?,
            None => false,
        };
        if self.options.compare && (!is_same_log || live_tables.as_ref() == Some(&self.settings.schema.private)) {
            return Err(ProjectionError::NotComparable);
        }
        let pool = schema::pool(&self.settings.url, &generation.tables_of, 1 + tables::SIDE_BY_SIDE).await?;
        let mut store = Store::open(&pool, place).await?;
        let mut filling = Filling { log, settings: self.settings, pool: pool.clone(), store: &mut store };
        filling.fill_to_head(tell).await?;
        fail_point!("rebuild::filled");
        tell(Stage::Indexing);
        tables::complete_filled(&pool).await?;
        let comparable = live_tables.as_deref().filter(|_| is_same_log);
        if let Some(live_tables) = comparable.filter(|_| self.options.compare) {
            self.compare(&mut filling, generation, live_tables, tell).await?;
        }
        let mut pauses = Pauses::new();
        loop {
            filling.fill_to_head(tell).await?;
            if let Some(position) = self.switch(&mut filling, generation, comparable, tell).await? {
                tell(Stage::Switched { position });
                break;
            }
            let holders = places::readers(&self.postgres, &self.settings.schema).await?;
            tell(Stage::Waiting { holders });
            pauses.pause().await;
        }
        drop(store);
        schema::remove_retired(&mut self.connection, &self.settings.schema).await
    }

    /// Compares the new tables with the live ones, as of one position.
    async fn compare<L: EventLog>(
        &mut self,
        filling: &mut Filling<'_, L>,
        generation: &Generation,
        live_tables: &str,
        tell: Tell<'_>,
    ) -> Result<(), ProjectionError> {
        let mut looking = connect(&self.postgres).await?;
        let mut pauses = Pauses::new();
        let position = loop {
            filling.fill_to_head(tell).await?;
            let wait = WAIT.as_secs();
            run(&mut self.connection, format!("BEGIN; SET LOCAL lock_timeout = '{wait}s'")).await?;
            let new = filling.fill_to_live(&mut self.connection, live_tables, tell).await?;
            let (live, _) = checkpoint_of(&mut self.connection, live_tables).await?;
            if live == new {
                // It sees both as they are now, for as long as it looks.
                let (both, tables_of) = ("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", &generation.tables_of);
                let look = format!("{both}; SELECT FROM {live_tables}.checkpoint, {tables_of}.checkpoint");
                run(&mut looking, look).await?;
            }
            run(&mut self.connection, "ROLLBACK").await?;
            if live == new {
                break new;
            }
            tell(Stage::Behind { live, new });
            pauses.pause().await;
        };
        tell(Stage::Comparing { position });
        let differences = parity::differences(&mut looking, live_tables, &generation.tables_of).await?;
        if differences.is_empty() {
            return Ok(());
        }
        let differences: Vec<String> = differences.iter().map(ToString::to_string).collect();
        let (differences, schema) = (differences.join(". "), generation.tables_of.clone());
        Err(ProjectionError::Differs { differences, schema })
    }

    /// Switches, if nobody reads the relations just now. Says as of which position.
    async fn switch<L: EventLog>(
        &mut self,
        filling: &mut Filling<'_, L>,
        generation: &Generation,
        live_tables: Option<&str>,
        tell: Tell<'_>,
    ) -> Result<Option<Position>, ProjectionError> {
        run(&mut self.connection, format!("BEGIN; SET LOCAL lock_timeout = '{}ms'", LOCK.as_millis())).await?;
        let switched = self.switch_in_transaction(filling, generation, live_tables, tell).await;
        if switched.is_ok() {
            fail_point!("rebuild::before-switch");
            run(&mut self.connection, "COMMIT").await?;
            return switched.map(Some);
        }
        run(&mut self.connection, "ROLLBACK").await?;
        match switched {
            Err(error) if error.is_lock_timeout() => Ok(None),
            not_switched => not_switched.map(Some),
        }
    }

    async fn switch_in_transaction<L: EventLog>(
        &mut self,
        filling: &mut Filling<'_, L>,
        generation: &Generation,
        live_tables: Option<&str>,
        tell: Tell<'_>,
    ) -> Result<Position, ProjectionError> {
        let (connection, schema) = (&mut self.connection, &self.settings.schema);
        let position = match live_tables {
            Some(live_tables) => filling.fill_to_live(connection, live_tables, tell).await?,
            None => filling.store.position().await?.0,
        };
        let live = generations::live(&mut *connection, schema).await?;
        relations::show(connection, schema, &generation.tables_of).await?;
        if let Some(live) = live.filter(|live| live.number != generation.number) {
            run(connection, format!("UPDATE {}.checkpoint SET is_retired = true", live.tables_of)).await?;
            let then = if self.options.keep_old { State::Kept } else { State::Retired };
            if self.options.keep_old {
                // One way back is kept.
                for older in generations::all(&mut *connection, schema).await? {
                    if older.number != generation.number {
                        generations::change(connection, schema, older.number, &[State::Kept], State::Retired).await?;
                    }
                }
            }
            generations::change(connection, schema, live.number, &[State::Live], then).await?;
        }
        run(connection, format!("UPDATE {}.checkpoint SET is_retired = false", generation.tables_of)).await?;
        let not_live = [State::Building, State::Kept];
        if !generations::change(connection, schema, generation.number, &not_live, State::Live).await? {
            return Err(ProjectionError::Cancelled);
        }
        Ok(position)
    }

    /// The schema of the tables that are shown; of before there were generations, the one that has the checkpoint.
    async fn live_tables(&mut self) -> Result<Option<String>, ProjectionError> {
        let schema = &self.settings.schema;
        if let Some(live) = generations::live(&mut self.connection, schema).await? {
            return Ok(Some(live.tables_of));
        }
        let has_old = layout::has_old_tables(&mut self.connection, schema).await?;
        Ok(has_old.then(|| schema.private.clone()))
    }
}

/// What is waited between tries.
struct Pauses {
    left: std::array::IntoIter<Duration, 5>,
    last: Duration,
}

impl Pauses {
    fn new() -> Self {
        Self { left: PAUSES.into_iter(), last: Duration::ZERO }
    }

    async fn pause(&mut self) {
        self.last = self.left.next().unwrap_or(self.last);
        tokio::time::sleep(self.last).await;
    }
}
