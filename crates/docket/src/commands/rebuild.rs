//! `docket rebuild`: the read models once more, from the log, beside those that are shown.

use std::process::ExitCode;

use docket_jetstream::{JetStreamLog, Namespace};
use docket_projection::{Generation, Options, Schema, Settings, Stage};
use serde_json::json;

use crate::endpoints::Find;
use crate::error::{AnyError, plain};
use crate::keys::MasterKeySource;
use crate::output::{self, Progress};
use crate::zones;

/// Arguments of `docket rebuild`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  docket rebuild                          # beside docket up
  docket rebuild --nats nats://… --postgres postgresql://…
  docket rebuild --compare --keep-old     # compare with the live tables, and keep them
  docket rebuild --list
  docket rebuild --return                 # to the tables that were kept
  docket rebuild --drop-kept              # which nobody needs any more
  docket rebuild --cancel                 # end a rebuild that is under way, and drop what it has filled

New tables are filled beside those that are shown, which go on, and then shown in their place, in one transaction. Queries
that are open end on the old tables. Views and functions of your own stay: they stand on relations that stay the same. A
rebuild that is stopped goes on where it was when it is started again.")]
pub struct Args {
    #[command(flatten)]
    keys: MasterKeySource,
    #[command(flatten)]
    find: Find,
    /// The schema to fill the new tables in [default: docket_g and a number]
    #[arg(long, value_name = "NAME", value_parser = schema_name, conflicts_with_all = ["list", "back", "cancel"])]
    to_schema: Option<String>,
    /// Compare the new tables with the live ones, row by row, and do not switch if they differ
    #[arg(long, conflicts_with_all = ["list", "cancel"])]
    compare: bool,
    /// Keep the tables that were live, and drop those that were kept before
    #[arg(long, conflicts_with_all = ["list", "cancel"])]
    keep_old: bool,
    /// Drop the tables that were kept
    #[arg(long, conflicts_with_all = ["to_schema", "compare", "keep_old", "list", "back", "cancel"])]
    drop_kept: bool,
    /// List the sets of tables that there are
    #[arg(long, conflicts_with_all = ["back", "cancel"])]
    list: bool,
    /// Go back to the tables that were kept, brought up to date
    #[arg(long = "return", conflicts_with = "cancel")]
    back: bool,
    /// End a rebuild that is under way, or was stopped, and drop what it has filled
    #[arg(long)]
    cancel: bool,
    /// With --list, print JSON
    #[arg(long, requires = "list")]
    json: bool,
}

/// The name of a schema that may be made.
pub fn schema_name(text: &str) -> Result<String, String> {
    let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let begins = text.starts_with(|c: char| c.is_ascii_lowercase());
    // Names of Docket's own, of Postgres' own, and words of SQL, of which few have a `_`.
    let is_taken = ["docket", "pg_", "current_", "session_", "system_"].iter().any(|taken| text.starts_with(taken));
    if begins && text.len() <= 40 && text.chars().all(is_word) && text.contains('_') && !is_taken {
        return Ok(text.to_owned());
    }
    Err("a schema is named by 1 to 40 of a-z, 0-9 and _, with one _ at least; it begins with a letter, and not with docket, \
         pg_, current_, session_ or system_"
        .to_owned())
}

/// Does what was asked for.
pub async fn run(args: Args) -> Result<ExitCode, AnyError> {
    let (url, schema) = (args.find.postgres_url()?, Schema::default());
    if args.list {
        let all = docket_projection::generations(&url, &schema).await?;
        list(&all, args.json);
        return Ok(ExitCode::SUCCESS);
    }
    if args.cancel {
        if !docket_projection::cancel(&url, &schema).await? {
            return Err(plain("no rebuild is under way, and none was stopped"));
        }
        output::say("the rebuild is cancelled; the read models are as they were");
        return Ok(ExitCode::SUCCESS);
    }
    if args.drop_kept {
        if !docket_projection::drop_kept(&url, &schema).await? {
            return Err(plain("no tables were kept"));
        }
        output::say("the tables that were kept are dropped");
        return Ok(ExitCode::SUCCESS);
    }
    let (connection, names) = (args.find.connect().await?, Namespace::default());
    let keys = Some(args.keys.or_of(args.find.data()).needed_ring(&connection, &names)?);
    let log = JetStreamLog::open(connection, names).await?;
    let settings = Settings { keys, ..Settings::new(&url, zones::current()) };
    let Args { back: to_kept, to_schema: tables_of, keep_old, compare, .. } = args;
    let options = Options { to_kept, tables_of, keep_old, compare, waits: false };
    let mut told = Told::default();
    let mut tell = |stage| told.tell(stage);
    docket_projection::rebuild(log, &settings, options, &mut tell).await?;
    let entries = told.switched_at;
    output::say(&format!("the read models are made anew from {entries} entries"));
    Ok(ExitCode::SUCCESS)
}

fn list(all: &[Generation], as_json: bool) {
    if as_json {
        let rows =
            all.iter().map(|one| json!({ "schema": one.tables_of, "state": one.state.as_str(), "number": one.number }));
        output::say(&json!({ "generations": rows.collect::<Vec<_>>() }).to_string());
        return;
    }
    let rows = all.iter().map(|one| vec![one.number.to_string(), one.tables_of.clone(), one.state.as_str().to_owned()]);
    output::say(&output::table(&["number", "schema", "state"], rows).to_string());
}

/// What was told of the rebuild.
#[derive(Default)]
struct Told {
    progress: Option<Progress>,
    waits_for: Option<String>,
    switched_at: u64,
}

impl Told {
    fn tell(&mut self, stage: Stage) {
        match stage {
            Stage::Filling { applied, head } => {
                let progress = self.progress.get_or_insert_with(|| Progress::start("entries applied", head.get()));
                progress.set(applied.get(), head.get());
            }
            Stage::Indexing | Stage::Comparing { .. } => self.note(&stage.to_string()),
            Stage::Waiting { .. } | Stage::Behind { .. } => {
                let waits = stage.to_string();
                if self.waits_for.as_ref() != Some(&waits) {
                    self.note(&waits);
                    self.waits_for = Some(waits);
                }
            }
            Stage::Switched { position } => {
                self.switched_at = position.get();
                if let Some(progress) = &self.progress {
                    progress.finish();
                }
            }
        }
    }

    fn note(&self, text: &str) {
        match &self.progress {
            Some(progress) => progress.note(text),
            None => output::note(text),
        }
    }
}
