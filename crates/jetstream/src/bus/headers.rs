//! The headers of a command, on the bus and in the inbox alike.

use docket_eventlog::TraceParent;

use crate::wire::{Headers, Unreadable};

/// The sender's id of a command.
pub(super) const COMMAND_ID: &str = "Docket-Command-Id";
/// On whose behalf.
pub(super) const ON_BEHALF_OF: &str = "Docket-On-Behalf-Of";
/// The version that the case is expected to have.
pub(super) const EXPECT_VERSION: &str = "Docket-Expect-Version";
/// When it happened.
pub(super) const OCCURRED_AT: &str = "Docket-Occurred-At";

/// The headers of a command, as they came.
#[derive(Debug, Clone, Default)]
pub struct CommandHeaders(Headers);

impl CommandHeaders {
    /// Takes headers for a command's.
    ///
    /// # Errors
    /// [`Unreadable::Status`] when they carry a status, which only the server's own messages have.
    pub(crate) fn of_sender(headers: Headers) -> Result<Self, Unreadable> {
        if headers.status().is_some() {
            return Err(Unreadable::Status);
        }
        Ok(Self(headers))
    }

    /// Names and values, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter()
    }

    /// `Docket-Command-Id`.
    #[must_use]
    pub fn command_id(&self) -> Option<&str> {
        self.0.get(COMMAND_ID)
    }

    /// `Docket-On-Behalf-Of`.
    #[must_use]
    pub fn on_behalf_of(&self) -> Option<&str> {
        self.0.get(ON_BEHALF_OF)
    }

    /// `Docket-Expect-Version`.
    #[must_use]
    pub fn expect_version(&self) -> Option<&str> {
        self.0.get(EXPECT_VERSION)
    }

    /// `Docket-Occurred-At`.
    #[must_use]
    pub fn occurred_at(&self) -> Option<&str> {
        self.0.get(OCCURRED_AT)
    }

    /// `traceparent`; one that cannot be read is none.
    #[must_use]
    pub fn trace(&self) -> Option<TraceParent> {
        self.0.get(TraceParent::HEADER)?.parse().ok()
    }
}
