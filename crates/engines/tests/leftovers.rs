//! Nothing keeps running when its owner is killed.

mod support;

use std::path::Path;
use std::process::{Command, Stdio};

use docket_engines::{EngineOptions, Engines, Nats, NatsOptions};
use support::{Outcome, alive, binaries, data, sql, until};

/// Names the data folder for the process that is going to be killed.
const HOLD: &str = "DOCKET_TEST_HOLD";

/// Not a test by itself: run in a process of its own by the tests below.
#[tokio::test]
#[ignore = "run by the other tests"]
async fn hold() -> Outcome {
    let Some(data) = std::env::var_os(HOLD) else { return Ok(()) };
    let data = Path::new(&data);
    let engines = Engines::start(&EngineOptions::new(data), &|_| {}).await?;
    let pids = [engines.nats.pid(), engines.postgres.pid()].map(Option::unwrap_or_default);
    std::fs::write(data.join("pids.new"), format!("{} {}", pids[0], pids[1]))?;
    std::fs::rename(data.join("pids.new"), data.join("pids"))?;
    std::future::pending().await
}

fn holder(data: &Path) -> std::io::Result<std::process::Child> {
    Command::new(std::env::current_exe()?)
        .args(["--ignored", "--exact", "hold"])
        .env(HOLD, data)
        .stdout(Stdio::null())
        .spawn()
}

fn pids(data: &Path) -> Vec<u32> {
    let text = std::fs::read_to_string(data.join("pids")).unwrap_or_default();
    text.split_whitespace().filter_map(|pid| pid.parse().ok()).collect()
}

#[tokio::test]
async fn killing_the_owner_stops_both_engines() -> Outcome {
    let data = data()?;
    let mut owner = holder(data.path())?;
    until("both engines run", || pids(data.path()).len() == 2).await?;
    let engines = pids(data.path());
    assert!(engines.iter().all(|pid| alive(*pid)));
    owner.kill()?;
    owner.wait()?;
    until("both engines are gone", || !engines.iter().any(|pid| alive(*pid))).await?;
    // The guards stopped them cleanly, and said so in the log.
    let log = std::fs::read_to_string(data.path().join("nats.log"))?;
    assert!(log.contains("Server Exiting"), "{log}");
    let log = std::fs::read_to_string(data.path().join("postgres.log"))?;
    assert!(log.contains("database system is shut down"), "{log}");
    Ok(())
}

#[tokio::test]
async fn killing_the_owner_stops_suspended_engines_too() -> Outcome {
    let data = data()?;
    let mut owner = holder(data.path())?;
    until("both engines run", || pids(data.path()).len() == 2).await?;
    let engines = pids(data.path());
    for pid in &engines {
        Command::new("kill").args(["-s", "STOP", &pid.to_string()]).status()?;
    }
    owner.kill()?;
    owner.wait()?;
    until("both engines are gone", || !engines.iter().any(|pid| alive(*pid))).await?;
    Ok(())
}

#[tokio::test]
async fn the_next_owner_takes_over_at_once() -> Outcome {
    let data = data()?;
    let mut owner = holder(data.path())?;
    until("both engines run", || pids(data.path()).len() == 2).await?;
    owner.kill()?;
    owner.wait()?;
    // The guards may still be stopping the engines of the dead owner.
    let binaries = binaries(data.path()).await?;
    let mut engines = Engines::start_with(&binaries, &EngineOptions::new(data.path()), &|_| {}).await?;
    assert_eq!(sql(&binaries, &engines.postgres, "SELECT 1").await?, "1");
    engines.stop().await?;
    Ok(())
}

#[tokio::test]
async fn an_engine_that_dies_is_noticed() -> Outcome {
    let data = data()?;
    let binaries = binaries(data.path()).await?;
    let mut nats = Nats::start(&binaries, &NatsOptions::new(data.path())).await?;
    let pid = nats.pid().unwrap_or_default();
    Command::new("kill").args(["-s", "KILL", &pid.to_string()]).status()?;
    let status = tokio::time::timeout(support::LIMIT, nats.exited()).await??;
    assert!(!status.success());
    nats.restart().await?;
    nats.stop().await?;
    Ok(())
}

#[tokio::test]
async fn two_pairs_run_side_by_side() -> Outcome {
    let (one, two) = (data()?, data()?);
    let options = [EngineOptions::new(one.path()), EngineOptions::new(two.path())];
    let binaries = binaries(one.path()).await?;
    let (first, second) = tokio::join!(
        Engines::start_with(&binaries, &options[0], &|_| {}),
        Engines::start_with(&binaries, &options[1], &|_| {})
    );
    let (mut first, mut second) = (first?, second?);
    assert_ne!(first.nats.url(), second.nats.url());
    assert_ne!(first.postgres.port(), second.postgres.port());
    first.stop().await?;
    assert_eq!(sql(&binaries, &second.postgres, "SELECT 1").await?, "1");
    second.stop().await?;
    Ok(())
}
