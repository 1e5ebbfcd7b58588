//! Which queue a case belongs to: the first rule that matches.

use docket_messages::Routed;
use docket_messages::policy::RouteRule;

use crate::case::{Case, listed};
use crate::policy::Policy;

/// The queue that the policy's rules choose for a case, if any rule matches.
#[must_use]
pub fn route(case: &Case, policy: &Policy) -> Option<Routed> {
    let (index, rule) = policy.document.routes.iter().enumerate().find(|(_, rule)| matches(rule, case))?;
    let number = u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1);
    Some(Routed { queue: rule.queue.clone(), rule: Some(number), cause: None, at: None, personal: None })
}

fn matches(rule: &RouteRule, case: &Case) -> bool {
    let RouteRule { queue: _, case_type, category, priority, channel, language, tier, fields } = rule;
    listed(case_type, Some(&case.class.case_type))
        && listed(category, case.class.category.as_ref())
        && listed(priority, case.class.priority.as_ref())
        && listed(channel, Some(&case.channel))
        && listed(language, case.language.as_ref())
        && listed(tier, case.tier.as_ref())
        && fields.iter().all(|(name, values)| case.fields.get(name).is_some_and(|value| values.contains(value)))
}
