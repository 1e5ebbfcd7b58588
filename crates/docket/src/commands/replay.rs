//! `docket replay`: the read models from the log alone, as of then, or to compare the live ones with.

use std::process::ExitCode;

use docket_eventlog::EventLog;
use docket_jetstream::{JetStreamLog, Namespace};
use docket_messages::{AsOf, Position};
use docket_projection::{Schema, Settings, Stage};

use super::rebuild::schema_name;
use crate::endpoints::Find;
use crate::error::{AnyError, plain};
use crate::keys::MasterKeySource;
use crate::output::{self, Progress};
use crate::zones;

/// The exit code when the live tables are not what the log says.
const DIFFERS: u8 = 10;

/// Arguments of `docket replay`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  docket replay --to 4711 --schema as_of_4711
  docket replay --to 2026-09-30T22:00:00Z --schema as_of_q3
  docket replay --compare

The first two make the read models as they were after that position, or after the last entry that the log had taken in by that
time, in schemas of their own: `as_of_q3.cases` is what `docket.cases` was. Nobody keeps them up to date; drop them with
DROP SCHEMA as_of_q3, as_of_q3_private, as_of_q3_access, as_of_q3_g1 CASCADE.

`--compare` makes them up to where the live ones are, and compares row by row, and relation by relation: whoever has changed a
row or a view by hand is found. It exits with 0 if they are the same, and with 10 if not.")]
#[command(group = clap::ArgGroup::new("what").required(true).args(["to", "compare"]))]
pub struct Args {
    /// The position, or the time
    #[arg(long, value_name = "POSITION|TIME", requires = "schema")]
    to: Option<AsOf>,
    /// The schema for the relations
    #[arg(long, value_name = "NAME", value_parser = schema_name, requires = "to")]
    schema: Option<String>,
    /// Compare the live read models with the log
    #[arg(long)]
    compare: bool,
    /// With --compare, print JSON
    #[arg(long, requires = "compare")]
    json: bool,
    #[command(flatten)]
    keys: MasterKeySource,
    #[command(flatten)]
    find: Find,
}

/// Does what was asked for.
pub async fn run(args: Args) -> Result<ExitCode, AnyError> {
    let (connection, names) = (args.find.connect().await?, Namespace::default());
    let keys = Some(args.keys.or_of(args.find.data()).needed_ring(&connection, &names)?);
    let log = JetStreamLog::open(connection, names).await?;
    let settings = Settings { keys, ..Settings::new(&args.find.postgres_url()?, zones::current()) };
    let mut told = Told::default();
    let mut tell = |stage| told.tell(&stage);
    if let (Some(to), Some(name)) = (args.to, &args.schema) {
        let until = position_of(&log, to).await?;
        let settings = Settings { schema: Schema::new(name), ..settings };
        Box::pin(docket_projection::replay(log, &settings, until, &mut tell)).await?;
        told.finish();
        output::say(&format!("the schema {name} shows the read models as of position {until}"));
        return Ok(ExitCode::SUCCESS);
    }
    let (position, differences) = Box::pin(docket_projection::compare(log, &settings, &mut tell)).await?;
    told.finish();
    if args.json {
        let same = differences.is_empty();
        output::json(&serde_json::json!({ "same": same, "position": position, "differences": differences }))?;
    } else {
        for difference in &differences {
            output::say(&format!("{} {}", difference.table, difference.what));
            difference.rows.iter().for_each(|row| output::say(&format!("  {row}")));
        }
        output::say(&match differences.len() {
            0 => format!("the read models are what the log says, as of position {position}"),
            _ => format!("the read models are NOT what the log says, as of position {position}"),
        });
    }
    Ok(if differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(DIFFERS) })
}

/// The last position as of then.
async fn position_of(log: &JetStreamLog, to: AsOf) -> Result<Position, AnyError> {
    let head = log.head().await?;
    match to {
        AsOf::Position(position) if position > head || position.get() == 0 => {
            Err(plain(format!("there is no position {position}: the log has those from 1 to {head}")))
        }
        AsOf::Position(position) => Ok(position),
        AsOf::Time(time) => {
            let behind = super::evidence::first_since(log, time.plus_millis(1), head.get()).await?;
            match behind - 1 {
                0 => Err(plain(format!("the log had no entry at {time}"))),
                position => Ok(Position(position)),
            }
        }
    }
}

/// What was told of it.
#[derive(Default)]
struct Told {
    progress: Option<Progress>,
}

impl Told {
    fn tell(&mut self, stage: &Stage) {
        match stage {
            Stage::Filling { applied, head } => {
                let progress = self.progress.get_or_insert_with(|| Progress::start("entries applied", head.get()));
                progress.set(applied.get(), head.get());
            }
            Stage::Indexing
            | Stage::Comparing { .. }
            | Stage::Waiting { .. }
            | Stage::Behind { .. }
            | Stage::Switched { .. } => match &self.progress {
                Some(progress) => progress.note(&stage.to_string()),
                None => output::note(&stage.to_string()),
            },
        }
    }

    fn finish(&self) {
        if let Some(progress) = &self.progress {
            progress.finish();
        }
    }
}
