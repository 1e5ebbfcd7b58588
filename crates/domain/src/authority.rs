//! What a principal may do. Everything that is not granted is refused.

use docket_messages::policy::Role;
use docket_messages::{PrincipalName, Rejection, RejectionCode};

use crate::policy::Policy;

/// The principal that Docket's own workers act as. No policy needs to name it; it may only tick, and open a case that
/// was split off. Its steps are no commands, so nothing is asked for them.
pub const SYSTEM: &str = PrincipalName::SYSTEM;

/// What somebody wants to do.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Who asks.
    pub by: &'a PrincipalName,
    /// `case` or `policy`.
    pub kind: &'a str,
    /// The verb.
    pub verb: &'a str,
    /// Whether it names somebody that it acts for.
    pub delegated: bool,
    /// Whether it says when it happened.
    pub backdated: bool,
}

/// Refuses what the policy does not grant.
///
/// # Errors
/// `forbidden`, saying which grant is missing.
pub fn check(policy: &Policy, request: &Request<'_>) -> Result<(), Rejection> {
    let is_own = matches!((request.kind, request.verb), ("case", "tick" | "intake"));
    if request.by.as_str() == SYSTEM && is_own && !request.delegated && !request.backdated {
        return Ok(());
    }
    let roles = roles(policy, request.by);
    if !roles.iter().any(|role| grants(role, request.kind, request.verb)) {
        return Err(forbidden(request.by, &format!("`{}.{}`", request.kind, request.verb)));
    }
    if request.delegated && !roles.iter().any(|role| role.delegate) {
        return Err(forbidden(request.by, "`delegate`, so it cannot act on behalf of somebody"));
    }
    if !roles.iter().any(|role| role.backdate) {
        if request.backdated {
            return Err(forbidden(request.by, "`backdate`, so it cannot say when something happened"));
        }
        if (request.kind, request.verb) == ("case", "tick") {
            return Err(forbidden(request.by, "`backdate`, so it cannot send `tick`"));
        }
    }
    Ok(())
}

/// The roles of a principal.
#[must_use]
pub fn roles<'p>(policy: &'p Policy, principal: &PrincipalName) -> Vec<&'p Role> {
    let Some(rule) = policy.document.principals.get(principal) else { return Vec::new() };
    rule.roles.iter().filter_map(|name| policy.document.roles.get(name)).collect()
}

fn grants(role: &Role, kind: &str, verb: &str) -> bool {
    role.commands.iter().any(|grant| {
        let (granted_kind, granted_verb) = grant.split_once('.').unwrap_or((grant, ""));
        granted_kind == kind && (granted_verb == "*" || granted_verb == verb)
    })
}

fn forbidden(by: &PrincipalName, grant: &str) -> Rejection {
    Rejection::new(RejectionCode::Forbidden, format!("the policy does not grant `{by}` {grant}"))
}

#[cfg(test)]
mod tests;
