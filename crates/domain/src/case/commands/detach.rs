use docket_messages::{ArticleDetached, Detach, Rejection};

use crate::case::act::{Act, Rules, Statuses};
use crate::case::draft::Draft;

/// Takes a knowledge article off, if it is attached.
impl Act for Detach {
    const RULES: Rules = Rules::new(Statuses::ANY, &["articleDetached"]);

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        if draft.case.articles.contains(&self.article_id) {
            draft.emit(ArticleDetached { article_id: self.article_id.clone() });
        }
        Ok(())
    }
}
