//! What the benchmarks are made of: load, how it is measured, the rules alone, and a log of years.

pub mod domain;
pub mod load;
pub mod made_up;
pub mod measure;
