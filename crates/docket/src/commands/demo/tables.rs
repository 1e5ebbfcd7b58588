//! The demo's tables: what the read models say, for people and as JSON.

use std::collections::BTreeMap;
use std::time::Duration;

use docket_projection::{
    AgentRow, ArticleRow, BacklogRow, ClockSummaryRow, CsatRow, EffortRow, EscalationRow, MergeRow, QueueRow, SlaRow,
    SplitRow, SurveyRow,
};
use serde_json::{Value, json};

use crate::output;

/// What the demo shows.
pub struct Report {
    /// Cases that were generated.
    pub cases: u32,
    /// Commands that were accepted.
    pub commands: u64,
    /// Entries in the log.
    pub entries: u64,
    /// Whether chains and versions were checked and are whole.
    pub verified: bool,
    /// `docket.queues`.
    pub queues: Vec<QueueRow>,
    /// `docket.backlog_aging`.
    pub backlog: Vec<BacklogRow>,
    /// `docket.clocks`, counted.
    pub clocks: Vec<ClockSummaryRow>,
    /// `docket.sla_attainment`.
    pub attainment: Vec<SlaRow>,
    /// `docket.csat_daily`.
    pub csat: Vec<CsatRow>,
    /// Surveys, by kind.
    pub surveys: Vec<SurveyRow>,
    /// Recorded work, by queue.
    pub effort: Vec<EffortRow>,
    /// Knowledge articles that were of use.
    pub articles: Vec<ArticleRow>,
    /// `docket.agents`.
    pub agents: Vec<AgentRow>,
    /// Parts of cases that go on by themselves.
    pub splits: Vec<SplitRow>,
    /// Cases that were raised, by level.
    pub escalations: Vec<EscalationRow>,
    /// Cases that go on in others.
    pub merges: Vec<MergeRow>,
}

/// The ageing buckets, youngest first.
const BUCKETS: [&str; 7] = ["<4h", "4-24h", "1-3d", "3-7d", "7-14d", "14-30d", ">=30d"];

fn or_none(name: Option<&String>) -> String {
    name.cloned().unwrap_or_else(|| "(none)".to_owned())
}

fn days(seconds: f64) -> String {
    if seconds < 86_400.0 { format!("{:.1} h", seconds / 3_600.0) } else { format!("{:.1} d", seconds / 86_400.0) }
}

fn percent(part: i64, whole: i64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "counts of a demo are small")]
    let rate = if whole == 0 { 0.0 } else { 100.0 * part as f64 / whole as f64 };
    format!("{rate:.1} %")
}

impl Report {
    /// Prints the tables.
    pub fn print(&self, took: Duration) {
        let per_second = f64::from(u32::try_from(self.commands).unwrap_or(u32::MAX)) / took.as_secs_f64();
        output::say(&format!(
            "{} cases, {} commands in {:.1} s ({per_second:.0}/s)",
            self.cases,
            self.commands,
            took.as_secs_f64()
        ));
        output::say(&format!("\nQueues\n{}", self.queue_table()));
        output::say(&format!("\nBacklog by age\n{}", self.backlog_table()));
        output::say(&format!("\nClocks\n{}", self.clock_table()));
        output::say(&format!("\nService-level attainment\n{}", self.attainment_table()));
        output::say(&format!("\nCustomer satisfaction\n{}", self.csat_table()));
        output::say(&format!("\nSurveys\n{}", self.survey_table()));
        output::say(&format!("\nRecorded effort\n{}", self.effort_table()));
        output::say(&format!("\nKnowledge articles\n{}", self.article_table()));
        output::say(&format!("\nAgents\n{}", self.agent_table()));
        output::say(&format!("\nEscalated cases\n{}", self.escalation_table()));
        output::say(&format!("\nDuplicates that were merged\n{}", self.merge_table()));
        output::say(&format!("\nCases that were split\n{}", self.split_table()));
        if self.verified {
            output::say(&format!(
                "\nverified: {} entries, every chain whole, every version in its place",
                self.entries
            ));
        }
    }

    fn queue_table(&self) -> comfy_table::Table {
        let rows = self.queues.iter().map(|q| {
            let counts = [q.open, q.unassigned, q.pending, q.at_risk, q.breached].map(|count| count.to_string());
            let [open, unassigned, pending, at_risk, breached] = counts;
            vec![or_none(q.queue.as_ref()), open, unassigned, pending, days(q.oldest_age_seconds), at_risk, breached]
        });
        output::table(&["queue", "open", "unassigned", "pending", "oldest", "at risk", "breached"], rows)
    }

    fn backlog_table(&self) -> comfy_table::Table {
        let mut counts: BTreeMap<String, BTreeMap<&str, i64>> = BTreeMap::new();
        for row in &self.backlog {
            *counts.entry(or_none(row.queue.as_ref())).or_default().entry(&row.bucket).or_default() += row.cases;
        }
        let rows = counts.into_iter().map(|(queue, buckets)| {
            let cells = BUCKETS.iter().map(|bucket| buckets.get(bucket).copied().unwrap_or(0).to_string());
            std::iter::once(queue).chain(cells).collect()
        });
        let header: Vec<&str> = std::iter::once("queue").chain(BUCKETS).collect();
        output::table(&header, rows)
    }

    fn clock_table(&self) -> comfy_table::Table {
        let rows = self.clocks.iter().map(|clock| {
            vec![clock.clock.clone(), clock.state.clone(), clock.clocks.to_string(), clock.breached.to_string()]
        });
        output::table(&["clock", "state", "clocks", "of them breached"], rows)
    }

    fn attainment_table(&self) -> comfy_table::Table {
        let mut totals: BTreeMap<(String, String), (i64, i64)> = BTreeMap::new();
        for row in &self.attainment {
            let total = totals.entry((row.clock.clone(), or_none(row.priority.as_ref()))).or_default();
            *total = (total.0 + row.met, total.1 + row.breached);
        }
        let rows = totals.into_iter().map(|((clock, priority), (met, breached))| {
            vec![clock, priority, met.to_string(), breached.to_string(), percent(met, met + breached)]
        });
        output::table(&["clock", "priority", "met", "breached", "attainment"], rows)
    }

    fn csat_table(&self) -> comfy_table::Table {
        let mut totals: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        for row in &self.csat {
            let total = totals.entry(or_none(row.queue.as_ref())).or_default();
            *total = (total.0 + row.responses, total.1 + row.satisfied);
        }
        let rows = totals.into_iter().map(|(queue, (responses, satisfied))| {
            vec![queue, responses.to_string(), satisfied.to_string(), percent(satisfied, responses)]
        });
        output::table(&["queue", "responses", "satisfied", "csat"], rows)
    }

    fn survey_table(&self) -> comfy_table::Table {
        let rows = self.surveys.iter().map(|row| {
            let average = row.average.map_or("-".to_owned(), |average| format!("{average:.1}"));
            let rate = percent(row.answered, row.requested);
            let (good, all) = (row.favourable, row.answered);
            let result = match row.survey.as_str() {
                _ if all == 0 => "-".to_owned(),
                "nps" => format!("NPS {:+}", (100 * (good - row.unfavourable) + all / 2).div_euclid(all)),
                "ces" => format!("{} found it easy", percent(good, all)),
                _ => format!("{} satisfied", percent(good, all)),
            };
            vec![row.survey.clone(), row.requested.to_string(), all.to_string(), rate, average, result]
        });
        output::table(&["survey", "requested", "answered", "response rate", "mean score", "result"], rows)
    }

    fn effort_table(&self) -> comfy_table::Table {
        let minutes = |seconds: i64, by: i64| (seconds / 60 / by.max(1)).to_string();
        let rows = self.effort.iter().map(|row| {
            let (all, each) = (minutes(row.seconds, 60), minutes(row.seconds, row.cases));
            vec![or_none(row.queue.as_ref()), row.cases.to_string(), all, each]
        });
        output::table(&["queue", "cases", "hours", "minutes a case"], rows)
    }

    fn article_table(&self) -> comfy_table::Table {
        let rows =
            self.articles.iter().map(|row| vec![row.article.clone(), row.attached.to_string(), row.solved.to_string()]);
        output::table(&["article", "attached", "solved the case"], rows)
    }

    fn agent_table(&self) -> comfy_table::Table {
        let rows = self.agents.iter().map(|row| vec![row.agent.clone(), row.presence.clone(), row.cases.to_string()]);
        output::table(&["agent", "presence", "cases in hand"], rows)
    }

    fn split_table(&self) -> comfy_table::Table {
        let rows = self.splits.iter().map(|row| vec![row.case_id.to_string(), row.follow_up.to_string()]);
        output::table(&["case", "a part goes on as"], rows)
    }

    fn escalation_table(&self) -> comfy_table::Table {
        let rows = self.escalations.iter().map(|row| vec![row.level.to_string(), row.cases.to_string()]);
        output::table(&["level", "cases"], rows)
    }

    fn merge_table(&self) -> comfy_table::Table {
        let rows = self.merges.iter().map(|row| vec![row.case_id.to_string(), row.merged_into.to_string()]);
        output::table(&["case", "goes on in"], rows)
    }

    /// The same figures as one JSON object, with the columns of the relations.
    pub fn to_json(&self) -> Value {
        json!({
            "cases": self.cases,
            "commands": self.commands,
            "entries": self.entries,
            "verified": self.verified,
            "queues": self.queues.iter().map(|q| json!({
                "queue": q.queue, "open": q.open, "unassigned": q.unassigned, "pending": q.pending,
                "oldestOpenedAt": q.oldest_opened_at, "oldestAge": q.oldest_age_seconds,
                "atRisk": q.at_risk, "breached": q.breached,
            })).collect::<Vec<_>>(),
            "backlogAging": self.backlog.iter().map(|b| json!({
                "queue": b.queue, "priority": b.priority, "type": b.case_type, "bucket": b.bucket, "cases": b.cases,
            })).collect::<Vec<_>>(),
            "clocks": self.clocks.iter().map(|c| json!({
                "clock": c.clock, "state": c.state, "clocks": c.clocks, "breached": c.breached,
            })).collect::<Vec<_>>(),
            "slaAttainment": self.attainment.iter().map(|s| json!({
                "day": s.day, "queue": s.queue, "priority": s.priority, "clock": s.clock,
                "met": s.met, "breached": s.breached, "attainment": s.attainment,
            })).collect::<Vec<_>>(),
            "csat": self.csat.iter().map(|c| json!({
                "day": c.day, "queue": c.queue, "responses": c.responses, "satisfied": c.satisfied,
                "csat": c.csat, "average": c.average,
            })).collect::<Vec<_>>(),
            "surveys": self.surveys.iter().map(|s| json!({
                "survey": s.survey, "requested": s.requested, "answered": s.answered, "average": s.average,
                "favourable": s.favourable, "unfavourable": s.unfavourable,
            })).collect::<Vec<_>>(),
            "effort": self.effort.iter().map(|e| json!({
                "queue": e.queue, "cases": e.cases, "seconds": e.seconds,
            })).collect::<Vec<_>>(),
            "articles": self.articles.iter().map(|a| json!({
                "article": a.article, "attached": a.attached, "solved": a.solved,
            })).collect::<Vec<_>>(),
            "agents": self.agents.iter().map(|a| json!({
                "agent": a.agent, "presence": a.presence, "since": a.since, "cases": a.cases,
            })).collect::<Vec<_>>(),
            "splits": self.splits.iter().map(|s| json!({
                "caseId": s.case_id, "followUp": s.follow_up,
            })).collect::<Vec<_>>(),
            "escalations": self.escalations.iter().map(|e| json!({
                "level": e.level, "cases": e.cases,
            })).collect::<Vec<_>>(),
            "merges": self.merges.iter().map(|m| json!({
                "caseId": m.case_id, "mergedInto": m.merged_into,
            })).collect::<Vec<_>>(),
        })
    }
}
