//! What is wrong with a file or a mapping as a whole.

/// Why nothing of a file is imported.
#[derive(Debug, thiserror::Error)]
pub enum EventsError {
    /// The mapping is no mapping.
    #[error("could not understand the mapping: {0}")]
    Mapping(String),
    /// The file is no table.
    #[error("could not read the file as a table of separated values: {0}")]
    Table(csv::Error),
    /// None of its lines is one.
    #[error(
        "no line of the file can be read; line {line}: {reason}. `delimiter` under [file] of the mapping says what is between \
         values"
    )]
    NoLine {
        /// The first line.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// It is not in the encoding that the mapping says.
    #[error(
        "the file is not {encoding}; say what it is under [file] of the mapping, such as `encoding = \"windows-1252\"`"
    )]
    OtherEncoding {
        /// The encoding.
        encoding: String,
    },
    /// It is in another encoding.
    #[error(
        "line {line} is not UTF-8; say what it is under [file] of the mapping, such as `encoding = \"windows-1252\"`"
    )]
    Encoding {
        /// The first such line.
        line: u64,
    },
    /// It lacks columns.
    #[error("the file has no column {missing}, which the mapping names; it has {columns}")]
    Columns {
        /// Those that it lacks.
        missing: String,
        /// Those that it has.
        columns: String,
    },
    /// A column that the mapping names is there twice.
    #[error("the file has two columns `{column}`, so it is not known which of them the mapping means; rename one")]
    ColumnTwice {
        /// The column.
        column: String,
    },
    /// A value goes on and on.
    #[error(
        "a value on line {line} is longer than {lines} lines: its closing quote is missing. If quotes mean themselves in this \
         file, write `quote = \"\"` under [file] of the mapping"
    )]
    Quotes {
        /// The line on which it begins.
        line: u64,
        /// How many lines a value may have.
        lines: u64,
    },
    /// A value goes on to the end.
    #[error(
        "a value on line {line} goes on to the end of the file: its closing quote is missing. If quotes mean themselves in \
         this file, write `quote = \"\"` under [file] of the mapping"
    )]
    OpenQuotes {
        /// The line on which it begins.
        line: u64,
    },
    /// Its times are not all of the format.
    #[error(
        "{wrong} of {all} times in `{column}` are not of the format `{format}`: line {line} has `{text}`{guess}; nothing of a \
         file is sent whose times can be read in more than one way"
    )]
    Times {
        /// The column.
        column: String,
        /// The format.
        format: String,
        /// How many are not of it.
        wrong: u64,
        /// Of how many.
        all: u64,
        /// The first that is not.
        line: u64,
        /// What it has.
        text: String,
        /// The format that it may be of.
        guess: String,
    },
    /// Its lines run backwards.
    #[error(
        "line {line} is older than line {before} of the same case; if the file's order is not that of time, say so at the top of \
         the mapping: `order = \"time\"` sorts the lines of each case, `order = \"newest first\"` turns them round"
    )]
    Falls {
        /// A line.
        line: u64,
        /// The one before, which is newer.
        before: u64,
    },
    /// There is nothing in it.
    #[error("the file has no line below its header")]
    Empty,
    /// No rule of the mapping fits a line.
    #[error("no line of the file fits a rule of the mapping; {columns}")]
    NothingFits {
        /// What is in the columns that the rules ask for.
        columns: String,
    },
}
