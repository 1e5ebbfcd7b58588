//! `docket up`: private engines and all roles in one folder.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, ExitStatus};
use std::time::{Duration, Instant};

use docket_engines::{Engine, EngineError, EngineOptions};
use docket_eventlog::{EventLog, Subject};
use docket_jetstream::{JetStreamLog, Namespace};
use docket_messages::{PolicyEntry, PolicyEvent, Position};
use futures::StreamExt;
use tokio::sync::mpsc;

use crate::backup;
use crate::desk::{self, Desk};
use crate::endpoints::Endpoints;
use crate::error::{AnyError, one_line, plain};
use crate::metrics::Metrics;
use crate::roles::{Role, http};
use crate::witness::Witness;

/// Arguments of `docket up`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  docket up\n  docket up --data /var/lib/docket --nats-port 4222 --postgres-port 5432 --http-port 8080\n\nWhen it is ready it says so, with its addresses, and writes them with their passwords to DIR/endpoints.json.\nCtrl-C or SIGTERM stops everything; starting again in the same folder goes on where it stopped."
)]
pub struct Args {
    /// The folder that everything is in.
    #[arg(long, default_value = ".docket", value_name = "DIR")]
    data: PathBuf,
    /// The port of NATS; 0 takes any free one.
    #[arg(long, default_value_t = 0, value_name = "PORT")]
    nats_port: u16,
    /// The port of Postgres; 0 takes any free one.
    #[arg(long, default_value_t = 0, value_name = "PORT")]
    postgres_port: u16,
    #[command(flatten)]
    http: http::Address,
    /// Run a witness beside it, to see how one works; one that is worth something runs elsewhere.
    #[arg(long)]
    witness: bool,
    /// Where the engines' binaries are.
    #[command(flatten)]
    binaries: desk::Binaries,
}

/// Runs the desk until it is told to stop.
pub async fn run(args: Args) -> Result<ExitCode, AnyError> {
    let mut options = EngineOptions::new(&args.data);
    options.nats_port = args.nats_port;
    options.postgres_port = args.postgres_port;
    args.binaries.apply(&mut options);
    let stopped = desk::stop_signal()?;
    tokio::pin!(stopped);
    let witness = if args.witness { Some(Witness::start(&args.data).await?) } else { None };
    let witnesses = witness.as_ref().map(|witness| witness.policy.clone());
    let started = tokio::select! {
        started = start(options, args.http, witnesses) => started?,
        () = &mut stopped => return Ok(ExitCode::SUCCESS),
    };
    let (mut desk, mut endpoints) = started;
    endpoints.write(&args.data)?;
    endpoints.announce(&args.data);
    let (documents, mut policies) = mpsc::channel(1);
    let following = tokio::spawn(follow_policies(desk.nats(), documents));
    let work = async {
        let (mut restarts, mut again) = (Restarts::default(), tokio::time::interval(AGAIN));
        loop {
            tokio::select! {
                ended = desk.engines.exited() => start_again(&mut desk, ended, &mut restarts, &args.data).await?,
                Some(document) = policies.recv() => {
                    let admitted = desk.admit(&document).await;
                    announce(&desk, &mut endpoints, &args.data, admitted);
                }
                // Who could not be let in is tried again.
                _ = again.tick(), if desk.has_outside() => {
                    let let_in = desk.let_in().await.map(|()| true);
                    announce(&desk, &mut endpoints, &args.data, let_in);
                }
            }
        }
    };
    let ended = tokio::select! {
        ended = work => ended,
        () = &mut stopped => Ok(ExitCode::SUCCESS),
    };
    following.abort();
    if let Some(witness) = witness {
        witness.stop();
    }
    Endpoints::remove(&args.data);
    desk.stop().await?;
    ended
}

/// How often is tried again to let somebody in.
const AGAIN: Duration = Duration::from_secs(5);

/// When engines were started again.
#[derive(Debug, Default)]
struct Restarts(Vec<Instant>);

impl Restarts {
    /// An engine is started again so many times.
    const MOST: usize = 3;
    /// Within so long. One that ends more often has something that a start does not mend.
    const WITHIN: Duration = Duration::from_mins(10);

    /// Whether one more is worth it.
    fn allow(&mut self, now: Instant) -> bool {
        self.0.retain(|at| now.duration_since(*at) < Self::WITHIN);
        let is_allowed = self.0.len() < Self::MOST;
        if is_allowed {
            self.0.push(now);
        }
        is_allowed
    }
}

/// Starts an engine again that has ended by itself. What was acknowledged is on its disk, and the roles go on when it
/// is there.
async fn start_again(
    desk: &mut Desk,
    ended: Result<(Engine, ExitStatus), EngineError>,
    restarts: &mut Restarts,
    data: &Path,
) -> Result<(), AnyError> {
    let (engine, status) = ended?;
    let mut cause = format!("{engine} ended by itself ({status}); see its log in {}", data.display());
    loop {
        if !restarts.allow(Instant::now()) {
            return Err(plain(format!("{cause}. Engines were started again {} times already", Restarts::MOST)));
        }
        tracing::error!("{cause}; it is started again");
        match desk.engines.restart(engine).await {
            Ok(()) => return Ok(()),
            Err(error) => cause = one_line(&error),
        }
    }
}

async fn start(
    options: EngineOptions,
    http: http::Address,
    witnesses: Option<String>,
) -> Result<(Desk, Endpoints), AnyError> {
    let shown = options.data.display();
    if options.data.join(backup::MANIFEST).exists() {
        return Err(plain(format!(
            "{shown} is a backup; make a desk from it with `docket restore {shown} --data NEW`"
        )));
    }
    let metrics = Metrics::start()?;
    // First: an operator who chose a port that is taken hears it before the engines start.
    let listener = http::listen(http).await?;
    let desk = Desk::start(options, &every_role(), witnesses).await?;
    desk.publish_sample_policy().await?;
    let http = http::serve(listener, desk.health(), metrics)?;
    let endpoints = Endpoints::of(&desk, http).await?;
    Ok((desk, endpoints))
}

/// Writes the addresses of those who were let in. A desk that cannot goes on with those whom it knows.
fn announce(desk: &Desk, endpoints: &mut Endpoints, data: &Path, admitted: Result<bool, AnyError>) {
    let written = admitted.and_then(|is_changed| {
        endpoints.principals = desk.principals();
        if is_changed { endpoints.write(data) } else { Ok(()) }
    });
    if let Err(error) = written {
        let cause = one_line(error.as_ref());
        tracing::error!(%cause, "could not give the principals of a new policy access to NATS; trying again: {cause}");
    }
}

/// Hands on the documents of the policy, all that were published and those that will be, for ever.
async fn follow_policies(nats: String, documents: mpsc::Sender<String>) {
    loop {
        if let Err(error) = hand_on_policies(&nats, &documents).await {
            let cause = one_line(error.as_ref());
            tracing::warn!(%cause, "could not follow the policy for new principals; trying again: {cause}");
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn hand_on_policies(nats: &str, documents: &mpsc::Sender<String>) -> Result<(), AnyError> {
    let connection = docket_jetstream::connect(nats, "docket-up").await?;
    let log = JetStreamLog::open(connection, Namespace::default()).await?;
    let mut entries = log.follow_subject(&Subject::Policy, Position(0)).await?;
    while let Some(recorded) = entries.next().await {
        // What cannot be read is the roles' to complain of.
        let Ok(entry) = PolicyEntry::decode(&recorded?.payload) else { continue };
        for published in entry.events.into_iter().filter_map(PolicyEvent::into_published) {
            documents.send(published.document).await?;
        }
    }
    Ok(())
}

/// All roles.
pub fn every_role() -> BTreeSet<Role> {
    BTreeSet::from(Role::ALL)
}
