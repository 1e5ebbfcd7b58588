//! One file per command. Each checks what the policy and the case's stage ask of it, emits what happened, and
//! then lets the clocks settle.

use docket_messages::{Personal, ReasonText, Text};

mod absorb;
mod accept_link;
mod accept_offer;
mod accept_parent;
mod answer_survey;
mod assign;
mod attach;
mod cancel;
mod claim;
mod classify;
mod close;
mod confirm;
mod decline_offer;
mod deescalate;
mod detach;
mod escalate;
mod follow_up;
mod inherit;
mod intake;
mod link;
mod log_effort;
mod merge;
mod note;
mod pend;
mod push;
mod rebase_clocks;
mod receive;
mod release;
mod reopen;
mod request_survey;
mod resolve;
mod respond;
mod resume;
mod route;
mod settle_link;
mod settle_merge;
mod settle_passing;
mod split;
mod unassign;
mod unmerge;

pub(super) use absorb::absorb;
pub(super) use accept_link::accept_link;
pub(super) use accept_offer::accept_offer;
pub(super) use accept_parent::accept_parent;
pub(super) use answer_survey::answer_survey;
pub(super) use assign::assign;
pub(super) use attach::attach;
pub(super) use cancel::cancel;
pub(super) use claim::claim;
pub(super) use classify::classify;
pub(super) use close::close;
pub(super) use confirm::confirm;
pub(super) use decline_offer::decline_offer;
pub(super) use deescalate::deescalate;
pub(super) use detach::detach;
pub(super) use escalate::escalate;
pub(super) use inherit::inherit;
pub(super) use intake::intake;
pub(super) use link::link;
pub(super) use log_effort::log_effort;
pub(super) use merge::merge;
pub(super) use note::note;
pub(super) use pend::pend;
pub(super) use push::push;
pub(super) use rebase_clocks::rebase_clocks;
pub(super) use receive::receive;
pub(super) use release::release;
pub(super) use reopen::reopen;
pub(super) use request_survey::{request_survey, survey_rule};
pub(super) use resolve::resolve;
pub(super) use respond::respond;
pub(super) use resume::resume;
pub(super) use route::route;
pub(super) use settle_link::settle_link;
pub(super) use settle_merge::settle_merge;
pub(super) use settle_passing::settle_passing;
pub(super) use split::split;
pub(super) use unassign::unassign;
pub(super) use unmerge::unmerge;

fn reason(text: Option<&Text>) -> Option<Personal<ReasonText>> {
    text.map(|text| Personal::Plain(ReasonText { reason: Some(text.clone()) }))
}
