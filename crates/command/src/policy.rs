//! Commands to the policy, and the policy as the service knows it.

pub(crate) mod book;
pub(crate) mod publish;
