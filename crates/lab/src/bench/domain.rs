//! The rules alone: decisions per second on cases of different lengths, and deadlines near and far. One thread, no
//! input or output.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use docket_calendar::zones::Zones;
use docket_domain::case::{Case, Request, decide};
use docket_domain::policy::{Policies, Policy};
use docket_messages::{CaseAction, CaseCommand, CaseId, CaseStep, ClockName, PolicyVersion, StepVerb, Timestamp, Verb};
use serde::Serialize;
use uuid::Uuid;

use super::measure::count;
use crate::Error;

/// How long each figure is measured.
const WINDOW: Duration = Duration::from_millis(200);
/// Monday, 5 January 2026, 10:00 in UTC.
const MONDAY_MS: i64 = 1_767_607_200_000;
/// Between two commands of a case.
const STEP_MS: i64 = 60_000;
/// An hour on a working day of eight and a half.
const HOUR_MS: i64 = 3_600_000;

/// What was measured.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Of each command, on cases of each length.
    pub decisions: Vec<Decisions>,
    /// Near and far.
    pub deadlines: Vec<Deadlines>,
}

/// Decisions of one command.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Decisions {
    /// The command's verb.
    pub verb: &'static str,
    /// Events that the case had.
    pub events: u32,
    /// Decisions per second.
    pub per_second: f64,
}

/// Deadlines in office hours.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Deadlines {
    /// How far away the deadline is, in hours that are open.
    pub open_hours: i64,
    /// How long finding one takes.
    pub microseconds: f64,
}

/// Measures under the sample policy, on cases with so many events.
///
/// # Errors
/// What keeps a command from being decided.
pub fn run(sample: &str, zones: &Zones, lengths: &[u32]) -> Result<Report, Error> {
    let document = sample.replacen(QUEUE, OFFERING, 1);
    let policy = Policy::compile_published(&document, PolicyVersion(1), monday(), zones)
        .map_err(|_| "the sample policy cannot be read")?;
    let policies = Policies::new(Arc::new(policy));
    let mut report = Report { decisions: Vec::new(), deadlines: Vec::new() };
    for events in lengths {
        let bench = Bench::start(&policies, *events)?;
        for verb in verbs() {
            report.decisions.push(bench.measure(verb)?);
        }
    }
    for open_hours in [8, 2_000, 20_000] {
        report.deadlines.push(deadlines(&policies, open_hours)?);
    }
    Ok(report)
}

/// Every command that somebody may send.
pub fn verbs() -> impl Iterator<Item = &'static str> {
    Verb::ALL.iter().map(|verb| verb.as_str())
}

/// What happens to a case that is being worked on before a command is possible, or does something.
fn before(verb: &str) -> &'static [&'static str] {
    match verb {
        "close" | "confirm" | "reopen" | "requestSurvey" => &["resolve"],
        "answerSurvey" => &["resolve", "requestSurvey"],
        "claim" => &["unassign"],
        "acceptOffer" | "declineOffer" => &["unassign", "push"],
        "resume" => &["pend"],
        "deescalate" => &["escalate"],
        "detach" => &["attach"],
        "unmerge" => &["merge", "settleMerge"],
        _ => &[],
    }
}

/// A queue of the sample policy, and the same as one that offers its cases.
const QUEUE: &str = "[queues.technical]\n";
const OFFERING: &str = "[agents.agent-7]\ncapacity = 9\n[queues.technical]\npush = true\noffer_seconds = 600\n";

/// A case of some length, and what it is decided under.
struct Bench<'p> {
    policies: &'p Policies,
    events: u32,
    id: CaseId,
    case: Case,
}

impl<'p> Bench<'p> {
    /// Works on a case until it has so many events.
    fn start(policies: &'p Policies, events: u32) -> Result<Self, Error> {
        let id = CaseId::new(Uuid::nil());
        let mut now = monday();
        let mut case = decide(id, None, &command("intake")?, &request(policies, now))?.case;
        for verb in ["assign", "respond", "pend", "receive", "note", "unassign"].iter().cycle() {
            if case.version.get() >= events {
                break;
            }
            now = now.plus_millis(STEP_MS);
            case = decide(id, Some(&case), &command(verb)?, &request(policies, now))?.case;
        }
        // As it is worked on, so that all verbs apply.
        for verb in ["receive", "assign"] {
            now = now.plus_millis(STEP_MS);
            case = decide(id, Some(&case), &command(verb)?, &request(policies, now))?.case;
        }
        Ok(Self { policies, events, id, case })
    }

    fn measure(&self, verb: &'static str) -> Result<Decisions, Error> {
        let request = request(self.policies, self.case.last_at.plus_millis(STEP_MS));
        let mut case = self.case.clone();
        for earlier in before(verb) {
            case = decide(self.id, Some(&case), &command(earlier)?, &request)?.case;
        }
        let case = (verb != "intake").then_some(&case);
        let command = command(verb)?;
        decide(self.id, case, &command, &request)?;
        let per_second = rate(|| drop(black_box(decide(self.id, case, &command, &request))));
        Ok(Decisions { verb, events: self.events, per_second })
    }
}

fn monday() -> Timestamp {
    Timestamp::from_millis(MONDAY_MS)
}

fn request(policies: &Policies, now: Timestamp) -> Request<'_> {
    Request { now, occurred_at: None, expected: None, texts: None, policies }
}

/// How often a second something can be done.
fn rate(mut act: impl FnMut()) -> f64 {
    let (began, mut times) = (Instant::now(), 0);
    while began.elapsed() < WINDOW {
        for _ in 0..64 {
            act();
        }
        times += 64;
    }
    count(times) / began.elapsed().as_secs_f64()
}

/// A command, or a step that comes before one.
fn command(verb: &str) -> Result<CaseAction, Error> {
    let rest = match verb {
        "intake" => {
            r#""type":"incident","subject":"It does not start","channel":"email","category":"product",
               "impact":"medium","urgency":"medium""#
        }
        "classify" => r#""urgency":"high""#,
        "route" => r#""queue":"billing""#,
        "push" => r#""queue":"technical","agent":"agent-7""#,
        "assign" | "claim" | "acceptOffer" | "declineOffer" => r#""agent":"agent-7""#,
        "receive" | "respond" | "note" => r#""text":"Here is the photograph that you asked for.""#,
        "pend" => r#""reason":"awaiting_customer""#,
        "attach" | "detach" => r#""articleId":"KB-42""#,
        "link" => r#""to":"00000000-0000-0000-0000-000000000001","relation":"parent""#,
        "merge" => r#""into":"00000000-0000-0000-0000-000000000001""#,
        "settleMerge" => r#""with":"00000000-0000-0000-0000-000000000001""#,
        "split" => r#""subject":"The invoice is wrong, too""#,
        "logEffort" => r#""seconds":600"#,
        "confirm" => r#""accepted":true"#,
        "requestSurvey" => r#""survey":"csat""#,
        "answerSurvey" => r#""survey":"csat","score":4"#,
        "escalate" | "deescalate" | "reopen" | "unmerge" | "cancel" => r#""reason":"The customer asked for it.""#,
        "resolve" => r#""code":"solved","steps":"Replaced the power supply.""#,
        "close" => r#""code":"completed""#,
        _ => "",
    };
    let comma = if rest.is_empty() { "" } else { "," };
    let body = format!(r#"{{"caseId":"{}"{comma}{rest}}}"#, Uuid::nil());
    Ok(match (Verb::parse(verb), StepVerb::parse(verb)) {
        (Some(verb), _) => CaseCommand::read(verb, body.as_bytes())?.into(),
        (None, Some(verb)) => CaseStep::read(verb, body.as_bytes())?.into(),
        (None, None) => return Err(format!("there is no command `{verb}`").into()),
    })
}

fn deadlines(policies: &Policies, open_hours: i64) -> Result<Deadlines, Error> {
    let policy = policies.current();
    let office = policy.document.calendars.keys().find(|name| name.as_str() == "office");
    let office = office.ok_or("the sample policy has no calendar `office`")?;
    let calendar = policy.target_of_clock(ClockName::Resolution, office, 1, false).calendar;
    let mut start = monday();
    let per_second = rate(|| {
        start = start.plus_millis(1);
        black_box(calendar.deadline(start, open_hours * HOUR_MS));
    });
    Ok(Deadlines { open_hours, microseconds: 1_000_000.0 / per_second })
}
