//! The real binary, running. It never outlives the tests, however they end.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::Instant;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use super::{MASTER_KEYS, PATIENCE};

/// Told to stop the process and to clear its folder once the pipe closes, which it does when the tests are gone.
const LEASH: &str = r#"cat > /dev/null
kill -TERM "$1" 2> /dev/null
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
    kill -0 "$1" 2> /dev/null && ! grep -q ') Z ' "/proc/$1/stat" 2> /dev/null || break
    sleep 1
done
kill -KILL "$1" 2> /dev/null
rm -rf "$2""#;

/// A long-running `docket`, and what it said when it was ready.
pub(crate) struct Process {
    child: Child,
    leash: Child,
    ready: Value,
    /// What it says to people.
    log: PathBuf,
}

/// So much of the end of what it said is shown when a test fails.
const SAID: usize = 40;

impl Process {
    /// Starts it and waits until it prints its first line. What it says to people goes to `docket.log` in `folder`.
    pub(crate) fn start(folder: &Path, arguments: &[&str]) -> Self {
        Self::start_with(folder, arguments, &[])
    }

    /// The same, with environment variables.
    pub(crate) fn start_with(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let log = folder.join("docket.log");
        let file = File::options().create(true).append(true).open(&log).expect("a log of its own");
        let mut child = launch(arguments, environment, file);
        let leash = leash(&child, folder);
        let line = first_line(&mut child);
        let mut process = Self { child, leash, ready: Value::Null, log };
        // `serve` prints JSON, `up` says that it is ready and has its addresses in a file.
        let text = line.and_then(|line| match line.as_str() {
            "docket is ready" => std::fs::read_to_string(folder.join("endpoints.json")).ok(),
            _ => Some(line),
        });
        process.ready = text
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_else(|| panic!("`docket {}` did not become ready", arguments.join(" ")));
        process
    }

    /// Starts it and waits until it prints a line with this in it; hands back what it printed up to there.
    pub(crate) fn until(folder: &Path, arguments: &[&str], environment: &[(&str, &str)], last: &str) -> (Self, String) {
        let log = folder.join("docket.log");
        let file = File::options().create(true).append(true).open(&log).expect("a log of its own");
        let mut child = launch(arguments, environment, file);
        let leash = leash(&child, folder);
        let mut said = String::new();
        let lines = lines(&mut child);
        while !said.lines().last().is_some_and(|line| line.contains(last)) {
            let line = lines.recv_timeout(PATIENCE);
            said.push_str(&line.unwrap_or_else(|_| panic!("`{last}` did not come after {said}")));
            said.push('\n');
        }
        (Self { child, leash, ready: Value::Null, log }, said)
    }

    /// All that it told when it was ready.
    pub(crate) fn told(&self) -> &Value {
        &self.ready
    }

    /// A part of it.
    pub(crate) fn ready(&self, key: &str) -> &str {
        self.ready[key].as_str().unwrap_or_else(|| panic!("no `{key}` in {}", self.ready))
    }

    /// What it has logged so far.
    pub(crate) fn logged(&self) -> String {
        std::fs::read_to_string(&self.log).expect("its log")
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("a process of ours");
        self.child.wait().expect("a child of ours");
    }

    /// Whether it has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("a child of ours").is_some()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).expect("a process id");
        kill(Pid::from_raw(pid), signal).expect("a process of ours");
    }

    /// SIGTERM, and how it ended.
    pub(crate) fn stop(&mut self) -> ExitStatus {
        if let Some(ended) = self.child.try_wait().expect("a child of ours") {
            return ended;
        }
        self.signal(Signal::SIGTERM);
        let began = Instant::now();
        loop {
            if let Some(ended) = self.child.try_wait().expect("a child of ours") {
                return ended;
            }
            assert!(began.elapsed() < PATIENCE, "SIGTERM did not stop it");
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let said = std::fs::read_to_string(&self.log).unwrap_or_default();
            let lines: Vec<_> = said.lines().collect();
            println!(
                "what {} said last:\n{}",
                self.log.display(),
                lines[lines.len().saturating_sub(SAID)..].join("\n")
            );
            let _ = self.child.kill();
            let _ = self.child.wait();
        } else {
            self.stop();
        }
        let _ = self.leash.kill();
        let _ = self.leash.wait();
    }
}

fn launch(arguments: &[&str], environment: &[(&str, &str)], log: File) -> Child {
    Command::new(env!("CARGO_BIN_EXE_docket"))
        .args(arguments)
        .env("DOCKET_MASTER_KEYS", MASTER_KEYS)
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .expect("the binary starts")
}

fn leash(child: &Child, folder: &Path) -> Child {
    Command::new("/bin/sh")
        .args(["-c", LEASH, "leash", &child.id().to_string()])
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a shell starts")
}

fn first_line(child: &mut Child) -> Option<String> {
    lines(child).recv_timeout(PATIENCE).ok()
}

/// What it prints, line by line. Whatever nobody waits for is read all the same: it must not meet a closed pipe.
fn lines(child: &mut Child) -> mpsc::Receiver<String> {
    let stdout = child.stdout.take().expect("a pipe");
    let (line, read) = mpsc::channel();
    std::thread::spawn(move || {
        for said in BufReader::new(stdout).lines().map_while(Result::ok) {
            let _ = line.send(said);
        }
    });
    read
}
