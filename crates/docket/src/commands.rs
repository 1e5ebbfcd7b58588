//! One file per subcommand.

pub mod audit;
pub mod backup;
pub mod bench;
pub mod case;
pub mod demo;
pub mod dictionary;
pub mod doctor;
mod drive;
pub mod evidence;
pub mod export;
pub mod import;
pub mod keys;
pub mod log;
pub mod nats_config;
pub mod period;
pub mod policy;
pub mod rebuild;
pub mod replay;
pub mod restore;
pub mod send;
pub mod serve;
pub mod up;
pub mod witness;
