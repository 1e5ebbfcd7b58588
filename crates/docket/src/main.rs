//! Docket: the command line, configuration, wiring and shutdown.

mod bench;
mod cli;
mod commands;
mod demo;
mod desk;
mod driver;
mod endpoints;
mod error;
mod import;
mod output;
mod roles;
mod story;
mod surroundings;
mod telemetry;

use std::process::ExitCode;

/// A command is allocated on one thread and freed on another, which the system's allocator is slow at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = cli::parse();
    telemetry::start(cli.verbose);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return output::fail(&error),
    };
    match runtime.block_on(commands::run(cli)) {
        Ok(code) => code,
        Err(error) => output::fail(error.as_ref()),
    }
}
