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
    /// The keys of what is personal cannot be had.
    #[error("what is personal could not be opened")]
    Keys {
        /// Why.
        #[source]
        source: docket_keyring::KeyError,
    },
    /// Objects that somebody has made stand on relations that have to be made anew.
    #[error(
        "the relations of the read models have other columns now, and these objects stand on them: {objects}. Nothing was \
         changed. Keep their definitions, drop them, start again, and create them again"
    )]
    Dependents {
        /// Their names.
        objects: String,
    },
    /// Objects that somebody has made stand on tables that are to be dropped.
    #[error(
        "these objects stand on the tables in {schema}, which are to be dropped: {objects}. Drop them, or make them on the \
         relations of the schema docket, which stay, and try again"
    )]
    Standing {
        /// The schema of the tables.
        schema: String,
        /// Their names.
        objects: String,
    },
    /// Tables are half filled elsewhere.
    #[error(
        "a rebuild that was stopped has filled tables in the schema {schema}; go on with it by `docket rebuild`, or drop them \
         first by `docket rebuild --cancel`"
    )]
    HalfFilled {
        /// The schema.
        schema: String,
    },
    /// Reading, folding or writing has ended before its time.
    #[error("the entries after position {applied} were not applied: {cause}")]
    Unfinished {
        /// Where the tables are.
        applied: Position,
        /// Why.
        cause: String,
    },
    /// Another set of tables is shown since the worker began.
    #[error("a rebuild has switched to other tables; starting again with them")]
    Switched,
    /// Somebody has cancelled a rebuild.
    #[error("the rebuild was cancelled; the read models are as they were")]
    Cancelled,
    /// A newer version of the code keeps the read models.
    #[error(
        "the read models are kept by a newer version of Docket; upgrade this one. To go back to this version, stop the newer \
         one and run `docket rebuild` of this one"
    )]
    Newer,
    /// A schema is there already.
    #[error("there is a schema {schema} already; choose another name, or drop it with those that belong to it")]
    Exists {
        /// Which.
        schema: String,
    },
    /// There are no tables to go back to.
    #[error("no tables were kept; `docket rebuild --keep-old` keeps those that were live")]
    NothingKept,
    /// The live tables are of another log or of another version of the code.
    #[error(
        "the live tables are of another log, or of another version of Docket, so nothing can be compared with them; leave `--compare` out"
    )]
    NotComparable,
    /// A rebuild has made other rows of the same log.
    #[error(
        "the tables that were filled differ from the live ones: {differences}. Nothing was switched; the new tables are \
         kept to be looked at in the schema {schema}, and `docket rebuild --cancel` drops them"
    )]
    Differs {
        /// How they differ.
        differences: String,
        /// Where the new ones are.
        schema: String,
    },
    /// Somebody else is in the way, and stays there.
    #[error(
        "waited {} s for {table}, which is held by {holders}; end that session, or let it finish, and try again", waited.as_secs()
    )]
    Taken {
        /// What is waited for.
        table: String,
        /// By whom it is held.
        holders: String,
        /// For how long.
        waited: std::time::Duration,
    },
    /// The read models were made from another log.
    #[error("the read models were not built from this log: {cause}. {}", MEND)]
    OtherLog {
        /// Where the read models are.
        position: Position,
        /// What differs.
        cause: String,
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
    /// Another worker has taken the place meanwhile.
    #[error("another projection worker has taken over")]
    Replaced,
    /// Another worker moved the checkpoint: this one was overtaken and wrote nothing.
    #[error("another worker moved the checkpoint from {expected}")]
    Overtaken {
        /// Where this worker was.
        expected: Position,
    },
}

/// What to do with read models of another log.
const MEND: &str = "Nothing was changed. If this NATS is the wrong one, or an old copy, put the right one back and start \
    again; if it is the right one, rebuild the read models with `docket rebuild`";

impl ProjectionError {
    /// Whether a lock was waited for in vain.
    pub(crate) fn is_lock_timeout(&self) -> bool {
        matches!(self, Self::Postgres { source, .. } if is_locked(source))
    }

    /// Whether the server, or somebody there, has ended what was under way.
    #[must_use]
    pub fn is_ended_by_others(&self) -> bool {
        matches!(self, Self::Postgres { source, .. } if has_code(source, &["57014", "57P01"]))
    }

    /// Whether it was given up because two sessions waited for each other.
    pub(crate) fn is_deadlock(&self) -> bool {
        matches!(self, Self::Postgres { source, .. } if has_code(source, &["40P01"]))
    }

    /// Whether a relation cannot be replaced, since it has other columns, or is of another kind.
    pub(crate) fn is_other_shape(&self) -> bool {
        /// Not a view; another column; another result of a function.
        const CODES: [&str; 3] = ["42809", "42P16", "42P13"];
        matches!(self, Self::Postgres { source, .. } if has_code(source, &CODES))
    }

    pub(crate) fn postgres(doing: &'static str) -> impl FnOnce(sqlx::Error) -> Self {
        move |source| Self::Postgres { doing, source }
    }
}

/// Whether somebody else holds the lock that was asked for.
pub(crate) fn is_locked(error: &sqlx::Error) -> bool {
    has_code(error, &["55P03"])
}

/// Whether the server gave one of these codes.
fn has_code(error: &sqlx::Error, codes: &[&str]) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| codes.contains(&&*code))
}
