use docket_messages::{
    ArticleAttached, ArticleEvent, ArticleNotFound, Attach, CaseEvent, Personal, Rejection, RejectionCode, WrittenText,
};

use crate::case::Case;
use crate::case::act::{Act, Recorded, Rules, Statuses};
use crate::case::draft::Draft;

/// Attaches a knowledge article, or records that none was found. Attaching one again changes nothing.
impl Act for Attach {
    const RULES: Rules = Rules::new(Statuses::ANY, &["articleAttached", "articleNotFound"]);

    fn recorded(case: &Case, facts: &[&CaseEvent]) -> Recorded<Self> {
        match facts {
            [CaseEvent::Article(ArticleEvent::ArticleAttached(attached))] => {
                Recorded::As(Self { case_id: case.id, article_id: Some(attached.article_id.clone()), search: None })
            }
            [CaseEvent::Article(ArticleEvent::ArticleNotFound(missed))] => {
                let search = missed.personal.open().map(|text| Some(text.text.clone()));
                Recorded::of(search.map(|search| Self { case_id: case.id, article_id: None, search }))
            }
            _ => Recorded::Never,
        }
    }

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
