//! Claims of the next case of a queue.

mod propose;

pub(crate) use propose::claim;
