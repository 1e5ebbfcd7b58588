//! What happened on each day of the desk, counted while it is folded, so that a question about days does not look through
//! all that ever happened.
//!
//! A day is one of the zone in which the policy reports. All days are counted anew when that is another one, or when
//! another release of the zone database is used: in the transaction of the batch that brings it.

pub(crate) mod outcomes;
pub(crate) mod queues;
pub(crate) mod resolutions;

use std::collections::HashMap;
use std::hash::Hash;
use std::ops::AddAssign;

use chrono::NaiveDate;
use docket_calendar::zones::Zone;
use docket_messages::Timestamp;
use futures::TryStreamExt as _;
use sqlx::PgConnection;

use self::outcomes::{Outcome, OutcomeDayRow};
use self::queues::{Opening, QueueDayRow, Turn};
use self::resolutions::{Resolution, ResolutionDayRow};
use crate::ProjectionError;
use crate::bulk::{Change, Rows};
use crate::column::Columns;
use crate::models::cases::CaseRow;

/// How days are told apart: a zone, and the release of the database that says what its clocks show.
#[derive(Debug, Clone)]
pub(crate) struct DayZone {
    /// The zone's IANA name.
    pub name: String,
    /// The release.
    pub release: String,
    pub zone: Zone,
}

impl DayZone {
    fn day(&self, at: Timestamp) -> NaiveDate {
        self.zone.local(at).date()
    }
}

/// Whether something is counted, or counts no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    Plus,
    Minus,
}

impl Sign {
    /// One, with this sign, if something is so.
    pub(crate) fn if_so(self, is_so: bool) -> i64 {
        match self {
            Self::Plus => i64::from(is_so),
            Self::Minus => -i64::from(is_so),
        }
    }
}

/// Counts by what they are counted by.
#[derive(Debug)]
struct Tally<K, C>(HashMap<K, C>);

impl<K: Eq + Hash, C: AddAssign + Default + PartialEq> Tally<K, C> {
    fn add(&mut self, key: K, counts: C) {
        *self.0.entry(key).or_default() += counts;
    }

    /// What is not nothing.
    fn drain(&mut self) -> impl Iterator<Item = (K, C)> {
        self.0.drain().filter(|(_, counts)| *counts != C::default())
    }
}

/// What a batch changes in the counts.
#[derive(Debug)]
pub(crate) struct Days {
    queues: Tally<queues::Key, queues::Counts>,
    outcomes: Tally<outcomes::Key, outcomes::Counts>,
    resolutions: Tally<resolutions::Key, resolutions::Counts>,
}

/// The rows that the counts become.
pub(crate) struct DayRows<'r> {
    pub queues: &'r mut Rows,
    pub outcomes: &'r mut Rows,
    pub resolutions: &'r mut Rows,
}

/// What of a case is counted.
#[derive(Debug, PartialEq)]
pub(crate) struct OfCase {
    opening: Opening,
    resolution: Option<Resolution>,
}

impl OfCase {
    pub(crate) fn of(case: &CaseRow) -> Self {
        Self { opening: Opening::of(case), resolution: Resolution::of(case) }
    }
}

impl Days {
    pub(crate) fn new() -> Self {
        Self { queues: Tally(HashMap::new()), outcomes: Tally(HashMap::new()), resolutions: Tally(HashMap::new()) }
    }

    /// Counts what a case is after an entry instead of what it was before.
    pub(crate) fn change_case(&mut self, of: &DayZone, before: Option<OfCase>, after: OfCase) {
        if before.as_ref() == Some(&after) {
            return;
        }
        if let Some(before) = before {
            self.count_case(of, before, Sign::Minus);
        }
        self.count_case(of, after, Sign::Plus);
    }

    fn count_case(&mut self, of: &DayZone, case: OfCase, sign: Sign) {
        self.count_opening(of, case.opening, sign);
        if let Some(resolution) = case.resolution {
            self.count_resolution(of, resolution, sign);
        }
    }

    fn count_opening(&mut self, of: &DayZone, opening: Opening, sign: Sign) {
        let day = of.day(opening.opened_at);
        opening.counts(sign).into_iter().for_each(|(queue, counts)| self.queues.add((day, queue), counts));
    }

    fn count_resolution(&mut self, of: &DayZone, resolution: Resolution, sign: Sign) {
        let (day, counts) = (of.day(resolution.at), resolution.counts(sign));
        self.resolutions.add((day, resolution.group), counts);
    }

    /// Counts that a case has become something else.
    pub(crate) fn count_turn(&mut self, of: &DayZone, turn: Turn) {
        let day = of.day(turn.until_at);
        turn.counts().into_iter().for_each(|(queue, counts)| self.queues.add((day, queue), counts));
    }

    /// Counts the outcome that a clock has after an event instead of the one that it had before.
    pub(crate) fn change_outcome(&mut self, of: &DayZone, before: Option<Outcome>, after: Option<Outcome>) {
        if before == after {
            return;
        }
        for (outcome, sign) in [(before, Sign::Minus), (after, Sign::Plus)] {
            if let Some(outcome) = outcome {
                self.count_outcome(of, outcome, sign);
            }
        }
    }

    fn count_outcome(&mut self, of: &DayZone, outcome: Outcome, sign: Sign) {
        let (day, counts) = (of.day(outcome.at), outcome.counts(sign));
        let of_queue = queues::Counts { met: counts.met, breached: counts.breached, ..queues::Counts::default() };
        self.queues.add((day, outcome.group.queue.clone()), of_queue);
        self.outcomes.add((day, outcome.group), counts);
    }

    /// Makes rows of the counts, and forgets them.
    pub(crate) fn write(&mut self, rows: DayRows<'_>) {
        for ((day, queue), counts) in self.queues.drain() {
            QueueDayRow { day, queue, counts }.write(rows.queues);
        }
        for ((day, group), counts) in self.outcomes.drain() {
            OutcomeDayRow { day, group, counts }.write(rows.outcomes);
        }
        for ((day, group), counts) in self.resolutions.drain() {
            ResolutionDayRow { day, group, counts }.write(rows.resolutions);
        }
    }
}

/// Counts all days anew if they are those of another zone, or of another release of it.
///
/// # Errors
/// [`ProjectionError::Postgres`].
pub(crate) async fn bring_up_to_date(connection: &mut PgConnection, of: &DayZone) -> Result<(), ProjectionError> {
    let failed = ProjectionError::postgres;
    let named = sqlx::query(
        "UPDATE checkpoint SET days_zone = $1, days_release = $2
         WHERE (days_zone, days_release) IS DISTINCT FROM ($1, $2)",
    );
    let named = named.bind(&of.name).bind(&of.release).execute(&mut *connection).await;
    if named.map_err(failed("name the zone of the days"))?.rows_affected() == 0 {
        return Ok(());
    }
    tracing::info!(zone = of.name, release = of.release, "counting the days anew, as they are in {}", of.name);
    count_anew(connection, of).await.map_err(failed("count the days anew"))?.write(connection).await
}

/// What all that is in the tables adds up to.
struct Anew {
    queues: Rows,
    outcomes: Rows,
    resolutions: Rows,
}

impl Anew {
    async fn write(mut self, connection: &mut PgConnection) -> Result<(), ProjectionError> {
        self.queues.write(&mut *connection).await?;
        self.outcomes.write(&mut *connection).await?;
        self.resolutions.write(connection).await
    }
}

async fn count_anew(connection: &mut PgConnection, of: &DayZone) -> Result<Anew, sqlx::Error> {
    // All rows of a table are wanted here, in no order.
    sqlx::raw_sql(
        "SET LOCAL enable_seqscan TO on; DELETE FROM day_queues; DELETE FROM day_outcomes;
         DELETE FROM day_resolutions",
    )
    .execute(&mut *connection)
    .await?;
    let mut days = Days::new();
    each(connection, Opening::ALL, |opening| days.count_opening(of, opening, Sign::Plus)).await?;
    each(connection, Turn::ALL, |turn| days.count_turn(of, turn)).await?;
    each(connection, Outcome::ALL, |outcome| days.count_outcome(of, outcome, Sign::Plus)).await?;
    each(connection, Resolution::ALL, |resolution| days.count_resolution(of, resolution, Sign::Plus)).await?;
    let rows = |table| Rows::new(table, Change::Insert);
    let mut anew = Anew {
        queues: rows(QueueDayRow::TABLE),
        outcomes: rows(OutcomeDayRow::TABLE),
        resolutions: rows(ResolutionDayRow::TABLE),
    };
    let Anew { queues, outcomes, resolutions } = &mut anew;
    days.write(DayRows { queues, outcomes, resolutions });
    Ok(anew)
}

/// Reads row after row.
async fn each<T: Columns>(
    connection: &mut PgConnection,
    query: &'static str,
    mut take: impl FnMut(T),
) -> Result<(), sqlx::Error> {
    let mut rows = sqlx::query(query).fetch(connection);
    while let Some(row) = rows.try_next().await? {
        take(T::read(&row, "")?);
    }
    Ok(())
}
