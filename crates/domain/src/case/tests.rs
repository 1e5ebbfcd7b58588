//! The rules of a case, told as given, when, then.
//!
//! Times are local to the office of the sample policy, in the week of Monday 23 November 2026 unless they say
//! otherwise; see [`moment`]. Every step of every story also checks what must hold always; see [`harness`].

mod commands;
mod conformance;
mod harness;
mod moment;
mod naive;
mod telling;

mod backdating;
mod classification;
mod clocks;
mod escalations;
mod families;
mod folding;
mod ledger;
mod lifecycle;
mod merging;
mod message_to_closed;
mod obligations;
mod offers;
mod pauses;
mod properties;
mod rebasing;
mod refusals;
mod reopening;
mod replaying;
mod retargets;
mod statuses;
mod steps;
mod surveys;
mod time;
mod triage;
mod units;
