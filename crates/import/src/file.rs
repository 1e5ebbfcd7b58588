//! A file of another system, as it was understood.

use docket_messages::Timestamp;

use crate::service_levels::Claim;
use crate::story::Story;
use crate::vocabulary::Vocabulary;

/// A file as it was understood.
#[derive(Debug)]
pub struct Import {
    /// The cases, in the order in which they begin in the file.
    pub stories: Vec<Story>,
    /// What it says of the service levels of cases.
    pub claims: Vec<Claim>,
    /// What could not be translated, in the order of the file.
    pub rejects: Vec<Reject>,
    /// The words that a policy must list for these stories.
    pub vocabulary: Vocabulary,
    /// The newest instant of the file, as of which unfinished cases are ticked.
    pub newest: Timestamp,
    /// The rows of these cases, rejected ones included.
    pub rows: u64,
    /// The cases that have a story.
    pub cases: u64,
    /// Whether it says what was answered.
    pub responses_known: bool,
}

/// Something in a row that could not be translated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// The line of the file.
    pub line: u64,
    /// The case as the file names it, as far as that could be read.
    pub case: String,
    /// What is wrong.
    pub reason: String,
}
