//! Roles and principals.

use std::collections::BTreeSet;

use docket_messages::policy::{Document, PrincipalRule};
use docket_messages::{Name, PolicyCommand, PrincipalName, Verb};

use super::words::Words;
use super::{Findings, list};

pub(super) fn check(document: &Document, words: &Words<'_>, findings: &mut Findings) {
    let of_policy = PolicyCommand::VERBS.map(|verb| format!("policy.{verb}"));
    let grants: Vec<String> = ["case.*", "case.get", "case.texts", "claim.force", "agent.*", "agent.presence"]
        .into_iter()
        .map(str::to_owned)
        .chain(of_policy)
        .chain(Verb::ALL.iter().map(|verb| format!("case.{}", verb.as_str())))
        .collect();
    for (name, role) in &document.roles {
        for (index, grant) in role.commands.iter().enumerate().filter(|(_, grant)| !grants.contains(grant)) {
            let message =
                format!("there is no command `{grant}`; there are: {}", list(grants.iter().map(String::as_str)));
            findings.add(&format!("roles.{name}.commands[{index}]"), message);
        }
    }
    for (name, principal) in &document.principals {
        if name.as_str() == crate::authority::SYSTEM {
            let message = format!("`{name}` is the name that Docket's own workers act under; choose another");
            findings.add(&format!("principals.{name}"), message);
        }
        findings.known(&format!("principals.{name}.roles"), "role", &principal.roles, &words.roles);
    }
    let is_granted = |grants: &[&str]| !granted(document, grants).is_empty();
    if !is_granted(&["case.*", "case.intake"]) {
        let message = "no principal may open a case, so there would never be one; grant `case.intake`";
        findings.add("principals", message.to_owned());
    }
    check_publication(document, findings);
}

/// Somebody must be able to bring the next policy into force.
fn check_publication(document: &Document, findings: &mut Findings) {
    let (proposers, approvers) = (granted(document, &["policy.propose"]), granted(document, &["policy.approve"]));
    let are_two = proposers.iter().any(|proposer| approvers.iter().any(|approver| approver != proposer));
    if document.publication.four_eyes && !are_two {
        let message = "it takes two principals to change this policy, and no two may; grant `policy.propose` to one, and \
                       `policy.approve` to another";
        findings.add("publication.four_eyes", message.to_owned());
    } else if !document.publication.four_eyes && granted(document, &["policy.publish"]).is_empty() {
        let message = "no principal may publish a policy, so this one could never be changed; grant `policy.publish`";
        findings.add("principals", message.to_owned());
    }
}

/// The principals that have one of these grants.
fn granted<'d>(document: &'d Document, grants: &[&str]) -> Vec<&'d PrincipalName> {
    let granting: BTreeSet<&Name> = document
        .roles
        .iter()
        .filter(|(_, role)| role.commands.iter().any(|grant| grants.contains(&grant.as_str())))
        .map(|(name, _)| name)
        .collect();
    let has = |rule: &PrincipalRule| rule.roles.iter().any(|role| granting.contains(role));
    document.principals.iter().filter(|(_, rule)| has(rule)).map(|(name, _)| name).collect()
}
