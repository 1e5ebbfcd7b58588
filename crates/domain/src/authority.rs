//! What a principal may do. Everything that is not granted is refused.

use docket_messages::policy::Role;
use docket_messages::{PrincipalName, Rejection, RejectionCode, Verb};

use crate::policy::Policy;

/// The principal that Docket's own workers act as. No policy needs to name it; it may only tick, and
/// take the steps of a process between cases; a split opens a case.
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
    let is_internal = Verb::parse(request.verb).is_some_and(Verb::is_internal);
    let is_own = is_internal || matches!(request.verb, "tick" | "intake");
    // The steps of a history are as old as what began them.
    if request.by.as_str() == SYSTEM && is_own && !request.delegated && (!request.backdated || is_internal) {
        return Ok(());
    }
    if is_internal {
        let message = format!("`{}` is a step of Docket's own; nobody else can send it", request.verb);
        return Err(Rejection::new(RejectionCode::Forbidden, message));
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
        if request.verb == "tick" {
            return Err(forbidden(request.by, "`backdate`, so it cannot tell a case what time it is"));
        }
    }
    Ok(())
}

fn roles<'p>(policy: &'p Policy, principal: &PrincipalName) -> Vec<&'p Role> {
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
