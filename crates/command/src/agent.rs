//! Commands to an agent.

pub(crate) mod presence;
