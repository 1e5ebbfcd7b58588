//! Whether the calendar of a target opens for as long as the target asks.

use std::collections::BTreeMap;
use std::sync::Arc;

use docket_calendar::{Calendar, Left};
use docket_messages::policy::Document;
use docket_messages::{Name, Timestamp};

use super::Findings;
use crate::policy::span::{Span, spans};

pub(super) fn check(
    document: &Document,
    calendars: &BTreeMap<Name, Arc<Calendar>>,
    now: Timestamp,
    findings: &mut Findings,
) {
    let left: BTreeMap<&Name, Left> = calendars.iter().map(|(name, calendar)| (name, calendar.left(now))).collect();
    for (index, target) in document.targets.iter().enumerate() {
        let (Some(left), Some(span)) = (left.get(&target.calendar), spans(target).first().copied()) else { continue };
        let (asked, opens, unit) = match span {
            Span::Seconds(seconds) => (i64::from(seconds), left.millis.div_euclid(1000), "seconds"),
            Span::BusinessDays(days) => (i64::from(days), left.days, "days"),
            // These are counted around the clock.
            Span::CalendarDays(_) | Span::Weeks(_) | Span::Months(_) => continue,
        };
        if asked > opens {
            let message = format!(
                "the calendar `{}` opens for {opens} {unit} more, so a target of {asked} is never due; give it weekly hours, \
                 or ask for less",
                target.calendar
            );
            findings.add(&format!("targets[{index}].calendar"), message);
        }
    }
}
