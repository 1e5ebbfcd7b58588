//! What the benchmarks are made of: load, and how it is measured.

pub mod load;
pub mod meter;
