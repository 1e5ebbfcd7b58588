//! Bundles of a small log: what holds is verified, and whatever is changed is found.

mod completeness;
mod log;
mod mutations;
mod semantics;
mod structure;
