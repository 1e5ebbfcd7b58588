//! How far a rebuild is.

use std::fmt;

use docket_messages::Position;

/// How far a rebuild is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// Entries are applied.
    Filling {
        /// The position of the last one.
        applied: Position,
        /// Where the log ended when it was last looked.
        head: Position,
    },
    /// Keys and indexes are made.
    Indexing,
    /// The new tables are to be compared with the live ones, which are not as far.
    Behind {
        /// Where the live tables are.
        live: Position,
        /// Where the new ones are.
        new: Position,
    },
    /// The new tables are compared with the live ones, which go on meanwhile.
    Comparing {
        /// As of this position.
        position: Position,
    },
    /// Somebody reads the relations, and is in the way of the switch.
    Waiting {
        /// Who.
        holders: String,
    },
    /// The relations show the new tables, as of a position.
    Switched {
        /// The position.
        position: Position,
    },
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Filling { applied, head } => write!(f, "filling new tables: {applied} of {head} entries"),
            Self::Indexing => f.write_str("making keys and indexes"),
            Self::Behind { live, new } => write!(
                f,
                "the live tables are at position {live}; to compare, waiting until a projection has brought them to {new}"
            ),
            Self::Comparing { position } => write!(f, "comparing with the live tables as of position {position}"),
            Self::Waiting { holders } => {
                write!(f, "the tables are filled; to show them, waiting for {holders} to end a transaction")
            }
            Self::Switched { position } => write!(f, "the new tables are shown, as of position {position}"),
        }
    }
}

/// Hears how far a rebuild is.
pub type Tell<'t> = &'t mut (dyn FnMut(Stage) + Send);
