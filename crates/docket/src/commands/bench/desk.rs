//! A desk to measure.

use std::collections::BTreeSet;

use docket_engines::EngineOptions;
use tempfile::TempDir;

use crate::desk::{Binaries, Desk, temporary_folder};
use crate::error::AnyError;
use crate::roles::{Role, command, projection};

/// A desk to measure, in a folder that must outlive it; `apart` are users with an account apart.
pub async fn private_desk(
    binaries: &Binaries,
    with_projection: bool,
    apart: &'static [&'static str],
) -> Result<(Desk, TempDir), AnyError> {
    let roles: &[Role] = if with_projection { &[command::ROLE, projection::ROLE] } else { &[command::ROLE] };
    private_desk_with(binaries, roles, apart).await
}

/// The same with other roles.
pub async fn private_desk_with(
    binaries: &Binaries,
    roles: &[Role],
    apart: &'static [&'static str],
) -> Result<(Desk, TempDir), AnyError> {
    let folder = temporary_folder("docket-bench-")?;
    let mut options = EngineOptions::new(folder.path());
    binaries.apply(&mut options);
    let roles: BTreeSet<Role> = roles.iter().copied().collect();
    let desk = Desk::start_with(options, &roles, None, apart).await?;
    Ok((desk, folder))
}
