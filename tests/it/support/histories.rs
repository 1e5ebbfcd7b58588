//! Made-up histories: back-dated commands in an order that a desk might see, the same on every run.

use futures::StreamExt as _;
use serde_json::{Value, json};

use super::{Command, Sender};

/// What happened to one case, in order.
pub(crate) struct History {
    pub(crate) case: String,
    commands: Vec<Command>,
}

/// So many histories, a case every six hours before 2026-06-01, with different lives.
pub(crate) fn histories(count: u32) -> Vec<History> {
    (0..count).map(history).collect()
}

fn history(number: u32) -> History {
    let case = uuid::Uuid::from_u128(0x0199_a7a0_0000_7000_8000_0000_0000_0000 + u128::from(number)).to_string();
    let mut pen = Pen { case: case.clone(), at: 1_780_272_000 - i64::from(number) * 21_600, commands: Vec::new() };
    let of = |words: &[&str], n: u32| words[n as usize % words.len()].to_owned();
    let (levels, queues) = (["high", "medium", "low"], ["frontline", "billing", "technical", "complaints"]);
    pen.write(0, "intake", json!({
        "type": of(&["question", "incident", "request", "complaint"], number), "subject": format!("Need {number}"),
        "channel": of(&["email", "phone", "chat", "web"], number / 2), "category": "product", "subcategory": "usage",
        "impact": of(&levels, number), "urgency": of(&levels, number / 3), "customerId": format!("C-{}", number % 40),
    }));
    pen.write(10, "route", json!({ "queue": of(&queues, number) }));
    if !number.is_multiple_of(7) {
        pen.write(15, "assign", json!({ "agent": of(&["ana", "bob", "eve"], number) }));
        if number % 4 == 1 {
            pen.write(5, "receive", json!({ "text": "Hello?", "channel": "phone" }));
        }
        pen.write(20 + i64::from(number % 11) * 30, "respond", json!({ "text": "We are looking at it." }));
    }
    match number % 5 {
        0 => pen.write(30, "pend", json!({ "reason": of(&["awaiting_customer", "awaiting_vendor"], number / 5) })),
        1 => pen.write(40, "assign", json!({ "agent": "bob", "queue": of(&queues, number + 1) })),
        2 => pen.write(50, "escalate", json!({ "reason": "No progress" })),
        3 => pen.write(60, "classify", json!({ "impact": "high", "urgency": "high", "category": "billing" })),
        _ => {}
    }
    pen.know(number);
    if !number.is_multiple_of(3) {
        pen.end(number);
    }
    History { case, commands: pen.commands }
}

/// Writes commands, minutes apart.
struct Pen {
    case: String,
    at: i64,
    commands: Vec<Command>,
}

impl Pen {
    fn write(&mut self, minutes: i64, verb: &str, mut body: Value) {
        self.at += minutes * 60;
        body["caseId"] = self.case.clone().into();
        let at = chrono::DateTime::from_timestamp(self.at, 0).expect("a time").to_rfc3339();
        let id = format!("{}-{}", self.case, self.commands.len());
        self.commands.push(Command::case(verb, &body).id(&id).at(&at));
    }

    /// Looks for what is known, there and back, and notes what that took.
    fn know(&mut self, number: u32) {
        let article = json!({ "articleId": format!("KB-{}", number % 4) });
        match number % 6 {
            1 => self.write(3, "attach", article),
            2 => self.write(3, "attach", json!({ "search": "a way out" })),
            3 => {
                self.write(3, "attach", article.clone());
                self.write(3, "detach", article);
            }
            _ => {}
        }
        if number % 8 == 5 {
            for queue in ["technical", "billing", "technical"] {
                self.write(4, "route", json!({ "queue": queue }));
            }
        }
        if number.is_multiple_of(4) {
            self.write(7, "logEffort", json!({ "seconds": 60 + number, "activity": "call" }));
        }
    }

    /// Ends well; some come back, and some of those for good.
    fn end(&mut self, number: u32) {
        let mut solved = json!({ "code": "solved", "steps": "Restarted it." });
        if number % 9 == 1 {
            solved["articleId"] = "KB-9".into();
        }
        self.write(900, "resolve", solved.clone());
        let (survey, score) =
            [("csat", 1 + number % 5), ("ces", 1 + number % 7), ("nps", number % 11)][number as usize % 8 % 3];
        self.write(60, "requestSurvey", json!({ "survey": survey }));
        if number % 5 != 4 {
            self.write(60, "answerSurvey", json!({ "survey": survey, "score": score }));
        }
        match number % 4 {
            0 => {
                self.write(600, "receive", json!({ "text": "It is back." }));
                if number.is_multiple_of(8) {
                    self.write(90, "respond", json!({ "text": "Once more." }));
                    self.write(90, "resolve", solved);
                }
            }
            1 => {}
            _ => self.write(1_440, "close", json!({ "code": "completed" })),
        }
    }
}

/// Sends histories, many at once, each in its order. Hands back the last position.
pub(crate) async fn drive(sender: &Sender, histories: &[History]) -> u64 {
    let told = futures::stream::iter(histories).map(async |history: &History| {
        let mut position = 0;
        for command in &history.commands {
            position = sender.must(command).await["position"].as_u64().expect("a position");
        }
        position
    });
    told.buffer_unordered(64).fold(0, async |last: u64, position| last.max(position)).await
}
