//! The headers of a command, on the bus and in the inbox alike.

use docket_eventlog::TraceParent;
use docket_messages::Headers;

use crate::wire::{self, Unreadable};

/// The headers of a command, as they came.
#[derive(Debug, Clone, Default)]
pub struct CommandHeaders(wire::Headers);

impl CommandHeaders {
    /// Takes headers for a command's.
    ///
    /// # Errors
    /// [`Unreadable::Status`] when they carry a status, which only the server's own messages have.
    pub(crate) fn of_sender(headers: wire::Headers) -> Result<Self, Unreadable> {
        if headers.status().is_some() {
            return Err(Unreadable::Status);
        }
        Ok(Self(headers))
    }

    /// Every name with each of its values, in their order.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter()
    }

    /// `Docket-Command-Id`.
    #[must_use]
    pub fn command_id(&self) -> Option<&str> {
        self.0.get(Headers::COMMAND_ID)
    }

    /// `traceparent`; one that cannot be read is none.
    #[must_use]
    pub fn trace(&self) -> Option<TraceParent> {
        self.0.get(TraceParent::HEADER)?.parse().ok()
    }
}
