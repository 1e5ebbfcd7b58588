//! What the rules would say of a history, asked without sending anything.

use std::sync::Arc;

use docket_domain::case::{Case, Request, decide};
use docket_domain::policy::{Policies, Policy};
use docket_import::Story;
use docket_messages::PolicyVersion;

use super::Rejected;
use crate::environment;
use crate::error::{AnyError, plain};
use crate::zones;

/// Decides every command of the stories under a policy. Hands back those that would be refused.
pub(super) fn rehearse(stories: &[Story], document: &str) -> Result<Vec<Rejected>, AnyError> {
    let now = environment::now();
    let policy = Policy::compile(document, PolicyVersion(1), now, zones::current()).map_err(|findings| {
        let list: Vec<String> = findings.iter().map(ToString::to_string).collect();
        plain(format!("the extended policy would not be consistent: {}", list.join("; ")))
    })?;
    let policies = Policies::new(Arc::new(policy));
    let mut refused = Vec::new();
    for story in stories {
        let mut case: Option<Case> = None;
        for step in &story.steps {
            let request = Request { now, occurred_at: Some(step.at), expected: None, texts: None, policies: &policies };
            match decide(story.case_id, case.as_ref(), &step.command.clone().into(), &request) {
                Ok(decision) => case = Some(decision.case),
                Err(rejection) => refused.push(Rejected {
                    line: step.line,
                    case: story.case_id.to_string(),
                    reason: format!("`{}` would be refused: {rejection}", step.command.verb().as_str()),
                }),
            }
        }
    }
    Ok(refused)
}
