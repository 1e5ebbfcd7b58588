//! Whether an entry of the log is one that the rules would have made.
//!
//! Whoever writes the log can write anything into it. So an auditor does not take its word: what the policy derives is
//! derived again. What people did is decided again, wherever the events say all that they asked for; elsewhere it must be
//! possible for the verb that they used, in the status that the case had.

use docket_messages::{CaseEntry, CaseEvent, CaseId, Rejection, StepVerb, Verb};

use super::act::Rules;
use super::draft::Draft;
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
    /// The rules do not allow it.
    #[error("{}", .0.message)]
    Refused(Rejection),
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
    if let Some(last) = case.as_ref().map(|case| case.last_at).filter(|last| entry.at < *last) {
        return Err(Nonconformity::Invalid(format!("it is of {}, and the case has an entry of {last}", entry.at)));
    }
    let rules = rules(&entry.verb)?;
    let facts: Vec<&CaseEvent> = entry.events.iter().filter(|event| !is_derived(event)).collect();
    if let Some(dated) = facts.iter().find(|event| event.at().is_some()) {
        return Err(Nonconformity::Dated { event: dated.name() });
    }
    if let Some(foreign) = facts.iter().find(|event| !rules.leaves(event.name())) {
        return Err(Nonconformity::NotOfVerb { event: foreign.name(), verb: entry.verb.clone() });
    }
    if !decided_again(case.as_ref(), entry, &facts, (is_backdated, policies))? {
        derived_again(case.clone(), id, entry, rules, (is_backdated, policies))?;
    }
    Ok(fold(case, id, entry)?)
}

/// Decides what the entry says was asked for, which must come to the same. Whether it says so.
fn decided_again(
    case: Option<&Case>,
    entry: &CaseEntry,
    facts: &[&CaseEvent],
    (is_backdated, policies): (bool, &Policies),
) -> Result<bool, Nonconformity> {
    let Some(case) = case.filter(|_| !facts.is_empty()) else { return Ok(false) };
    let mut draft = Draft::of_own(case.clone(), entry.at, is_backdated, policies);
    let decided = draft.advance_and_act(entry.verb == Verb::Tick.as_str(), |draft| {
        let again = match (Verb::parse(&entry.verb), StepVerb::parse(&entry.verb)) {
            (Some(verb), _) => commands::act_again(draft, facts, verb),
            (None, Some(verb)) => steps::act_again(draft, facts, verb),
            (None, None) => return Err(Some(Nonconformity::UnknownVerb(entry.verb.clone()))),
        };
        again.ok_or(None)?.map_err(|refused| Some(Nonconformity::Refused(refused)))
    });
    match decided {
        Ok(()) => {}
        Err(None) => return Ok(false),
        Err(Some(nonconformity)) => return Err(nonconformity),
    }
    compare(&draft.events, entry)?;
    Ok(true)
}

/// Derives again what the policy made of what people did, which must have been possible. One without events changed nothing:
/// so nothing may have fallen due before.
fn derived_again(
    case: Option<Case>,
    id: CaseId,
    entry: &CaseEntry,
    rules: Rules,
    (is_backdated, policies): (bool, &Policies),
) -> Result<(), Nonconformity> {
    let Replayed { events, due, before, .. } = replay(case, id, entry, is_backdated, policies)?;
    let events: Vec<CaseEvent> = events.into_iter().map(|(_, event)| event).collect();
    compare(&events, entry)?;
    let does_something = events.iter().skip(due).any(|event| !is_derived(event));
    match before.filter(|_| does_something) {
        Some(status) => rules.require(status, &entry.verb).map_err(Nonconformity::Refused),
        None => Ok(()),
    }
}

fn rules(verb: &str) -> Result<Rules, Nonconformity> {
    let of_step = || StepVerb::parse(verb).map(steps::rules);
    let found = Verb::parse(verb).map(commands::rules).or_else(of_step);
    found.ok_or_else(|| Nonconformity::UnknownVerb(verb.to_owned()))
}

/// Every event must be the one that is due.
fn compare(due: &[CaseEvent], entry: &CaseEntry) -> Result<(), Nonconformity> {
    let found = &entry.events;
    let differs = (0..due.len().max(found.len())).find(|index| due.get(*index) != found.get(*index));
    match differs {
        None => Ok(()),
        Some(index) => Err(Nonconformity::Derived {
            number: index + 1,
            found: found.get(index).map(CaseEvent::name),
            due: due.get(index).map(CaseEvent::name),
        }),
    }
}
