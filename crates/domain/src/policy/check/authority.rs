//! Roles and principals.

use std::collections::BTreeSet;

use docket_messages::policy::Document;
use docket_messages::{Name, Verb};

use super::words::Words;
use super::{Findings, list};

pub(super) fn check(document: &Document, words: &Words<'_>, findings: &mut Findings) {
    let grants: Vec<String> = ["case.*", "case.get", "claim.force", "agent.*", "agent.presence", "policy.publish"]
        .into_iter()
        .map(str::to_owned)
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
    let is_granted = |grants: &[&str]| {
        let granting: BTreeSet<&Name> = document
            .roles
            .iter()
            .filter(|(_, role)| role.commands.iter().any(|grant| grants.contains(&grant.as_str())))
            .map(|(name, _)| name)
            .collect();
        document.principals.values().any(|principal| principal.roles.iter().any(|role| granting.contains(role)))
    };
    if !is_granted(&["case.*", "case.intake"]) {
        let message = "no principal may open a case, so there would never be one; grant `case.intake`";
        findings.add("principals", message.to_owned());
    }
    if !is_granted(&["policy.publish"]) {
        let message = "no principal may publish a policy, so this one could never be changed; grant `policy.publish`";
        findings.add("principals", message.to_owned());
    }
}
