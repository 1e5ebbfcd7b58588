//! The fault suite: real processes, clients that journal every acknowledged command to disk, faults, and an independent
//! checker.
//!
//! After each fault: every acknowledged command's entry is in the log exactly once, where the client was told; versions
//! have no gaps and chains no breaks; no command is there by half; and the tables equal those of a fresh rebuild.
//! `cargo test` strikes each fault once; `just chaos` goes on at random, from a seed, for as long as it is told.

mod checker;
mod faults;
mod journal;
mod load;
mod proxy;
mod site;

use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::json;

use faults::{Fault, Force};
use load::Load;
use site::{Site, sum_up};

/// One fault while the clients work, and what it left.
async fn round(site: &mut Site, fault: Fault, force: Force, random: &mut StdRng) -> checker::Findings {
    let load = Load::start(&site.senders, &site.shared, &site.journal, random.random());
    load.goes_on(40).await;
    fault.strike(site, &load, force, random).await;
    load.goes_on(40).await;
    load.stop().await;
    let findings = site.check().await;
    assert!(
        findings.lost.is_empty() && findings.doubled.is_empty() && findings.flaws.is_empty(),
        "after {fault:?}: {findings:#?}"
    );
    findings
}

/// Strikes every fault of a list once, on one site.
async fn each(faults: &[Fault]) {
    let mut site = Site::start(None, None).await;
    let force = Force { pause: Duration::from_secs(2), times: 2, races: 100 };
    let mut random = StdRng::seed_from_u64(7);
    for fault in faults {
        let began = Instant::now();
        let findings = round(&mut site, *fault, force, &mut random).await;
        println!("{fault:?}: {} in {:.1} s", sum_up(&findings), began.elapsed().as_secs_f64());
    }
    site.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_doubled_whatever_fails() {
    each(&faults::ALL).await;
}
