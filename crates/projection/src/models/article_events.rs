//! `article_events`: one row each time that an article was attached to a case, or detached, or solved it, and each time
//! that one was searched for in vain.

use docket_messages::{ArticleEvent, CaseEvent, EndingEvent, Name, Position, Timestamp, Version};

use crate::models::Mark;
use crate::models::cases::CaseRow;

read_model! {
    /// A row of `article_events`.
    ArticleEventRow in "article_events" by ["case_no", "version"]
        indexed by article_events_time ("USING brin (at) WITH (pages_per_range = 32)")
    {
        case_no: Position,
        version: Version,
        at: Timestamp,
        event: ArticleUse,
        article_id: Option<Name>,
        position: Position,
    }
}

/// What became of an article in a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ArticleUse {
    Attached,
    Detached,
    /// The case was resolved with it.
    Solved,
    /// None was found.
    NotFound,
}

impl ArticleUse {
    pub(crate) const ALL: [Self; 4] = [Self::Attached, Self::Detached, Self::Solved, Self::NotFound];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Attached => "attached",
            Self::Detached => "detached",
            Self::Solved => "solved",
            Self::NotFound => "not_found",
        }
    }
}

impl ArticleEventRow {
    /// The row of an event, if it is about an article.
    pub(crate) fn of(case: &CaseRow, mark: Mark, event: &CaseEvent) -> Option<Self> {
        let Mark { position, version, at, .. } = mark;
        let (event, article_id) = if let CaseEvent::Article(event) = event {
            match event {
                ArticleEvent::ArticleAttached(attached) => (ArticleUse::Attached, Some(attached.article_id.clone())),
                ArticleEvent::ArticleDetached(detached) => (ArticleUse::Detached, Some(detached.article_id.clone())),
                ArticleEvent::ArticleNotFound(_) => (ArticleUse::NotFound, None),
            }
        } else if let CaseEvent::Ending(EndingEvent::Resolved(resolved)) = event {
            (ArticleUse::Solved, Some(resolved.article_id.clone()?))
        } else {
            return None;
        };
        Some(Self { case_no: case.case_no, version, at, event, article_id, position })
    }
}
