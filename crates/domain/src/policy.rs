//! The policy: a document that was checked whole and compiled for use.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use docket_calendar::Calendar;
use docket_calendar::zones::Zones;
use docket_messages::policy::{ClockRule, Document, FieldType};
use docket_messages::{
    ClockName, FieldValue, Fields, Name, PolicyVersion, Rejection, RejectionCode, Status, Timestamp, shorten,
};

mod check;
mod compile;
mod diff;
mod locate;
mod span;

pub use check::Finding;
pub(crate) use check::{BUILT_IN_FIELDS, LEVEL_LIMIT};
pub use diff::{Change, diff};

/// A policy version in force or once in force.
#[derive(Debug)]
pub struct Policy {
    /// Its version.
    pub version: PolicyVersion,
    /// When it came into force.
    pub since: Timestamp,
    /// The document that it was compiled from.
    pub document: Document,
    calendars: BTreeMap<Name, Arc<Calendar>>,
    clock_rules: BTreeMap<ClockName, ClockRule>,
}

/// Milliseconds of a day of 24 hours.
pub const DAY_MS: i64 = 86_400_000;

/// What a clock has to keep, with the calendar that it counts by.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// The calendar's name.
    pub calendar_name: &'a Name,
    /// The calendar that it is counted by; it never closes if every second counts.
    pub calendar: &'a Arc<Calendar>,
    /// The calendar of that name, by which readings say what was open.
    pub named: &'a Arc<Calendar>,
    /// Open milliseconds.
    pub millis: i64,
    /// Whether every second counts, since it is in calendar days, weeks or months.
    pub is_wall: bool,
    /// The fraction of them after which the clock is at risk.
    pub warn_fraction: f64,
}

impl Target<'_> {
    /// Whole open seconds.
    #[must_use]
    pub fn seconds(&self) -> u32 {
        u32::try_from(self.millis.div_euclid(1000)).unwrap_or(u32::MAX)
    }

    /// Milliseconds beyond the whole seconds, if there are any.
    #[must_use]
    pub fn odd_millis(&self) -> Option<u32> {
        u32::try_from(self.millis.rem_euclid(1000)).ok().filter(|millis| *millis > 0)
    }

    /// Open milliseconds after which the clock is at risk.
    #[must_use]
    pub fn warn_millis(&self) -> i64 {
        let seconds = f64::from(self.seconds()) * self.warn_fraction;
        #[expect(clippy::cast_possible_truncation, reason = "at most u32::MAX, and whole seconds are wanted")]
        let seconds = seconds.floor() as i64;
        seconds * 1000
    }
}

impl Policy {
    /// Checks a document whole and compiles it. `now` is when it is to come into force.
    ///
    /// # Errors
    /// All that is wrong with it, each pointing at its line.
    pub fn compile(text: &str, version: PolicyVersion, now: Timestamp, zones: &Zones) -> Result<Self, Vec<Finding>> {
        compile::compile(text, version, now, zones, false)
    }

    /// Compiles a document that the log holds, so that was checked when it was published.
    ///
    /// # Errors
    /// What keeps it from being compiled: then the log was written by another version of these rules.
    pub fn compile_published(
        text: &str,
        version: PolicyVersion,
        at: Timestamp,
        zones: &Zones,
    ) -> Result<Self, Vec<Finding>> {
        compile::compile(text, version, at, zones, true)
    }

    /// The same as if it had been in force from the beginning.
    #[must_use]
    pub fn from_the_beginning(self) -> Self {
        Self { since: Timestamp::EPOCH, ..self }
    }

    /// The target of a clock that starts at an instant, for a case as it is: the first that matches. One in days, weeks
    /// or months comes to as much time as lies between the start and its deadline, and is counted as any other.
    #[must_use]
    pub fn target(&self, clock: ClockName, case: &Targeted<'_>, start: Timestamp) -> Option<Target<'_>> {
        let target = self.document.targets.iter().find(|target| {
            target.clock == clock
                && listed(&target.priority, case.priority)
                && listed(&target.case_type, Some(case.case_type))
                && listed(&target.tier, case.tier)
                && listed(&target.entitlement, case.entitlement)
        })?;
        let calendar = self.calendars.get(&target.calendar)?;
        let (millis, is_wall) = span::millis(target, calendar, start);
        self.with_calendar(clock, &target.calendar, millis, is_wall)
    }

    /// The target that a clock has, which started under this policy.
    #[must_use]
    pub fn target_of_clock<'a>(
        &'a self,
        clock: ClockName,
        calendar: &'a Name,
        millis: i64,
        is_wall: bool,
    ) -> Target<'a> {
        // A calendar that a clock pinned is in the policy that it pinned.
        self.with_calendar(clock, calendar, millis, is_wall).unwrap_or(Target {
            calendar_name: calendar,
            calendar: Calendar::never(),
            named: Calendar::never(),
            millis,
            is_wall,
            warn_fraction: 1.0,
        })
    }

    fn with_calendar<'a>(&'a self, clock: ClockName, name: &Name, millis: i64, is_wall: bool) -> Option<Target<'a>> {
        let (calendar_name, named) = self.calendars.get_key_value(name)?;
        let calendar = if is_wall { Calendar::always() } else { named };
        let warn_fraction = self.clock_rule(clock).warn_at;
        Some(Target { calendar_name, calendar, named, millis, is_wall, warn_fraction })
    }

    /// Whether a status pauses a clock. Waiting for the customer always pauses `resolution`.
    #[must_use]
    pub fn pauses(&self, clock: ClockName, status: Status) -> bool {
        (clock, status) == (ClockName::Resolution, Status::PendingCustomer)
            || self.clock_rule(clock).paused_in.contains(&status)
    }

    /// What a clock does beside counting.
    #[must_use]
    pub fn clock_rule(&self, clock: ClockName) -> &ClockRule {
        static DEFAULT: LazyLock<ClockRule> = LazyLock::new(ClockRule::default);
        self.clock_rules.get(&clock).unwrap_or(&DEFAULT)
    }

    /// The priority of an impact and an urgency.
    #[must_use]
    pub fn priority(&self, impact: &Name, urgency: &Name) -> Option<&Name> {
        self.document.matrix.priority.get(impact)?.get(urgency)
    }

    /// Refuses a value that a list does not have, saying which it has.
    ///
    /// # Errors
    /// `unknown_value`, pointing at `path`.
    pub fn require_listed<'n>(
        &self,
        what: &str,
        path: &str,
        value: &Name,
        allowed: impl Iterator<Item = &'n Name>,
    ) -> Result<(), Rejection> {
        let allowed: Vec<&Name> = allowed.collect();
        if allowed.contains(&value) {
            return Ok(());
        }
        Err(unknown_value(what, path, value.as_str(), allowed.iter().map(|name| name.as_str())))
    }

    /// Refuses a category or subcategory that the policy does not list.
    ///
    /// # Errors
    /// `unknown_value`, pointing at the one that is wrong.
    pub fn require_category(&self, category: Option<&Name>, subcategory: Option<&Name>) -> Result<(), Rejection> {
        let Some(category) = category else {
            return match subcategory {
                None => Ok(()),
                Some(_) => {
                    Err(Rejection::new(RejectionCode::BadRequest, "a subcategory needs a category").at("subcategory"))
                }
            };
        };
        self.require_listed("category", "category", category, self.document.categories.keys())?;
        let (Some(subcategory), Some(rule)) = (subcategory, self.document.categories.get(category)) else {
            return Ok(());
        };
        let what = format!("subcategory of `{category}`");
        self.require_listed(&what, "subcategory", subcategory, rule.subcategories.iter())
    }

    /// Refuses a queue that the policy does not list.
    ///
    /// # Errors
    /// `unknown_value`, pointing at `queue`.
    pub fn require_queue(&self, queue: Option<&Name>) -> Result<(), Rejection> {
        let queues = self.document.queues.keys();
        queue.map_or(Ok(()), |queue| self.require_listed("queue", "queue", queue, queues))
    }

    /// Refuses a channel that the policy does not list.
    ///
    /// # Errors
    /// `unknown_value`, pointing at `channel`.
    pub fn require_channel(&self, channel: Option<&Name>) -> Result<(), Rejection> {
        let channels = self.document.channels.iter();
        channel.map_or(Ok(()), |channel| self.require_listed("channel", "channel", channel, channels))
    }

    /// Refuses a reason to wait that the policy does not list.
    ///
    /// # Errors
    /// `unknown_value`, pointing at `reason`.
    pub fn require_pend_reason(&self, reason: &Name) -> Result<(), Rejection> {
        self.require_listed("pend reason", "reason", reason, self.document.pend_reasons.keys())
    }

    /// Refuses fields that the policy does not list, or values of another type.
    ///
    /// # Errors
    /// `unknown_value` or `bad_request`, pointing at the field.
    pub fn require_fields(&self, fields: &Fields) -> Result<(), Rejection> {
        fields.iter().try_for_each(|(name, value)| self.require_field(name, value))
    }

    fn require_field(&self, name: &Name, value: &FieldValue) -> Result<(), Rejection> {
        let path = format!("fields.{name}");
        let Some(field) = self.document.fields.get(name) else {
            let known = self.document.fields.keys().map(Name::as_str);
            return Err(unknown_value("field", &path, name.as_str(), known));
        };
        if field.can_be(value) {
            return Ok(());
        }
        let expected = match (field.field_type, value) {
            (FieldType::Choice, FieldValue::Text(text)) => {
                return Err(unknown_value("value", &path, &shorten(text), field.values.iter().map(String::as_str)));
            }
            (FieldType::Text, _) => "text",
            (FieldType::Number, _) => "a number",
            (FieldType::Boolean, _) => "true or false",
            (FieldType::Date, _) => "a date such as 2026-11-22",
            (FieldType::Choice, _) => "one of its values",
        };
        let message = format!("the field `{name}` is {expected}, not {}", value.kind());
        Err(Rejection::new(RejectionCode::BadRequest, message).at(path))
    }

    /// Splits custom fields into those that are not personal and those that are.
    #[must_use]
    pub fn split_fields(&self, fields: &Fields) -> (Fields, Fields) {
        let is_open = |name: &Name| self.document.fields.get(name).is_some_and(|field| !field.personal);
        fields.clone().into_iter().partition(|(name, _)| is_open(name))
    }
}

fn unknown_value<'a>(what: &str, path: &str, value: &str, allowed: impl Iterator<Item = &'a str>) -> Rejection {
    const SHOWN: usize = 40;
    let all: Vec<&str> = allowed.collect();
    let mut list = all.iter().take(SHOWN).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if all.len() > SHOWN {
        list = format!("{list} and {} more", all.len() - SHOWN);
    }
    if all.is_empty() {
        "none".clone_into(&mut list);
    }
    Rejection::new(RejectionCode::UnknownValue, format!("there is no {what} `{value}`; allowed: {list}")).at(path)
}

/// All versions of the policy, so that a clock finds the one that it pinned.
///
/// Invariant: never empty; version `n` is at index `n - 1`.
#[derive(Debug, Clone)]
pub struct Policies {
    earlier: Vec<Arc<Policy>>,
    current: Arc<Policy>,
}

impl Policies {
    /// The first version.
    #[must_use]
    pub fn new(first: Arc<Policy>) -> Self {
        Self { earlier: Vec::new(), current: first }
    }

    /// The same with one more version, the next.
    #[must_use]
    pub fn with(&self, next: Arc<Policy>) -> Self {
        let mut earlier = self.earlier.clone();
        earlier.push(Arc::clone(&self.current));
        Self { earlier, current: next }
    }

    /// The version in force.
    #[must_use]
    pub fn current(&self) -> &Policy {
        &self.current
    }

    /// All versions in order, each with when the next one took its place.
    pub fn in_order(&self) -> impl Iterator<Item = (&Policy, Option<Timestamp>)> {
        let versions = || self.earlier.iter().chain([&self.current]);
        versions().map(AsRef::as_ref).zip(versions().skip(1).map(|next| Some(next.since)).chain([None]))
    }

    /// A version. The caller has all versions up to those that its case names; see
    /// [`Case::newest_policy`](crate::case::Case::newest_policy).
    #[must_use]
    pub fn get(&self, version: PolicyVersion) -> &Policy {
        let index = usize::try_from(version.get()).unwrap_or(usize::MAX).saturating_sub(1);
        self.earlier.get(index).unwrap_or(&self.current)
    }
}

/// What decides which target a case has.
#[derive(Debug, Clone, Copy)]
pub struct Targeted<'c> {
    /// Its priority, once it is known.
    pub priority: Option<&'c Name>,
    /// Its type.
    pub case_type: &'c Name,
    /// The tier of its customer.
    pub tier: Option<&'c Name>,
    /// What its customer is entitled to.
    pub entitlement: Option<&'c Name>,
}

/// Whether a condition of the policy holds: an empty one always does.
pub(crate) fn listed(names: &[Name], name: Option<&Name>) -> bool {
    names.is_empty() || name.is_some_and(|name| names.contains(name))
}

#[cfg(test)]
mod tests;
