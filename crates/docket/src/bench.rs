//! What the benchmarks are made of: load, and how it is measured.

pub mod domain;
pub mod load;
mod memory;
pub mod meter;
pub mod soak;
