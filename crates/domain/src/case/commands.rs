//! One file per command. Each checks what the policy and the case's stage ask of it, emits what happened, and
//! then lets the clocks settle.

mod answer_survey;
mod assign;
mod cancel;
mod classify;
mod close;
mod deescalate;
mod escalate;
mod intake;
mod note;
mod pend;
mod rebase_clocks;
mod receive;
mod reopen;
mod request_survey;
mod resolve;
mod respond;
mod resume;
mod route;
mod unassign;

mod absorb;
mod confirm;
mod link;
mod log_effort;
mod merge;
mod release;
mod settle_merge;
mod unmerge;
pub(super) use answer_survey::answer_survey;
pub(super) use assign::assign;
pub(super) use cancel::cancel;
pub(super) use classify::classify;
pub(super) use close::close;
pub(super) use deescalate::deescalate;
pub(super) use escalate::escalate;
pub(super) use intake::intake;
pub(super) use note::note;
pub(super) use pend::pend;
pub(super) use rebase_clocks::rebase_clocks;
pub(super) use receive::receive;
pub(super) use reopen::reopen;
pub(super) use request_survey::request_survey;
pub(super) use resolve::resolve;
pub(super) use respond::respond;
pub(super) use resume::resume;
pub(super) use route::route;
pub(super) use unassign::unassign;

pub(super) use absorb::absorb;
pub(super) use confirm::confirm;
use docket_messages::{Personal, ReasonText, Text};
pub(super) use link::link;
pub(super) use log_effort::log_effort;
pub(super) use merge::merge;
pub(super) use release::release;
pub(super) use settle_merge::settle_merge;
pub(super) use unmerge::unmerge;

fn reason(text: Option<&Text>) -> Option<Personal<ReasonText>> {
    text.map(|text| Personal::Plain(ReasonText { reason: Some(text.clone()) }))
}
