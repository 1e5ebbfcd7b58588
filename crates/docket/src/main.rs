//! Docket: the command line, configuration, wiring and shutdown.

mod backup;
mod bodies;
mod cli;
mod commands;
mod credentials;
mod desk;
mod endpoints;
mod environment;
mod error;
mod holidays;
mod keys;
mod metrics;
mod output;
mod roles;
mod telemetry;
mod traces;
mod witness;
mod zones;

use std::process::ExitCode;

/// A command is allocated on one thread and freed on another, which the system's allocator is slow at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    end_on_panic();
    use_one_cryptography();
    // From the environment, in builds for tests only.
    let _failpoints = fail::has_failpoints().then(fail::FailScenario::setup);
    let cli = cli::parse();
    // Sends the last spans when it is dropped.
    let _traces = match telemetry::start(cli.verbose, cli.log_format) {
        Ok(traces) => traces,
        Err(error) => return output::fail(error.as_ref()),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return output::fail(&error),
    };
    match runtime.block_on(cli::run(cli)) {
        Ok(code) => output::unless_lost(code),
        Err(error) => output::fail(error.as_ref()),
    }
}

/// Every client of this process, also one that a library makes, encrypts by the same means.
fn use_one_cryptography() {
    // Nothing runs yet that could have chosen another.
    let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
}

/// A panic ends the process. One that ended only its task would leave a service that seems to be well and answers
/// for some cases no more; what was acknowledged is on disk, and the next start goes on from there.
fn end_on_panic() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        report(panic);
        std::process::abort();
    }));
}
