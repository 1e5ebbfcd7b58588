//! What the rules would say of a history, asked without sending anything.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use docket_domain::case::{Case, Request, decide};
use docket_domain::policy::{Policies, Policy};
use docket_import::Story;
use docket_messages::{CaseId, PolicyVersion, Status};

use super::Rejected;
use crate::environment;
use crate::error::{AnyError, plain};
use crate::zones;

/// Cases by the month in which they began (UTC, `2016-02`) and their status.
pub(super) type Counts = BTreeMap<(String, Status), u64>;

/// What came of it.
pub(super) struct Rehearsed {
    /// Commands that would be refused.
    pub(super) refused: Vec<Rejected>,
    /// Cases that could not be opened.
    pub(super) unopened: HashSet<CaseId>,
    /// How many cases there would be.
    pub(super) months: Counts,
}

/// Decides every command of the stories under a policy.
pub(super) fn rehearse(stories: &[Story], document: &str) -> Result<Rehearsed, AnyError> {
    let now = environment::now();
    let policy = Policy::compile(document, PolicyVersion(1), now, zones::current()).map_err(|findings| {
        let list: Vec<String> = findings.iter().map(ToString::to_string).collect();
        plain(format!("the extended policy would not be consistent: {}", list.join("; ")))
    })?;
    let policies = Policies::new(Arc::new(policy));
    let mut rehearsed = Rehearsed { refused: Vec::new(), unopened: HashSet::new(), months: Counts::new() };
    for story in stories {
        let mut case: Option<Case> = None;
        for step in &story.steps {
            let request = Request { now, occurred_at: Some(step.at), expected: None, texts: None, policies: &policies };
            match decide(story.case_id, case.as_ref(), &step.command.clone().into(), &request) {
                Ok(decision) => case = Some(decision.case),
                Err(rejection) => rehearsed.refused.push(Rejected {
                    line: step.line,
                    case: story.case_id.to_string(),
                    reason: format!("`{}` would be refused: {rejection}", step.command.verb().as_str()),
                }),
            }
        }
        match case {
            Some(case) => {
                let month = case.facts.opened_at.to_chrono().format("%Y-%m").to_string();
                *rehearsed.months.entry((month, case.status())).or_default() += 1;
            }
            None => drop(rehearsed.unopened.insert(story.case_id)),
        }
    }
    Ok(rehearsed)
}
