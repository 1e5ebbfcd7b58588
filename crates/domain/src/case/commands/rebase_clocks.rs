use docket_messages::{RebaseClocks, Rejection};

use crate::case::act::{Act, Rules, Statuses};
use crate::case::draft::Draft;

/// Brings the clocks that run under the policy in force: the one way in which a new policy reaches them.
impl Act for RebaseClocks {
    const RULES: Rules = Rules::new(Statuses::ACTIVE, &[]);

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        draft.rebase_clocks();
        Ok(())
    }
}
