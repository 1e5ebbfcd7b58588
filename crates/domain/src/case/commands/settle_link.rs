use docket_messages::{CaseEvent, LinkRefused, Linked, Rejection, Relation, SettleLink};

use crate::case::PendingProcess;
use crate::case::draft::Draft;

/// Ends a link or a split that the other case has answered. An answer that is not waited for changes nothing.
pub(in crate::case) fn settle_link(draft: &mut Draft<'_>, command: &SettleLink) -> Result<(), Rejection> {
    let (to, relation) = match &draft.case.process {
        Some(PendingProcess::Link { to, relation, .. }) if *to == command.with => (*to, *relation),
        Some(PendingProcess::Split { into, .. }) if *into == command.with => (*into, Relation::FollowUp),
        Some(_) | None => return Ok(()),
    };
    draft.emit(match command.refused.clone() {
        None => CaseEvent::Linked(Linked { to, relation }),
        Some(code) => CaseEvent::LinkRefused(LinkRefused { to, relation, code }),
    });
    Ok(())
}
