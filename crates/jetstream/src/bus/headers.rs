//! The headers of a command, on the bus and in the inbox alike.

use async_nats::{HeaderMap, HeaderName};
use docket_eventlog::TraceParent;

/// The sender's id of a command.
pub(super) const COMMAND_ID: HeaderName = HeaderName::from_static("Docket-Command-Id");
/// On whose behalf.
pub(super) const ON_BEHALF_OF: HeaderName = HeaderName::from_static("Docket-On-Behalf-Of");
/// The version that the case is expected to have.
pub(super) const EXPECT_VERSION: HeaderName = HeaderName::from_static("Docket-Expect-Version");
/// When it happened.
pub(super) const OCCURRED_AT: HeaderName = HeaderName::from_static("Docket-Occurred-At");
/// Where a command comes from, in a trace.
const TRACE_PARENT: HeaderName = HeaderName::from_static(TraceParent::HEADER);

/// The headers of a command, as they came.
#[derive(Debug, Clone, Copy)]
pub struct CommandHeaders<'m>(Option<&'m HeaderMap>);

impl<'m> CommandHeaders<'m> {
    pub(crate) fn of(headers: Option<&'m HeaderMap>) -> Self {
        Self(headers)
    }

    fn get(self, name: HeaderName) -> Option<&'m str> {
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
        self.get(TRACE_PARENT)?.parse().ok()
    }
}
