//! What customers are asked beside their cases: no survey for a while after the last, on whatever case.
//!
//! A case is decided by itself, so what it owes to other cases of its customer is a fact of the customer: before a
//! survey is requested, the customer's own log says for which case (`surveyReserved`). Of two cases that ask at once,
//! one is told no. Reserving for the same case and cycle again changes nothing, so an interrupted request goes on.

use std::error::Error;

use docket_domain::case::Case;
use docket_domain::policy::{DAY_MS, Policy};
use docket_eventlog::{EventLog, Subject, Tail};
use docket_messages::{
    CaseEvent, CommandId, CustomerEvent, CustomerId, Digest, Entry, Failure, FailureCode, PolicyVersion, PrincipalName,
    Rejection, RejectionCode, Reply, Survey, SurveyEvent, SurveyReserved, Timestamp,
};

use crate::answers::failed;
use crate::context::Context;
use crate::policy::book::KnownPolicies;
use crate::receipts::Request;
use crate::record::Record;
use crate::transact::{Decided, Transaction, Verdict, transact};

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
    let customer = case.facts.customer_id.as_ref()?;
    for event in events {
        let CaseEvent::Survey(SurveyEvent::SurveyRequested(asked)) = event else { continue };
        let days = policy.document.surveys.get(&asked.survey).and_then(|rule| rule.suppress_days);
        let Some(days) = days else { continue };
        let since = at.plus_millis(-i64::from(days) * DAY_MS);
        let slot = SurveyReserved {
            customer_id: customer.clone(),
            survey: asked.survey,
            case_id: case.id,
            cycle: asked.cycle,
        };
        let mut reservation = match Reservation::new(slot, since, policy.version) {
            Ok(reservation) => reservation,
            Err(error) => return Some(failed(FailureCode::LogUnavailable, &*error, false)),
        };
        if let Some(no) = transact(context, &mut reservation, None).await.0 {
            return Some(no);
        }
    }
    None
}

/// A command of Docket's own to a customer.
struct Reservation {
    id: CommandId,
    by: PrincipalName,
    body: Vec<u8>,
    message: Digest,
    slot: SurveyReserved,
    /// Since when the customer must not have been asked.
    since: Timestamp,
    policy: PolicyVersion,
}

impl Reservation {
    /// Its id follows from what it is for, so an interrupted request sends the same again.
    fn new(
        slot: SurveyReserved,
        since: Timestamp,
        policy: PolicyVersion,
    ) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let id = CommandId::parse(&format!("{}-{}-{}", slot.survey, slot.case_id.uuid().simple(), slot.cycle))?;
        let (body, message) = (serde_json::to_vec(&slot)?, Digest::of_message(&slot)?);
        Ok(Self { id, by: PrincipalName::system(), body, message, slot, since, policy })
    }
}

impl<L: EventLog> Transaction<L> for Reservation {
    type Event = CustomerEvent;
    type State = Record<CustomerEvent>;
    type Pending = ();
    /// Why not, if not.
    type End = Option<Reply>;

    fn subject(&self) -> Subject {
        Subject::Customer(self.slot.customer_id.clone())
    }

    fn request(&self) -> Request<'_> {
        Request {
            id: &self.id,
            by: &self.by,
            on_behalf_of: None,
            verb: VERB,
            body: &self.body,
            message: &self.message,
            via: None,
            sent_to: None,
            trace: None,
        }
    }

    async fn load(
        &self,
        context: &Context<L>,
        subject: &Subject,
        known: Option<Self::State>,
    ) -> Result<Self::State, Failure> {
        Record::load(context, subject, known).await
    }

    async fn judge(
        &mut self,
        context: &Context<L>,
        record: &mut Self::State,
        _known: &KnownPolicies,
        _attempt: u32,
    ) -> Verdict<L, Self> {
        match last(record, self.slot.survey) {
            Some((_, reserved)) if *reserved == self.slot => return Verdict::End(None),
            Some((at, reserved)) if at > self.since => {
                let rejected = suppressed(&reserved.customer_id, reserved.survey, at);
                return Verdict::Confirm(Some(Reply::Rejected { rejected }));
            }
            Some(_) | None => {}
        }
        let at = record.moment((context.environment.now)());
        let events = vec![CustomerEvent::SurveyReserved(self.slot.clone())];
        Verdict::Append(Decided { at, is_backdated: false, policy: self.policy, wake_at: None, events }, ())
    }

    fn appended(&mut self, _: &mut Self::State, (): (), _: &Entry<CustomerEvent>, _: Tail) -> Option<Reply> {
        None
    }

    fn too_busy(&self) -> String {
        "another writer always appended first about this customer; try again".to_owned()
    }
}

/// The newest reservation of a kind of survey, and when it was.
fn last(record: &Record<CustomerEvent>, survey: Survey) -> Option<(Timestamp, &SurveyReserved)> {
    let reserved = record.events().map(|(at, CustomerEvent::SurveyReserved(reserved))| (at, reserved));
    reserved.rev().find(|(_, reserved)| reserved.survey == survey)
}

fn suppressed(customer: &CustomerId, survey: Survey, at: Timestamp) -> Rejection {
    let message =
        format!("the customer `{customer}` was asked for `{survey}` at {at}; the policy forbids asking again so soon");
    Rejection::new(RejectionCode::SurveySuppressed, message).at("survey")
}
