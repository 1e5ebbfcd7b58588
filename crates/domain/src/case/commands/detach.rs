use docket_messages::{ArticleDetached, CaseEvent, Detach, Rejection};

use crate::case::draft::Draft;

/// Takes a knowledge article off, if it is attached.
pub(in crate::case) fn detach(draft: &mut Draft<'_>, command: &Detach) -> Result<(), Rejection> {
    if draft.case.articles.contains(&command.article_id) {
        draft.emit(CaseEvent::ArticleDetached(ArticleDetached { article_id: command.article_id.clone() }));
    }
    Ok(())
}
