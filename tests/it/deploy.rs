//! How the binary shows itself to those who run it: version, log lines, and the files of `docs/deploy`.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{Cli, Scratch};

fn deploy(name: &str) -> String {
    let file = format!("{}/../../docs/deploy/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"))
}

#[tokio::test]
async fn the_version_names_what_it_was_built_from() {
    let version = Cli::new().run(&["--version"]).await.succeeded().out;
    let (number, built_from) = version.trim().split_once(" (").expect("a version and a commit");
    assert_eq!(number, concat!("docket ", env!("CARGO_PKG_VERSION")));
    assert!(built_from.ends_with(')') && built_from.len() > 7, "{version}");
}

#[tokio::test]
async fn every_line_on_standard_error_is_an_object_when_json_is_wanted() {
    let folder = Scratch::new();
    let data = folder.path().to_string_lossy().into_owned();
    let serve = ["serve", "--nats", "nats://127.0.0.1:1", "--postgres", "postgresql://x@127.0.0.1:1/x"];
    let demo = ["demo", "--cases", "20", "--exit", "--log-format", "json", "-v"];
    let by_variable = Cli::new().with("DOCKET_LOG_FORMAT", "json").run(&["log", "--data", &data]).await;
    let by_option = Cli::new().run(&demo).await.succeeded();
    assert!(Cli::new().run(&[&serve[..], &["--log-format", "yaml"]].concat()).await.code == Some(2));
    let mut messages = Vec::new();
    for line in by_variable.err.lines().chain(by_option.err.lines()) {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        for key in ["timestamp", "level", "target", "message"] {
            assert!(line[key].is_string(), "no `{key}` in {line}");
        }
        messages.push((line["level"].clone(), line["message"].as_str().expect("a text").to_owned()));
    }
    let (level, message) = &messages[0];
    assert!(level == "ERROR" && message.contains("nothing runs in"), "{messages:?}");
    assert!(messages.iter().any(|(level, message)| level == "INFO" && message.contains("starting")), "{messages:?}");
}

#[tokio::test]
async fn the_command_lines_of_the_deployment_files_are_ones_that_the_binary_knows() {
    let exec = |unit: &str| -> Vec<String> {
        let unit = deploy(unit);
        let line = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).expect("a command line");
        line.split(' ').skip(1).map(str::to_owned).collect()
    };
    let image = deploy("Containerfile");
    let command = image.lines().find_map(|line| line.strip_prefix("CMD ")).expect("a command line");
    let image: Vec<String> = serde_json::from_str(command).expect("a list");
    for arguments in [exec("docket.service"), exec("docket-serve.service"), image] {
        let help = Cli::new().run(&[&arguments[0], "--help"]).await.succeeded().out;
        let known: BTreeSet<&str> = help.split([' ', ',', '\n']).filter(|word| word.starts_with("--")).collect();
        let options: Vec<&String> = arguments.iter().filter(|argument| argument.starts_with("--")).collect();
        assert!(!options.is_empty(), "{arguments:?}");
        for option in options {
            assert!(known.contains(option.as_str()), "{option} is no option of {}: {help}", arguments[0]);
        }
    }
}
