//! `nats-server`: start, stop, restart, kill.

mod support;

use docket_engines::{EngineError, Nats, NatsOptions};
use support::{Outcome, alive, binaries, data, request, until};

const STREAM: &str = r#"{"name":"S","subjects":["s.>"],"storage":"file"}"#;

#[tokio::test]
async fn messages_survive_a_stop_and_a_kill() -> Outcome {
    let data = data()?;
    let binaries = binaries(data.path()).await?;
    let mut nats = Nats::start(&binaries, &NatsOptions::new(data.path())).await?;
    let url = nats.url();
    let created = request(&nats, "$JS.API.STREAM.CREATE.S", STREAM).await?;
    assert!(created.contains("\"config\""), "{created}");
    let first = request(&nats, "s.1", "one").await?;
    assert!(first.contains("\"seq\":1"), "{first}");

    let before = nats.pid();
    nats.restart().await?;
    assert_ne!(nats.pid(), before);
    assert_eq!(nats.url(), url);
    let second = request(&nats, "s.2", "two").await?;
    assert!(second.contains("\"seq\":2"), "{second}");

    nats.kill().await?;
    assert_eq!(nats.pid(), None);
    nats.restart().await?;
    let third = request(&nats, "s.3", "three").await?;
    assert!(third.contains("\"seq\":3"), "{third}");
    nats.stop().await?;

    // Another handle, as another process would have it.
    let mut nats = Nats::start(&binaries, &NatsOptions::new(data.path())).await?;
    let fourth = request(&nats, "s.4", "four").await?;
    assert!(fourth.contains("\"seq\":4"), "{fourth}");
    nats.stop().await?;
    Ok(())
}

#[tokio::test]
async fn a_second_start_names_the_first() -> Outcome {
    let data = data()?;
    let binaries = binaries(data.path()).await?;
    let mut nats = Nats::start(&binaries, &NatsOptions::new(data.path())).await?;
    let second = Nats::start(&binaries, &NatsOptions::new(data.path())).await;
    assert!(matches!(&second, Err(EngineError::AlreadyRunning { pid, .. }) if Some(*pid) == nats.pid()), "{second:?}");
    nats.stop().await?;
    Ok(())
}

#[tokio::test]
async fn a_taken_port_is_named() -> Outcome {
    let data = data()?;
    let binaries = binaries(data.path()).await?;
    let other = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let port = other.local_addr()?.port();
    let options = NatsOptions { port, ..NatsOptions::new(data.path()) };
    let started = Nats::start(&binaries, &options).await;
    assert!(matches!(&started, Err(EngineError::PortTaken { port: named, .. }) if *named == port), "{started:?}");
    Ok(())
}

#[tokio::test]
async fn a_bad_configuration_shows_the_log() -> Outcome {
    let data = data()?;
    let binaries = binaries(data.path()).await?;
    let options = NatsOptions { extra: "nonsense {".into(), ..NatsOptions::new(data.path()) };
    let Err(error) = Nats::start(&binaries, &options).await else {
        return Err("it started".into());
    };
    assert!(error.to_string().contains("Parse error"), "{error}");
    Ok(())
}

#[tokio::test]
async fn a_dropped_server_stops_and_hands_over() -> Outcome {
    let data = data()?;
    let binaries = binaries(data.path()).await?;
    let nats = Nats::start(&binaries, &NatsOptions::new(data.path())).await?;
    let pid = nats.pid().unwrap_or_default();
    drop(nats);
    let mut next = Nats::start(&binaries, &NatsOptions::new(data.path())).await?;
    until("the first server is gone", || !alive(pid)).await?;
    next.stop().await?;
    Ok(())
}

#[tokio::test]
async fn a_paused_server_is_silent_and_still_stops() -> Outcome {
    let data = data()?;
    let binaries = binaries(data.path()).await?;
    let mut nats = Nats::start(&binaries, &NatsOptions::new(data.path())).await?;
    nats.pause().await?;
    let info = request(&nats, "$JS.API.INFO", "");
    assert!(tokio::time::timeout(std::time::Duration::from_millis(300), info).await.is_err());
    nats.resume()?;
    request(&nats, "$JS.API.INFO", "").await?;
    nats.pause().await?;
    let pid = nats.pid().unwrap_or_default();
    nats.stop().await?;
    assert!(!alive(pid));
    Ok(())
}
