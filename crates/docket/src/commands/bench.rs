//! `docket bench`: measure this machine.

use std::process::ExitCode;

use crate::error::{AnyError, plain};

/// Arguments of `docket bench`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Measures.
pub async fn run(_args: Args) -> Result<ExitCode, AnyError> {
    Err(plain("not yet"))
}
