//! Notes which commit the binary is built from, for `docket --version`.

use std::process::Command;

/// Names the commit where git is not there to tell, as in the build of a container.
const VARIABLE: &str = "DOCKET_COMMIT";

fn main() {
    println!("cargo::rerun-if-env-changed={VARIABLE}");
    let given = std::env::var(VARIABLE).ok().filter(|commit| !commit.is_empty());
    let is_release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let commit = match given {
        Some(commit) => commit,
        // A developer builds after every commit, and should not link anew for it.
        None if !is_release => "development build".to_owned(),
        None => {
            if let Some(head) = git(&["rev-parse", "--git-path", "logs/HEAD"]) {
                println!("cargo::rerun-if-changed={head}");
            }
            let described = git(&["describe", "--always", "--dirty=-changed", "--abbrev=12", "--exclude=*"]);
            described.unwrap_or_else(|| "unknown commit".to_owned())
        }
    };
    println!("cargo::rustc-env={VARIABLE}={commit}");
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
