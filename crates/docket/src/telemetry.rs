//! Log lines: sentences with fields, on standard error.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Starts logging. `RUST_LOG` chooses what is logged; without it warnings are, and with `-v` what the roles do.
pub fn start(verbose: u8) {
    let default = match verbose {
        0 => "warn,async_nats=error,sqlx=error",
        1 => "info,async_nats=error,sqlx=warn",
        _ => "debug,async_nats=info,sqlx=info",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
}
