//! Dropping what a rebuild has filled, or kept.

use std::time::Duration;

use crate::ProjectionError;
use crate::layout::generations::{self, State};
use crate::places::{self, Place};
use crate::schema::{self, Schema, WAIT, connect, run};

/// Drops the tables that were kept. Says whether there were any.
///
/// # Errors
/// [`ProjectionError::Postgres`]; [`ProjectionError::Standing`].
pub async fn drop_kept(url: &str, schema: &Schema) -> Result<bool, ProjectionError> {
    let options = schema::options(url)?;
    let mut connection = connect(&options).await?;
    generations::prepare(&mut connection, schema).await?;
    let _place = places::take_within(Duration::ZERO, &options, schema, Place::Rebuild).await?;
    run(&mut connection, format!("SET lock_timeout = '{}s'", WAIT.as_secs())).await?;
    let mut is_any = false;
    for kept in generations::all(&mut connection, schema).await? {
        if kept.state == State::Kept {
            let removed = generations::remove(&mut connection, schema, &kept).await;
            match removed {
                Ok(()) => is_any = true,
                Err(error) => return Err(places::in_the_way(error, &options, schema).await),
            }
        }
    }
    Ok(is_any)
}

/// Ends a rebuild that is under way, or was, and drops what it has filled. Says whether there was one; one that has just
/// switched is none any more.
///
/// # Errors
/// [`ProjectionError::Postgres`]; [`ProjectionError::Standing`].
pub async fn cancel(url: &str, schema: &Schema) -> Result<bool, ProjectionError> {
    let options = schema::options(url)?;
    let mut connection = connect(&options).await?;
    generations::prepare(&mut connection, schema).await?;
    let all = generations::all(&mut connection, schema).await?;
    let Some(building) = all.into_iter().find(|generation| generation.state == State::Building) else {
        return Ok(false);
    };
    run(&mut connection, format!("SET lock_timeout = '{}s'", WAIT.as_secs())).await?;
    let under_way = [State::Building];
    if !generations::change(&mut connection, schema, building.number, &under_way, State::Retired).await? {
        return Ok(false);
    }
    loop {
        match generations::remove(&mut connection, schema, &building).await {
            // The rebuild was in the middle of something. It finds that it is cancelled by its next step.
            Err(error) if error.is_deadlock() => run(&mut connection, "ROLLBACK").await?,
            Err(error) => return Err(places::in_the_way(error, &options, schema).await),
            Ok(()) => return Ok(true),
        }
    }
}
