//! What people do to a case, one function per verb.

use docket_messages::{
    AgentId, AnswerSurvey, Assign, Attach, Cancel, CaseCommand, Classify, Close, Escalate, Fields, LogEffort, Note,
    Pend, Receive, Reopen, RequestSurvey, Resolve, Respond, Resume, Route, Survey, Text, Unassign,
};

use super::need::Need;
use super::plan::DAY_MS;
use super::script::{Illegal, Script, name};
use super::words;

type Done = Result<(), Illegal>;

impl Script {
    pub(super) fn classify(&mut self, need: &Need) -> Done {
        self.write(CaseCommand::Classify(Classify {
            case_id: self.case_id,
            case_type: None,
            category: Some(name(need.category)?),
            subcategory: Some(name(need.subcategory)?),
            impact: None,
            urgency: None,
            fields: Fields::new(),
        }))
    }

    pub(super) fn route(&mut self, queue: &str, reasons: &[&'static str]) -> Done {
        let reason = if reasons.is_empty() { None } else { Some(self.text(reasons)?) };
        self.write(CaseCommand::Route(Route { case_id: self.case_id, queue: name(queue)?, reason }))
    }

    pub(super) fn assign(&mut self, agent: u32) -> Done {
        let agent = AgentId::parse(&format!("agent-{agent:02}"))?;
        self.write(CaseCommand::Assign(Assign { case_id: self.case_id, agent, queue: None }))
    }

    pub(super) fn unassign(&mut self) -> Done {
        let reason = Some(self.text(words::HANDBACKS)?);
        self.write(CaseCommand::Unassign(Unassign { case_id: self.case_id, reason }))
    }

    pub(super) fn receive(&mut self, texts: &[&'static str], ack: bool) -> Done {
        let (text, ack) = (self.text(texts)?, ack.then_some(true));
        self.write(CaseCommand::Receive(Receive { case_id: self.case_id, text, channel: None, ack }))
    }

    pub(super) fn respond(&mut self, texts: &[&'static str]) -> Done {
        let text = self.text(texts)?;
        self.write(CaseCommand::Respond(Respond { case_id: self.case_id, text, channel: None, automatic: None }))
    }

    /// A bot says that the message has come.
    pub(super) fn acknowledge(&mut self) -> Done {
        let (text, automatic) = (self.text(words::BOT)?, Some(true));
        self.write(CaseCommand::Respond(Respond { case_id: self.case_id, text, channel: None, automatic }))
    }

    pub(super) fn note(&mut self) -> Done {
        let text = self.text(words::NOTES)?;
        self.write(CaseCommand::Note(Note { case_id: self.case_id, text }))
    }

    pub(super) fn pend(&mut self, reason: &str) -> Done {
        let days = i64::from(self.number_to(4)) + 1;
        let until = self.chance(400).then(|| self.at.plus_millis(days * DAY_MS));
        self.write(CaseCommand::Pend(Pend { case_id: self.case_id, reason: name(reason)?, until }))
    }

    pub(super) fn resume(&mut self) -> Done {
        self.write(CaseCommand::Resume(Resume { case_id: self.case_id }))
    }

    pub(super) fn escalate(&mut self, queue: Option<&str>) -> Done {
        let (reason, queue) = (self.text(words::ESCALATIONS)?, queue.map(name).transpose()?);
        self.write(CaseCommand::Escalate(Escalate { case_id: self.case_id, reason, level: None, queue }))
    }

    pub(super) fn resolve(&mut self) -> Done {
        let code = self.pick(&[(72, "solved"), (14, "workaround"), (9, "no_fault_found"), (5, "duplicate")]);
        let steps = self.text(words::STEPS)?;
        let article = self.number_to(60);
        let article_id = if self.chance(220) { Some(name(&format!("KB-{article:04}"))?) } else { None };
        self.write(CaseCommand::Resolve(Resolve { case_id: self.case_id, code: name(code)?, steps, article_id }))
    }

    pub(super) fn close(&mut self, code: &str) -> Done {
        self.write(CaseCommand::Close(Close { case_id: self.case_id, code: name(code)?, comment: None }))
    }

    pub(super) fn reopen(&mut self) -> Done {
        let reason = self.text(words::REOPENS)?;
        self.write(CaseCommand::Reopen(Reopen { case_id: self.case_id, reason }))
    }

    pub(super) fn cancel(&mut self) -> Done {
        let reason = self.text(words::CANCELS)?;
        self.write(CaseCommand::Cancel(Cancel { case_id: self.case_id, reason }))
    }

    /// Records the time that somebody took for it.
    pub(super) fn log_effort(&mut self) -> Done {
        let seconds = 60 * (self.number_to(45) + 4);
        self.write(CaseCommand::LogEffort(LogEffort { case_id: self.case_id, seconds, activity: None }))
    }

    /// Attaches an article that may help; the lower its number, the likelier.
    pub(super) fn attach(&mut self) -> Done {
        let most = self.number_to(60);
        let article = self.number_to(most);
        let article_id = Some(name(&format!("KB-{article:04}"))?);
        self.write(CaseCommand::Attach(Attach { case_id: self.case_id, article_id, search: None }))
    }

    /// Asks whether the customer is satisfied, and of some another thing. Which one?
    pub(super) fn ask_for_rating(&mut self) -> Result<Option<Survey>, Illegal> {
        let also = self.pick(&[(50, None), (32, Some(Survey::Nps)), (18, Some(Survey::Ces))]);
        for survey in std::iter::once(Survey::Csat).chain(also) {
            self.write(CaseCommand::RequestSurvey(RequestSurvey { case_id: self.case_id, survey }))?;
        }
        Ok(also)
    }

    /// Answers what was asked beside the satisfaction.
    pub(super) fn rate_also(&mut self, survey: Survey) -> Done {
        let score: u32 = match survey {
            Survey::Nps => self.pick(&[(26, 10), (21, 9), (20, 8), (12, 7), (8, 6), (5, 5), (4, 3), (4, 0)]),
            Survey::Ces => self.pick(&[(34, 7), (29, 6), (16, 5), (10, 4), (6, 3), (5, 1)]),
            Survey::Csat => return self.rate(),
        };
        self.write(CaseCommand::AnswerSurvey(AnswerSurvey { case_id: self.case_id, survey, score, comment: None }))
    }

    pub(super) fn rate(&mut self) -> Done {
        let score: u32 = self.pick(&[(49, 5), (32, 4), (10, 3), (4, 2), (5, 1)]);
        let comments = if score >= 4 { words::PRAISE } else { words::GRUMBLES };
        let comment: Option<Text> = if self.chance(250) { Some(self.text(comments)?) } else { None };
        let (case_id, survey) = (self.case_id, Survey::Csat);
        self.write(CaseCommand::AnswerSurvey(AnswerSurvey { case_id, survey, score, comment }))
    }
}
