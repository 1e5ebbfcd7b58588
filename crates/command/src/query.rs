//! `case.get`: the state of one case, now or then, folded from the log.

use docket_domain::authority;
use docket_eventlog::{EventLog, Subject};
use docket_messages::{CaseReply, FailureCode, GetCase, PrincipalName, Rejection, RejectionCode};

use crate::Aggregate;
use crate::admit::path;
use crate::handle::{failure, no_policy};
use crate::service::Context;

/// Answers a query.
pub(crate) async fn query<L: EventLog>(context: &Context<L>, subject: &str, body: &[u8]) -> CaseReply {
    let asked = ask(context, subject, body).await;
    asked.unwrap_or_else(|no| no)
}

async fn ask<L: EventLog>(context: &Context<L>, subject: &str, body: &[u8]) -> Result<CaseReply, CaseReply> {
    let rejected = |rejected: Rejection| CaseReply::Rejected { rejected };
    let (by, kind, verb) = path(subject).map_err(rejected)?;
    if (kind, verb) != ("case", "get") {
        let message = "there is one query, `case.get`";
        return Err(rejected(Rejection::new(RejectionCode::UnknownCommand, message)));
    }
    let query = GetCase::read(body).map_err(rejected)?;
    authorise(context, &by).await?;
    let entries = context.log.read_subject(&Subject::Case(query.case_id), None).await;
    let entries =
        entries.map_err(|error| CaseReply::Failed { failed: failure(FailureCode::LogUnavailable, &error, true) })?;
    let view = Aggregate::view(query.case_id, entries, query.as_of, (context.surroundings.now)())
        .map_err(|error| CaseReply::Failed { failed: failure(FailureCode::LogUnreadable, &error, false) })?;
    let Some(case) = view else {
        let when = if query.as_of.is_none() { "" } else { " as of then" };
        let message = format!("there is no case {}{when}", query.case_id);
        return Err(rejected(Rejection::new(RejectionCode::CaseNotFound, message).at("caseId")));
    };
    Ok(CaseReply::Case { case: Box::new(case) })
}

async fn authorise<L: EventLog>(context: &Context<L>, by: &PrincipalName) -> Result<(), CaseReply> {
    let known = context.policies.refresh().await;
    let known = known.map_err(|error| CaseReply::Failed { failed: error.failure() })?;
    let Some(policies) = &known.policies else { return Err(CaseReply::Rejected { rejected: no_policy() }) };
    let request = authority::Request { by, kind: "case", verb: "get", delegated: false, backdated: false };
    authority::check(policies.current(), &request).map_err(|rejected| CaseReply::Rejected { rejected })
}
