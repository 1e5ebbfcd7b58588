//! How long the relations and functions take on a desk of years.

use std::time::{Duration, Instant};

use docket_lab::bench::made_up::MadeUpLog;
use docket_projection::{Progress as Applied, ReadModels, Schema, Settings};
use serde::Serialize;
use tokio::sync::watch;

use super::desk::private_desk;
use crate::desk::{Binaries, SAMPLE_POLICY};
use crate::environment::now;
use crate::error::{AnyError, plain};
use crate::output::{self, Progress};
use crate::zones;

/// Arguments of `docket bench queries`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Cases of the desk.
    #[arg(long, default_value_t = 100_000, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    cases: u32,
    /// Days in which they began.
    #[arg(long, default_value_t = 1_095, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=3_650))]
    days: u32,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    binaries: Binaries,
}

/// How often is looked how far the tables are.
const LOOK: Duration = Duration::from_millis(500);

/// What was measured.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    cases: u32,
    days: u32,
    entries: u64,
    filled_seconds: f64,
    queries: Vec<Measured>,
}

/// A query, and how long it took.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Measured {
    name: &'static str,
    sql: String,
    millis: f64,
    /// How long it should take at most.
    aim_millis: f64,
    rows: f64,
    /// The part of its plan that took longest.
    worst_node: String,
    worst_node_millis: f64,
}

/// Measures.
pub async fn run(args: &Args) -> Result<(), AnyError> {
    // Nothing but the tables is of interest: the log is made up, and applied as it comes.
    let (desk, _folder) = private_desk(&args.binaries, false, &[]).await?;
    let measured = fill_and_measure(&desk.postgres(), args).await;
    desk.stop().await?;
    let report = measured?;
    if args.json { output::json(&report) } else { report.print() }
}

async fn fill_and_measure(postgres: &str, args: &Args) -> Result<Report, AnyError> {
    let log = MadeUpLog::new(SAMPLE_POLICY, usize::try_from(args.cases)?, i64::from(args.days), now())?;
    let mut written = log.written();
    let settings = Settings::new(postgres, zones::current());
    let (applied, seen) = watch::channel(Applied::default());
    let began = Instant::now();
    let filling = tokio::spawn(async move { docket_projection::run(log, &settings, &applied).await });
    let mut progress = Progress::start("cases", u64::from(args.cases));
    loop {
        tokio::time::sleep(LOOK).await;
        let (log, position) = (*written.borrow_and_update(), seen.borrow().position);
        progress.set(u64::try_from(log.cases)?, u64::from(args.cases));
        if log.is_whole && position == log.position {
            break;
        }
        if filling.is_finished() {
            filling.await??;
            return Err(plain("the read models stopped before the log ended"));
        }
    }
    progress.finish();
    let filled_seconds = began.elapsed().as_secs_f64();
    filling.abort();
    let entries = seen.borrow().position.get();
    let models = ReadModels::open(postgres, &Schema::default()).await?;
    output::note("looking through the tables");
    models.settle().await?;
    let mut queries = Vec::new();
    for Query { name, aim_millis, sql } in QUERIES {
        output::note(name);
        let timing = models.time(sql).await?;
        queries.push(Measured {
            name,
            sql: (*sql).to_owned(),
            millis: timing.millis,
            aim_millis: *aim_millis,
            rows: timing.rows,
            worst_node: timing.worst.what,
            worst_node_millis: timing.worst.millis,
        });
    }
    Ok(Report { cases: args.cases, days: args.days, entries, filled_seconds, queries })
}

impl Report {
    fn print(&self) -> Result<(), AnyError> {
        let rows = self.queries.iter().map(|query| {
            vec![
                query.name.to_owned(),
                format!("{:.0}", query.millis),
                format!("{:.0}", query.aim_millis),
                format!("{:.0}", query.rows),
                query.worst_node.clone(),
                format!("{:.0}", query.worst_node_millis),
            ]
        });
        output::say(&output::table(&["query", "ms", "aim", "rows", "worst node", "its ms"], rows).to_string());
        output::say(&format!(
            "{} cases in {} days, {} entries applied in {:.0} s; the median of three runs",
            self.cases, self.days, self.entries, self.filled_seconds
        ));
        Ok(())
    }
}

struct Query {
    name: &'static str,
    /// How long it should take at a million cases.
    aim_millis: f64,
    sql: &'static str,
}

const fn view(name: &'static str, sql: &'static str) -> Query {
    Query { name, aim_millis: 200.0, sql }
}

const fn function(name: &'static str, sql: &'static str) -> Query {
    Query { name, aim_millis: 1_000.0, sql }
}

const fn scorecard(name: &'static str, sql: &'static str) -> Query {
    Query { name, aim_millis: 2_000.0, sql }
}

/// Views whole where they are of a desk, and of a case, or the newest rows, where they have a row for each case or more;
/// functions over a year.
const QUERIES: &[Query] = &[
    view("queues", "SELECT * FROM queues"),
    view("backlog_aging", "SELECT * FROM backlog_aging"),
    view("agents", "SELECT * FROM agents"),
    view("cases of a queue", "SELECT * FROM cases WHERE is_active AND queue = 'frontline'"),
    view("cases, the newest", "SELECT * FROM cases WHERE opened_at >= now() - interval '1 day'"),
    view(
        "case_times, a day",
        "SELECT times.* FROM case_times AS times JOIN cases USING (case_id)
        WHERE cases.first_resolved_at >= now() - interval '1 day'",
    ),
    view("a case's history", "SELECT * FROM case_history WHERE case_id = (SELECT case_id FROM cases LIMIT 1)"),
    view("a case's timeline", "SELECT * FROM case_timeline WHERE case_id = (SELECT case_id FROM cases LIMIT 1)"),
    view("a case's statuses", "SELECT * FROM time_in_status WHERE case_id = (SELECT case_id FROM cases LIMIT 1)"),
    view("a case's clocks", "SELECT * FROM clocks WHERE case_id = (SELECT case_id FROM cases LIMIT 1)"),
    view("sla_attainment", "SELECT * FROM sla_attainment"),
    view("csat_daily", "SELECT * FROM csat_daily"),
    view("resolutions_daily", "SELECT * FROM resolutions_daily"),
    view("daily", "SELECT * FROM daily"),
    view("obligations, a day", "SELECT * FROM obligations WHERE asked_at >= now() - interval '1 day'"),
    view("contacts, a day", "SELECT * FROM contacts WHERE at >= now() - interval '1 day'"),
    function("at_risk", "SELECT * FROM at_risk('1 day')"),
    function("attainment by queue", "SELECT * FROM attainment(now() - interval '1 year', now(), 'queue')"),
    function("attainment by category", "SELECT * FROM attainment(now() - interval '1 year', now(), 'category')"),
    function("response_times by queue", "SELECT * FROM response_times(now() - interval '1 year', now(), 'queue')"),
    function("response_times by type", "SELECT * FROM response_times(now() - interval '1 year', now(), 'type')"),
    function("resolution_times by queue", "SELECT * FROM resolution_times(now() - interval '1 year', now(), 'queue')"),
    function("resolution_times by agent", "SELECT * FROM resolution_times(now() - interval '1 year', now(), 'agent')"),
    function("quality by queue", "SELECT * FROM quality(now() - interval '1 year', now(), 'queue')"),
    function("repeat_contact_rate", "SELECT * FROM repeat_contact_rate('7 days', now() - interval '1 year', now())"),
    function(
        "first_contact_resolution",
        "SELECT * FROM first_contact_resolution('7 days', now() - interval '1 year', now())",
    ),
    function("survey_results", "SELECT * FROM survey_results(now() - interval '1 year', now(), 'csat', 'queue')"),
    function("volume, a day each", "SELECT * FROM volume(now() - interval '1 year', now(), 'UTC', '1 day')"),
    function("volume, quarters", "SELECT * FROM volume(now() - interval '7 days', now(), 'UTC', '15 minutes')"),
    function("drivers", "SELECT * FROM drivers(current_date, 4)"),
    function("knowledge_use", "SELECT * FROM knowledge_use(now() - interval '1 year', now())"),
    function("knowledge_gaps", "SELECT * FROM knowledge_gaps(now() - interval '1 year', now())"),
    function("backlog_as_of, a year ago", "SELECT * FROM backlog_as_of(now() - interval '1 year')"),
    function("backlog_as_of, a week ago", "SELECT * FROM backlog_as_of(now() - interval '7 days')"),
    function("queues_as_of, a year ago", "SELECT * FROM queues_as_of(now() - interval '1 year')"),
    function(
        "clocks_as_of, running",
        "SELECT * FROM clocks_as_of(now() - interval '1 year') WHERE state IN ('running', 'paused')",
    ),
    function("case_as_of", "SELECT * FROM case_as_of((SELECT case_id FROM cases LIMIT 1), now() - interval '1 year')"),
    scorecard("scorecard_agents", "SELECT * FROM scorecard_agents(now() - interval '1 year', now())"),
    scorecard("scorecard_queues", "SELECT * FROM scorecard_queues(now() - interval '1 year', now())"),
];
