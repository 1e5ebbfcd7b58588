//! The rows of the live tables, copied into empty ones: the least that filling tables could take. For `docket bench
//! rebuild`.

use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::TryStreamExt as _;

use crate::ProjectionError;
use crate::layout::{generations, tables};
use crate::models::TABLES;
use crate::schema::{self, Schema, connect, run};

/// The schema of the copies, for as long as it takes.
const COPIES: &str = "docket_copies";

/// What copying took.
#[derive(Debug, Clone, Copy)]
pub struct Copied {
    /// How many rows there are.
    pub rows: u64,
    /// How many bytes they are on the wire.
    pub bytes: u64,
    /// How long `COPY` took.
    pub copying: Duration,
    /// How long it took to make the keys and indexes then.
    pub keys: Duration,
}

/// Vacuums the live tables, as the server does with those of a desk at work.
///
/// # Errors
/// [`ProjectionError::Postgres`].
pub async fn vacuum_live(url: &str, schema: &Schema) -> Result<(), ProjectionError> {
    let mut connection = connect(&schema::options(url)?).await?;
    let live = generations::live(&mut connection, schema).await?.ok_or(ProjectionError::NothingKept)?.tables_of;
    for table in TABLES {
        run(&mut connection, format!("VACUUM {live}.{}", table.name)).await?;
    }
    Ok(())
}

/// Copies the rows of the live tables into empty ones, and drops those again.
///
/// # Errors
/// [`ProjectionError::Postgres`].
pub async fn copy_live(url: &str, schema: &Schema) -> Result<Copied, ProjectionError> {
    let failed = ProjectionError::postgres;
    let options = schema::options(url)?;
    let mut from = connect(&options).await?;
    let mut to = connect(&options).await?;
    let live = generations::live(&mut from, schema).await?.ok_or(ProjectionError::NothingKept)?.tables_of;
    let create = TABLES.iter().map(|table| format!("CREATE TABLE {0} (LIKE {live}.{0});", table.name));
    let create: String = create.collect();
    let drop = format!("DROP SCHEMA IF EXISTS {COPIES} CASCADE;");
    run(&mut to, format!("{drop} CREATE SCHEMA {COPIES}; SET search_path TO {COPIES}; {create}")).await?;
    let mut copied = Copied { rows: 0, bytes: 0, copying: Duration::ZERO, keys: Duration::ZERO };
    for table in TABLES {
        let read = format!("COPY {live}.{} TO STDOUT (FORMAT binary)", table.name);
        let rows: Vec<Bytes> = async { from.copy_out_raw(&read).await?.try_collect().await }
            .await
            .map_err(failed("read the rows of a table"))?;
        copied.bytes += rows.iter().map(|part| u64::try_from(part.len()).unwrap_or(u64::MAX)).sum::<u64>();
        let began = Instant::now();
        let write = async {
            let mut copy = to.copy_in_raw(&format!("COPY {} FROM STDIN (FORMAT binary)", table.name)).await?;
            for part in rows {
                copy.send(part).await?;
            }
            copy.finish().await
        };
        copied.rows += write.await.map_err(failed("copy the rows of a table"))?;
        copied.copying += began.elapsed();
    }
    let began = Instant::now();
    tables::complete(&mut to).await?;
    copied.keys = began.elapsed();
    run(&mut to, drop).await?;
    Ok(copied)
}
