//! `docket doctor`: what is wrong, and what to do.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use docket_eventlog::{EventLog, Subject};
use docket_jetstream::log::{FIRST, Predecessor};
use docket_jetstream::seals::Seals;
use docket_jetstream::{Connection, JetStreamLog, Namespace, streams};
use docket_projection::{Filling, ReadModels};
use docket_sealing::Sealed;

use crate::endpoints::Find;
use crate::error::{AnyError, is_refused, one_line, plain};
use crate::output;

mod zones;

/// Arguments of `docket doctor`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  docket doctor\n  DOCKET_NATS_URL=nats://… DOCKET_POSTGRES_URL=postgresql://… docket doctor\n\nExits with 1 when something is wrong."
)]
pub struct Args {
    /// Print the findings as one JSON object.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    find: Find,
}

/// One thing that was looked at.
#[derive(Debug, serde::Serialize)]
struct Finding {
    what: &'static str,
    ok: bool,
    /// It was not looked at, because the user who asks may not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    skipped: bool,
    message: String,
}

#[derive(Default)]
struct Report(Vec<Finding>);

impl Report {
    /// Notes what was not looked at.
    fn skip(&mut self, what: &'static str, why: &str) {
        self.0.push(Finding { what, ok: true, skipped: true, message: why.to_owned() });
    }

    /// Notes what was found, and hands on what was found well.
    fn note<T>(&mut self, what: &'static str, found: Result<(T, String), AnyError>) -> Option<T> {
        let skipped = found.as_ref().is_err_and(|error| is_refused(error.as_ref()));
        let (value, ok, message) = match found {
            Ok((value, message)) => (Some(value), true, message),
            Err(error) => (None, skipped, one_line(error.as_ref())),
        };
        self.0.push(Finding { what, ok, skipped, message });
        value
    }
}

/// Lag above which the doctor complains, in seconds.
const LAG_SECONDS_MAX: f64 = 30.0;

/// Examines everything.
pub async fn run(args: Args) -> Result<ExitCode, AnyError> {
    let mut report = Report::default();
    let names = Namespace::default();
    let mut readable = None;
    if let Some(connection) = report.note("nats", nats(&args.find).await) {
        report.note("streams", connection.unless_refused(check_streams(&connection, &names)).await);
        readable = report.note("log", connection.unless_refused(log_head(&connection, &names)).await);
        if let Some(log) = &readable {
            report.note("seals", connection.unless_refused(Box::pin(check_seals(&connection, &names, log))).await);
            report.note("policy", connection.unless_refused(policy(log)).await);
        }
        report.note("command service", connection.unless_refused(command_service(&connection, &names)).await);
    }
    // Whatever became of NATS: each engine is looked at.
    if !args.find.knows_postgres() {
        report.skip("postgres", "no address of Postgres was given; say it with --postgres or DOCKET_POSTGRES_URL");
    } else if let Some(models) = report.note("postgres", postgres(&args.find).await) {
        report.note("read models", read_models(&models, readable.as_ref()).await);
        if let Some(log) = &readable {
            report.note("time zones", zones::compare(&models, log).await);
        }
    }
    let is_well = report.0.iter().all(|finding| finding.ok);
    if args.json {
        output::json(&serde_json::json!({ "ok": is_well, "findings": report.0 }))?;
    } else {
        for finding in &report.0 {
            output::say(&format!(
                "{}  {:<16} {}",
                match (finding.skipped, finding.ok) {
                    (true, _) => "-- ",
                    (false, true) => "ok ",
                    (false, false) => "BAD",
                },
                finding.what,
                finding.message
            ));
        }
    }
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn nats(find: &Find) -> Result<(Connection, String), AnyError> {
    let connection = find.connect().await?;
    let version = connection.server_version();
    Ok((connection, format!("nats-server {version}")))
}

async fn check_streams(connection: &Connection, names: &Namespace) -> Result<((), String), AnyError> {
    streams::verify(connection, names).await?;
    let [log, seals, keys] = [names.log_stream(), names.seal_stream(), names.key_stream()];
    let [inbox, outcomes, timers] = [names.inbox_stream(), names.outcome_stream(), names.timer_stream()];
    Ok(((), format!("{log}, {seals}, {keys}, {inbox}, {outcomes} and {timers} are as they must be")))
}

/// How long a sealer may take for what is there now.
const SEALED_WITHIN: Duration = Duration::from_secs(5);

/// What a log that was put back goes on from.
fn descent(Predecessor { id, last, root }: Predecessor) -> String {
    let which = if id == FIRST { "the first log".to_owned() } else { format!("log {id}") };
    let root = root.map(|root| format!(", root {root}")).unwrap_or_default();
    format!("; it goes on from {which} at position {last}{root}")
}

/// Whether the log is sealed, if a sealer has ever worked here.
async fn check_seals(connection: &Connection, names: &Namespace, log: &JetStreamLog) -> Result<((), String), AnyError> {
    let (seals, head, began) = (Seals::open(connection, names.clone()).await?, log.head().await?, Instant::now());
    loop {
        let behind = match docket_sealing::sealed(log, &seals).await? {
            Sealed::Never => return Ok(((), "no sealer has worked here".to_owned())),
            Sealed::UpTo(position) if position >= head => {
                let descent = log.predecessor().await?.map(descent).unwrap_or_default();
                return Ok(((), format!("sealed up to position {position}{descent}")));
            }
            Sealed::UpTo(position) => format!("sealed up to position {position} of {head}"),
            Sealed::Before => "the last seal is of the log that this one was restored from".to_owned(),
        };
        if began.elapsed() > SEALED_WITHIN {
            return Err(plain(format!("{behind}; is a sealer at work? Its /healthz/sealer says why not")));
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// How often it is looked again.
const LOOK: Duration = Duration::from_millis(200);

async fn log_head(connection: &Connection, names: &Namespace) -> Result<(JetStreamLog, String), AnyError> {
    let log = JetStreamLog::open(connection.clone(), names.clone()).await?;
    let head = log.head().await?;
    Ok((log, format!("{head} entries")))
}

async fn policy(log: &JetStreamLog) -> Result<((), String), AnyError> {
    match log.last_of(&Subject::Policy).await? {
        Some(position) => Ok(((), format!("published, last at position {position}"))),
        None => Err(plain("no policy has been published; do it with `docket policy publish FILE`")),
    }
}

async fn command_service(connection: &Connection, names: &Namespace) -> Result<((), String), AnyError> {
    let instances = docket_jetstream::bus::instances(connection, names).await?;
    match instances {
        0 => Err(plain("nobody answers; start one with `docket up` or `docket serve --roles command`")),
        1 => Ok(((), "1 instance answers".to_owned())),
        n => Ok(((), format!("{n} instances answer"))),
    }
}

async fn postgres(find: &Find) -> Result<(ReadModels, String), AnyError> {
    let models = find.read_models().await?;
    let health = models.health().await?;
    if !health.is_durable {
        return Err(plain("Postgres runs without fsync or full_page_writes; turn them on, or the checkpoint may lie"));
    }
    Ok((models, format!("Postgres {}", health.version)))
}

/// Compares the read models with the end of the log, if the log can be read.
async fn read_models(models: &ReadModels, log: Option<&JetStreamLog>) -> Result<((), String), AnyError> {
    let checkpoint = models.checkpoint().await?;
    if let (Some(position), Some(cause)) = (checkpoint.halted_at, checkpoint.halt_cause) {
        return Err(plain(format!(
            "the projection stands at position {position}: {cause}. Look at it with `docket log --from {position} --to \
             {position} --json`; docs/OPERATIONS.md says what to do"
        )));
    }
    let position = checkpoint.position;
    // Asked after the read models, which may have gone on meanwhile.
    let head = match log {
        Some(log) => Some(log.head().await?),
        None => None,
    };
    if let Some(head) = head
        && i64::try_from(head.get()).is_ok_and(|head| position > head)
    {
        return Err(plain(format!(
            "the read models are at position {position}, and the log ends at {head}: they belong to another log, or the \
             log was cut; find out which before anything else runs"
        )));
    }
    let end = head.map_or_else(|| "a log that cannot be asked".to_owned(), |head| head.to_string());
    let filling = models.filling().await?;
    let beside = match &filling {
        Some(Filling { tables_of, position, is_under_way: true, .. }) => {
            format!("; other tables are filled in {tables_of}, at position {position}")
        }
        Some(Filling { tables_of, position, is_under_way: false, .. }) => format!(
            "; a rebuild was stopped in {tables_of}, at position {position}: `docket rebuild` goes on, `docket rebuild \
             --cancel` drops it"
        ),
        None => String::new(),
    };
    match checkpoint.lag_seconds {
        None if filling.is_some_and(|filling| filling.is_under_way && filling.is_upgrade) => {
            Ok(((), format!("at position {position} of {end}, and stand still until others take their place{beside}")))
        }
        None => {
            Err(plain("no projection has reported for 5 seconds; start one with `docket serve --roles projection`"))
        }
        Some(lag) if lag > LAG_SECONDS_MAX => Err(plain(format!(
            "the read models are at {position} of {end}, {lag:.0} s behind; look at the projection's log"
        ))),
        Some(lag) => Ok(((), format!("at position {position} of {end}, {lag:.0} s behind{beside}"))),
    }
}
