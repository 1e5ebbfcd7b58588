//! The fault suite: real processes, clients that journal every acknowledged command to disk, faults, and an independent
//! checker.
//!
//! After the faults: every acknowledged command's entry is in the log exactly once, where the client was told; versions
//! have no gaps and chains no breaks; no command is there by half; and the tables equal those of a fresh rebuild.
//! `cargo test` strikes each fault once, briefly; `just chaos` goes on at random, from a seed, for as long as it is told,
//! and checks after each.

mod checker;
mod cluster;
mod faults;
mod journal;
mod load;
mod proxy;
mod report;
mod site;

use std::time::{Duration, Instant};

use docket_engines::Engine;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom as _, SliceRandom as _};
use rand::{RngExt as _, SeedableRng as _};

use checker::Findings;
use faults::{Fault, Force, OF_ALL, OF_CLUSTERS};
use load::Load;
use report::Report;
use site::{Ground, Site};

use crate::support::SmallDisk;

/// The seed of the short version.
const SEED: u64 = 7;
/// What fits between the other tests.
const BRIEF: Force = Force { pause: Duration::from_millis(1_500), times: 2, races: 100 };
/// Long enough for every timeout to come.
const FULL: Force = Force { pause: Duration::from_secs(30), times: 5, races: 1_000 };

/// A site, and how it is struck.
struct Trial {
    site: Site,
    force: Force,
    random: StdRng,
}

impl Trial {
    async fn start(ground: Ground<'_>, force: Force, seed: u64) -> Self {
        Self { site: Site::start(ground).await, force, random: StdRng::seed_from_u64(seed) }
    }

    /// One fault while the clients work.
    async fn strike(&mut self, fault: Fault) {
        let began = Instant::now();
        let load = Load::start(&self.site.senders, &self.site.shared, &self.site.journal, self.random.random());
        load.goes_on(40).await;
        fault.strike(&mut self.site, &load, self.force, &mut self.random).await;
        load.goes_on(40).await;
        load.stop().await;
        let acknowledged = self.site.journal.acknowledged();
        println!("{:>7.1} s  {acknowledged:>7} acknowledged  {fault:?}", began.elapsed().as_secs_f64());
    }

    /// Nothing is lost, nothing is doubled, and everything agrees.
    async fn check(&self, after: &str) -> Findings {
        let findings = self.site.check().await;
        let is_well = findings.lost.is_empty() && findings.doubled.is_empty() && findings.flaws.is_empty();
        assert!(is_well, "after {after}: {findings:#?}");
        findings
    }
}

/// Strikes each fault once, briefly, and checks at the end.
async fn each_once(servers: usize, faults: &[Fault]) {
    let mut trial = Trial::start(Ground { servers, ..Ground::default() }, BRIEF, SEED).await;
    let mut report = Report::new(SEED);
    for fault in faults {
        trial.strike(*fault).await;
        report.struck(*fault);
    }
    report.add(&trial.check("all of these").await);
    report.checked();
    println!("{report}");
    trial.site.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_doubled_whatever_fails() {
    each_once(1, &OF_ALL).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_doubled_in_a_cluster_whose_leader_fails() {
    each_once(3, &OF_CLUSTERS).await;
}

/// When the disk is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    /// When the desk works.
    AtWork,
    /// While Postgres is still being given its tables.
    AtTheStart,
}

/// What was found after the disk under an engine was full; nothing where a small disk cannot be had.
async fn full_disk(under: Engine, moment: Moment, seed: u64) -> Option<Findings> {
    let Some(disk) = SmallDisk::mount(if under == Engine::Nats { 24 } else { 400 }) else {
        println!("a full disk under {under:?} was not tried: a small disk cannot be mounted here");
        return None;
    };
    let path = Some(disk.path());
    let ground = match under {
        Engine::Nats => Ground { nats: path, ..Ground::default() },
        Engine::Postgres => Ground { postgres: path, ..Ground::default() },
    };
    let mut trial = Trial::start(ground, BRIEF, seed).await;
    let load = Load::start(&trial.site.senders, &trial.site.shared, &trial.site.journal, seed);
    if moment == Moment::AtWork {
        trial.site.read_models_are_there().await;
        load.goes_on(100).await;
    }
    disk.fill();
    match under {
        Engine::Nats => {
            trial.site.refuses_commands().await;
            disk.free();
            // A server whose disk failed it takes nothing more until it is started again.
            trial.site.cluster.servers[0].restart().await.unwrap();
        }
        Engine::Postgres => {
            trial.site.read_models_stand_still().await;
            load.goes_on(300).await;
            disk.free();
            trial.site.postgres.restart().await.unwrap();
        }
    }
    load.goes_on(100).await;
    load.stop().await;
    let findings = trial.check("a full disk").await;
    trial.site.stop().await;
    Some(findings)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_doubled_when_the_disk_under_nats_is_full() {
    full_disk(Engine::Nats, Moment::AtWork, SEED).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_doubled_when_the_disk_under_postgres_is_full() {
    full_disk(Engine::Postgres, Moment::AtWork, SEED).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_doubled_when_the_disk_is_full_before_the_read_models_are_there() {
    full_disk(Engine::Postgres, Moment::AtTheStart, SEED).await;
}

/// The long version: `just chaos`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes as long as it is told"]
async fn at_length() {
    let setting = |name: &str, default: u64| match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} must be a number")),
        Err(_) => default,
    };
    let (seed, minutes) = (setting("DOCKET_CHAOS_SEED", rand::random()), setting("DOCKET_CHAOS_MINUTES", 10));
    println!("seed {seed}, {minutes} minutes; the same seed strikes the same faults in the same order");
    let until = Instant::now() + Duration::from_secs(minutes * 60);
    let mut report = Report::new(seed);
    for under in [Engine::Nats, Engine::Postgres] {
        if let Some(findings) = full_disk(under, Moment::AtWork, seed).await {
            report.full_disk(under, &findings);
        }
    }
    let mut desk = Trial::start(Ground::default(), FULL, seed).await;
    let mut cluster = Trial::start(Ground { servers: 3, ..Ground::default() }, FULL, seed).await;
    let mut order = StdRng::seed_from_u64(seed);
    // Each at least once, if there is time, and then any.
    let mut first: Vec<Fault> = OF_ALL.into_iter().chain(OF_CLUSTERS).collect();
    first.shuffle(&mut order);
    while Instant::now() < until {
        let any = || OF_ALL.iter().chain(&OF_CLUSTERS).copied().collect::<Vec<_>>().choose(&mut order).copied();
        let Some(fault) = first.pop().or_else(any) else { break };
        let trial = if OF_CLUSTERS.contains(&fault) { &mut cluster } else { &mut desk };
        trial.strike(fault).await;
        report.struck(fault);
        trial.check(&format!("{fault:?}")).await;
        report.checked();
    }
    for trial in [desk, cluster] {
        report.add(&trial.check("everything").await);
        trial.site.stop().await;
    }
    println!("{report}");
}
