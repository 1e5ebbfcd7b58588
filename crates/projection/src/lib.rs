//! The read models in Postgres. The only crate that names `sqlx`.
//!
//! An entry's way into the tables, each step in the file of its name:
//!
//! 1. [`worker`]: one worker follows the log from its checkpoint, in three stages: read, fold, write.
//! 2. [`batch`]: a batch is folded in memory, case by case; [`models`] has one file per read model.
//! 3. [`bulk`]: each table is written with bulk statements; [`store`]: the checkpoint moves in the same transaction.
//!
//! Invariants:
//! - Every relation is as of the same log position.
//! - The read models are of one log: those of another one, or of a copy that went on otherwise, are refused
//!   ([`identity`]).
//! - The worker never skips: a gap, or an entry that it cannot apply, stops it at that position, loudly.
//! - The checkpoint moves by compare-and-set: a worker that was overtaken cannot write.
//! - No rule is applied here. What the events say has happened.

#[macro_use]
mod table;

mod batch;
mod before;
mod bulk;
mod cache;
mod calendars;
mod column;
mod copying;
mod error;
mod filling;
mod identity;
mod layout;
mod limits;
mod load;
mod login;
pub mod models;
mod parity;
mod places;
mod progress;
mod reading;
mod rebuild;
mod replay;
mod row;
mod schema;
mod seals;
mod settings;
mod stage;
mod store;
mod worker;

pub use copying::{Copied, copy_live, vacuum_live};
pub use error::ProjectionError;
pub use identity::{Identity, verify};
pub use layout::generations::{Generation, State};
pub use layout::{Layout, made_by};
pub use login::provide_reader;
pub use parity::{Difference, RowDifference};
pub use progress::{Place, Progress};
pub use reading::*;
pub use rebuild::{Options, cancel, drop_kept, generations, rebuild};
pub use replay::{compare, replay};
pub use schema::{Schema, migrate};
pub use seals::{Seal, SealTable};
pub use settings::{Applied, Settings};
pub use stage::{Stage, Tell};
pub use worker::run;
