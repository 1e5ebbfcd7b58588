//! Made-up histories of a plausible service desk, for the sample policy.
//!
//! The same seed and the same end give the same histories. They are back-dated, so nothing in them is left to
//! the policy's automations: a story routes its case itself, and closes it itself.
//!
//! - `plan`: which cases come when, and what becomes of them.
//! - `need`: what a case is about.
//! - `life`: what happens to it, step by step.
//! - `ending`: what happens after it was solved.
//! - `acts`: one function per verb.
//! - `script`: the pen that writes steps and keeps the time.
//! - `words`: subjects, messages and names.

use docket_messages::Timestamp;

use docket_import::Story;

pub(crate) use self::plan::{Plan, plans};

mod acts;
mod ending;
mod life;
mod need;
mod plan;
mod script;
mod words;

/// How far back the histories go.
const SPAN_DAYS: i64 = 90;

/// Writes the histories of `cases` cases, which end before `until` and began in the 90 days before it.
///
/// Some cases are always open at `until`: new, open, waiting, at risk and breached ones, so that a small desk has
/// a backlog too. In order of arrival. A story that cannot be written in legal words would be left out; a test
/// shows that there is none.
#[must_use]
pub fn generate(seed: u64, cases: usize, until: Timestamp) -> Vec<Story> {
    let plans = plans(seed, cases, SPAN_DAYS, until);
    plans.iter().zip(1..).filter_map(|(plan, number)| life::tell(plan, number).ok()).collect()
}

/// The story of the case of a number; none if it cannot be written.
pub(crate) fn tell(plan: &Plan, number: usize) -> Option<Story> {
    life::tell(plan, number).ok()
}

#[cfg(test)]
mod tests;
