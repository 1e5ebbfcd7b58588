//! How the projection fails.

use docket_eventlog::ReadError;
use docket_messages::Position;

/// Why the projection stopped.
#[derive(Debug, thiserror::Error)]
pub enum ProjectionError {
    /// Postgres could not do something.
    #[error("could not {doing}")]
    Postgres {
        /// What we were doing.
        doing: &'static str,
        /// What happened.
        #[source]
        source: sqlx::Error,
    },
    /// The schema could not be brought up to date.
    #[error("could not migrate the schema `{schema}`")]
    Migrate {
        /// Which schema.
        schema: String,
        /// What happened.
        #[source]
        source: sqlx::migrate::MigrateError,
    },
    /// The log could not be read.
    #[error("could not follow the log for the read models")]
    Log {
        /// What happened.
        #[source]
        source: ReadError,
    },
    /// An entry cannot be applied. Nothing is skipped.
    #[error("the entry at position {position} cannot be applied: {cause}")]
    Poison {
        /// Where it is.
        position: Position,
        /// What is wrong with it.
        cause: String,
    },
    /// Another worker moved the checkpoint: this one was overtaken and wrote nothing.
    #[error("another worker moved the checkpoint from {expected}")]
    Overtaken {
        /// Where this worker was.
        expected: Position,
    },
}

impl ProjectionError {
    pub(crate) fn postgres(doing: &'static str) -> impl FnOnce(sqlx::Error) -> Self {
        move |source| Self::Postgres { doing, source }
    }
}
