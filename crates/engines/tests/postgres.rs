//! `PostgreSQL`: start, stop, restart, kill, lost files.

mod support;

use docket_engines::{EngineError, Postgres, PostgresOptions};
use support::{Outcome, alive, binaries, data, sql, until};

#[tokio::test]
async fn rows_survive_a_stop_and_a_kill() -> Outcome {
    let data = data()?;
    let binaries = binaries(data.path()).await?;
    let mut postgres = Postgres::start(&binaries, &PostgresOptions::new(data.path())).await?;
    let url = postgres.url();
    sql(&binaries, &postgres, "CREATE TABLE t (n int)").await?;
    sql(&binaries, &postgres, "INSERT INTO t VALUES (1)").await?;

    postgres.restart().await?;
    assert_eq!(postgres.url(), url);
    sql(&binaries, &postgres, "INSERT INTO t VALUES (2)").await?;

    postgres.kill().await?;
    assert_eq!(postgres.pid(), None);
    postgres.restart().await?;
    assert_eq!(sql(&binaries, &postgres, "SELECT sum(n) FROM t").await?, "3");
    postgres.stop().await?;

    let mut postgres = Postgres::start(&binaries, &PostgresOptions::new(data.path())).await?;
    assert_eq!(sql(&binaries, &postgres, "SELECT sum(n) FROM t").await?, "3");
    postgres.stop().await?;
    Ok(())
}

#[tokio::test]
async fn the_role_owns_its_database_and_is_no_superuser() -> Outcome {
    let data = data()?;
    let binaries = binaries(data.path()).await?;
    let mut postgres = Postgres::start(&binaries, &PostgresOptions::new(data.path())).await?;
    let role = "SELECT rolname, rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user";
    assert_eq!(sql(&binaries, &postgres, role).await?, "docket|f|t|t");
    let database = "SELECT pg_get_userbyid(datdba), pg_encoding_to_char(encoding), current_setting('fsync'), \
                    current_setting('data_checksums'), current_setting('TimeZone') \
                    FROM pg_database WHERE datname = current_database()";
    assert_eq!(sql(&binaries, &postgres, database).await?, "docket|UTF8|on|on|UTC");
    sql(&binaries, &postgres, "CREATE SCHEMA s; CREATE TABLE public.t (n int)").await?;
    postgres.stop().await?;
    Ok(())
}

#[tokio::test]
async fn a_lost_password_is_replaced() -> Outcome {
    let data = data()?;
    let binaries = binaries(data.path()).await?;
    let mut postgres = Postgres::start(&binaries, &PostgresOptions::new(data.path())).await?;
    let before = postgres.url();
    postgres.stop().await?;
    std::fs::remove_file(data.path().join("docket.password"))?;
    postgres.restart().await?;
    assert_ne!(postgres.url(), before);
    assert_eq!(sql(&binaries, &postgres, "SELECT 1").await?, "1");
    postgres.stop().await?;
    Ok(())
}

#[tokio::test]
async fn a_lock_file_with_a_reused_process_id_is_no_obstacle() -> Outcome {
    let data = data()?;
    let binaries = binaries(data.path()).await?;
    let mut postgres = Postgres::start(&binaries, &PostgresOptions::new(data.path())).await?;
    let lock = postgres.home().join("cluster/postmaster.pid");
    let text = std::fs::read_to_string(&lock)?;
    let pid = postgres.pid().unwrap_or_default();
    postgres.kill().await?;
    // This process stands for an unrelated program that got the same id.
    std::fs::write(&lock, text.replacen(&pid.to_string(), &std::process::id().to_string(), 1))?;
    postgres.restart().await?;
    assert_eq!(sql(&binaries, &postgres, "SELECT 1").await?, "1");
    postgres.stop().await?;
    Ok(())
}

#[tokio::test]
async fn a_second_start_names_the_first() -> Outcome {
    let data = data()?;
    let binaries = binaries(data.path()).await?;
    let postgres = Postgres::start(&binaries, &PostgresOptions::new(data.path())).await?;
    let second = Postgres::start(&binaries, &PostgresOptions::new(data.path())).await;
    assert!(
        matches!(&second, Err(EngineError::AlreadyRunning { pid, .. }) if Some(*pid) == postgres.pid()),
        "{second:?}"
    );
    let pid = postgres.pid().unwrap_or_default();
    drop(postgres);
    let mut next = Postgres::start(&binaries, &PostgresOptions::new(data.path())).await?;
    until("the first server is gone", || !alive(pid)).await?;
    next.stop().await?;
    Ok(())
}

#[tokio::test]
async fn data_of_another_major_version_is_refused() -> Outcome {
    let data = data()?;
    let binaries = binaries(data.path()).await?;
    let mut postgres = Postgres::start(&binaries, &PostgresOptions::new(data.path())).await?;
    postgres.stop().await?;
    std::fs::write(postgres.home().join("cluster/PG_VERSION"), "9\n")?;
    let again = postgres.restart().await;
    assert!(matches!(&again, Err(EngineError::DataVersion { made_by, .. }) if made_by == "9"), "{again:?}");
    // An operator who is told to remove something must have read before that the log is not in it.
    let said = again.err().map(|error| error.to_string()).unwrap_or_default();
    let (log, remove) = (said.find("The log is not in it"), said.find("remove"));
    assert!(log.is_some() && log < remove, "{said}");
    Ok(())
}

#[tokio::test]
async fn waiting_for_the_server_of_another_folder_is_said() -> Outcome {
    let (data, copy) = (data()?, data()?);
    let binaries = binaries(data.path()).await?;
    let mut first = Postgres::start(&binaries, &PostgresOptions::new(data.path())).await?;
    let pid = first.pid().unwrap_or_default().to_string();
    std::os::unix::fs::symlink(first.home(), copy.path().join("postgres"))?;
    let (said, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let report = |line: &str| drop(said.send(line.to_owned()));
    let options = PostgresOptions::new(copy.path());
    let second = Postgres::start_with(&binaries, &options, &report);
    // As soon as it says that it waits, the first one ends; then it goes on.
    let (second, line) = tokio::join!(second, async {
        let line = heard.recv().await;
        first.stop().await.map(|()| line)
    });
    second?.stop().await?;
    let line = line?.unwrap_or_default();
    assert!(line.contains("waiting") && line.contains(&pid), "{line}");
    Ok(())
}
