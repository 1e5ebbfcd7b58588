//! `case.get`: the state of one case, now or then, folded from the log. `policy.get`: the policy in force.

use docket_domain::authority;
use docket_eventlog::{EventLog, Subject};
use docket_messages::{
    CaseReply, FailureCode, GetCase, GetPolicy, PolicyEntry, PolicyEvent, PolicyReply, PolicyView, PrincipalName,
    Rejection, RejectionCode,
};
use serde::Serialize;

use crate::Aggregate;
use crate::admit::path;
use crate::answers::{failure, no_policy};
use crate::case::history::keys_of;
use crate::context::Context;

/// An answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// To `case.get`, and to what is no query.
    Case(CaseReply),
    /// To `policy.get`.
    Policy(PolicyReply),
}

/// Answers a query.
pub(crate) async fn query<L: EventLog>(context: &Context<L>, subject: &str, body: &[u8]) -> Answer {
    let rejected = |rejected: Rejection| Answer::Case(CaseReply::Rejected { rejected });
    match path(subject) {
        Ok((by, "case", "get")) => Answer::Case(case(context, &by, body).await.unwrap_or_else(|no| no)),
        Ok((by, "policy", "get")) => Answer::Policy(policy(context, &by, body).await.unwrap_or_else(|no| no)),
        Ok(_) => {
            let message = "there are two queries, `case.get` and `policy.get`";
            rejected(Rejection::new(RejectionCode::UnknownCommand, message))
        }
        Err(no) => rejected(no),
    }
}

/// The policy in force, for principals who may publish the next.
async fn policy<L: EventLog>(
    context: &Context<L>,
    by: &PrincipalName,
    body: &[u8],
) -> Result<PolicyReply, PolicyReply> {
    let rejected = |rejected: Rejection| PolicyReply::Rejected { rejected };
    let failed = |code, error: &dyn std::error::Error, may_retry| PolicyReply::Failed {
        failed: failure(code, error, may_retry),
    };
    GetPolicy::read(body).map_err(rejected)?;
    let known = context.policies.refresh().await;
    let known = known.map_err(|error| PolicyReply::Failed { failed: error.failure() })?;
    let policies = known.policies.as_ref().ok_or_else(|| rejected(no_policy()))?;
    let request = authority::Request { by, kind: "policy", verb: "publish", delegated: false, backdated: false };
    authority::check(policies.current(), &request).map_err(rejected)?;
    let entries = context.log.read_subject(&Subject::Policy, None).await;
    let entries = entries.map_err(|error| failed(FailureCode::LogUnavailable, &error, true))?;
    for recorded in entries.iter().rev() {
        let entry = PolicyEntry::decode(&recorded.payload);
        let entry = entry.map_err(|error| failed(FailureCode::LogUnreadable, &error, false))?;
        let version = entry.policy;
        if let Some(published) = entry.events.into_iter().find_map(PolicyEvent::into_published) {
            return Ok(PolicyReply::Policy { policy: PolicyView { version, document: published.document } });
        }
    }
    Err(rejected(no_policy()))
}

/// The state of a case.
async fn case<L: EventLog>(context: &Context<L>, by: &PrincipalName, body: &[u8]) -> Result<CaseReply, CaseReply> {
    let rejected = |rejected: Rejection| CaseReply::Rejected { rejected };
    let query = GetCase::read(body).map_err(rejected)?;
    let may_read_texts = authorise(context, by).await?;
    let entries = context.log.read_subject(&Subject::Case(query.case_id), None).await;
    let entries =
        entries.map_err(|error| CaseReply::Failed { failed: failure(FailureCode::LogUnavailable, &error, true) })?;
    let keys = match may_read_texts {
        true => Some(keys_of(context, &entries).await.map_err(|failed| CaseReply::Failed { failed })?),
        false => None,
    };
    let view = Aggregate::view(query.case_id, entries, keys.as_ref(), query.as_of, (context.environment.now)())
        .map_err(|error| CaseReply::Failed { failed: failure(FailureCode::LogUnreadable, &error, false) })?;
    let Some(case) = view else {
        let when = if query.as_of.is_none() { "" } else { " as of then" };
        let message = format!("there is no case {}{when}", query.case_id);
        return Err(rejected(Rejection::new(RejectionCode::CaseNotFound, message).at("caseId")));
    };
    Ok(CaseReply::Case { case: Box::new(case) })
}

/// Refuses who may not read cases. Whether it may read what people said of them, too.
async fn authorise<L: EventLog>(context: &Context<L>, by: &PrincipalName) -> Result<bool, CaseReply> {
    let known = context.policies.refresh().await;
    let known = known.map_err(|error| CaseReply::Failed { failed: error.failure() })?;
    let Some(policies) = &known.policies else { return Err(CaseReply::Rejected { rejected: no_policy() }) };
    let request = authority::Request { by, kind: "case", verb: "get", delegated: false, backdated: false };
    authority::check(policies.current(), &request).map_err(|rejected| CaseReply::Rejected { rejected })?;
    Ok(authority::check(policies.current(), &authority::Request { verb: "texts", ..request }).is_ok())
}
