//! A desk to measure.

use std::collections::BTreeSet;

use docket_engines::EngineOptions;
use tempfile::TempDir;

use crate::desk::{Binaries, Desk, temporary_folder};
use crate::error::AnyError;
use crate::roles::{command, projection};

/// A desk to measure, in a folder that must outlive it; `apart` are users with an account apart.
pub async fn private_desk(
    binaries: &Binaries,
    with_projection: bool,
    apart: &'static [&'static str],
) -> Result<(Desk, TempDir), AnyError> {
    let folder = temporary_folder("docket-bench-")?;
    let mut options = EngineOptions::new(folder.path());
    binaries.apply(&mut options);
    let mut roles = BTreeSet::from([command::ROLE]);
    if with_projection {
        roles.insert(projection::ROLE);
    }
    let desk = Desk::start_with(options, &roles, None, apart).await?;
    Ok((desk, folder))
}
