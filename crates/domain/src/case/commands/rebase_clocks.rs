use docket_messages::Rejection;

use crate::case::draft::Draft;

/// Brings the clocks that run under the policy in force: the one way in which a new policy reaches them.
pub(in crate::case) fn rebase_clocks(draft: &mut Draft<'_>) -> Result<(), Rejection> {
    draft.rebase_clocks();
    Ok(())
}
