//! How opening hours and holidays are written.

use chrono::{NaiveDate, Weekday};

/// A stretch of one local day, in minutes since its midnight; `to_minute` may be 1440 (`24:00`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Interval {
    /// When it opens.
    pub from_minute: u32,
    /// When it closes; later than `from_minute`.
    pub to_minute: u32,
}

/// A day on which a calendar is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holiday {
    /// The same date every year.
    EveryYear {
        /// 1 to 12.
        month: u32,
        /// 1 to 31.
        day: u32,
    },
    /// One date.
    Once(NaiveDate),
}

impl Interval {
    /// How long it is, on a day without a change of clocks.
    #[must_use]
    pub fn millis(&self) -> i64 {
        i64::from(self.to_minute.saturating_sub(self.from_minute)) * 60_000
    }

    /// Reads `08:30-12:30`.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not an interval of one day: write it as 08:30-12:30");
        let (from, to) = text.split_once('-').ok_or_else(wrong)?;
        let (from, to) = (minute(from).ok_or_else(wrong)?, minute(to).ok_or_else(wrong)?);
        if from >= to {
            return Err(format!("`{text}` ends before it begins; an interval that passes midnight is two"));
        }
        Ok(Self { from_minute: from, to_minute: to })
    }

    /// Reads the intervals of a day, which must not overlap.
    ///
    /// # Errors
    /// The index of the wrong one, and a sentence that says what is wrong.
    pub fn parse_day(texts: &[String]) -> Result<Vec<Self>, (usize, String)> {
        let mut day: Vec<Self> = Vec::with_capacity(texts.len());
        for (index, text) in texts.iter().enumerate() {
            let interval = Self::parse(text).map_err(|wrong| (index, wrong))?;
            let overlaps =
                |other: &Self| interval.from_minute < other.to_minute && other.from_minute < interval.to_minute;
            if day.iter().any(overlaps) {
                return Err((index, format!("`{text}` overlaps another interval of that day")));
            }
            day.push(interval);
        }
        day.sort_unstable();
        Ok(day)
    }
}

fn minute(text: &str) -> Option<u32> {
    let (hour, minute) = text.trim().split_once(':')?;
    if hour.len() != 2 || minute.len() != 2 {
        return None;
    }
    let (hour, minute): (u32, u32) = (hour.parse().ok()?, minute.parse().ok()?);
    let in_day = hour < 24 && minute < 60 || hour == 24 && minute == 0;
    in_day.then_some(hour * 60 + minute)
}

impl Holiday {
    /// Reads `12-25` (every year) or `2026-04-06` (once).
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a day: write 12-25 for every year, or 2026-04-06 for once");
        if let Ok(date) = text.parse::<NaiveDate>() {
            return Ok(Self::Once(date));
        }
        let (month, day) = text.split_once('-').ok_or_else(wrong)?;
        let (month, day): (u32, u32) = (month.parse().map_err(|_| wrong())?, day.parse().map_err(|_| wrong())?);
        // A leap year, so that 02-29 is a day.
        NaiveDate::from_ymd_opt(2024, month, day).map(|_| Self::EveryYear { month, day }).ok_or_else(wrong)
    }
}

/// Reads `monday`.
#[must_use]
pub fn weekday(text: &str) -> Option<Weekday> {
    match text {
        "monday" => Some(Weekday::Mon),
        "tuesday" => Some(Weekday::Tue),
        "wednesday" => Some(Weekday::Wed),
        "thursday" => Some(Weekday::Thu),
        "friday" => Some(Weekday::Fri),
        "saturday" => Some(Weekday::Sat),
        "sunday" => Some(Weekday::Sun),
        _ => None,
    }
}
