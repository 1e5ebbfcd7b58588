//! Engines that are away or silent: commands need NATS and nothing else, and who waits says for what.

use std::net::TcpListener;

use docket_engines::{EngineOptions, Nats, NatsOptions, locate};
use serde_json::json;

use crate::support::{Command, Desk, NO_POSTGRES, PrivateNats, Process, Scratch, Sql, eventually, get, intake};

/// Commands go on; what needs Postgres waits, and says so.
async fn decides_commands_and_waits_for_postgres(postgres: &str) {
    let (nats, folder) = (PrivateNats::start().await, Scratch::new());
    let url = nats.nats.url();
    let service = Process::start(folder.path(), &["serve", "--nats", &url, "--postgres", postgres]);
    nats.publish_sample_policy().await;
    nats.sender("webshop").await.open_case().await;
    let http = service.ready("http");
    eventually("the projection waits for Postgres", async || {
        let (status, body) = get(http, "/healthz/projection").await;
        (status == "200" && body.contains("projection: waiting: could not connect to Postgres")).then_some(())
    })
    .await;
    for (path, expected) in [("/healthz", "200"), ("/readyz/command", "200"), ("/readyz", "503"), ("/healthz/x", "404")]
    {
        assert_eq!(get(http, path).await.0, expected, "{path}");
    }
    drop(service);
    nats.stop().await;
}

#[tokio::test]
async fn commands_are_decided_while_postgres_is_absent() {
    decides_commands_and_waits_for_postgres(NO_POSTGRES).await;
}

#[tokio::test]
async fn commands_are_decided_while_postgres_takes_connections_on_and_says_nothing() {
    // As a suspended one does: the system takes the connection on.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    decides_commands_and_waits_for_postgres(&format!("postgres://nobody@127.0.0.1:{port}/none")).await;
}

#[tokio::test]
async fn a_service_waits_for_nats_and_answers_probes_meanwhile() {
    let free = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (nats_port, http_port) = (free(), free());
    let (folder, url) = (Scratch::new(), format!("nats://127.0.0.1:{nats_port}"));
    let path = folder.path().to_owned();
    let starting = tokio::task::spawn_blocking(move || {
        let http_port = http_port.to_string();
        let serve =
            ["serve", "--nats", &url, "--postgres", NO_POSTGRES, "--roles", "command", "--http-port", &http_port];
        Process::start(&path, &serve)
    });
    let http = format!("http://127.0.0.1:{http_port}");
    eventually("it says what it waits for", async || {
        // Nobody listens at first.
        tokio::net::TcpStream::connect(("127.0.0.1", http_port)).await.ok()?;
        let (status, body) = get(&http, "/healthz").await;
        (status == "200" && body.contains("command: waiting: could not connect to NATS")).then_some(())
    })
    .await;
    assert_eq!(get(&http, "/readyz").await.0, "503");
    let engine = Scratch::new();
    let binaries = locate(&EngineOptions::new(engine.path()), &|_| {}).await.unwrap();
    let options = NatsOptions { port: nats_port, ..NatsOptions::new(engine.path()) };
    let mut nats = Nats::start(&binaries, &options).await.unwrap();
    let service = starting.await.unwrap();
    assert_eq!(get(&http, "/readyz").await.0, "200");
    // It goes away again, and comes back.
    nats.stop().await.unwrap();
    eventually("it says that it waits again", async || {
        let (status, body) = get(&http, "/readyz/command").await;
        (status == "503" && body.contains("command: waiting: ")).then_some(())
    })
    .await;
    assert_eq!(get(&http, "/healthz").await.0, "200", "a restart would mend nothing");
    let mut nats = Nats::start(&binaries, &options).await.unwrap();
    eventually("it is ready again", async || (get(&http, "/readyz").await.0 == "200").then_some(())).await;
    drop(service);
    nats.stop().await.unwrap();
}

#[tokio::test]
async fn an_analyst_who_holds_every_advisory_lock_keeps_nothing_from_starting() {
    let mut desk = Desk::start();
    let opened = desk.sender("desk").await.must(&Command::case("intake", &intake("question"))).await;
    // Its projection is at work, so another one has to stand by.
    desk.sql().await.await_position(opened["position"].as_u64().unwrap()).await;
    let analyst = Sql::connect(desk.analyst()).await;
    // That of the versions before, and that of the migrations' library.
    let locks = "SELECT pg_advisory_lock(hashtext('docket migrations')),
        pg_advisory_lock('docket.cases'::regclass::oid::bigint), pg_advisory_lock(x) FROM generate_series(0, 1000) AS x";
    analyst.run(locks).await.unwrap();
    for place in ["worker_place", "migrations_place"] {
        let lock = format!("BEGIN; LOCK TABLE docket_access.{place} IN SHARE UPDATE EXCLUSIVE MODE");
        let refused = analyst.run(&lock).await.unwrap_err().to_string();
        assert!(refused.contains("permission denied"), "{refused}");
        analyst.run("ROLLBACK").await.unwrap();
    }
    // Only the process of the desk: Postgres, and the session with its locks, stay.
    let (folder, nats) = (Scratch::new(), desk.nats_as("docket-projection"));
    let serve = ["serve", "--roles", "projection", "--nats", &nats, "--postgres", desk.postgres()];
    let other = Process::start(folder.path(), &serve);
    let http = other.ready("http");
    eventually("another projection stands by", async || {
        get(http, "/readyz").await.1.contains("projection: standing by").then_some(())
    })
    .await;
    drop(other);
    assert!(desk.stop().success());
}

#[tokio::test]
async fn read_models_of_another_continuation_of_the_log_are_refused_and_made_anew() {
    let mut desk = Desk::start();
    let opened = async |desk: &Desk| {
        let accepted = desk.sender("desk").await.must(&Command::case("intake", &intake("question"))).await;
        desk.sql().await.await_position(accepted["position"].as_u64().unwrap()).await;
        accepted
    };
    opened(&desk).await;
    assert!(desk.stop().success());
    let (nats, copy) = (desk.folder().path().join("nats"), desk.folder().path().join("copy"));
    let copied = |from: &std::path::Path, to: &std::path::Path| {
        let done = std::process::Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
        assert!(done.success());
    };
    copied(&nats, &copy);
    desk.start_again();
    let lost = opened(&desk).await["caseId"].clone();
    assert!(desk.stop().success());
    // Somebody puts the old copy back, beside tables that know more.
    std::fs::remove_dir_all(&nats).unwrap();
    copied(&copy, &nats);
    desk.start_again();
    let refused = eventually("the projection refuses", async || {
        let (status, body) = desk.get("/healthz/projection").await;
        (status == "503").then_some(body)
    })
    .await;
    assert!(
        refused.contains(
            "the read models were not built from this log: they are as of position 3, and this log ends at 2"
        ),
        "{refused}"
    );
    // Past the position that they are at.
    for _ in 0..3 {
        desk.sender("desk").await.open_case().await;
    }
    assert!(desk.stop().success());
    desk.start_again();
    let refused = eventually("the projection refuses again", async || {
        let (status, body) = desk.get("/healthz/projection").await;
        (status == "503").then_some(body)
    })
    .await;
    assert!(refused.contains("its entry at position 3 is not the one that they were made from"), "{refused}");
    assert_eq!(desk.sql().await.value("SELECT position FROM docket.position").await, 3, "nothing was applied");
    let doctor = desk.cli().run(&["doctor"]).await;
    assert_eq!(doctor.code, Some(1));
    assert!(doctor.out.contains("docket rebuild"), "{doctor:?}");
    let rebuilt = desk.cli().run(&["rebuild"]).await.succeeded();
    assert!(rebuilt.out.contains("made anew from 5 entries"), "{rebuilt:?}");
    let sql = desk.sql().await;
    assert_eq!(sql.value("SELECT position FROM docket.position").await, 5);
    let phantom = format!("SELECT count(*) FROM docket.cases WHERE case_id = '{}'", lost.as_str().unwrap());
    assert_eq!(sql.value(&phantom).await, 0);
    assert_eq!(sql.value("SELECT count(*) FROM docket.cases").await, json!(4));
    desk.cli().run(&["doctor"]).await.succeeded();
}

#[tokio::test]
async fn a_rebuild_of_a_quiet_desk_ends_with_all_that_was_there() {
    let desk = Desk::start();
    let opened = desk.sender("desk").await.must(&Command::case("intake", &intake("question"))).await;
    let (sql, position) = (desk.sql().await, opened["position"].as_u64().unwrap());
    sql.await_position(position).await;
    // The worker has nothing to do, and hears of it all the same.
    for _ in 0..2 {
        let rebuilt = desk.cli().run(&["rebuild"]).await.succeeded();
        assert!(rebuilt.out.contains("made anew"), "{rebuilt:?}");
        let sql = desk.sql().await;
        assert_eq!(sql.value("SELECT position FROM docket.position").await, position);
        assert_eq!(sql.value("SELECT count(*) FROM docket.cases").await, 1);
    }
}

#[tokio::test]
async fn a_service_stops_although_its_nats_server_is_gone() {
    let (nats, folder) = (PrivateNats::start().await, Scratch::new());
    let url = nats.nats.url();
    let roles = ["serve", "--roles", "command", "--nats", &url, "--postgres", NO_POSTGRES];
    let mut service = Process::start(folder.path(), &roles);
    nats.publish_sample_policy().await;
    nats.sender("webshop").await.open_case().await;
    nats.stop().await;
    assert!(service.stop().success());
}
