//! The rules of Docket.
//!
//! Plain functions over plain values: no clock, no randomness, no I/O, no async. Time and fresh ids come in
//! as arguments; the only way to fail is a [`Rejection`](docket_messages::Rejection).
//!
//! - [`policy`]: a policy document, checked whole and compiled for use.
//! - [`clock`]: service-level clocks.
//! - [`routing`]: which queue a case belongs to.
//! - [`authority`]: what a principal may do.
//! - [`case`]: the case itself: state, `evolve`, `decide`, and one file per command; and `replay`, which asks what
//!   another policy would have made of it.
//! - [`ledger`]: what became of the service levels of a case, by its events alone.

pub mod authority;
pub mod case;
pub mod clock;
pub mod ledger;
pub mod policy;
pub mod routing;
