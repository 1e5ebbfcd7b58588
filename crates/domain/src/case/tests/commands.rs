//! Commands as they come over the wire, with what a test does not care about filled in.

use docket_messages::{CaseAction, CaseCommand, CaseId, CaseStep, StepVerb, Timestamp, Verb, Version};

use super::moment::at;

/// The one case of every story.
pub fn case_id() -> CaseId {
    CaseId::new(uuid::Uuid::from_u128(7))
}

/// A command or a step by verb and body; the body without braces and `caseId`, with single quotes.
pub fn send(verb: &str, body: &str) -> CaseAction {
    let comma = if body.is_empty() { "" } else { "," };
    let body = format!("{{'caseId':'{}'{comma}{body}}}", case_id()).replace('\'', "\"");
    let read = match (Verb::parse(verb), StepVerb::parse(verb)) {
        (Some(verb), _) => CaseCommand::read(verb, body.as_bytes()).map(CaseAction::from),
        (None, Some(verb)) => CaseStep::read(verb, body.as_bytes()).map(CaseAction::from),
        (None, None) => panic!("there is no verb `{verb}`"),
    };
    read.unwrap_or_else(|refused| panic!("{body}: {refused}"))
}

/// An impact and an urgency that the sample's matrix makes this priority of.
fn making(priority: &str) -> &'static str {
    match priority {
        "critical" => "'impact':'high','urgency':'high'",
        "high" => "'impact':'high','urgency':'medium'",
        "moderate" => "'impact':'medium','urgency':'medium'",
        "low" => "'impact':'low','urgency':'low'",
        _ => panic!("the sample has no priority `{priority}`"),
    }
}

/// An intake by type, priority and the rest of its body.
pub fn intake_with(case_type: &str, priority: &str, rest: &str) -> CaseAction {
    let comma = if rest.is_empty() { "" } else { "," };
    let fixed = format!("'type':'{case_type}','subject':'It hurts','channel':'email',{}", making(priority));
    send("intake", &format!("{fixed}{comma}{rest}"))
}

pub fn intake_as(priority: &str) -> CaseAction {
    intake_with("question", priority, "")
}

/// A question of moderate priority: 4 hours to the first response, three working days to the resolution.
pub fn intake() -> CaseAction {
    intake_as("moderate")
}

pub fn prioritise(priority: &str) -> CaseAction {
    send("classify", making(priority))
}

pub fn route(queue: &str) -> CaseAction {
    send("route", &format!("'queue':'{queue}'"))
}

pub fn assign(agent: &str) -> CaseAction {
    send("assign", &format!("'agent':'{agent}'"))
}

pub fn unassign() -> CaseAction {
    send("unassign", "")
}

pub fn receive() -> CaseAction {
    send("receive", "'text':'Still broken'")
}

pub fn thanks() -> CaseAction {
    send("receive", "'text':'Thanks','ack':true")
}

pub fn respond() -> CaseAction {
    send("respond", "'text':'Try this'")
}

pub fn respond_by_bot() -> CaseAction {
    send("respond", "'text':'We got it','automatic':true")
}

pub fn note() -> CaseAction {
    send("note", "'text':'Seen'")
}

pub fn pend(reason: &str) -> CaseAction {
    send("pend", &format!("'reason':'awaiting_{reason}'"))
}

pub fn pend_until(reason: &str, until: &str) -> CaseAction {
    send("pend", &format!("'reason':'awaiting_{reason}','until':'{}'", at(until)))
}

pub fn resume() -> CaseAction {
    send("resume", "")
}

pub fn escalate() -> CaseAction {
    send("escalate", "'reason':'It burns'")
}

pub fn resolve() -> CaseAction {
    send("resolve", "'code':'solved','steps':'Turned it off and on'")
}

pub fn close(code: &str) -> CaseAction {
    send("close", &format!("'code':'{code}'"))
}

pub fn reopen() -> CaseAction {
    send("reopen", "'reason':'It came back'")
}

pub fn cancel() -> CaseAction {
    send("cancel", "'reason':'Spam'")
}

pub fn request_survey(survey: &str) -> CaseAction {
    send("requestSurvey", &format!("'survey':'{survey}'"))
}

pub fn answer_survey(survey: &str, score: u32) -> CaseAction {
    send("answerSurvey", &format!("'survey':'{survey}','score':{score}"))
}

pub fn deescalate() -> CaseAction {
    send("deescalate", "'reason':'It is out'")
}

pub fn confirm() -> CaseAction {
    send("confirm", "'accepted':true")
}

pub fn disagree() -> CaseAction {
    send("confirm", "'accepted':false,'comment':'Still broken'")
}

pub fn log_effort(seconds: u32) -> CaseAction {
    send("logEffort", &format!("'seconds':{seconds},'activity':'call'"))
}

/// Another case.
pub fn other_case() -> CaseId {
    CaseId::new(uuid::Uuid::from_u128(8))
}

pub fn claim(agent: &str) -> CaseAction {
    send("claim", &format!("'agent':'{agent}'"))
}

pub fn link(relation: &str) -> CaseAction {
    send("link", &format!("'to':'{}','relation':'{relation}'", other_case()))
}

pub fn merge() -> CaseAction {
    send("merge", &format!("'into':'{}'", other_case()))
}

/// The other case asks this one to take it in; its customer waits since then.
pub fn absorb(waiting_since: &str) -> CaseAction {
    send("absorb", &format!("'from':'{}','waitingSince':'{}'", other_case(), at(waiting_since)))
}

pub fn release() -> CaseAction {
    send("release", &format!("'from':'{}'", other_case()))
}

/// The other case has agreed.
pub fn merge_is_settled() -> CaseAction {
    send("settleMerge", &format!("'with':'{}'", other_case()))
}

/// The other case has refused.
pub fn merge_is_refused(code: &str) -> CaseAction {
    send("settleMerge", &format!("'with':'{}','refused':'{code}'", other_case()))
}

pub fn tick() -> CaseAction {
    send("tick", "")
}

/// A command and its circumstances. Without a time it comes at the moment of the one before.
#[derive(Debug, Clone)]
pub struct Step {
    pub command: CaseAction,
    pub now: Option<Timestamp>,
    pub occurred_at: Option<Timestamp>,
    pub expected: Option<Version>,
}

impl From<CaseAction> for Step {
    fn from(command: CaseAction) -> Self {
        Self { command, now: None, occurred_at: None, expected: None }
    }
}

pub trait Circumstances: Into<Step> {
    /// Live, at a moment.
    fn at(self, moment: &str) -> Step {
        Step { now: Some(at(moment)), ..self.into() }
    }

    /// Back-dated: told long after it happened.
    fn back_at(self, moment: &str) -> Step {
        Step { now: Some(at("2027-06-01 12:00")), occurred_at: Some(at(moment)), ..self.into() }
    }

    fn expecting(self, version: u32) -> Step {
        Step { expected: Some(Version(version)), ..self.into() }
    }
}

impl<T: Into<Step>> Circumstances for T {}
