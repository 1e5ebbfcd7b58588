//! The command line as a script uses it.

use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::AsyncWriteExt as _;

use super::MASTER_KEYS;

/// How long one run may take.
const LIMIT: Duration = Duration::from_secs(120);

/// Runs subcommands of the real binary.
pub(crate) struct Cli(Vec<(String, String)>);

impl Cli {
    /// For no desk in particular.
    pub(crate) fn new() -> Self {
        Self(Vec::new())
    }

    /// With an environment variable.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) async fn run(&self, arguments: &[&str]) -> Printed {
        self.run_with_input(arguments, b"").await
    }

    pub(crate) async fn run_with_input(&self, arguments: &[&str], input: &[u8]) -> Printed {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_docket"));
        command.env_remove("DOCKET_NATS_URL").env_remove("DOCKET_POSTGRES_URL");
        command.env("DOCKET_MASTER_KEYS", MASTER_KEYS).envs(self.0.clone());
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().expect("the binary starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        // A process that does not read its input may be gone before it is written.
        let _ = stdin.write_all(input).await;
        drop(stdin);
        let output = tokio::time::timeout(LIMIT, child.wait_with_output()).await;
        let output = output.unwrap_or_else(|_| panic!("`docket {}` does not end", arguments.join(" ")));
        let output = output.expect("a child of ours");
        Printed {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            err: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }
}

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Printed {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Printed {
    pub(crate) fn succeeded(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:?}");
        self
    }

    /// The one JSON value on standard output.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Standard output as one JSON value a line.
    pub(crate) fn lines(&self) -> Vec<Value> {
        let read = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        self.out.lines().map(read).collect()
    }
}
