//! `docket up`: one folder, one desk, and nothing left behind.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use crate::support::{Cli, Desk, eventually};

fn endpoints(desk: &Desk) -> Option<Value> {
    let text = std::fs::read(desk.folder().path().join("endpoints.json")).ok()?;
    Some(serde_json::from_slice(&text).expect("JSON"))
}

/// The engines' processes, as they name themselves on their command lines: each has the folder in it.
fn engines_running(desk: &Desk) -> usize {
    let folder = desk.folder().path().to_string_lossy().into_owned();
    let processes = std::fs::read_dir("/proc").expect("Linux").flatten();
    let commands = processes.filter_map(|process| std::fs::read(process.path().join("cmdline")).ok());
    let is_engine = |command: &Vec<u8>| {
        let command = String::from_utf8_lossy(command).replace('\0', " ");
        command.contains(&folder)
            && ["nats-server", "postgres"]
                .iter()
                .any(|name| command.split(' ').next().is_some_and(|p| p.ends_with(name)))
    };
    commands.filter(is_engine).count()
}

#[tokio::test]
async fn a_desk_is_found_by_its_folder_lives_there_alone_and_leaves_nothing_running() {
    let mut desk = Desk::start();
    let data = desk.folder().path().to_str().unwrap().to_owned();
    let told = endpoints(&desk).expect("written before it says that it is ready");
    assert_eq!(
        (told["nats"].as_str(), told["postgres"].as_str(), told["http"].as_str()),
        (Some(desk.nats()), Some(desk.postgres()), Some(desk.http()))
    );
    let mode = std::fs::metadata(desk.folder().path().join("endpoints.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "it holds a password");
    assert_eq!(Cli::new().run(&["doctor", "--data", &data]).await.code, Some(0));

    let second = Cli::new().run(&["up", "--data", &data]).await;
    assert_eq!(second.code, Some(1), "{second:?}");
    assert!(second.err.contains("already") && second.err.contains(&data), "{second:?}");
    assert_eq!(Cli::new().run(&["doctor", "--data", &data]).await.code, Some(0), "the first one is not disturbed");

    assert!(engines_running(&desk) >= 2);
    assert!(desk.stop().success());
    assert_eq!((endpoints(&desk), engines_running(&desk)), (None, 0));

    desk.start_again();
    let case = desk.sender("desk").await.open_case().await;
    desk.kill();
    eventually("the engines of a killed desk end", async || (engines_running(&desk) == 0).then_some(())).await;
    desk.start_again();
    assert_eq!(desk.sender("desk").await.case(&case, None).await["case"]["status"], "new");
    assert_eq!(
        Cli::new().run(&["policy", "show", "2", "--data", &data]).await.code,
        Some(1),
        "the sample policy is published once"
    );
}
