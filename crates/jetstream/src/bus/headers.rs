//! The headers of a command, on the bus and in the inbox alike.

use async_nats::HeaderMap;
use docket_eventlog::TraceParent;

/// The sender's id of a command.
pub const COMMAND_ID: &str = "Docket-Command-Id";
/// On whose behalf.
pub const ON_BEHALF_OF: &str = "Docket-On-Behalf-Of";
/// The version that the case is expected to have.
pub const EXPECT_VERSION: &str = "Docket-Expect-Version";
/// When it happened.
pub const OCCURRED_AT: &str = "Docket-Occurred-At";

/// The headers of a command, as they came.
#[derive(Debug, Clone, Copy)]
pub struct CommandHeaders<'m>(Option<&'m HeaderMap>);

impl<'m> CommandHeaders<'m> {
    pub(crate) fn of(headers: Option<&'m HeaderMap>) -> Self {
        Self(headers)
    }

    fn get(self, name: &str) -> Option<&'m str> {
        self.0?.get(name).map(async_nats::HeaderValue::as_str)
    }

    /// `Docket-Command-Id`.
    #[must_use]
    pub fn command_id(self) -> Option<&'m str> {
        self.get(COMMAND_ID)
    }

    /// `Docket-On-Behalf-Of`.
    #[must_use]
    pub fn on_behalf_of(self) -> Option<&'m str> {
        self.get(ON_BEHALF_OF)
    }

    /// `Docket-Expect-Version`.
    #[must_use]
    pub fn expect_version(self) -> Option<&'m str> {
        self.get(EXPECT_VERSION)
    }

    /// `Docket-Occurred-At`.
    #[must_use]
    pub fn occurred_at(self) -> Option<&'m str> {
        self.get(OCCURRED_AT)
    }

    /// `traceparent`; one that cannot be read is none.
    #[must_use]
    pub fn trace(self) -> Option<TraceParent> {
        self.get(TraceParent::HEADER)?.parse().ok()
    }
}
