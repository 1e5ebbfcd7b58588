//! Whether an entry of the log is one that the rules would have made.
//!
//! Whoever writes the log can write anything into it. So an auditor does not take its word: what the policy derives is
//! derived again, and what people did must be possible for the verb that they used, in the status that the case had.

use docket_messages::{CaseEntry, CaseEvent, CaseId, Rejection, StepVerb, Verb};

use super::act::Rules;
use super::evolve::{InvalidEntry, fold};
use super::replay::{Replayed, is_derived, replay};
use super::{Case, commands, steps};
use crate::policy::Policies;

/// Why an entry is not what the rules make of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Nonconformity {
    /// It cannot follow what came before.
    #[error("{0}")]
    Invalid(String),
    /// There is no such verb.
    #[error("no command and no step is called `{0}`")]
    UnknownVerb(String),
    /// The status of the case does not allow it.
    #[error("{}", .0.message)]
    Status(Rejection),
    /// Such an event does not come of this command.
    #[error("`{event}` does not come of `{verb}`")]
    NotOfVerb {
        /// The event.
        event: &'static str,
        /// The verb.
        verb: String,
    },
    /// What people do happens at the moment of the entry.
    #[error("`{event}` says a moment of its own, and what people do has that of its entry")]
    Dated {
        /// The event.
        event: &'static str,
    },
    /// What the policy derives is something else.
    #[error("{}", told(*.number, *.found, *.due))]
    Derived {
        /// Which event of the entry, from 1.
        number: usize,
        /// What stands there.
        found: Option<&'static str>,
        /// What would have to.
        due: Option<&'static str>,
    },
}

fn told(number: usize, found: Option<&str>, due: Option<&str>) -> String {
    match (found, due) {
        (Some(found), Some(due)) if found == due => {
            format!("`{found}`, event {number} of the entry, says something else than the rules make of it")
        }
        (Some(found), Some(due)) => format!("event {number} of the entry is `{found}`, where the rules make `{due}`"),
        (Some(found), None) => format!("`{found}`, event {number} of the entry, does not follow by the rules"),
        (None, Some(due)) => format!("`{due}` is missing, which the rules make of it as event {number}"),
        (None, None) => format!("event {number} of the entry is none"),
    }
}

impl From<InvalidEntry> for Nonconformity {
    fn from(InvalidEntry { message }: InvalidEntry) -> Self {
        Self::Invalid(message)
    }
}

/// Checks the next entry of a case, and folds it. `policies` are those up to the version that it was decided under.
///
/// # Errors
/// The first [`Nonconformity`].
pub fn conform(
    case: Option<Case>,
    id: CaseId,
    entry: &CaseEntry,
    is_backdated: bool,
    policies: &Policies,
) -> Result<Option<Case>, Nonconformity> {
    let rules = rules(&entry.verb)?;
    if let Some(last) = case.as_ref().map(|case| case.last_at).filter(|last| entry.at < *last) {
        return Err(Nonconformity::Invalid(format!("it is of {}, and the case has an entry of {last}", entry.at)));
    }
    // One without events changed nothing: so nothing may have fallen due before.
    let replayed = replay(case.clone(), id, entry, is_backdated, policies)?;
    compare(&replayed, entry)?;
    let own = replayed.events.iter().skip(replayed.due).map(|(_, event)| event);
    let mut done = own.filter(|event| !is_derived(event)).peekable();
    if let Some(status) = replayed.before
        && done.peek().is_some()
    {
        rules.require(status, &entry.verb).map_err(Nonconformity::Status)?;
    }
    let facts: Vec<&CaseEvent> = done.collect();
    if let Some(dated) = facts.iter().find(|event| event.at().is_some()) {
        return Err(Nonconformity::Dated { event: dated.name() });
    }
    if let Some(foreign) = facts.iter().find(|event| !rules.leaves(event.name())) {
        return Err(Nonconformity::NotOfVerb { event: foreign.name(), verb: entry.verb.clone() });
    }
    Ok(fold(case, id, entry)?)
}

fn rules(verb: &str) -> Result<Rules, Nonconformity> {
    let of_step = || StepVerb::parse(verb).map(steps::rules);
    let found = Verb::parse(verb).map(commands::rules).or_else(of_step);
    found.ok_or_else(|| Nonconformity::UnknownVerb(verb.to_owned()))
}

/// Every event must be the one that replaying gives.
fn compare(replayed: &Replayed, entry: &CaseEntry) -> Result<(), Nonconformity> {
    let due: Vec<&CaseEvent> = replayed.events.iter().map(|(_, event)| event).collect();
    let found: Vec<&CaseEvent> = entry.events.iter().collect();
    let differs = (0..due.len().max(found.len())).find(|index| due.get(*index) != found.get(*index));
    match differs {
        None => Ok(()),
        Some(index) => Err(Nonconformity::Derived {
            number: index + 1,
            found: found.get(index).map(|event| event.name()),
            due: due.get(index).map(|event| event.name()),
        }),
    }
}
