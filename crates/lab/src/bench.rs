//! What the benchmarks are made of: load, how it is measured, and the rules alone.

pub mod domain;
pub mod load;
pub mod measure;
