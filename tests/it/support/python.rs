//! Other people's readers of what Docket writes: scripts in Python.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use tokio::process::Command;

use super::fresh;

/// A folder with a package, which pip brings once for all tests of this machine.
pub(crate) async fn packages(name: &str, version: &str) -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .map_or_else(|| std::env::home_dir().expect("a home").join(".cache"), PathBuf::from);
    let folder = cache.join(format!("docket-tests/{name}-{version}"));
    if !folder.exists() {
        std::fs::create_dir_all(folder.parent().expect("a folder")).expect("a cache");
        let aside = folder.with_extension(fresh());
        let package = format!("{name}=={version}");
        let aside_name = aside.to_str().expect("a name");
        python(&["-m", "pip", "install", "--quiet", "--no-input", "--target", aside_name, &package], None).await;
        // Another test may have been faster.
        if std::fs::rename(&aside, &folder).is_err() {
            std::fs::remove_dir_all(&aside).expect("a folder of ours");
        }
    }
    folder
}

fn command(arguments: &[&str], packages: Option<&Path>) -> Command {
    let mut command = Command::new("python3");
    command.args(arguments).env("PYTHONDONTWRITEBYTECODE", "1").stdin(Stdio::null());
    if let Some(packages) = packages {
        command.env("PYTHONPATH", packages);
    }
    command
}

/// Runs Python on what a file says, and hands back each line that it printed, however it ended.
pub(crate) async fn python_lines(arguments: &[&str], packages: &Path, input: File) -> Vec<Value> {
    let output = command(arguments, Some(packages)).stdin(Stdio::from(input)).output().await.expect("python3");
    let errors = String::from_utf8_lossy(&output.stderr);
    let printed = String::from_utf8(output.stdout).expect("text");
    printed.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line} {errors}"))).collect()
}

/// Runs Python, with packages from a folder; hands back what it printed.
pub(crate) async fn python(arguments: &[&str], packages: Option<&Path>) -> String {
    let output = command(arguments, packages).output().await.expect("python3");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}
