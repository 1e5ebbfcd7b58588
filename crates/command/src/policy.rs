//! Commands to the policy, and the policy as the service knows it.

mod approve;
pub(crate) mod book;
pub(crate) mod change;
mod propose;
mod publish;
