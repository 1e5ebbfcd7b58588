//! A customer: when the customer was last asked for a rating.

mod event;

pub use event::*;
