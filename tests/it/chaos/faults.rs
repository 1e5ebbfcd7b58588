//! The faults, one function each: what is done to the site while the clients work, until it is undone.

use std::time::Duration;

use docket_engines::{Nats, NatsOptions};
use nix::sys::signal::Signal;
use rand::RngExt as _;
use rand::rngs::StdRng;
use serde_json::json;

use super::checker;
use super::load::Load;
use super::proxy::Weather;
use super::site::Site;
use crate::support::{Command, Sender, copy_folder, eventually, fresh};

/// How hard a fault strikes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Force {
    /// How long something stands still or is out of reach.
    pub(super) pause: Duration,
    /// How often something is killed in a row.
    pub(super) times: usize,
    /// How often two services race on one case.
    pub(super) races: usize,
}

/// A fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// `kill -9` of a command service, at any moment.
    CommandServiceKilled,
    /// A command service ends at a place in its work.
    CommandServiceEndsAt(&'static str),
    /// `kill -9` of the projection, at any moment.
    ProjectionKilled,
    /// The projection ends at a place in its work.
    ProjectionEndsAt(&'static str),
    /// `kill -9` of nats-server under load, several times.
    NatsKilled,
    /// `kill -9` of all of Postgres; commands go on meanwhile.
    PostgresKilled,
    /// A command service stands still while others work on its cases, and then goes on with what it had in hand.
    CommandServiceSuspended,
    /// The projection stands still.
    ProjectionSuspended,
    /// nats-server stands still, with all connections open.
    NatsSuspended,
    /// Postgres stands still, with all connections open; commands go on meanwhile.
    PostgresSuspended,
    /// The line between a command service and NATS.
    CommandServiceLine(Weather),
    /// The line between the clients and NATS.
    ClientLine(Weather),
    /// The lines of the projections.
    ProjectionLines(Weather),
    /// The clock of a command service is an hour ahead, and then an hour behind.
    ClockSteps,
    /// Two commands at a time to one case, from two clients to two services.
    Races,
    /// The working projection stands still, another takes its place and goes on; then it comes back.
    StaleProjection,
    /// The server's folder is copied while it stands still, and a server starts from the copy: what a power failure
    /// leaves, if what was synced is what is there.
    StoreCopied,
    /// `kill -9` of the server that leads the log, in a cluster; the others go on.
    LeaderKilled,
    /// It stands still; the others go on, and then it comes back.
    LeaderSuspended,
    /// It is cut off from the others, but not from those who are connected to it.
    LeaderCutOff,
}

const SLOW: Weather = Weather::Slow(Duration::from_millis(20));

/// Those of a cluster.
pub(super) const OF_CLUSTERS: [Fault; 3] = [Fault::LeaderKilled, Fault::LeaderSuspended, Fault::LeaderCutOff];

/// Those that strike any desk.
pub(super) const OF_ALL: [Fault; 28] = [
    Fault::CommandServiceKilled,
    Fault::CommandServiceEndsAt("command::after-load"),
    Fault::CommandServiceEndsAt("command::before-append"),
    Fault::CommandServiceEndsAt("command::after-append"),
    Fault::CommandServiceEndsAt("command::before-reply"),
    Fault::ProjectionKilled,
    Fault::ProjectionEndsAt("projection::before-commit"),
    Fault::ProjectionEndsAt("projection::after-commit"),
    Fault::NatsKilled,
    Fault::PostgresKilled,
    Fault::CommandServiceSuspended,
    Fault::ProjectionSuspended,
    Fault::NatsSuspended,
    Fault::PostgresSuspended,
    Fault::CommandServiceLine(Weather::Cut),
    Fault::CommandServiceLine(SLOW),
    Fault::CommandServiceLine(Weather::Silent),
    Fault::CommandServiceLine(Weather::Deaf),
    Fault::ClientLine(Weather::Cut),
    Fault::ClientLine(SLOW),
    Fault::ClientLine(Weather::Deaf),
    Fault::ProjectionLines(Weather::Cut),
    Fault::ProjectionLines(Weather::Silent),
    Fault::ProjectionLines(Weather::Deaf),
    Fault::ClockSteps,
    Fault::Races,
    Fault::StaleProjection,
    Fault::StoreCopied,
];

impl Fault {
    /// Strikes, and undoes it. What it finds out itself it asserts; the checker sees the rest.
    #[expect(clippy::too_many_lines, clippy::cognitive_complexity, reason = "one arm for each fault")]
    pub(super) async fn strike(self, site: &mut Site, load: &Load, force: Force, random: &mut StdRng) {
        let service = random.random_range(0..site.services.len());
        match self {
            Self::CommandServiceKilled => {
                for _ in 0..force.times {
                    load.goes_on(random.random_range(1..60)).await;
                    site.services[service].replace("");
                }
            }
            Self::CommandServiceEndsAt(place) => {
                let turns = random.random_range(1..60);
                site.services[service].replace(&format!("{place}={turns}*off->panic"));
                site.services[service].ends().await;
                site.services[service].replace("");
            }
            Self::ProjectionKilled => {
                for _ in 0..force.times {
                    load.goes_on(random.random_range(1..60)).await;
                    site.projections.iter_mut().for_each(|projection| projection.replace(""));
                }
            }
            Self::ProjectionEndsAt(place) => {
                let turns = random.random_range(1..20);
                // The other one must not take the place before it does: then it would stand by and never get there.
                site.projections[1].kill();
                site.projections[0].replace(&format!("{place}={turns}*off->panic"));
                site.projections[0].ends().await;
                site.projections.iter_mut().for_each(|projection| projection.replace(""));
            }
            Self::NatsKilled => {
                for _ in 0..force.times {
                    let server = &mut site.cluster.servers[0];
                    load.goes_on(random.random_range(1..60)).await;
                    server.kill().await.unwrap();
                    server.restart().await.unwrap();
                }
            }
            Self::PostgresKilled => {
                site.postgres.kill().await.unwrap();
                load.goes_on(100).await;
                site.postgres.restart().await.unwrap();
            }
            Self::CommandServiceSuspended => {
                site.services[service].signal(Signal::SIGSTOP);
                tokio::time::sleep(force.pause).await;
                site.services[service].signal(Signal::SIGCONT);
            }
            Self::ProjectionSuspended => {
                site.projections.iter().for_each(|projection| projection.signal(Signal::SIGSTOP));
                load.goes_on(100).await;
                tokio::time::sleep(force.pause).await;
                site.projections.iter().for_each(|projection| projection.signal(Signal::SIGCONT));
            }
            Self::NatsSuspended => {
                site.cluster.servers[0].pause().await.unwrap();
                tokio::time::sleep(force.pause).await;
                site.cluster.servers[0].resume().unwrap();
            }
            Self::PostgresSuspended => {
                site.postgres.pause().await.unwrap();
                load.goes_on(100).await;
                tokio::time::sleep(force.pause).await;
                site.postgres.resume().unwrap();
            }
            Self::CommandServiceLine(weather) => {
                site.services[service].nats(weather);
                tokio::time::sleep(force.pause).await;
                site.services[service].nats(Weather::Clear);
            }
            Self::ClientLine(weather) => {
                site.clients(weather);
                tokio::time::sleep(force.pause).await;
                site.clients(Weather::Clear);
            }
            Self::ProjectionLines(weather) => {
                let set = |weather| {
                    for projection in &site.projections {
                        projection.nats(weather);
                        projection.postgres(weather);
                    }
                };
                set(weather);
                load.goes_on(100).await;
                tokio::time::sleep(force.pause).await;
                set(Weather::Clear);
            }
            Self::ClockSteps => {
                let hour = 3_600_000;
                site.services[service].replace(&format!("clock=150*off->150*return({hour})->return(-{hour})"));
                load.goes_on(1_000).await;
                site.services[service].replace("");
            }
            Self::Races => races(site, force.races).await,
            Self::StaleProjection => stale_projection(site, load).await,
            Self::StoreCopied => store_copied(site, load).await,
            Self::LeaderKilled => {
                for _ in 0..force.times {
                    let leader = site.cluster.leader(&site.operator()).await;
                    site.cluster.servers[leader].kill().await.unwrap();
                    load.goes_on(100).await;
                    site.cluster.servers[leader].restart().await.unwrap();
                    site.cluster.is_whole(&site.operator()).await;
                }
            }
            Self::LeaderSuspended => {
                let leader = site.cluster.leader(&site.operator()).await;
                site.cluster.servers[leader].pause().await.unwrap();
                site.another_leads(leader).await;
                tokio::time::sleep(force.pause).await;
                site.cluster.servers[leader].resume().unwrap();
                site.cluster.is_whole(&site.operator()).await;
            }
            Self::LeaderCutOff => {
                let leader = site.cluster.leader(&site.operator()).await;
                site.cluster.around(leader, Weather::Cut);
                site.another_leads(leader).await;
                tokio::time::sleep(force.pause).await;
                site.cluster.around(leader, Weather::Clear);
                site.cluster.is_whole(&site.operator()).await;
            }
        }
    }
}

/// Two clients give one case to two agents at the same time, again and again.
async fn races(site: &Site, rounds: usize) {
    let mut conflicts = 0.0;
    for service in &site.services {
        conflicts -= service.metric("docket_append_conflicts_total").await;
    }
    let case = &site.shared[0];
    for _ in 0..rounds {
        let one = async |sender: &Sender, agent: &str| {
            let (id, body) = (fresh(), json!({ "caseId": case, "agent": agent }));
            site.journal.sent("desk", &id, "assign", case).await;
            let reply = sender.insist(&Command::case("assign", &body).id(&id)).await;
            site.journal.answered("desk", &id, &reply).await;
        };
        tokio::join!(one(&site.senders[0], "ana"), one(&site.senders[1], "bob"));
    }
    for service in &site.services {
        conflicts += service.metric("docket_append_conflicts_total").await;
    }
    assert!(conflicts > 0.0, "the services never met");
}

async fn stale_projection(site: &mut Site, load: &Load) {
    let sql = crate::support::Sql::connect(&site.postgres.url()).await;
    let position = async || sql.value("SELECT position FROM docket.position").await.as_u64().unwrap_or(0);
    // The other one is gone, so this is the one that works.
    site.projections[1].kill();
    let before = position().await;
    eventually("it works", async || (position().await > before + 20).then_some(())).await;
    site.projections[0].signal(Signal::SIGSTOP);
    // The database notices that it is gone; the worker does not.
    site.projections[0].postgres(Weather::Cut);
    let before = position().await;
    site.projections[1].replace("");
    load.goes_on(100).await;
    eventually("another one takes its place", async || (position().await > before + 20).then_some(())).await;
    site.projections[0].postgres(Weather::Clear);
    site.projections[0].signal(Signal::SIGCONT);
}

async fn store_copied(site: &mut Site, load: &Load) {
    load.goes_on(100).await;
    site.cluster.servers[0].pause().await.unwrap();
    // What is acknowledged from here on was acknowledged before.
    let journal = std::fs::read_to_string(site.journal.path()).expect("the journal");
    let copy = site.folder().join("copy");
    let _ = std::fs::remove_dir_all(&copy);
    copy_folder(&site.cluster.servers[0].log().with_file_name("nats"), &copy.join("nats"));
    let before = copy.join("journal.jsonl");
    let lines = journal.rfind('\n').map_or("", |end| &journal[..=end]);
    std::fs::write(&before, lines).expect("a file of ours");
    site.cluster.servers[0].resume().unwrap();
    let mut options = NatsOptions::new(&copy);
    options.extra.clone_from(&site.accounts);
    let mut nats = Nats::start(&site.binaries, &options).await.expect("a server on the copy");
    let operator = Sender::connect(&site.operator_at(&[nats.port()]), "docket-operator").await;
    let found = checker::compare_acknowledged(&before, &operator).await;
    nats.stop().await.unwrap();
    assert!(found.lost.is_empty() && found.doubled.is_empty(), "in the copy: {found:?}");
}
