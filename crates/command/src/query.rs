//! `case.get`: the state of one case, now or then, folded from the log.

use docket_domain::authority;
use docket_eventlog::{EventLog, Recorded, Subject};
use docket_messages::{AsOf, CaseReply, Entry, FailureCode, GetCase, PrincipalName, Rejection, RejectionCode};

use crate::Aggregate;
use crate::admit::path;
use crate::handle::{failure, no_policy};
use crate::service::Context;

/// Whether an entry belongs to the answer.
fn includes(as_of: Option<AsOf>, recorded: &Recorded) -> bool {
    match as_of {
        None => true,
        Some(AsOf::Position(position)) => recorded.position <= position,
        // What cannot be read is left to the fold, which says so.
        Some(AsOf::Time(time)) => Entry::decode(&recorded.payload).map_or(true, |entry| entry.at <= time),
    }
}

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
    let mut entries =
        entries.map_err(|error| CaseReply::Failed { failed: failure(FailureCode::LogUnavailable, &error, true) })?;
    entries.retain(|recorded| includes(query.as_of, recorded));
    let aggregate = Aggregate::fold(query.case_id, &entries)
        .map_err(|error| CaseReply::Failed { failed: failure(FailureCode::LogUnreadable, &error, false) })?;
    let (Some(case), Some(position)) = (aggregate.case(), aggregate.last()) else {
        let when = if query.as_of.is_none() { "" } else { " as of then" };
        let message = format!("there is no case {}{when}", query.case_id);
        return Err(rejected(Rejection::new(RejectionCode::CaseNotFound, message).at("caseId")));
    };
    let now = match query.as_of {
        None => (context.surroundings.now)(),
        Some(AsOf::Time(time)) => time,
        Some(AsOf::Position(_)) => case.last_at,
    };
    Ok(CaseReply::Case { case: Box::new(case.view(position, now)) })
}

async fn authorise<L: EventLog>(context: &Context<L>, by: &PrincipalName) -> Result<(), CaseReply> {
    let known = context.policies.refresh().await;
    let known = known.map_err(|error| CaseReply::Failed { failed: error.failure() })?;
    let Some(policies) = &known.policies else { return Err(CaseReply::Rejected { rejected: no_policy() }) };
    let request = authority::Request { by, kind: "case", verb: "get", delegated: false, backdated: false };
    authority::check(policies.current(), &request).map_err(|rejected| CaseReply::Rejected { rejected })
}
