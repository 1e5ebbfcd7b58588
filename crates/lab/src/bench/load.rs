//! The load: half intakes and half mixed verbs on cases that exist, or whole cases one after the other.

use docket_jetstream::bus::{BusClient, Outgoing};
use docket_messages::{CaseId, CommandId, Position, Reply};
use uuid::Uuid;

use crate::Error;

/// What happens to a case after its intake, in this order.
const VERBS: [&str; 7] = ["assign", "note", "respond", "classify", "pend", "receive", "resolve"];

/// What happens to each case of a lifecycle, in this order.
const LIFECYCLE: [&str; 6] = ["intake", "assign", "respond", "pend", "receive", "resolve"];

/// What a sender does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Course {
    /// Opens a case, then goes on with the one that it is working on, in turn. When that one is solved, it takes the
    /// newest; the others stay as they are.
    Mixed,
    /// Takes one case after the other through its six commands.
    Lifecycle,
}

/// One sender of commands, one after the other.
pub struct Sender {
    bus: BusClient,
    number: usize,
    course: Course,
    opens_next: bool,
    newest: CaseId,
    working_on: CaseId,
    /// The verb that comes next for that case.
    step: usize,
}

impl Sender {
    /// A sender with no cases yet.
    pub fn new(bus: BusClient, number: usize, course: Course) -> Self {
        let none = CaseId::new(Uuid::nil());
        Self { bus, number, course, opens_next: true, newest: none, working_on: none, step: 0 }
    }

    /// The next command: its verb and body.
    fn next(&mut self) -> (&'static str, String) {
        match self.course {
            Course::Mixed => self.next_of_mixed(),
            Course::Lifecycle => self.next_of_lifecycle(),
        }
    }

    fn next_of_lifecycle(&mut self) -> (&'static str, String) {
        let verb = LIFECYCLE.get(self.step).copied().unwrap_or("intake");
        self.step = (self.step + 1) % LIFECYCLE.len();
        if verb == "intake" {
            self.working_on = CaseId::new(Uuid::now_v7());
            return (verb, intake(self.working_on, self.number));
        }
        (verb, body(verb, self.working_on, self.number))
    }

    fn next_of_mixed(&mut self) -> (&'static str, String) {
        self.opens_next = !self.opens_next;
        if !self.opens_next {
            self.newest = CaseId::new(Uuid::now_v7());
            return ("intake", intake(self.newest, self.number));
        }
        if self.step == 0 {
            self.working_on = self.newest;
        }
        let verb = VERBS.get(self.step).copied().unwrap_or("note");
        self.step = (self.step + 1) % VERBS.len();
        (verb, body(verb, self.working_on, self.number))
    }

    /// Sends the next command and waits for its reply, which must be `accepted`. Returns its position.
    ///
    /// # Errors
    /// That it was not accepted, or that there was no reply.
    pub fn send(&mut self, id: CommandId) -> impl Future<Output = Result<Position, Error>> + Send + use<> {
        let (verb, body) = self.next();
        let outgoing = Outgoing {
            kind: "case".to_owned(),
            verb: verb.to_owned(),
            id,
            body: body.into(),
            on_behalf_of: None,
            expect_version: None,
            occurred_at: None,
        };
        let bus = self.bus.clone();
        async move {
            match bus.send(&outgoing).await? {
                Reply::Accepted { accepted, .. } => Ok(accepted.position),
                Reply::Rejected { rejected } => Err(format!("`{}` was refused: {rejected}", outgoing.verb).into()),
                Reply::Failed { failed } => Err(Error::from(failed)),
            }
        }
    }
}

/// Written as text: the sender's share of the machine is not what is measured.
fn intake(case: CaseId, number: usize) -> String {
    format!(
        r#"{{"caseId":"{case}","type":"incident","channel":"email","category":"product",
"subcategory":"defect","impact":"medium","urgency":"medium","customerId":"customer-{number:04}",
"subject":"The device does not start",
"description":"It worked until yesterday. Since then the light blinks three times and nothing happens."}}"#
    )
}

fn body(verb: &str, case: CaseId, number: usize) -> String {
    let rest = match verb {
        "assign" => format!(r#""agent":"agent-{number:04}""#),
        "respond" => r#""text":"We have found the cause and are working on it.""#.to_owned(),
        "classify" => r#""urgency":"high""#.to_owned(),
        "pend" => r#""reason":"awaiting_customer""#.to_owned(),
        "receive" => r#""text":"Here is the photograph that you asked for.""#.to_owned(),
        "resolve" => r#""code":"solved","steps":"Replaced the power supply.""#.to_owned(),
        _ => r#""text":"Asked the workshop for a spare part.""#.to_owned(),
    };
    format!(r#"{{"caseId":"{case}",{rest}}}"#)
}
