use docket_messages::{ArticleAttached, ArticleNotFound, Attach, Personal, Rejection, RejectionCode, WrittenText};

use crate::case::act::{Act, Rules, Statuses};
use crate::case::draft::Draft;

/// Attaches a knowledge article, or records that none was found. Attaching one again changes nothing.
impl Act for Attach {
    const RULES: Rules = Rules::new(Statuses::ANY, &["articleAttached", "articleNotFound"]);

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        match (&self.article_id, &self.search) {
            (Some(article_id), None) => {
                if !draft.case.articles.contains(article_id) {
                    draft.emit(ArticleAttached { article_id: article_id.clone() });
                }
                Ok(())
            }
            (None, Some(search)) => {
                let personal = Personal::Plain(WrittenText { text: search.clone() });
                draft.emit(ArticleNotFound { personal });
                Ok(())
            }
            (Some(_), Some(_)) | (None, None) => {
                let message = "say `articleId`, or `search` when no article was found; exactly one of the two";
                Err(Rejection::new(RejectionCode::BadRequest, message).at("articleId"))
            }
        }
    }
}
