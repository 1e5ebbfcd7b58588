//! `docket case`: one case, folded from the log, or a list of them.

mod page;

use std::process::ExitCode;

use docket_command::{Aggregate, key_ids};
use docket_eventlog::{EventLog, Recorded, Subject};
use docket_jetstream::{Connection, JetStreamLog, Namespace};
use docket_keyring::{Brought, KeyRing};
use docket_messages::{AsOf, CaseId};
use docket_projection::CaseFilter;

use crate::endpoints::Find;
use crate::error::{AnyError, is_refused, plain};
use crate::keys::MasterKeySource;
use crate::{environment, output};

/// Arguments of `docket case`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// One case, now or then, folded from the log.
    #[command(
        after_help = "Examples:\n  docket case show 0199a7a0-…\n  docket case show 0199a7a0-… --as-of 1234\n  docket case show 0199a7a0-… --as-of 2026-11-22T12:00:00Z --json"
    )]
    Show {
        /// The case.
        id: CaseId,
        /// A position of the log, or a time.
        #[arg(long, value_name = "POS|TIME")]
        as_of: Option<AsOf>,
        /// Print it as one line of JSON, as `case.get` answers.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        keys: MasterKeySource,
        #[command(flatten)]
        find: Find,
    },
    /// Cases, the newest first, from the read models.
    #[command(
        after_help = "Examples:\n  docket case list\n  docket case list --status open --queue billing\n  docket case list --status pending --assignee ana --json"
    )]
    List(List),
}

#[derive(Debug, clap::Args)]
struct List {
    /// Only cases in this status; `pending` is any that waits, `active` any that is not over.
    #[arg(long, value_name = "STATUS")]
    status: Option<String>,
    /// Only cases in this queue.
    #[arg(long, value_name = "QUEUE")]
    queue: Option<String>,
    /// Only cases that this agent has.
    #[arg(long, value_name = "AGENT")]
    assignee: Option<String>,
    /// Only cases of this priority.
    #[arg(long, value_name = "PRIORITY")]
    priority: Option<String>,
    /// Only cases of this type.
    #[arg(long = "type", value_name = "TYPE")]
    case_type: Option<String>,
    /// Only cases of this customer.
    #[arg(long, value_name = "ID")]
    customer: Option<String>,
    /// At most so many.
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: u32,
    /// Print each case as one line of JSON, with the columns of docket.cases.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    find: Find,
}

/// Shows the case, or the cases.
pub async fn run(args: Args) -> Result<ExitCode, AnyError> {
    match args.action {
        Action::Show { id, as_of, json, keys, find } => show(id, as_of, json, (&keys, &find)).await,
        Action::List(list) => self::list(list).await,
    }
}

async fn show(
    id: CaseId,
    as_of: Option<AsOf>,
    as_json: bool,
    (keys, find): (&MasterKeySource, &Find),
) -> Result<ExitCode, AnyError> {
    let (connection, names) = (find.connect().await?, Namespace::default());
    let read = async {
        let log = JetStreamLog::open(connection.clone(), names.clone()).await?;
        let entries = log.read_subject(&Subject::Case(id), None).await?;
        Ok::<_, AnyError>(entries)
    };
    let entries = connection.unless_refused(Box::pin(read)).await?;
    let keys = match keys.or_of(find.data()).ring(&connection, &names)? {
        Some(ring) => bring(&connection, &ring, &entries).await?,
        None => Brought::new(),
    };
    let Some(view) = Aggregate::view(id, entries.clone(), Some(&keys), as_of, environment::now())? else {
        let when = if as_of.is_some() { " as of then" } else { "" };
        return Err(plain(format!("there is no case {id}{when}")));
    };
    if as_json {
        output::json(&view)?;
    } else {
        page::print(&view, &entries);
    }
    Ok(ExitCode::SUCCESS)
}

/// The keys of a case; none for who may not read any: an auditor reads the log, and no texts.
async fn bring(connection: &Connection, ring: &KeyRing, entries: &[Recorded]) -> Result<Brought, AnyError> {
    let brought = async { Ok::<_, AnyError>(ring.bring(key_ids(entries)).await?) };
    match connection.unless_refused(Box::pin(brought)).await {
        Err(error) if is_refused(error.as_ref()) => Ok(Brought::new()),
        brought => brought,
    }
}

async fn list(args: List) -> Result<ExitCode, AnyError> {
    let filter = CaseFilter {
        status: args.status,
        queue: args.queue,
        assignee: args.assignee,
        priority: args.priority,
        case_type: args.case_type,
        customer_id: args.customer,
        limit: args.limit,
    };
    let cases = args.find.read_models().await?.cases(&filter).await?;
    if args.json {
        cases.iter().try_for_each(|case| output::json(&case.row))?;
        return Ok(ExitCode::SUCCESS);
    }
    let rows = cases.iter().map(|case| {
        ["case_id", "status", "priority", "queue", "assignee"].map(|column| cell(case.row.get(column))).to_vec()
    });
    output::say(&output::table(&["case", "status", "priority", "queue", "assignee"], rows).to_string());
    if cases.len() >= usize::try_from(filter.limit).unwrap_or(usize::MAX) {
        output::note(&format!("these are the newest {}; --limit shows more", filter.limit));
    }
    Ok(ExitCode::SUCCESS)
}

/// A column as text. Whom a case waits for is left to `case show`, so that a line fits the terminal.
fn cell(value: Option<&serde_json::Value>) -> String {
    let text = value.and_then(serde_json::Value::as_str).unwrap_or("-");
    if text.starts_with("pending_") { "pending".to_owned() } else { text.to_owned() }
}
