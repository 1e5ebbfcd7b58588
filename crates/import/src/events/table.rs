//! The CSV file: its lines, with the columns that the mapping names, and when each happened.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::format::{Fixed, Item, Numeric, StrftimeItems};
use chrono::{DateTime, Datelike as _, FixedOffset, NaiveDate, NaiveDateTime};
use docket_calendar::zones::{Zone, Zones};
use docket_messages::{Timestamp, shorten};
use encoding_rs::{Encoding, UTF_8};

use super::error::EventsError;
use super::mapping::Mapping;
use crate::file::Reject;

/// Formats that dates are often of, to guess by.
const USUAL: [&str; 8] = [
    "rfc3339",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M",
    "%d.%m.%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M:%S %p",
];

/// A value that is longer than so many lines is one whose closing quote is missing.
const LONGEST_VALUE: u64 = 1_000;

/// Where the columns that the mapping names stand among the values of a line.
type Columns = Arc<BTreeMap<String, usize>>;

/// A file, read.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) lines: Vec<Line>,
    /// Lines that are of no case, or not of the columns of the file.
    pub(super) rejects: Vec<Reject>,
}

/// A line of it.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// The line of the file on which it begins.
    pub(super) number: u64,
    /// Its case, as the file names it.
    pub(super) case: String,
    pub(super) at: Timestamp,
    values: Vec<Option<String>>,
    columns: Columns,
}

impl Line {
    /// What it has in a column; nothing where that is missing.
    pub(super) fn get(&self, column: &str) -> Option<&str> {
        self.values.get(*self.columns.get(column)?)?.as_deref()
    }
}

impl Table {
    pub(super) fn read(file: &[u8], mapping: &Mapping, zones: &Zones) -> Result<Self, EventsError> {
        let text = decode(file, &mapping.file.encoding)?;
        let delimiter = u8::try_from(mapping.file.delimiter);
        let delimiter =
            delimiter.map_err(|_| EventsError::Mapping("`delimiter` is one character of ASCII".to_owned()))?;
        let clock = Clock::of(mapping, zones)?;
        // With the default terminator the reader counts the lines of a file with CRLF one short; the CR is trimmed here.
        let terminator = csv::Terminator::Any(b'\n');
        let mut builder = csv::ReaderBuilder::new();
        builder.delimiter(delimiter).terminator(terminator).trim(csv::Trim::All).flexible(true);
        match mapping.file.quote()? {
            Some(quote) => builder.quote(quote),
            None => builder.quoting(false),
        };
        let mut reader = builder.from_reader(text.as_bytes());
        let headers = reader.headers().map_err(EventsError::Table)?.clone();
        let (places, columns) = places(&headers, mapping)?;
        let place = |column: &str| columns.get(column).and_then(|index| places.get(*index)).copied().unwrap_or(0);
        let (case, time) = (place(&mapping.case), place(&mapping.time.column));
        let (mut lines, mut rejects) = (Vec::new(), Vec::new());
        let mut times = Times { clock: &clock, column: &mapping.time.column, wrong: Vec::new(), all: 0 };
        let is_missing = |value: &&str| value.is_empty() || mapping.file.missing.contains(*value);
        let (mut records, mut last) = (reader.into_records(), 0);
        while let Some(record) = records.next() {
            let record = record.map_err(EventsError::Table)?;
            let number = record.position().map_or(0, csv::Position::line);
            last = number;
            if records.reader().position().line().saturating_sub(number) > LONGEST_VALUE {
                return Err(EventsError::Quotes { line: number, lines: LONGEST_VALUE });
            }
            if record.iter().all(str::is_empty) {
                continue;
            }
            let value = |place: &usize| record.get(*place).filter(|value| !is_missing(value)).map(str::to_owned);
            let mut reject = |case: String, reason: String| rejects.push(Reject { line: number, case, reason });
            if record.len() != headers.len() {
                let reason = format!("it has {} values, and the header {} columns", record.len(), headers.len());
                reject(value(&case).unwrap_or_default(), reason);
                continue;
            }
            let Some(of) = value(&case) else {
                reject(String::new(), format!("`{}` is missing, so it is not known which case it is of", mapping.case));
                continue;
            };
            let at = times.read(number, record.get(time).unwrap_or_default()).unwrap_or(Timestamp::EPOCH);
            let values = places.iter().map(value).collect();
            lines.push(Line { number, case: of, at, values, columns: Arc::clone(&columns) });
        }
        if let (true, Some(first)) = (lines.is_empty(), rejects.first()) {
            return Err(EventsError::NoLine { line: first.line, reason: first.reason.clone() });
        }
        if mapping.file.quote()?.is_some_and(|quote| is_open(&text, quote, last)) {
            return Err(EventsError::OpenQuotes { line: last });
        }
        times.require_right(&lines)?;
        if lines.is_empty() {
            return Err(EventsError::Empty);
        }
        Ok(Self { lines, rejects })
    }
}

/// Where the columns that the mapping names stand in the file, and where each of them stands among these.
fn places(headers: &csv::StringRecord, mapping: &Mapping) -> Result<(Vec<usize>, Columns), EventsError> {
    let found = |column: &&str| headers.iter().position(|header| header == *column);
    let named = mapping.columns();
    let is_twice = |column: &&&str| headers.iter().filter(|header| *header == **column).count() > 1;
    if let Some(twice) = named.iter().find(is_twice) {
        return Err(EventsError::ColumnTwice { column: (*twice).to_owned() });
    }
    let missing: Vec<String> =
        named.iter().filter(|column| found(column).is_none()).map(|column| format!("`{column}`")).collect();
    if !missing.is_empty() {
        let columns: Vec<String> = headers.iter().map(|header| format!("`{}`", shorten(header))).collect();
        return Err(EventsError::Columns { missing: missing.join(", "), columns: columns.join(", ") });
    }
    let places = named.iter().filter_map(found).collect();
    Ok((places, Arc::new(named.into_iter().map(str::to_owned).zip(0..).collect())))
}

/// Whether the last line of a file, which begins here, is one that a quote keeps open to the end.
fn is_open(text: &str, quote: u8, begins: u64) -> bool {
    let before = usize::try_from(begins.saturating_sub(1)).unwrap_or(usize::MAX);
    let mut rest = text.split_inclusive('\n').skip(before).peekable();
    // Within one line a quote may be one of a value that has none around it.
    let is_longer = rest.next_if(|_| true).is_some() && rest.peek().is_some();
    let of_last = text.split_inclusive('\n').skip(before).flat_map(str::bytes);
    is_longer && of_last.filter(|byte| *byte == quote).count() % 2 == 1
}

/// The text of a file: in the encoding that its byte order mark says, or else the mapping.
fn decode(file: &[u8], label: &str) -> Result<String, EventsError> {
    let named = Encoding::for_label(label.as_bytes());
    let named = named.ok_or_else(|| {
        EventsError::Mapping(format!("`{label}` is no encoding; write a label such as utf-8, windows-1252 or utf-16le"))
    })?;
    let (encoding, mark) = Encoding::for_bom(file).unwrap_or((named, 0));
    let bytes = file.get(mark..).unwrap_or_default();
    if encoding == UTF_8 {
        return match std::str::from_utf8(bytes) {
            Ok(text) => Ok(text.to_owned()),
            Err(error) => {
                let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
                let ends = before.iter().filter(|byte| **byte == b'\n').count();
                Err(EventsError::Encoding { line: u64::try_from(ends).unwrap_or_default() + 1 })
            }
        };
    }
    let decoded = encoding.decode_without_bom_handling_and_without_replacement(bytes);
    let decoded = decoded.ok_or_else(|| EventsError::OtherEncoding { encoding: encoding.name().to_owned() })?;
    Ok(decoded.into_owned())
}

/// How times are read.
#[derive(Debug)]
struct Clock {
    format: String,
    /// The zone of times that say none.
    zone: Option<Zone>,
    /// Whether times are more than days.
    has_time: bool,
}

impl Clock {
    fn of(mapping: &Mapping, zones: &Zones) -> Result<Self, EventsError> {
        let time = &mapping.time;
        let zone = time.zone.as_ref().map(|name| Zone::named(name, zones)).transpose();
        let zone = zone.map_err(|wrong| EventsError::Mapping(format!("zone under [time]: {wrong}")))?;
        let says_offset = time.format == "rfc3339" || time.format.contains("%z") || time.format.contains("%:z");
        if zone.is_none() && !says_offset {
            let wrong = "the times say no zone; add one under [time], such as `zone = \"Europe/Rome\"`, or \"UTC\"";
            return Err(EventsError::Mapping(wrong.to_owned()));
        }
        let has_time = Self::has_time(&time.format).map_err(EventsError::Mapping)?;
        Ok(Self { format: time.format.clone(), zone, has_time })
    }

    /// Whether a format has a time of day beside the day; the others are read as midnight. One that has a part of it would
    /// be, too.
    fn has_time(format: &str) -> Result<bool, String> {
        if format == "rfc3339" {
            return Ok(true);
        }
        let items: Vec<Item<'_>> = StrftimeItems::new(format).collect();
        if items.contains(&Item::Error) {
            return Err(format!("`{format}` is no format of times: see strftime"));
        }
        let has_number =
            |wanted: Numeric| items.iter().any(|item| matches!(item, Item::Numeric(number, _) if *number == wanted));
        let has = |wanted: Fixed| items.contains(&Item::Fixed(wanted));
        if has_number(Numeric::Timestamp) || has(Fixed::RFC2822) || has(Fixed::RFC3339) {
            return Ok(true);
        }
        let (whole, half) = (has_number(Numeric::Hour), has_number(Numeric::Hour12));
        let (minute, am_or_pm) = (has_number(Numeric::Minute), has(Fixed::LowerAmPm) || has(Fixed::UpperAmPm));
        match (whole || half && am_or_pm, minute) {
            (true, true) => Ok(true),
            (false, false) if !half && !am_or_pm => Ok(false),
            _ => Err(format!(
                "the format `{format}` has a part of the time of day only; it takes hours (%H, or %I with %p) and minutes (%M), or \
                 neither"
            )),
        }
    }

    fn read(&self, text: &str) -> Option<Timestamp> {
        read(text, &self.format, self.has_time, self.zone.as_ref())
    }
}

/// Years that an instant can be of. `%Y` takes `26` for the year 26.
const YEARS: std::ops::RangeInclusive<i32> = 1970..=9999;

/// A time of a format, if it is of it.
fn read(text: &str, format: &str, has_time: bool, zone: Option<&Zone>) -> Option<Timestamp> {
    let instant = |time: DateTime<FixedOffset>| {
        YEARS.contains(&time.to_utc().year()).then(|| Timestamp::from_millis(time.timestamp_millis()))
    };
    if format == "rfc3339" {
        return DateTime::parse_from_rfc3339(text).ok().and_then(instant);
    }
    if let Ok(time) = DateTime::parse_from_str(text, format) {
        return instant(time);
    }
    let local = if has_time {
        NaiveDateTime::parse_from_str(text, format).ok()?
    } else {
        NaiveDate::parse_from_str(text, format).ok()?.and_time(chrono::NaiveTime::MIN)
    };
    let zone = zone?;
    YEARS.contains(&local.year()).then(|| zone.instant(local))
}

/// The times of a file so far.
struct Times<'t> {
    clock: &'t Clock,
    column: &'t str,
    /// Those that are not of the format, by line.
    wrong: Vec<(u64, String)>,
    all: u64,
}

impl Times<'_> {
    fn read(&mut self, line: u64, text: &str) -> Option<Timestamp> {
        self.all += 1;
        let at = self.clock.read(text);
        if at.is_none() {
            self.wrong.push((line, shorten(text).into_owned()));
        }
        at
    }

    /// All of them, or none: the others may only look as if they were of the format.
    fn require_right(self, lines: &[Line]) -> Result<(), EventsError> {
        let Some((line, text)) = self.wrong.first() else { return Ok(()) };
        let (format, utc) = (&self.clock.format, Zone::utc());
        let fits = |usual: &&&str| self.wrong.iter().all(|(_, text)| read(text, usual, true, Some(&utc)).is_some());
        let guess = USUAL.iter().filter(|usual| **usual != format.as_str()).find(fits);
        let guess = guess.map_or_else(String::new, |guess| {
            let two = if self.wrong.len() < lines.len() {
                ", and so are the others of these: two formats in one column"
            } else {
                ""
            };
            format!(", which is of the format `{guess}`{two}")
        });
        Err(EventsError::Times {
            column: self.column.to_owned(),
            format: format.clone(),
            wrong: u64::try_from(self.wrong.len()).unwrap_or(u64::MAX),
            all: self.all,
            line: *line,
            text: text.clone(),
            guess,
        })
    }
}
