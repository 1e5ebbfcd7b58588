//! One file per step: what Docket itself asks of a case, so that something between two cases goes on, or because a
//! queue gives its cases out.

mod absorb;
mod accept_link;
mod inherit;
mod push;
mod release;
mod settle_link;
mod settle_merge;
mod settle_passing;

use docket_messages::{CaseEvent, CaseStep, Rejection, StepVerb};

use super::act::{Act, Rules, perform, perform_again};
use super::draft::Draft;

/// The way of each step to its file.
macro_rules! steps {
    ($($name:ident,)*) => {
        /// What a step says of itself.
        pub(super) fn rules(verb: StepVerb) -> Rules {
            match verb {
                $(StepVerb::$name => <docket_messages::$name as Act>::RULES,)*
            }
        }

        /// Decides a step again that an entry tells; see [`perform_again`].
        pub(super) fn act_again(
            draft: &mut Draft<'_>,
            facts: &[&CaseEvent],
            verb: StepVerb,
        ) -> Option<Result<(), Rejection>> {
            match verb {
                $(StepVerb::$name => perform_again::<docket_messages::$name>(draft, facts, verb.as_str()),)*
            }
        }

        /// Decides a step.
        pub(super) fn act(draft: &mut Draft<'_>, step: &CaseStep) -> Result<(), Rejection> {
            let verb = step.verb().as_str();
            match step {
                $(CaseStep::$name(step) => perform(draft, step, verb),)*
            }
        }
    };
}

steps! {
    Absorb,
    AcceptLink,
    Inherit,
    Push,
    Release,
    SettleLink,
    SettleMerge,
    SettlePassing,
}
