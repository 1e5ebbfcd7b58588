//! The command line.

use std::process::ExitCode;

use clap::{ArgAction, CommandFactory, Parser, Subcommand};

use crate::commands::{
    audit, backup, bench, case, demo, dictionary, doctor, evidence, export, import, keys, log, nats_config, policy,
    rebuild, replay, restore, send, serve, up, witness,
};
use crate::error::AnyError;
use crate::telemetry::LogFormat;

/// The version, and the commit that it is built from.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (", env!("DOCKET_COMMIT"), ")");

/// Event-sourced case management for customer service.
#[derive(Debug, Parser)]
#[command(name = "docket", version = VERSION, propagate_version = true, subcommand_required = true)]
#[command(
    after_help = "Examples:\n  docket demo                         everything on one machine, with sample data\n  docket up                           a desk of your own in .docket\n  docket send case intake '{\"type\":\"question\",\"subject\":\"Hello\",\"channel\":\"web\",\"impact\":\"low\",\"urgency\":\"low\"}'"
)]
pub struct Cli {
    /// Say more of what is done (twice: everything).
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// How log lines look: for people, or an object of JSON for each.
    #[arg(long, global = true, value_enum, value_name = "FORMAT", default_value = "text", env = "DOCKET_LOG_FORMAT")]
    pub log_format: LogFormat,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show everything on one machine, in a temporary folder, with generated cases.
    Demo(demo::Args),
    /// Run private engines and all roles in a folder, until Ctrl-C.
    Up(up::Args),
    /// Run roles against engines that already run.
    Serve(serve::Args),
    /// Publish one command and print its reply.
    Send(send::Args),
    /// Read the log.
    Log(log::Args),
    /// Look at a case.
    Case(case::Args),
    /// Check, publish or show the policy.
    Policy(policy::Args),
    /// Import an exported history as back-dated commands.
    Import(import::Args),
    /// Check engines, streams, policy and lag; say what is wrong and what to do.
    Doctor(doctor::Args),
    /// Say what each number of the read models means.
    Dictionary(dictionary::Args),
    /// Write the read models into files for a warehouse.
    Export(export::Args),
    /// Make the read models anew from the log, beside those that are shown.
    Rebuild(rebuild::Args),
    /// Make the read models from the log as of then, or compare the live ones with it.
    Replay(replay::Args),
    /// What proves that the log is the one that it was.
    Evidence(evidence::Args),
    /// The keys that what is personal is sealed with.
    Keys(keys::Args),
    /// What auditors ask first, from the log alone.
    Audit(audit::Args),
    /// Somebody who has seen the heads of logs, and signs those that have only grown.
    Witness(witness::Args),
    /// Copy everything that must be kept into a folder, while it runs.
    Backup(backup::Args),
    /// Make a data folder from a backup.
    Restore(restore::Args),
    /// Write a configuration of nats-server with a user for each principal.
    NatsConfig(nats_config::Args),
    /// Measure this machine.
    Bench(bench::Args),
}

/// Reads the command line; exits with 2 on wrong usage.
pub fn parse() -> Cli {
    Cli::parse()
}

/// Runs a subcommand.
pub async fn run(cli: Cli) -> Result<ExitCode, AnyError> {
    match cli.command {
        Command::Demo(args) => Box::pin(demo::run(args)).await,
        Command::Up(args) => Box::pin(up::run(args)).await,
        Command::Serve(args) => Box::pin(serve::run(args)).await,
        Command::Send(args) => send::run(args).await,
        Command::Log(args) => log::run(args).await,
        Command::Case(args) => case::run(args).await,
        Command::Policy(args) => policy::run(args).await,
        Command::Import(args) => Box::pin(import::run(args)).await,
        Command::Doctor(args) => Box::pin(doctor::run(args)).await,
        Command::Dictionary(args) => dictionary::run(args).await,
        Command::Export(args) => export::run(args).await,
        Command::Rebuild(args) => rebuild::run(args).await,
        Command::Replay(args) => Box::pin(replay::run(args)).await,
        Command::Evidence(args) => evidence::run(args).await,
        Command::Keys(args) => keys::run(&args),
        Command::Audit(args) => audit::run(args).await,
        Command::Witness(args) => witness::run(args).await,
        Command::Backup(args) => Box::pin(backup::run(args)).await,
        Command::Restore(args) => Box::pin(restore::run(args)).await,
        Command::NatsConfig(args) => nats_config::run(&args),
        Command::Bench(args) => Box::pin(bench::run(args)).await,
    }
}

/// The help of a subcommand.
pub fn help_of(subcommand: &str) -> String {
    let mut docket = Cli::command();
    docket.build();
    docket.find_subcommand_mut(subcommand).map_or_else(String::new, |found| found.render_long_help().to_string())
}
