//! The log, as reports read it.

use docket_eventlog::{EventLog as _, Recorded, Subject};
use docket_jetstream::JetStreamLog;
use docket_messages::{AnyEntry, Position, Timestamp};
use serde::Serialize;

use crate::commands::evidence::first_since;
use crate::commands::log::who;
use crate::commands::period::Period;
use crate::endpoints::Find;
use crate::error::{AnyError, plain};
use crate::output::{self, Progress};

/// What a report of entries is asked.
#[derive(Debug, clap::Args)]
pub struct Asked {
    #[command(flatten)]
    period: Period,
    /// Print each entry as one line of JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    find: Find,
}

/// An entry that is reported.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reported {
    /// Its place in the log.
    pub position: Position,
    /// When the log took it in.
    pub recorded_at: Timestamp,
    /// Its moment.
    pub at: Timestamp,
    /// What kind of aggregate it is of.
    pub kind: &'static str,
    /// Which one.
    pub of: String,
    /// Its verb.
    pub verb: String,
    /// Who asked, for whom, and whether the operator sent it.
    pub by: String,
    /// Why it is reported.
    pub why: String,
}

impl Reported {
    fn new(recorded: &Recorded, entry: &AnyEntry, why: String) -> Self {
        let of = recorded.subject.as_ref().map_or_else(|_| entry.of.clone(), Subject::id);
        Self {
            position: recorded.position,
            recorded_at: recorded.recorded_at,
            at: entry.at,
            kind: entry.kind.as_str(),
            of,
            verb: entry.verb.clone(),
            by: who(entry),
            why,
        }
    }
}

/// Prints the entries of a period for which there is a reason, as far as the log goes now.
pub async fn report(asked: &Asked, reason: impl Fn(&Recorded, &AnyEntry) -> Option<String>) -> Result<(), AnyError> {
    let rows = asked.find.with_log(async |log| select(&log, asked.period, &reason).await).await?;
    if asked.json {
        return rows.iter().try_for_each(output::json);
    }
    let count = rows.len();
    let cells = rows.into_iter().map(|row| {
        let Reported { position, recorded_at, kind, of, verb, by, why, .. } = row;
        vec![position.to_string(), recorded_at.to_string(), format!("{kind} {of}"), verb, by, why]
    });
    output::say(&output::table(&["position", "recorded", "of", "verb", "by", "why"], cells).to_string());
    output::say(&format!("{count} entries"));
    Ok(())
}

async fn select(
    log: &JetStreamLog,
    period: Period,
    reason: &impl Fn(&Recorded, &AnyEntry) -> Option<String>,
) -> Result<Vec<Reported>, AnyError> {
    let head = log.head().await?.get();
    let first = match period.from {
        Some(from) => first_since(log, from, head).await?,
        None => 1,
    };
    let (mut rows, mut after) = (Vec::new(), Position(first - 1));
    let mut progress = Progress::start("entries read", head);
    while after.get() < head {
        let (page, is_all) = log.page(None, after).await?;
        for recorded in page.iter().take_while(|recorded| recorded.position.get() <= head) {
            let position = recorded.position;
            let entry =
                AnyEntry::decode(&recorded.payload).map_err(|error| plain(format!("position {position}: {error}")))?;
            if period.has(recorded.recorded_at)
                && let Some(why) = reason(recorded, &entry)
            {
                rows.push(Reported::new(recorded, &entry, why));
            }
        }
        after = page.last().map_or(Position(head), |last| last.position);
        progress.set(after.get().min(head), head);
        if is_all || page.last().is_some_and(|last| period.to.is_some_and(|to| last.recorded_at >= to)) {
            break;
        }
    }
    progress.finish();
    Ok(rows)
}
