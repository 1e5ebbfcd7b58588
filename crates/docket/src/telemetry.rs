//! Log lines: sentences with fields, on standard error; and traces, when somebody collects them.

use std::io::IsTerminal;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

use crate::error::AnyError;
use crate::output;
use crate::traces::{self, Traces};

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// A line for people.
    Text,
    /// A line of JSON.
    Json,
}

/// Starts logging. `RUST_LOG` chooses what is logged; without it warnings are, and with `-v` what the roles do.
pub fn start(verbose: u8, format: LogFormat) -> Result<Option<Traces>, AnyError> {
    let default = match verbose {
        0 => "warn,async_nats=error,sqlx=error",
        1 => "info,async_nats=error,sqlx=warn",
        _ => "debug,async_nats=info,sqlx=info",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match format {
        LogFormat::Text => layer.with_ansi(std::io::stderr().is_terminal()).boxed(),
        LogFormat::Json => {
            output::notes_in_json();
            layer.json().flatten_event(true).boxed()
        }
    };
    let lines = lines.with_filter(filter);
    let traces = traces::start()?;
    // Spans of Docket's own crates, and no log lines.
    let own = Targets::new().with_target("docket", LevelFilter::INFO);
    let spans = traces.as_ref().map(|traces| traces.layer().with_filter(own));
    tracing_subscriber::registry().with(lines).with(spans).init();
    Ok(traces)
}
