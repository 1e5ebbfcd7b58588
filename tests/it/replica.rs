//! A replica for heavy work, made and used as docs/OPERATIONS.md says.

use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::support::{Command, Desk, Scratch, Sql, drive, eventually, histories};

/// A server that follows that of a desk.
struct Replica {
    server: tokio::process::Child,
    _folder: Scratch,
    port: u16,
}

/// Whom the server runs as: it refuses root.
fn unprivileged() -> Option<u32> {
    nix::unistd::geteuid().is_root().then_some(65_534)
}

fn program(bin: &Path, name: &str) -> tokio::process::Command {
    let mut command = tokio::process::Command::new(bin.join(name));
    if let Some(user) = unprivileged() {
        command.uid(user);
    }
    command.current_dir("/").kill_on_drop(true);
    command
}

/// Where the programs of a desk's server are.
fn programs(desk: &Desk) -> PathBuf {
    let lock = std::fs::read_to_string(desk.cluster().join("postmaster.pid")).expect("a server that runs");
    let server =
        std::fs::read_link(format!("/proc/{}/exe", lock.lines().next().expect("a process"))).expect("its program");
    server.parent().expect("a folder").to_owned()
}

async fn replica(desk: &Desk) -> Replica {
    let (bin, folder) = (programs(desk), Scratch::new());
    if let Some(user) = unprivileged() {
        chown(folder.path(), Some(user), None).expect("a folder of ours");
    }
    let data = folder.path().join("replica");
    let mut copy = program(&bin, "pg_basebackup");
    copy.arg("-D").arg(&data).args([
        "-d",
        &desk.superuser(),
        "-X",
        "stream",
        "--write-recovery-conf",
        "--checkpoint=fast",
    ]);
    let copied = copy.output().await.expect("pg_basebackup");
    assert!(copied.status.success(), "{}", String::from_utf8_lossy(&copied.stderr));
    let port =
        std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port();
    let mut server = program(&bin, "postgres");
    server.arg("-D").arg(&data).args(["-c", &format!("port={port}"), "-c", "hot_standby_feedback=on"]);
    let server = server.stderr(std::process::Stdio::null()).spawn().expect("a server");
    Replica { server, _folder: folder, port }
}

#[tokio::test]
async fn a_replica_answers_as_the_primary_does_and_follows_it() {
    let desk = Desk::start();
    let position = drive(&desk.sender("importer").await, &histories(30)).await;
    let primary = desk.sql().await;
    primary.await_position(position).await;
    let mut replica = replica(&desk).await;
    let login = desk.analyst().split('@').next().expect("a login");
    let address = format!("{login}@127.0.0.1:{}/docket", replica.port);
    let sql = eventually("a replica that lets readers in", async || Sql::try_connect(&address).await).await;
    assert_eq!(sql.value("SELECT pg_is_in_recovery()").await, true);
    sql.await_position(position).await;
    for query in ["SELECT * FROM docket.daily", "SELECT * FROM docket.quality('2026-01-01', '2026-12-01', 'queue')"] {
        assert_eq!(sql.rows(query).await, primary.rows(query).await, "{query}");
    }
    let sender = desk.sender("desk").await;
    let case = sender.open_case().await;
    let assigned = sender.must(&Command::case("assign", &json!({ "caseId": case, "agent": "ana" }))).await;
    sql.await_position(assigned["position"].as_u64().expect("a position")).await;
    let assignee = format!("SELECT assignee FROM docket.cases WHERE case_id = '{case}'");
    assert_eq!(sql.value(&assignee).await, "ana");
    let refused = sql.run("DELETE FROM docket.cases").await.expect_err("it only reads");
    assert!(refused.contains("permission denied"), "{refused}");
    replica.server.start_kill().expect("a child of ours");
    replica.server.wait().await.expect("its end");
}
