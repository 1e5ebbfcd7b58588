use docket_messages::{
    ArticleAttached, ArticleNotFound, Attach, CaseEvent, Personal, Rejection, RejectionCode, WrittenText,
};

use crate::case::draft::Draft;

/// Attaches a knowledge article, or records that none was found. Attaching one again changes nothing.
pub(in crate::case) fn attach(draft: &mut Draft<'_>, command: &Attach) -> Result<(), Rejection> {
    match (&command.article_id, &command.search) {
        (Some(article_id), None) => {
            if !draft.case.articles.contains(article_id) {
                draft.emit(CaseEvent::ArticleAttached(ArticleAttached { article_id: article_id.clone() }));
            }
            Ok(())
        }
        (None, Some(search)) => {
            let personal = Personal::Plain(WrittenText { text: search.clone() });
            draft.emit(CaseEvent::ArticleNotFound(ArticleNotFound { personal }));
            Ok(())
        }
        (Some(_), Some(_)) | (None, None) => {
            let message = "say `articleId`, or `search` when no article was found; exactly one of the two";
            Err(Rejection::new(RejectionCode::BadRequest, message).at("articleId"))
        }
    }
}
