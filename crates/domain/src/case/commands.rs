//! One file per command. Each says of itself what holds of it whatever it says ([`Rules`]), checks what else the policy
//! and the stage of the case ask, and emits what happened; then the clocks settle.

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
mod intake;
mod link;
mod log_effort;
mod merge;
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
mod split;
mod tick;
mod unassign;
mod unmerge;

use docket_messages::{CaseAction, CaseCommand, CaseEvent, Personal, ReasonText, Rejection, Text, Verb};

use super::Case;
use super::act::{Act, Rules, perform, perform_again};
use super::draft::Draft;
use super::request::Request;

/// Whether deciding needs what was said of the case: what an event may copy, or whether a personal field changes.
#[must_use]
pub fn needs_texts(case: &Case, action: &CaseAction, request: &Request<'_>) -> bool {
    if let CaseAction::Command(CaseCommand::Receive(receive)) = action {
        follow_up::may_copy_subject(case, receive, request)
    } else if let CaseAction::Command(CaseCommand::Classify(classify)) = action {
        classify.fields.keys().any(|name| case.personal_fields.contains(name))
    } else {
        false
    }
}

/// The way of each command to its file.
macro_rules! commands {
    ($($name:ident,)*) => {
        /// What a command says of itself.
        pub(super) fn rules(verb: Verb) -> Rules {
            match verb {
                $(Verb::$name => <docket_messages::$name as Act>::RULES,)*
            }
        }

        /// Decides a command again that an entry tells; see [`perform_again`].
        pub(super) fn act_again(
            draft: &mut Draft<'_>,
            facts: &[&CaseEvent],
            verb: Verb,
        ) -> Option<Result<(), Rejection>> {
            match verb {
                $(Verb::$name => perform_again::<docket_messages::$name>(draft, facts, verb.as_str()),)*
            }
        }

        /// Decides a command.
        pub(super) fn act(draft: &mut Draft<'_>, command: &CaseCommand) -> Result<(), Rejection> {
            let verb = command.verb().as_str();
            match command {
                $(CaseCommand::$name(command) => perform(draft, command, verb),)*
            }
        }
    };
}

commands! {
    AcceptOffer,
    AcceptParent,
    AnswerSurvey,
    Assign,
    Attach,
    Cancel,
    Claim,
    Classify,
    Close,
    Confirm,
    DeclineOffer,
    Deescalate,
    Detach,
    Escalate,
    Intake,
    Link,
    LogEffort,
    Merge,
    Note,
    Pend,
    RebaseClocks,
    Receive,
    Reopen,
    RequestSurvey,
    Resolve,
    Respond,
    Resume,
    Route,
    Split,
    Tick,
    Unassign,
    Unmerge,
}

pub(super) use claim::{refuse_taken, take};
pub(super) use intake::intake;
pub(super) use link::{is_linked, require_place};

fn reason(text: Option<&Text>) -> Option<Personal<ReasonText>> {
    text.map(|text| Personal::Plain(ReasonText { reason: Some(text.clone()) }))
}
