use docket_messages::{ArticleDetached, Detach, Event, Rejection};

use crate::case::draft::Draft;

/// Takes a knowledge article off, if it is attached.
pub(in crate::case) fn detach(draft: &mut Draft<'_>, command: &Detach) -> Result<(), Rejection> {
    if draft.case.articles.contains(&command.article_id) {
        draft.emit(Event::ArticleDetached(ArticleDetached { article_id: command.article_id.clone() }));
    }
    Ok(())
}
