//! What an event says of a case and others: parents and children, parts that go on, merges.

use std::sync::Arc;

use docket_messages::{FamilyEvent, Linked, MergeEvent, Relation, Status};

use super::answer;
use crate::case::{Case, PassOn, PendingProcess, TakenIn, process};

/// How it belongs to other cases.
pub(super) fn belong(case: &mut Case, event: &FamilyEvent) {
    match event {
        FamilyEvent::Linked(linked) => link(case, linked),
        FamilyEvent::LinkRequested(asked) => {
            let (to, relation) = (asked.to, asked.relation);
            case.process_at = asked.occurred_at;
            case.process = Some(PendingProcess::Link { to, relation, since: process::next_version(case) });
        }
        FamilyEvent::LinkRefused(_) => case.process = None,
        FamilyEvent::ParentAccepted(_) => case.is_parent = true,
        FamilyEvent::PassingOn(passing) => case.passing.push(PassOn { of: passing.of, children: passing.children }),
        FamilyEvent::PassedOn(passed) => case.passing.retain(|passing| passing.of != passed.of),
        FamilyEvent::SplitRequested(asked) => {
            case.process_at = None;
            case.process = Some(PendingProcess::Split { into: asked.into, since: process::next_version(case) });
        }
    }
}

/// That it goes on in another case, or another one in it.
pub(super) fn merge(case: &mut Case, event: &MergeEvent, status_before: Status) {
    match event {
        MergeEvent::MergeRequested(asked) => {
            let (into, waiting_since) = (asked.into, asked.waiting_since);
            case.process_at = asked.occurred_at;
            case.process = Some(PendingProcess::Merge { into, since: process::next_version(case), waiting_since });
        }
        MergeEvent::MergeRefused(_) => case.process = None,
        MergeEvent::Merged(_) => {
            case.process = None;
            case.offer = None;
            case.status_before_merge = status_before;
        }
        MergeEvent::UnmergeRequested(asked) => {
            case.process_at = asked.occurred_at;
            case.process = Some(PendingProcess::Unmerge { from: asked.from, since: process::next_version(case) });
        }
        MergeEvent::Absorbed(absorbed) => {
            case.taken_in.retain(|other| other.case != absorbed.from);
            case.taken_in.push(TakenIn { case: absorbed.from, answered_at: None, is_released: false });
            case.unanswered_since = case.unanswered_since.into_iter().chain(absorbed.waiting_since).min();
        }
        MergeEvent::Released(released) => {
            for other in case.taken_in.iter_mut().filter(|other| other.case == released.from) {
                other.is_released = true;
            }
        }
        MergeEvent::Unmerged(unmerged) => {
            case.process = None;
            if let Some(answered_at) = unmerged.answered_at {
                case.updated_at = case.updated_at.max(Some(answered_at));
                case.told_since = case.told_since.max(Some(answered_at));
                answer(case, answered_at);
            }
        }
    }
}

/// A link that the other case has agreed to is no longer waited for.
fn link(case: &mut Case, linked: &Linked) {
    let Linked { to, relation } = *linked;
    if case.process.as_ref().is_some_and(|process| process.is_link(to, relation)) {
        case.process = None;
    }
    if relation == Relation::Child {
        Arc::make_mut(&mut case.children).push(to);
    } else {
        case.links.push((to, relation));
    }
}
