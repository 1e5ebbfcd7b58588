//! The configuration of `nats-server`, written anew at every start.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::error::{EngineError, file};
use crate::nats::clear;

/// The files of one data folder.
pub(crate) struct Files {
    /// The folder of the server; `JetStream` makes its own below it.
    dir: PathBuf,
    /// The configuration.
    pub(crate) config: PathBuf,
    /// The same as text: this is how the server's process is recognised.
    pub(crate) config_text: String,
    /// Where the server writes which ports it listens on.
    pub(crate) ports: PathBuf,
    /// Where it writes what it has to say.
    pub(crate) log: PathBuf,
}

impl Files {
    pub(crate) fn below(data: &Path) -> Result<Self, EngineError> {
        let dir = data.join("nats");
        let config = dir.join("nats.conf");
        let config_text = text(&config)?.to_owned();
        Ok(Self { ports: dir.join("ports"), log: data.join("nats.log"), dir, config, config_text })
    }
}

/// Writes the configuration and removes the ports file of an earlier run.
pub(crate) fn write(files: &Files, port: u16, extra: &str) -> Result<(), EngineError> {
    clear(&files.ports)?;
    rewrite(files, port, extra)
}

/// Writes the configuration of a server that runs.
pub(crate) fn rewrite(files: &Files, port: u16, extra: &str) -> Result<(), EngineError> {
    let config = render(text(&files.dir)?, text(&files.ports)?, text(&files.log)?, port, extra);
    put(&files.dir, &files.config, &config).map_err(file("write", &files.config))
}

/// Mode 0600, since the extra text may hold passwords.
fn put(dir: &Path, path: &Path, config: &str) -> std::io::Result<()> {
    let mut temporary = tempfile::NamedTempFile::new_in(dir)?;
    temporary.write_all(config.as_bytes())?;
    temporary.persist(path)?;
    Ok(())
}

fn render(dir: &str, ports: &str, log: &str, port: u16, extra: &str) -> String {
    let (dir, ports, log) = (quote(dir), quote(ports), quote(log));
    format!(
        "# Written at every start; changes made here are lost.\n\
         listen: \"127.0.0.1:{port}\"\n\
         server_name: docket\n\
         max_payload: 8MB\n\
         ports_file_dir: {ports}\n\
         # Each refusal is a line, and a client that is refused may ask again: the log must not fill the disk.\n\
         logfile: {log}\n\
         logfile_size_limit: 16MB\n\
         logfile_max_num: 4\n\
         jetstream {{\n\
         \x20   store_dir: {dir}\n\
         \x20   # An acknowledged message is on disk.\n\
         \x20   sync_interval: always\n\
         \x20   # More than the disk has: the disk is the limit, not this number.\n\
         \x20   max_file_store: 1TB\n\
         \x20   max_memory_store: 256MB\n\
         }}\n\
         {extra}\n"
    )
}

fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn text(path: &Path) -> Result<&str, EngineError> {
    path.to_str().ok_or_else(|| EngineError::PathText { path: path.to_path_buf() })
}

#[cfg(test)]
mod tests {
    use super::render;

    #[test]
    fn paths_are_quoted_and_the_extra_text_comes_last() {
        let config = render("/a \"b\"/nats", "/p", "/l", 4222, "authorization { token: x }");
        assert!(config.contains("store_dir: \"/a \\\"b\\\"/nats\"\n"), "{config}");
        assert!(config.contains("listen: \"127.0.0.1:4222\"\n"), "{config}");
        assert!(config.ends_with("}\nauthorization { token: x }\n"), "{config}");
    }
}
