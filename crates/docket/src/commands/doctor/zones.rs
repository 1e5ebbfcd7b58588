//! Whether Docket and Postgres say the same of the time zones that the policy names.

use std::collections::BTreeSet;

use docket_calendar::zones::{Zone, Zones};
use docket_domain::policy::Policy;
use docket_jetstream::JetStreamLog;
use docket_messages::{PolicyEvent, PolicyPublished, PolicyVersion, Timestamp};
use docket_projection::ReadModels;

use crate::commands::policy::entries_of;
use crate::error::{AnyError, plain};
use crate::{environment, zones};

const HOUR_MS: i64 = 3_600_000;
/// How far ahead is compared: two years.
const HOURS: i64 = 2 * 366 * 24;

/// An hour from which on two databases differ, and what each of them has.
#[derive(Debug, PartialEq, Eq)]
struct Difference {
    at: Timestamp,
    docket: i32,
    postgres: i32,
}

/// Compares them for two years.
pub(super) async fn compare(models: &ReadModels, log: &JetStreamLog) -> Result<((), String), AnyError> {
    let own = zones::current();
    let published = published(log).await?;
    require_as_new(own, published.last())?;
    let names = names(&published, own);
    let now = environment::now();
    let from = Timestamp::from_millis(now.as_millis() - now.as_millis() % HOUR_MS);
    for name in &names {
        let zone = own.get(name).ok_or_else(|| plain(format!("the zone `{name}` is not known here")))?;
        let changes = models.zone_offsets(name, from, from.plus_millis(HOURS * HOUR_MS)).await?;
        if let Some(Difference { at, docket, postgres }) = first_difference(&zone, from, &changes) {
            return Err(plain(format!(
                "at {at} the clocks of `{name}` show {} by Docket ({}) and {} by Postgres, so due times and reports differ; \
                 bring the zone databases of both to the same release (the package tzdata) and start them again",
                offset(docket),
                own.version(),
                offset(postgres),
            )));
        }
    }
    let count = names.len();
    let zones = if count == 1 { "zone is" } else { "zones are" };
    Ok(((), format!("{}; {count} {zones} the same in Postgres for two years", own.version())))
}

/// Everything that was published, in order.
async fn published(log: &JetStreamLog) -> Result<Vec<PolicyPublished>, AnyError> {
    let mut published = Vec::new();
    for (_, entry) in entries_of(log).await? {
        published.extend(entry.events.into_iter().filter_map(PolicyEvent::into_published));
    }
    Ok(published)
}

fn require_as_new(own: &Zones, last: Option<&PolicyPublished>) -> Result<(), AnyError> {
    match last.and_then(|last| last.zone_version.as_deref()) {
        Some(published) if published > own.version() => Err(plain(format!(
            "the policy in force was published with the time zones of {published}, and those here are of {}; install a newer \
             zone database (the package tzdata) and start the services again",
            own.version()
        ))),
        Some(_) | None => Ok(()),
    }
}

/// The zones of every version: clocks go on by the version that they started under.
fn names(published: &[PolicyPublished], own: &Zones) -> BTreeSet<String> {
    let policies = published
        .iter()
        .filter_map(|one| Policy::compile_published(&one.document, PolicyVersion(1), Timestamp::EPOCH, own).ok());
    policies.flat_map(|policy| policy.document.calendars.into_values().map(|calendar| calendar.zone)).collect()
}

/// The first hour at which a zone has another offset than the changes say, which begin at `from`.
fn first_difference(zone: &Zone, from: Timestamp, changes: &[(Timestamp, i32)]) -> Option<Difference> {
    let mut changes = changes.iter().peekable();
    let mut postgres = 0;
    (0..=HOURS).map(|hour| from.plus_millis(hour * HOUR_MS)).find_map(|at| {
        while let Some((_, seconds)) = changes.next_if(|(since, _)| *since <= at) {
            postgres = *seconds;
        }
        let docket = zone.offset_seconds(at);
        (docket != postgres).then_some(Difference { at, docket, postgres })
    })
}

/// As in `UTC-07:00`.
fn offset(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.abs() / 60;
    format!("UTC{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_policy_that_was_published_with_newer_zones_is_noticed() {
        let published = |zone_version: Option<&str>| PolicyPublished {
            document: String::new(),
            zone_version: zone_version.map(str::to_owned),
        };
        let own = Zones::new("2026b", std::collections::BTreeMap::new());
        for older in [None, Some("2025c"), Some("2026a"), Some("2026b")] {
            assert!(require_as_new(&own, Some(&published(older))).is_ok(), "{older:?}");
        }
        let error = require_as_new(&own, Some(&published(Some("2026c")))).unwrap_err().to_string();
        assert!(error.contains("time zones of 2026c, and those here are of 2026b"), "{error}");
    }

    #[test]
    fn the_first_hour_at_which_two_databases_differ_is_named() {
        let zone = Zones::bundled().get("America/Vancouver").unwrap();
        let from = at("2026-10-01T00:00:00Z");
        let today = (from, -25_200);
        assert_eq!(first_difference(&zone, from, &[today]), None, "British Columbia changes its clocks no more");
        // What a database of 2025 has.
        let change = at("2026-11-01T09:00:00Z");
        let found = first_difference(&zone, from, &[today, (change, -28_800)]);
        assert_eq!(found, Some(Difference { at: change, docket: -25_200, postgres: -28_800 }));
        assert_eq!((offset(-28_800).as_str(), offset(19_800).as_str()), ("UTC-08:00", "UTC+05:30"));
    }
}
