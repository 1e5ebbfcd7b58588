//! How NATS fails us, beside reading and appending.

/// The cause beneath a NATS error. async-nats repeats a cause in its own message, so the cause is kept as text.
#[derive(Debug, thiserror::Error)]
pub enum NatsError {
    /// No connection.
    #[error("could not connect to NATS at {url}: {cause}")]
    Connect {
        /// Where, without credentials.
        url: String,
        /// Why.
        cause: String,
    },
    /// A server that cannot do what the log needs.
    #[error(
        "the NATS server is version {found}, and Docket needs {oldest} or newer: an older one does not know how a batch ends \
         (NATS ADR-50, `eob`); update nats-server"
    )]
    TooOld {
        /// What it says it is.
        found: String,
        /// The oldest that will do.
        oldest: String,
    },
    /// A stream could not be created or looked at.
    #[error("could not {doing} the stream {stream}: {cause}")]
    Stream {
        /// What we were doing.
        doing: &'static str,
        /// Which stream.
        stream: String,
        /// Why.
        cause: String,
    },
    /// A stream exists and is not what Docket needs.
    #[error("the stream {stream} differs from what Docket needs: {}", differences.join("; "))]
    Drift {
        /// Which stream.
        stream: String,
        /// Setting by setting: what it is, and what it must be.
        differences: Vec<String>,
    },
    /// The bus could not be used.
    #[error("could not {doing}: {cause}")]
    Bus {
        /// What we were doing.
        doing: String,
        /// Why.
        cause: String,
    },
    /// The server does not let the user do this.
    #[error(
        "the server does not let the user `{user}` {what}; use the address of one who may (docs/OPERATIONS.md, Users and \
         permissions)"
    )]
    Refused {
        /// The user of the connection.
        user: String,
        /// What was tried.
        what: String,
    },
    /// Nobody answered.
    #[error("no command service answers on {subject}: start one with `docket up` or `docket serve`")]
    Nobody {
        /// Where nobody answered.
        subject: String,
    },
    /// An answer that is none.
    #[error("could not understand the answer on {subject}")]
    Answer {
        /// Where it came from.
        subject: String,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
}

impl NatsError {
    /// Whether no server is there, which may pass; not that it refuses us, or that the address is none.
    #[must_use]
    pub fn is_absence(&self) -> bool {
        match self {
            Self::Connect { cause, .. } => {
                !["authorization", "it must be like"].iter().any(|sign| cause.contains(sign))
            }
            Self::TooOld { .. }
            | Self::Stream { .. }
            | Self::Drift { .. }
            | Self::Bus { .. }
            | Self::Nobody { .. }
            | Self::Refused { .. }
            | Self::Answer { .. } => false,
        }
    }

    /// The bus could not be used for something.
    pub(crate) fn bus(doing: &str, cause: &dyn std::fmt::Display) -> Self {
        Self::Bus { doing: doing.to_owned(), cause: cause.to_string() }
    }
}
