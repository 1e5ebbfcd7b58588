//! A claim of the next case of a queue, as an aggregate: what was proposed to it.

mod event;

pub use event::*;
