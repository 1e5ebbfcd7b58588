//! From the text of a document to a policy, or to everything that is wrong with it.

use std::collections::BTreeMap;
use std::sync::Arc;

use docket_calendar::Calendar;
use docket_calendar::zones::{Zone, Zones};
use docket_messages::policy::Document;
use docket_messages::{PolicyVersion, Timestamp, nfc};

use super::check::{self, Finding, Findings};
use super::{Policy, locate};

/// The longest document that is looked at.
const DOCUMENT_LIMIT: usize = 256 * 1024;

/// Compiles a document. What was published was checked by the rules of its day; stricter ones since must not make the
/// log unreadable.
pub(super) fn compile(
    text: &str,
    version: PolicyVersion,
    now: Timestamp,
    zones: &Zones,
    was_published: bool,
) -> Result<Policy, Vec<Finding>> {
    if text.len() > DOCUMENT_LIMIT {
        let message = format!("the document has {} bytes; at most {DOCUMENT_LIMIT} are allowed", text.len());
        return Err(vec![Finding { message, path: String::new(), span: None, line: None }]);
    }
    // So that two ways to type a name are one key, which the document must not have twice.
    let text = &*nfc(text);
    let document: Document = toml::from_str(text).map_err(|error| vec![Finding::of_toml(text, &error)])?;
    let mut findings = Findings::default();
    let calendars = calendars(&document, zones, (!was_published).then_some(now), &mut findings);
    if let Err(wrong) = Zone::named(&document.reporting.zone, zones) {
        findings.add("reporting.zone", wrong);
    }
    if !was_published {
        check::document(&document, &calendars, now, &mut findings);
    }
    let findings = findings.into_vec();
    if findings.is_empty() {
        let clock_rules = document.clocks.clone();
        return Ok(Policy { version, since: now, document, calendars, clock_rules });
    }
    Err(locate::locate(text, findings))
}

/// Compiles the calendars. Those that come into force at an instant must open soon after it.
fn calendars(
    document: &Document,
    zones: &Zones,
    from: Option<Timestamp>,
    findings: &mut Findings,
) -> BTreeMap<docket_messages::Name, Arc<Calendar>> {
    let mut compiled = BTreeMap::new();
    for (name, rule) in &document.calendars {
        let path = format!("calendars.{name}");
        let before = findings.len();
        let calendar = Calendar::compile(rule, zones, &mut |at, wrong| findings.add(&format!("{path}.{at}"), wrong));
        if findings.len() > before {
            continue;
        }
        if from.is_some_and(|from| !calendar.opens_within_two_years(from)) {
            findings.add(&path, format!("the calendar `{name}` does not open within two years; give it hours"));
        }
        compiled.insert(name.clone(), Arc::new(calendar));
    }
    compiled
}
