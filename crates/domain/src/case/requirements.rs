//! What the policy requires to be known of a case before it may go on.

use docket_messages::{Name, Rejection, RejectionCode};

use super::Case;
use crate::policy::Policy;

pub(super) fn at_intake(case: &Case, policy: &Policy) -> Result<(), Rejection> {
    let rule = policy.document.types.get(&case.facts.class.case_type);
    refuse(case, rule.map_or(&[], |rule| &rule.required_at_intake), "")
}

pub(super) fn at_resolve(case: &Case, policy: &Policy) -> Result<(), Rejection> {
    let rule = policy.document.types.get(&case.facts.class.case_type);
    refuse(case, rule.map_or(&[], |rule| &rule.required_at_resolve), " to be resolved")
}

pub(super) fn at_close(case: &Case, policy: &Policy) -> Result<(), Rejection> {
    let rule = policy.document.types.get(&case.facts.class.case_type);
    refuse(case, rule.map_or(&[], |rule| &rule.required_at_close), " to be closed")
}

pub(super) fn missing_at_close<'p>(case: &Case, policy: &'p Policy) -> Option<&'p Name> {
    missing(case, &policy.document.types.get(&case.facts.class.case_type)?.required_at_close).next()
}

fn missing<'p>(case: &Case, required: &'p [Name]) -> impl Iterator<Item = &'p Name> {
    required.iter().filter(|name| !is_known(case, name))
}

/// The names beside custom fields are those that the policy check allows.
fn is_known(case: &Case, name: &Name) -> bool {
    match name.as_str() {
        "category" => case.facts.class.category.is_some(),
        "subcategory" => case.facts.class.subcategory.is_some(),
        "customerId" => case.facts.customer_id.is_some(),
        "description" => case.is_described,
        "queue" => case.facts.queue.is_some(),
        "assignee" => case.facts.assignee.is_some(),
        _ => case.fields.contains_key(name) || case.personal_fields.contains(name),
    }
}

/// Refuses a case that lacks something, naming all that it lacks.
fn refuse(case: &Case, required: &[Name], purpose: &str) -> Result<(), Rejection> {
    let names: Vec<String> = missing(case, required).map(|name| format!("`{name}`")).collect();
    let (Some(first), Some((last, others))) = (missing(case, required).next(), names.split_last()) else {
        return Ok(());
    };
    let built_in = crate::policy::BUILT_IN_FIELDS.contains(&first.as_str());
    let path = if built_in { first.to_string() } else { format!("fields.{first}") };
    let all = if others.is_empty() { last.clone() } else { format!("{} and {last}", others.join(", ")) };
    let message = format!("a case of type `{}` needs {all}{purpose}", case.facts.class.case_type);
    Err(Rejection::new(RejectionCode::RequiredFieldMissing, message).at(path))
}
