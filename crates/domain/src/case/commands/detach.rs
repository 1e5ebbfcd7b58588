use docket_messages::{ArticleDetached, ArticleEvent, CaseEvent, Detach, Rejection};

use crate::case::Case;
use crate::case::act::{Act, Recorded, Rules, Statuses};
use crate::case::draft::Draft;

/// Takes a knowledge article off, if it is attached.
impl Act for Detach {
    const RULES: Rules = Rules::new(Statuses::ANY, &["articleDetached"]);

    fn recorded(case: &Case, facts: &[&CaseEvent]) -> Recorded<Self> {
        match facts {
            [CaseEvent::Article(ArticleEvent::ArticleDetached(detached))] => {
                Recorded::As(Self { case_id: case.id, article_id: detached.article_id.clone() })
            }
            _ => Recorded::Never,
        }
    }

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        if draft.case.articles.contains(&self.article_id) {
            draft.emit(ArticleDetached { article_id: self.article_id.clone() });
        }
        Ok(())
    }
}
