//! What the policy requires to be known of a case before it may go on.

use docket_messages::{Name, Rejection, RejectionCode};

use super::Case;
use crate::policy::Policy;

pub(super) fn at_intake(case: &Case, policy: &Policy) -> Result<(), Rejection> {
    let rule = policy.document.types.get(&case.class.case_type);
    refuse(case, rule.and_then(|rule| missing(case, &rule.required_at_intake)), "")
}

pub(super) fn at_resolve(case: &Case, policy: &Policy) -> Result<(), Rejection> {
    let rule = policy.document.types.get(&case.class.case_type);
    refuse(case, rule.and_then(|rule| missing(case, &rule.required_at_resolve)), " to be resolved")
}

pub(super) fn at_close(case: &Case, policy: &Policy) -> Result<(), Rejection> {
    refuse(case, missing_at_close(case, policy), " to be closed")
}

pub(super) fn missing_at_close<'p>(case: &Case, policy: &'p Policy) -> Option<&'p Name> {
    missing(case, &policy.document.types.get(&case.class.case_type)?.required_at_close)
}

fn missing<'p>(case: &Case, required: &'p [Name]) -> Option<&'p Name> {
    required.iter().find(|name| !is_known(case, name))
}

/// The names beside custom fields are those that the policy check allows.
fn is_known(case: &Case, name: &Name) -> bool {
    match name.as_str() {
        "category" => case.class.category.is_some(),
        "subcategory" => case.class.subcategory.is_some(),
        "customerId" => case.customer_id.is_some(),
        "description" => case.is_described,
        "queue" => case.queue.is_some(),
        "assignee" => case.assignee.is_some(),
        _ => case.fields.contains_key(name),
    }
}

fn refuse(case: &Case, missing: Option<&Name>, purpose: &str) -> Result<(), Rejection> {
    let Some(name) = missing else { return Ok(()) };
    let built_in = crate::policy::BUILT_IN_FIELDS.contains(&name.as_str());
    let path = if built_in { name.to_string() } else { format!("fields.{name}") };
    let message = format!("a case of type `{}` needs `{name}`{purpose}", case.class.case_type);
    Err(Rejection::new(RejectionCode::RequiredFieldMissing, message).at(path))
}
