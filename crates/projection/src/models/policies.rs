//! `policies`: one row for each version of the policy.

use docket_messages::{Entry, OnBehalfOf, PolicyEvent, PolicyVersion, Position, PrincipalName, Timestamp};
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
    }
}

impl PolicyRow {
    /// The row of an entry that brought a policy into force.
    ///
    /// # Errors
    /// When its document cannot be read.
    pub(crate) fn of(entry: &Entry<PolicyEvent>, position: Position) -> Result<Option<Self>, String> {
        let Some(PolicyEvent::PolicyPublished(published)) = entry.events.last() else { return Ok(None) };
        let document: Document = toml::from_str(&published.document).map_err(|error| error.message().to_owned())?;
        Ok(Some(Self {
            policy: PolicyVersion(entry.version.get()),
            at: entry.at,
            by: entry.by.clone(),
            on_behalf_of: entry.on_behalf_of.clone(),
            position,
            reporting_zone: document.reporting.zone,
        }))
    }
}

/// What the read models need of a document. A part of another version of the code is none of their affair.
#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    reporting: Reporting,
}

#[derive(Deserialize)]
#[serde(default)]
struct Reporting {
    zone: String,
}

impl Default for Reporting {
    fn default() -> Self {
        Self { zone: docket_messages::policy::Reporting::default().zone }
    }
}
