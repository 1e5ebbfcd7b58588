//! Which queue a case belongs to, and which agent may have it.

use docket_messages::policy::{Agent, RouteRule};
use docket_messages::{AgentId, Fields, Name, Rejection, RejectionCode, Routed, SkillNeed, Timestamp};

use crate::case::Case;
use crate::policy::{Policy, listed};

pub mod board;

pub use board::Board;

/// The queue that the policy's rules choose for a case at an instant, if any rule matches: the first counts. The custom
/// fields are those that its intake brings, personal or not.
#[must_use]
pub fn route(case: &Case, fields: &Fields, policy: &Policy, at: Timestamp) -> Option<Routed> {
    let (index, rule) = policy.document.routes.iter().enumerate().find(|(_, rule)| matches(rule, case, fields))?;
    let number = u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1);
    let (queue, skills) = (rule.queue.clone(), needs(rule, at));
    Some(Routed { queue, rule: Some(number), cause: None, skills, at: None, personal: None })
}

fn matches(rule: &RouteRule, case: &Case, given: &Fields) -> bool {
    let RouteRule { queue: _, case_type, category, priority, channel, language, tier, fields, skills: _, relaxing: _ } =
        rule;
    listed(case_type, Some(&case.facts.class.case_type))
        && listed(category, case.facts.class.category.as_ref())
        && listed(priority, case.facts.class.priority.as_ref())
        && listed(channel, Some(&case.facts.channel))
        && listed(language, case.facts.language.as_ref())
        && listed(tier, case.facts.tier.as_ref())
        && fields.iter().all(|(name, values)| given.get(name).is_some_and(|value| values.contains(value)))
}

fn needs(rule: &RouteRule, at: Timestamp) -> Vec<SkillNeed> {
    let required =
        rule.skills.iter().map(|(skill, level)| SkillNeed { skill: skill.clone(), level: *level, until: None });
    let relaxing = rule.relaxing.iter().map(|rule| {
        let until = Some(at.plus_millis(i64::from(rule.after_seconds) * 1000));
        SkillNeed { skill: rule.skill.clone(), level: rule.level, until }
    });
    required.chain(relaxing).collect()
}

/// The first skill that a case asks for at an instant and an agent lacks. An agent whom the policy does not list knows
/// nothing in particular.
fn lacking<'n>(needs: &'n [SkillNeed], agent: Option<&Agent>, at: Timestamp) -> Option<&'n SkillNeed> {
    let level = |skill: &Name| agent.and_then(|agent| agent.skills.get(skill)).copied().unwrap_or(0);
    needs.iter().filter(|need| need.until.is_none_or(|until| at < until)).find(|need| level(&need.skill) < need.level)
}

/// Refuses an agent who lacks a skill that the case asks for.
pub(crate) fn require_skills(case: &Case, agent: &AgentId, policy: &Policy, at: Timestamp) -> Result<(), Rejection> {
    let Some(need) = lacking(&case.skills, policy.document.agents.get(agent), at) else { return Ok(()) };
    let SkillNeed { skill, level, until } = need;
    let until = until.map(|until| format!(" until {until}")).unwrap_or_default();
    let message =
        format!("the case asks for the skill `{skill}` at level {level}{until}; assign it by hand if it must be");
    Err(Rejection::new(RejectionCode::SkillMissing, message).at("agent"))
}

#[cfg(test)]
mod tests;
