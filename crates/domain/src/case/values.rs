//! Words of the policy that a command uses. One that the policy does not list is refused before anything else is asked,
//! whatever has become of the case.

use docket_messages::{CaseCommand, Classify, Name, Rejection};

use super::Case;
use super::commands::survey_rule;
use crate::policy::Policy;

/// Refuses a command with a value that the policy does not list, or a custom field of another kind.
pub(super) fn require(case: &Case, policy: &Policy, command: &CaseCommand) -> Result<(), Rejection> {
    match command {
        CaseCommand::Classify(c) => classification(case, policy, c),
        CaseCommand::Route(c) => queue(policy, Some(&c.queue)),
        CaseCommand::Assign(c) => queue(policy, c.queue.as_ref()),
        CaseCommand::Claim(c) => queue(policy, c.queue.as_ref()),
        CaseCommand::Escalate(c) => queue(policy, c.queue.as_ref()),
        CaseCommand::Receive(c) => channel(policy, c.channel.as_ref()),
        CaseCommand::Respond(c) => channel(policy, c.channel.as_ref()),
        CaseCommand::Pend(c) => pend_reason(policy, &c.reason),
        CaseCommand::Resolve(c) => {
            policy.require_listed("resolution code", "code", &c.code, policy.document.resolution_codes.keys())
        }
        CaseCommand::Close(c) => {
            policy.require_listed("closure code", "code", &c.code, policy.document.closure_codes.keys())
        }
        CaseCommand::RequestSurvey(c) => survey_rule(policy, c.survey).map(|_| ()),
        // Those of a new case are looked at as the new case will look at them.
        CaseCommand::Intake(_)
        | CaseCommand::Split(_)
        // A survey that was sent can be answered, whatever the policy says by now.
        | CaseCommand::AnswerSurvey(_)
        | CaseCommand::Unassign(_)
        | CaseCommand::Push(_)
        | CaseCommand::AcceptOffer(_)
        | CaseCommand::DeclineOffer(_)
        | CaseCommand::Note(_)
        | CaseCommand::Resume(_)
        | CaseCommand::Deescalate(_)
        | CaseCommand::RebaseClocks(_)
        | CaseCommand::Confirm(_)
        | CaseCommand::LogEffort(_)
        | CaseCommand::Attach(_)
        | CaseCommand::Detach(_)
        | CaseCommand::Link(_)
        | CaseCommand::AcceptLink(_)
        | CaseCommand::SettleLink(_)
        | CaseCommand::AcceptParent(_)
        | CaseCommand::Inherit(_)
        | CaseCommand::SettlePassing(_)
        | CaseCommand::Merge(_)
        | CaseCommand::Unmerge(_)
        | CaseCommand::Absorb(_)
        | CaseCommand::Release(_)
        | CaseCommand::SettleMerge(_)
        | CaseCommand::Reopen(_)
        | CaseCommand::Cancel(_)
        | CaseCommand::Tick(_) => Ok(()),
    }
}

pub(super) fn classification(case: &Case, policy: &Policy, command: &Classify) -> Result<(), Rejection> {
    let document = &policy.document;
    policy.require_fields(&command.fields)?;
    if let Some(case_type) = &command.case_type {
        policy.require_listed("type", "type", case_type, document.types.keys())?;
    }
    if command.category.is_some() || command.subcategory.is_some() {
        let category = command.category.as_ref().or(case.class.category.as_ref());
        let subcategory = command.subcategory.as_ref().or_else(|| case.class.subcategory_within(category));
        policy.require_category(category, subcategory)?;
    }
    if let Some(impact) = &command.impact {
        policy.require_listed("impact", "impact", impact, document.matrix.impact.iter())?;
    }
    if let Some(urgency) = &command.urgency {
        policy.require_listed("urgency", "urgency", urgency, document.matrix.urgency.iter())?;
    }
    Ok(())
}

pub(super) fn pend_reason(policy: &Policy, reason: &Name) -> Result<(), Rejection> {
    policy.require_listed("pend reason", "reason", reason, policy.document.pend_reasons.keys())
}

pub(super) fn channel(policy: &Policy, channel: Option<&Name>) -> Result<(), Rejection> {
    let channels = policy.document.channels.iter();
    channel.map_or(Ok(()), |channel| policy.require_listed("channel", "channel", channel, channels))
}

fn queue(policy: &Policy, queue: Option<&Name>) -> Result<(), Rejection> {
    let queues = policy.document.queues.keys();
    queue.map_or(Ok(()), |queue| policy.require_listed("queue", "queue", queue, queues))
}
