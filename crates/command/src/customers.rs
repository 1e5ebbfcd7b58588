//! What customers are asked beside their cases: no survey for a while after the last, on whatever case.
//!
//! A case is decided by itself, so what it owes to other cases of its customer is a fact of the customer: before a
//! survey is requested, the customer's own log says for which case (`surveyReserved`). Of two cases that ask at once, one
//! is told no. Reserving for the same case and cycle again changes nothing, so whoever was interrupted goes on.

use docket_domain::case::Case;
use docket_domain::policy::{DAY_MS, Policy};
use docket_eventlog::{AppendError, EventLog, Subject};
use docket_messages::{
    CaseEvent, CommandId, CustomerEvent, CustomerId, Digest, Failure, FailureCode, PrincipalName, Rejection,
    RejectionCode, Reply, Survey, SurveyReserved, Timestamp,
};

use crate::handle::failed;
use crate::receipts::Request;
use crate::record::Record;
use crate::service::Context;

/// How often it is decided again because somebody wrote first.
const ATTEMPTS: u32 = 20;

/// What the entry of a reservation calls the command.
const VERB: &str = "reserveSurvey";

/// Reserves the surveys that a decision requests, where the policy leaves customers in peace for a while. Says why not,
/// if not.
pub(crate) async fn reserve<L: EventLog>(
    context: &Context<L>,
    policy: &Policy,
    case: &Case,
    events: &[CaseEvent],
    at: Timestamp,
) -> Option<Reply> {
    let customer = case.customer_id.as_ref()?;
    for event in events {
        let CaseEvent::SurveyRequested(asked) = event else { continue };
        let days = policy.document.surveys.get(&asked.survey).and_then(|rule| rule.suppress_days);
        let Some(days) = days else { continue };
        let since = at.plus_millis(-i64::from(days) * DAY_MS);
        let slot = SurveyReserved {
            customer_id: customer.clone(),
            survey: asked.survey,
            case_id: case.id,
            cycle: asked.cycle,
        };
        if let Some(no) = reserve_one(context, policy, &slot, since).await {
            return Some(no);
        }
    }
    None
}

async fn reserve_one<L: EventLog>(
    context: &Context<L>,
    policy: &Policy,
    slot: &SurveyReserved,
    since: Timestamp,
) -> Option<Reply> {
    let SurveyReserved { customer_id, survey, case_id, cycle } = slot;
    let id = format!("{survey}-{}-{cycle}", case_id.uuid().simple());
    let (id, by) = (CommandId::parse(&id).ok()?, PrincipalName::system());
    let (body, message) = (serde_json::to_vec(slot).ok()?, Digest::of_message(slot).ok()?);
    let request =
        Request { id: &id, by: &by, on_behalf_of: None, verb: VERB, body: &body, message: &message, via: None };
    for attempt in 0..ATTEMPTS {
        context.back_off(attempt).await;
        let record = match Record::load(context, Subject::Customer(customer_id.clone())).await {
            Ok(record) => record,
            Err(failed) => return Some(Reply::Failed { failed }),
        };
        match last(&record, *survey) {
            Some((_, reserved)) if reserved == slot => return None,
            Some((at, _)) if at > since => {
                return Some(Reply::Rejected { rejected: suppressed(customer_id, *survey, at) });
            }
            Some(_) | None => {}
        }
        let events = vec![CustomerEvent::SurveyReserved(slot.clone())];
        match record.append(context, &request, policy.version, events).await {
            Ok(_) => return None,
            Err(AppendError::Conflict | AppendError::Unknown { .. }) => {}
            Err(error @ AppendError::Unavailable { .. }) => {
                return Some(failed(FailureCode::LogUnavailable, &error, true));
            }
        }
    }
    let message = "somebody always wrote first about this customer; try again".to_owned();
    Some(Reply::Failed { failed: Failure { code: FailureCode::Overloaded, message, retryable: true } })
}

/// The newest reservation of a kind of survey, and when it was.
fn last(record: &Record<CustomerEvent>, survey: Survey) -> Option<(Timestamp, &SurveyReserved)> {
    let reserved = record.events().map(|(at, CustomerEvent::SurveyReserved(reserved))| (at, reserved));
    reserved.rev().find(|(_, reserved)| reserved.survey == survey)
}

fn suppressed(customer: &CustomerId, survey: Survey, at: Timestamp) -> Rejection {
    let message =
        format!("the customer `{customer}` was asked for `{survey}` at {at}; the policy leaves them in peace");
    Rejection::new(RejectionCode::SurveySuppressed, message).at("survey")
}
