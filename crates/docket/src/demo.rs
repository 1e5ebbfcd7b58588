//! What the demo is made of.

pub mod generator;
pub mod tables;
