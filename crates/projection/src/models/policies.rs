//! `policies`: one row for each version of the policy.

use std::collections::BTreeMap;

use docket_messages::policy::Calendar;
use docket_messages::{Entry, Name, OnBehalfOf, PolicyEvent, PolicyVersion, Position, PrincipalName, Timestamp, nfc};
use serde::Deserialize;

read_model! {
    /// A row of `policies`.
    PolicyRow in "policies" by ["policy"] {
        policy: PolicyVersion,
        at: Timestamp,
        by: PrincipalName,
        on_behalf_of: Option<OnBehalfOf>,
        position: Position,
        reporting_zone: String,
        document: String,
    }
}

impl PolicyRow {
    /// The row of an entry that brought a policy into force.
    ///
    /// # Errors
    /// When its document cannot be read.
    pub(crate) fn of(entry: &Entry<PolicyEvent>, position: Position) -> Result<Option<(Self, Written)>, String> {
        let Some(published) = entry.events.iter().find_map(PolicyEvent::published) else { return Ok(None) };
        let written = Written::read(&published.document)?;
        let row = Self {
            policy: entry.policy,
            at: entry.at,
            by: entry.by.clone(),
            on_behalf_of: entry.on_behalf_of.clone(),
            position,
            reporting_zone: written.reporting.zone.clone(),
            document: published.document.clone(),
        };
        Ok(Some((row, written)))
    }
}

/// What the read models need of a document. A part of another version of the code is none of their affair.
#[derive(Deserialize)]
pub(crate) struct Written {
    #[serde(default)]
    pub reporting: Reporting,
    #[serde(default)]
    pub calendars: BTreeMap<Name, Calendar>,
}

impl Written {
    /// Reads a document.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn read(document: &str) -> Result<Self, String> {
        toml::from_str(&nfc(document)).map_err(|error| error.message().to_owned())
    }
}

#[derive(Deserialize)]
#[serde(default)]
pub(crate) struct Reporting {
    pub zone: String,
}

impl Default for Reporting {
    fn default() -> Self {
        Self { zone: docket_messages::policy::Reporting::default().zone }
    }
}
