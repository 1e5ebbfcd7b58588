//! Which cases come when, and what becomes of them.

use std::sync::LazyLock;

use chrono::{Datelike, Timelike, Weekday};
use docket_calendar::zones::{Zone, Zones};
use docket_messages::Timestamp;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

/// The zone of the desk and of its customers.
static ZONE: LazyLock<Zone> = LazyLock::new(|| Zones::bundled().get("Europe/Amsterdam").unwrap_or_else(Zone::utc));

/// Milliseconds of a minute.
pub(super) const MINUTE_MS: i64 = 60_000;
/// Milliseconds of an hour.
pub(super) const HOUR_MS: i64 = 60 * MINUTE_MS;
/// Milliseconds of a day of 24 hours.
pub(super) const DAY_MS: i64 = 24 * HOUR_MS;

/// After so many cases the fates repeat.
const BLOCK: usize = 50;
/// Of so many blocks, one has cases that stay open on purpose: a large desk has enough of them anyway.
const BLOCKS_PER_BACKLOG: usize = 4;
/// How often an unlikely arrival is drawn again. Even at the quietest hour the odds to run out are small.
const DRAWS_MAX: u32 = 400;

/// How busy each hour of a working day is, in percent of the busiest.
const HOURS: [u32; 24] = [2, 1, 1, 1, 1, 2, 5, 18, 62, 100, 98, 90, 55, 80, 92, 84, 60, 36, 20, 16, 14, 11, 7, 4];

/// What becomes of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fate {
    /// It runs its course, as far as that goes before the end.
    Ordinary,
    /// It came just now.
    Fresh,
    /// It is critical, and its time runs out soon.
    AtRisk,
    /// It is being worked on.
    Working,
    /// It waits for somebody.
    Waiting,
    /// It was taken up and forgotten.
    Lingering,
}

/// One case to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Plan {
    /// When it comes.
    pub opened_at: Timestamp,
    /// What becomes of it.
    pub fate: Fate,
    /// The seed of all that happens to it.
    pub seed: u64,
    /// When everything ends.
    pub until: Timestamp,
}

/// All cases to come in so many days, in order of arrival.
pub(crate) fn plans(seed: u64, cases: usize, days: i64, until: Timestamp) -> Vec<Plan> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut plans: Vec<Plan> = (0..cases).map(|index| plan(&mut rng, fate(index), days, until)).collect();
    plans.sort();
    plans
}

fn plan(rng: &mut Xoshiro256PlusPlus, fate: Fate, days: i64, until: Timestamp) -> Plan {
    let age_ms = match fate {
        Fate::Ordinary => return Plan { opened_at: arrival(rng, days, until), fate, seed: rng.random(), until },
        Fate::Fresh => rng.random_range(3 * MINUTE_MS..100 * MINUTE_MS),
        // The sample policy gives a critical case four hours around the clock and warns after three.
        Fate::AtRisk => rng.random_range(185 * MINUTE_MS..205 * MINUTE_MS),
        Fate::Working => rng.random_range(20 * HOUR_MS..60 * HOUR_MS),
        // Older than the longest weekend, so that somebody has surely taken it up.
        Fate::Waiting => rng.random_range(5 * DAY_MS..14 * DAY_MS),
        Fate::Lingering => rng.random_range(8 * DAY_MS..55 * DAY_MS),
    };
    Plan { opened_at: until.plus_millis(-age_ms), fate, seed: rng.random(), until }
}

/// The first cases have the fates that no desk should lack.
fn fate(index: usize) -> Fate {
    if !(index / BLOCK).is_multiple_of(BLOCKS_PER_BACKLOG) {
        return Fate::Ordinary;
    }
    match index % BLOCK {
        1 => Fate::AtRisk,
        2 | 26 => Fate::Fresh,
        3 | 27 | 38 => Fate::Waiting,
        4 | 28 => Fate::Lingering,
        5 | 29 => Fate::Working,
        _ => Fate::Ordinary,
    }
}

/// An instant at which a customer is likely to come: drawn anywhere, kept as often as that hour is busy.
fn arrival(rng: &mut Xoshiro256PlusPlus, days: i64, until: Timestamp) -> Timestamp {
    let mut at = until;
    for _ in 0..DRAWS_MAX {
        at = until.plus_millis(-rng.random_range(MINUTE_MS..days * DAY_MS));
        if rng.random_range(0..10_000) < busyness(at) {
            break;
        }
    }
    at
}

/// How busy the desk is at an instant, in hundredths of a percent.
fn busyness(at: Timestamp) -> u32 {
    let local = ZONE.local(at);
    let day = match local.weekday() {
        Weekday::Mon => 100,
        Weekday::Tue => 92,
        Weekday::Wed => 85,
        Weekday::Thu => 82,
        Weekday::Fri => 72,
        Weekday::Sat => 16,
        Weekday::Sun => 12,
    };
    let hour = usize::try_from(local.hour()).ok().and_then(|hour| HOURS.get(hour));
    hour.copied().unwrap_or_default() * day
}

/// Whether the desk has staff at an instant.
pub(super) fn is_staffed(at: Timestamp) -> bool {
    let local = ZONE.local(at);
    let minute = local.hour() * 60 + local.minute();
    !matches!(local.weekday(), Weekday::Sat | Weekday::Sun) && (510..1_080).contains(&minute)
}
