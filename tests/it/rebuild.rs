//! The read models are filled anew beside those that are shown, and shown in their place.

use std::os::unix::fs::MetadataExt as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Command, Desk, Printed, SmallDisk, Sql, drive, eventually, histories, intake};

/// The schema of the tables that are shown.
async fn shown(sql: &Sql) -> String {
    let shown = sql.value("SELECT tables_of FROM docket_access.generations WHERE state = 'live'").await;
    shown.as_str().expect("a schema").to_owned()
}

/// What stands in every relation.
async fn content(sql: &Sql) -> Vec<Value> {
    let mut all = Vec::new();
    for relation in ["cases", "case_history", "case_timeline", "clocks", "survey_answers", "sla_attainment"] {
        all.extend(sql.rows(&format!("SELECT * FROM docket.{relation} AS row ORDER BY row::text")).await);
    }
    all
}

/// A desk with some history, and where its log ends.
async fn desk_with(cases: u32) -> (Desk, u64) {
    let desk = Desk::start();
    let last = drive(&desk.sender("importer").await, &histories(cases)).await;
    desk.sql().await.await_position(last).await;
    (desk, last)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn queries_never_fail_nor_see_an_older_position_while_it_is_rebuilt_under_load() {
    let (desk, _) = desk_with(40).await;
    let owner = desk.sql().await;
    owner
        .run("CREATE SCHEMA mine; CREATE VIEW mine.by_queue AS SELECT queue, count(*) FROM docket.cases GROUP BY 1")
        .await
        .unwrap();
    let (is_over, sender) = (AtomicBool::new(false), desk.sender("desk").await);
    let writes = async {
        while !is_over.load(Ordering::Relaxed) {
            sender.open_case().await;
        }
    };
    let analyst = Sql::connect(desk.analyst()).await;
    let reads = async {
        let (mut last, mut looks) = (0, 0);
        while !is_over.load(Ordering::Relaxed) {
            let rows = analyst
                .rows("SELECT position, (SELECT count(*) FROM docket.cases) AS cases FROM docket.position")
                .await;
            let position = rows[0]["position"].as_u64().unwrap();
            assert!(position >= last, "{position} after {last}");
            assert!(rows[0]["cases"].as_u64() >= Some(40));
            (last, looks) = (position, looks + 1);
        }
        looks
    };
    let rebuilds = async {
        let before = shown(&owner).await;
        for _ in 0..3 {
            let done = desk.cli().run(&["rebuild", "--compare"]).await.succeeded();
            assert!(done.out.contains("made anew"), "{done:?}");
        }
        is_over.store(true, Ordering::Relaxed);
        before
    };
    let (before, looks, ()) = futures::join!(rebuilds, reads, writes);
    assert!(looks > 10, "{looks}");
    assert_ne!(before, shown(&owner).await);
    let opened = sender.open_case().await;
    eventually("the worker follows on in the new tables", async || {
        let found = owner.rows(&format!("SELECT case_id FROM docket.cases WHERE case_id = '{opened}'")).await;
        (found.len() == 1).then_some(())
    })
    .await;
    let of_mine = owner.value("SELECT sum(count)::bigint FROM mine.by_queue").await;
    assert_eq!(of_mine, owner.value("SELECT count(*) FROM docket.cases").await, "my own view stands on the new tables");
    let left = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'docket\\_g%'";
    assert_eq!(owner.value(left).await, 1, "the old tables are dropped");
}

#[tokio::test]
async fn an_open_transaction_of_an_analyst_delays_the_switch_and_ends_in_peace() {
    let (desk, _) = desk_with(10).await;
    let (owner, analyst) = (desk.sql().await, Sql::connect(desk.analyst()).await);
    let before = shown(&owner).await;
    analyst.run("BEGIN; SELECT FROM docket.cases").await.unwrap();
    let reader = async {
        let waiting = "SELECT count(*) FROM docket_access.generations WHERE state = 'building'";
        eventually("another generation is filled", async || (owner.value(waiting).await == 1).then_some(())).await;
        // It is in nobody's way meanwhile: neither in mine, nor in that of others.
        let other = Sql::connect(desk.analyst()).await;
        for _ in 0..5 {
            tokio::time::sleep(Duration::from_millis(200)).await;
            analyst.run("SELECT count(*) FROM docket.clocks").await.unwrap();
            other.run("SELECT count(*) FROM docket.cases").await.unwrap();
        }
        assert_eq!(shown(&owner).await, before);
        analyst.run("SELECT count(*) FROM docket.case_timeline; COMMIT").await.unwrap();
    };
    let cli = desk.cli();
    let (done, ()) = futures::join!(cli.run(&["rebuild"]), reader);
    let done = done.succeeded();
    assert!(done.err.contains("to end a transaction"), "{done:?}");
    assert_ne!(shown(&owner).await, before);
}

#[tokio::test]
async fn a_rebuild_that_is_killed_leaves_the_live_tables_and_the_next_one_goes_on() {
    let (desk, last) = desk_with(30).await;
    let owner = desk.sql().await;
    let (before, live) = (content(&owner).await, shown(&owner).await);
    for failpoint in ["projection::before-commit=panic", "rebuild::filled=panic", "rebuild::before-switch=panic"] {
        let killed: Printed = desk.cli().with("FAILPOINTS", failpoint).run(&["rebuild"]).await;
        assert_ne!(killed.code, Some(0), "{failpoint}: {killed:?}");
        assert_eq!((shown(&owner).await, content(&owner).await == before), (live.clone(), true), "{failpoint}");
    }
    let building = owner.value("SELECT tables_of FROM docket_access.generations WHERE state = 'building'").await;
    let filled = format!("SELECT position FROM {}.checkpoint", building.as_str().unwrap());
    assert_eq!(owner.value(&filled).await, last, "it stays filled");
    let doctor = desk.cli().run(&["doctor"]).await.succeeded();
    assert!(doctor.out.contains("a rebuild was stopped in") && doctor.out.contains("--cancel"), "{doctor:?}");
    let elsewhere = desk.cli().run(&["rebuild", "--to-schema", "other_models"]).await;
    let half_filled = format!("has filled tables in the schema {}", building.as_str().unwrap());
    assert!(elsewhere.code == Some(1) && elsewhere.err.contains(&half_filled), "{elsewhere:?}");
    desk.cli().run(&["rebuild"]).await.succeeded();
    assert_eq!(shown(&owner).await, building.as_str().unwrap());
    assert!(content(&owner).await == before);
}

#[tokio::test]
async fn tables_that_are_kept_can_be_listed_and_gone_back_to() {
    let (desk, _) = desk_with(10).await;
    let owner = desk.sql().await;
    let first = shown(&owner).await;
    let none = desk.cli().run(&["rebuild", "--return"]).await;
    assert!(none.code == Some(1) && none.err.contains("--keep-old"), "{none:?}");
    desk.cli().run(&["rebuild", "--keep-old", "--to-schema", "next_models"]).await.succeeded();
    assert_eq!(shown(&owner).await, "next_models");
    let list = desk.cli().run(&["rebuild", "--list", "--json"]).await.succeeded().json();
    let states: Vec<_> =
        list["generations"].as_array().unwrap().iter().map(|one| (&one["schema"], &one["state"])).collect();
    assert_eq!(states, [(&json!("next_models"), &json!("live")), (&json!(first), &json!("kept"))]);
    let opened = desk.sender("desk").await.open_case().await;
    desk.cli().run(&["rebuild", "--return"]).await.succeeded();
    assert_eq!(shown(&owner).await, first);
    let there = format!("SELECT count(*) FROM docket.cases WHERE case_id = '{opened}'");
    assert_eq!(owner.value(&there).await, 1, "brought up to date");
    for name in ["Mine; DROP", "docket_g7", "order", "current_user", "pg_mine"] {
        let refused = desk.cli().run(&["rebuild", "--to-schema", name]).await;
        assert!(refused.code == Some(2) && refused.err.contains("a schema is named by"), "{name}: {refused:?}");
    }
    // One way back is kept, and nothing is called as the schema of what is private is.
    desk.cli().run(&["rebuild", "--keep-old", "--to-schema", "my_private"]).await.succeeded();
    desk.cli().run(&["rebuild", "--keep-old"]).await.succeeded();
    let kept = "SELECT tables_of AS it FROM docket_access.generations WHERE state = 'kept'";
    assert_eq!(owner.rows(kept).await, [json!({ "it": "my_private" })]);
    desk.cli().run(&["rebuild", "--drop-kept"]).await.succeeded();
    assert_eq!(owner.rows(kept).await.len(), 0);
    let none = desk.cli().run(&["rebuild", "--drop-kept"]).await;
    assert!(none.code == Some(1) && none.err.contains("no tables were kept"), "{none:?}");
    assert_eq!(owner.value(&there).await, 1);
}

#[tokio::test]
async fn a_rebuild_that_has_switched_is_not_cancelled_any_more() {
    let (desk, last) = desk_with(10).await;
    let owner = desk.sql().await;
    let before = shown(&owner).await;
    let canceller = async {
        // It has noted that its tables are live, and is about to say so to everybody.
        eventually("it switches", async || {
            let switching = "SELECT count(*) FROM pg_locks AS book JOIN pg_locks AS shown USING (pid)
                WHERE book.granted AND book.mode = 'RowExclusiveLock'
                    AND book.relation = 'docket_access.generations'::regclass
                    AND shown.granted AND shown.mode = 'AccessExclusiveLock' AND shown.relation = 'docket.cases'::regclass";
            (owner.value(switching).await == 1).then_some(())
        })
        .await;
        desk.cli().run(&["rebuild", "--cancel"]).await
    };
    let cli = desk.cli().with("FAILPOINTS", "rebuild::before-switch=sleep(3000)");
    let (done, cancelled) = futures::join!(cli.run(&["rebuild"]), canceller);
    done.succeeded();
    assert!(cancelled.code == Some(1) && cancelled.err.contains("no rebuild"), "{cancelled:?}");
    assert_ne!(shown(&owner).await, before);
    assert_eq!(owner.value("SELECT position FROM docket.position").await, last);
}

#[tokio::test]
async fn tables_on_which_somebody_has_made_something_are_not_dropped() {
    let (desk, _) = desk_with(5).await;
    let owner = desk.sql().await;
    let before = shown(&owner).await;
    owner.run(&format!("CREATE SCHEMA mine; CREATE VIEW mine.raw AS SELECT * FROM {before}.cases")).await.unwrap();
    let done = desk.cli().run(&["rebuild"]).await.succeeded();
    assert!(done.err.contains("mine.raw"), "{done:?}");
    assert_eq!(owner.value("SELECT count(*) > 0 FROM mine.raw").await, true);
    owner.run("DROP VIEW mine.raw").await.unwrap();
    desk.cli().run(&["rebuild"]).await.succeeded();
    assert_eq!(owner.value(&format!("SELECT to_regnamespace('{before}')::text")).await, Value::Null);
}

#[tokio::test]
async fn a_rebuild_can_be_cancelled_and_two_are_not_done_at_once() {
    let (desk, _) = desk_with(10).await;
    let (owner, analyst) = (desk.sql().await, Sql::connect(desk.analyst()).await);
    let before = shown(&owner).await;
    let nothing = desk.cli().run(&["rebuild", "--cancel"]).await;
    assert!(nothing.code == Some(1) && nothing.err.contains("no rebuild"), "{nothing:?}");
    analyst.run("BEGIN; SELECT FROM docket.cases").await.unwrap();
    let canceller = async {
        eventually("another generation is filled", async || {
            let waiting = "SELECT count(*) FROM docket_access.generations WHERE state = 'building'";
            (owner.value(waiting).await == 1).then_some(())
        })
        .await;
        let second = desk.cli().run(&["rebuild"]).await;
        assert!(second.code == Some(1) && second.err.contains("rebuild_place"), "{second:?}");
        desk.cli().run(&["rebuild", "--cancel"]).await.succeeded();
    };
    let cli = desk.cli();
    let (cancelled, ()) = futures::join!(cli.run(&["rebuild"]), canceller);
    assert!(cancelled.code == Some(1) && cancelled.err.contains("was cancelled"), "{cancelled:?}");
    analyst.run("COMMIT").await.unwrap();
    assert_eq!(shown(&owner).await, before);
    let left = "SELECT count(*) FROM docket_access.generations";
    assert_eq!(owner.value(left).await, 1);
}

#[tokio::test]
async fn tables_of_another_version_are_filled_anew_at_the_start_and_shown_until_then() {
    let (mut desk, _) = desk_with(20).await;
    let owner = desk.sql().await;
    let (before, live) = (content(&owner).await, shown(&owner).await);
    owner.run("UPDATE docket_access.generations SET layout = 'of another version', version = 0").await.unwrap();
    assert!(desk.stop().success());
    desk.start_again();
    let owner = desk.sql().await;
    eventually("the new tables are shown", async || (shown(&owner).await != live).then_some(())).await;
    assert!(content(&owner).await == before);
    desk.cli().run(&["doctor"]).await.succeeded();
}

#[tokio::test]
async fn what_a_newer_version_shows_is_left_alone_until_somebody_rebuilds() {
    let (mut desk, last) = desk_with(5).await;
    let owner = desk.sql().await;
    let before = shown(&owner).await;
    owner.run("UPDATE docket_access.generations SET layout = 'of a newer version', version = 1000000").await.unwrap();
    assert!(desk.stop().success());
    desk.start_again();
    eventually("the projection says that it is older", async || {
        let (_, body) = desk.get("/healthz/projection").await;
        body.contains("newer version").then_some(())
    })
    .await;
    let owner = desk.sql().await;
    assert_eq!(shown(&owner).await, before);
    assert_eq!(owner.value("SELECT position FROM docket.position").await, last);
    desk.cli().run(&["rebuild"]).await.succeeded();
    assert_ne!(shown(&owner).await, before);
    let opened = desk.sender("desk").await.must(&Command::case("intake", &intake("question"))).await;
    owner.await_position(opened["position"].as_u64().unwrap()).await;
}

#[tokio::test]
async fn what_stands_on_a_relation_that_has_to_be_made_anew_is_named_and_stops_the_switch() {
    let (desk, _) = desk_with(5).await;
    let owner = desk.sql().await;
    let before = shown(&owner).await;
    owner.run("DROP VIEW docket.agents; CREATE VIEW docket.agents AS SELECT 1 AS other").await.unwrap();
    owner.run("CREATE SCHEMA mine; CREATE VIEW mine.staff AS SELECT * FROM docket.agents").await.unwrap();
    let aged =
        "CREATE TABLE mine.aged (age interval, bucket text DEFAULT docket.age_bucket('1 hour'), CONSTRAINT young CHECK
        (docket.age_bucket(age) = '<4h')); CREATE INDEX by_age ON mine.aged (docket.age_bucket(age))";
    owner.run(aged).await.unwrap();
    let stopped = desk.cli().run(&["rebuild"]).await;
    assert_eq!(stopped.code, Some(1), "{stopped:?}");
    for object in ["mine.staff", "default value for column bucket", "constraint young", "index mine.by_age"] {
        assert!(stopped.err.contains(object), "{object}: {stopped:?}");
    }
    assert_eq!(shown(&owner).await, before);
    owner.run("DROP VIEW mine.staff; DROP TABLE mine.aged").await.unwrap();
    desk.cli().run(&["rebuild"]).await.succeeded();
    assert_ne!(shown(&owner).await, before);
    owner.rows("SELECT agent, presence FROM docket.agents").await;
}

#[tokio::test]
async fn tables_that_differ_are_not_shown() {
    let (desk, _) = desk_with(5).await;
    let owner = desk.sql().await;
    let before = shown(&owner).await;
    owner.run(&format!("UPDATE {before}.cases SET csat = 5")).await.unwrap();
    let stopped = desk.cli().run(&["rebuild", "--compare"]).await;
    assert!(stopped.code == Some(1) && stopped.err.contains("cases has other content"), "{stopped:?}");
    assert_eq!(shown(&owner).await, before);
}

#[tokio::test]
async fn a_full_disk_leaves_the_live_tables_and_the_next_rebuild_goes_on() {
    let Some(disk) = SmallDisk::mount(64) else {
        return println!("a full disk was not tried: a small one cannot be mounted here");
    };
    let (desk, _) = desk_with(60).await;
    let owner = desk.sql().await;
    let (before, live) = (content(&owner).await, shown(&owner).await);
    // New tables are made on the small disk; everything else is elsewhere.
    let user = std::fs::metadata(desk.cluster()).expect("the server's folder").uid();
    std::os::unix::fs::chown(disk.path(), Some(user), None).expect("a disk of ours");
    let superuser = Sql::connect(&desk.superuser()).await;
    superuser.run(&format!("CREATE TABLESPACE small LOCATION '{}'", disk.path().display())).await.unwrap();
    superuser.run("GRANT CREATE ON TABLESPACE small TO docket").await.unwrap();
    superuser.run("ALTER ROLE docket SET default_tablespace = small").await.unwrap();
    disk.fill();
    let failed: Printed = desk.cli().run(&["rebuild"]).await;
    assert!(failed.code == Some(1) && failed.err.contains("No space left on device"), "{failed:?}");
    assert_eq!((shown(&owner).await, content(&owner).await == before), (live, true));
    disk.free();
    desk.cli().run(&["rebuild"]).await.succeeded();
    assert!(content(&owner).await == before);
    let there = "SELECT count(*) FROM pg_tables WHERE tablespace = 'small' AND tablename = 'cases'";
    assert_eq!(owner.value(there).await, 1, "the new ones are on the small disk");
    drop(desk);
}
