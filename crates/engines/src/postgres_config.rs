//! `PostgreSQL`'s settings, and what its lock file tells.

use std::fs;
use std::path::Path;

use crate::error::{EngineError, file};
use crate::process;

/// Durability stays as it is by default: `fsync`, `full_page_writes` and `synchronous_commit` are on. Checkpoints are far
/// apart, since after each the whole of every page that is touched goes into the server's write-ahead log.
///
/// The projection commits without waiting for the disk, since it reads again from the log of cases what Postgres has lost.
/// What it commits is synced once a second and not after each megabyte, and files of the write-ahead log are not filled
/// with zeros first: a third less is written to the disk, which nats-server shares.
///
/// Disks of today read at random as well as in order; compiling a query takes longer than running it over some hundred
/// thousand rows.
const SETTINGS: &str = "\
# Written at every start; changes made here are lost.
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 100
max_wal_size = 4GB
checkpoint_timeout = 15min
random_page_cost = 1.1
jit = off
wal_buffers = 16MB
wal_compression = on
wal_init_zero = off
wal_writer_delay = 1s
wal_writer_flush_after = 64MB
password_encryption = 'scram-sha-256'
timezone = 'UTC'
log_timezone = 'UTC'
logging_collector = off
log_destination = 'stderr'
log_min_messages = warning
log_checkpoints = off
log_line_prefix = '%m [%p] '
";

/// Writes the settings where the cluster's own configuration includes them.
pub(crate) fn write(cluster: &Path, extra: &str) -> Result<(), EngineError> {
    let path = cluster.join("docket.conf");
    // The folder is closed to others; the server's user must be able to read it.
    let sizes = sizes(memory_megabytes());
    fs::write(&path, format!("{SETTINGS}{sizes}{extra}\n")).map_err(file("write", &path))?;
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    fs::set_permissions(&path, open).map_err(file("open", &path))
}

/// What depends on how much memory there is. The server shares the machine with others; memory of its own keeps pages
/// that are written again and again from going to the system each time, and queries from sorting in files.
fn sizes(memory_megabytes: u64) -> String {
    let share = |part: u64, least: u64, most: u64| (memory_megabytes / part).clamp(least, most);
    format!(
        "shared_buffers = {}MB\neffective_cache_size = {}MB\nwork_mem = {}MB\nmaintenance_work_mem = {}MB\n",
        share(8, 128, 2_048),
        share(2, 512, 65_536),
        share(256, 4, 64),
        share(32, 64, 512),
    )
}

/// The machine's memory, or the least that is reckoned with where the system does not tell it as Linux does.
fn memory_megabytes() -> u64 {
    let told = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total = told.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kilobytes = total.and_then(|total| total.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or_default() / 1_024
}

/// The lines of `postmaster.pid`.
fn lock_file(cluster: &Path) -> Option<Vec<String>> {
    let text = fs::read_to_string(cluster.join("postmaster.pid")).ok()?;
    Some(text.lines().map(|line| line.trim().to_owned()).collect())
}

/// The process that the lock file names.
pub(crate) fn locked_by(cluster: &Path) -> Option<u32> {
    lock_file(cluster)?.first()?.parse().ok()
}

/// Whether this server, on this port, says that it accepts connections.
pub(crate) fn says_ready(cluster: &Path, pid: u32, port: u16) -> bool {
    let Some(lines) = lock_file(cluster) else { return false };
    let line = |number: usize| lines.get(number).map(String::as_str);
    line(0) == Some(&pid.to_string()) && line(3) == Some(&port.to_string()) && line(7) == Some("ready")
}

/// Removes a lock file whose process id now belongs to another program: the
/// server would take that one for itself and refuse to start. One whose process
/// is gone is left to the server, which also looks for processes left behind.
pub(crate) fn clear_stale(cluster: &Path, marker: &str) -> Result<(), EngineError> {
    let Some(pid) = locked_by(cluster) else { return Ok(()) };
    if process::is_running(pid, "") && !process::is_running(pid, marker) {
        let path = cluster.join("postmaster.pid");
        fs::remove_file(&path).map_err(file("remove", &path))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{clear_stale, says_ready, sizes};

    #[test]
    fn memory_is_taken_by_what_there_is_within_bounds() {
        let shared = |memory: u64| sizes(memory).lines().next().map(str::to_owned);
        assert_eq!(shared(0).as_deref(), Some("shared_buffers = 128MB"));
        assert_eq!(shared(8_192).as_deref(), Some("shared_buffers = 1024MB"));
        assert_eq!(shared(262_144).as_deref(), Some("shared_buffers = 2048MB"));
    }

    #[test]
    fn only_the_right_server_on_the_right_port_is_ready() -> std::io::Result<()> {
        let cluster = tempfile::tempdir()?;
        let text = "42\n/c\n1795314092\n15432\n\n127.0.0.1\n  1 2\nready   \n";
        std::fs::write(cluster.path().join("postmaster.pid"), text)?;
        assert!(says_ready(cluster.path(), 42, 15432));
        assert!(!says_ready(cluster.path(), 43, 15432));
        assert!(!says_ready(cluster.path(), 42, 15433));
        Ok(())
    }

    #[test]
    fn a_lock_file_that_names_another_program_is_removed() -> Result<(), Box<dyn std::error::Error>> {
        let cluster = tempfile::tempdir()?;
        let path = cluster.path().join("postmaster.pid");
        std::fs::write(&path, format!("{}\n", std::process::id()))?;
        clear_stale(cluster.path(), "on nobody's command line")?;
        assert!(!path.exists());
        Ok(())
    }
}
