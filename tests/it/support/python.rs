//! Other people's readers of what Docket writes: scripts in Python.

use std::path::Path;
use std::process::Stdio;

/// Runs Python, with packages from a folder; hands back what it printed.
pub(crate) async fn python(arguments: &[&str], packages: Option<&Path>) -> String {
    let mut command = tokio::process::Command::new("python3");
    command.args(arguments).env("PYTHONDONTWRITEBYTECODE", "1").stdin(Stdio::null());
    if let Some(packages) = packages {
        command.env("PYTHONPATH", packages);
    }
    let output = command.output().await.expect("python3");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}
