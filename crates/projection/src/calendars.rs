//! What all versions of the policy say of time: the calendars, so that business seconds are counted as the clocks count
//! them, and the zone in which days begin.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use docket_calendar::Calendar;
use docket_calendar::zones::{Zone, Zones};
use docket_messages::policy;
use docket_messages::{Name, PolicyVersion};
use sqlx::PgPool;

use crate::ProjectionError;
use crate::models::days::DayZone;
use crate::models::policies::{PolicyRow, Written};

/// The calendars, compiled when they are first asked for.
#[derive(Debug)]
pub(crate) struct Calendars {
    zones: Zones,
    written: HashMap<PolicyVersion, BTreeMap<Name, policy::Calendar>>,
    compiled: HashMap<(PolicyVersion, Name), Calendar>,
    reporting: DayZone,
}

impl Calendars {
    pub(crate) fn new(zones: Zones) -> Self {
        let (name, release) = (policy::Reporting::default().zone, zones.version().to_owned());
        let reporting = DayZone { name, release, zone: Zone::utc() };
        Self { zones, written: HashMap::new(), compiled: HashMap::new(), reporting }
    }

    /// Those of the policies that are in the tables.
    pub(crate) async fn load(pool: &PgPool, zones: Zones) -> Result<Self, ProjectionError> {
        let failed = ProjectionError::postgres;
        let rows = sqlx::query("SELECT * FROM policies ORDER BY policy")
            .fetch_all(pool)
            .await
            .map_err(failed("load the policies"))?;
        let mut calendars = Self::new(zones);
        for row in &rows {
            let unreadable = |cause: String| failed("read a policy")(sqlx::Error::Decode(cause.into()));
            let row = PolicyRow::read(row).map_err(failed("read a policy"))?;
            let written = Written::read(&row.document).map_err(unreadable)?;
            calendars.note(row.policy, written).map_err(unreadable)?;
        }
        Ok(calendars)
    }

    /// Notes what the next policy says.
    ///
    /// # Errors
    /// That its zone is not known.
    pub(crate) fn note(&mut self, policy: PolicyVersion, written: Written) -> Result<(), String> {
        let name = written.reporting.zone;
        if name != self.reporting.name {
            let zone = Zone::named(&name, &self.zones)?;
            self.reporting = DayZone { name, zone, release: self.reporting.release.clone() };
        }
        self.written.insert(policy, written.calendars);
        Ok(())
    }

    /// How days are told apart under the policy in force.
    pub(crate) fn reporting(&self) -> &DayZone {
        &self.reporting
    }

    /// A calendar by the policy that it stands in, and its name.
    ///
    /// # Errors
    /// That there is none, or what is wrong with it.
    pub(crate) fn get(&mut self, policy: PolicyVersion, name: &Name) -> Result<&Calendar, String> {
        match self.compiled.entry((policy, name.clone())) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(place) => {
                let written = self.written.get(&policy).and_then(|calendars| calendars.get(name));
                let written = written.ok_or_else(|| format!("policy {policy} has no calendar `{name}`"))?;
                let mut wrongs = Vec::new();
                let mut wrong = |at: &str, message: String| wrongs.push(format!("{at}: {message}"));
                let calendar = Calendar::compile(written, &self.zones, &mut wrong);
                if wrongs.is_empty() {
                    return Ok(place.insert(calendar));
                }
                Err(format!("the calendar `{name}` of policy {policy}: {}", wrongs.join("; ")))
            }
        }
    }
}
