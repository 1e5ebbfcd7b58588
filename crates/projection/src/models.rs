//! One file per read model: its columns, its row, and what an event does to it. All of them are listed here.

pub(crate) mod answers;
pub(crate) mod article_events;
pub(crate) mod cases;
pub(crate) mod clocks;
pub(crate) mod contacts;
pub(crate) mod days;
pub(crate) mod efforts;
pub(crate) mod entries;
pub(crate) mod history;
pub(crate) mod measures;
pub(crate) mod obligations;
pub(crate) mod policies;
pub(crate) mod presence;
pub(crate) mod survey_requests;
pub(crate) mod texts;
pub(crate) mod times;

use docket_messages::{Position, Timestamp, Version};
use sqlx::PgConnection;

use crate::ProjectionError;
use crate::bulk::{Change, Changes, Rows, Table};

/// Where an event stands in the log and in its case, and when it happened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark {
    pub position: Position,
    /// When the log took in its entry.
    pub recorded_at: Timestamp,
    pub version: Version,
    pub at: Timestamp,
}

/// Rows that are added up with those of their keys.
type Sums = Rows;

/// The rows of a batch, in the order in which they are written.
macro_rules! read_models {
    ($($name:ident: $rows:ident = $table:expr;)*) => {
        /// The rows that a batch changes.
        pub(crate) struct Models {
            $(pub $name: $rows,)*
        }

        impl Models {
            pub(crate) fn new() -> Self {
                Self { $($name: read_models!(@new $rows $table),)* }
            }

            /// Writes the rows and forgets them.
            pub(crate) async fn write(&mut self, connection: &mut PgConnection) -> Result<(), ProjectionError> {
                $(self.$name.write(&mut *connection).await?;)*
                Ok(())
            }
        }

        /// Every table that is folded.
        pub(crate) const TABLES: &[Table] = &[$($table),*];
    };
    (@new Changes $table:expr) => { Changes::new($table) };
    (@new Sums $table:expr) => { Rows::sums($table) };
    (@new Rows $table:expr) => { Rows::new($table, Change::Insert) };
}

read_models! {
    cases: Changes = cases::CaseRow::TABLE;
    history: Rows = history::HistoryRow::TABLE;
    entries: Rows = entries::TABLE;
    clocks: Changes = clocks::ClockRow::TABLE;
    contacts: Rows = contacts::ContactRow::TABLE;
    obligations: Rows = obligations::ObligationRow::TABLE;
    efforts: Rows = efforts::EffortRow::TABLE;
    survey_requests: Rows = survey_requests::SurveyRequestRow::TABLE;
    answers: Rows = answers::AnswerRow::TABLE;
    article_events: Rows = article_events::ArticleEventRow::TABLE;
    presence: Rows = presence::PresenceRow::TABLE;
    texts: Rows = texts::TABLE;
    policies: Rows = policies::PolicyRow::TABLE;
    day_queues: Sums = days::queues::QueueDayRow::TABLE;
    day_outcomes: Sums = days::outcomes::OutcomeDayRow::TABLE;
    day_resolutions: Sums = days::resolutions::ResolutionDayRow::TABLE;
}
