use docket_calendar::zones::Zones;
use docket_domain::policy::Policy;
use docket_messages::{Name, PolicyVersion, Status};

use super::{ExtendError, extend};
use crate::vocabulary::Vocabulary;

const SAMPLE: &str = include_str!("../../../../policies/sample.toml");

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn vocabulary() -> Vocabulary {
    let mut words = Vocabulary::default();
    words.types.insert(name("incident"));
    words.categories.entry(name("product")).or_default().insert(name("manual"));
    words.categories.entry(name("Category 1")).or_default().extend([name("Subcategory 1"), name("Subcategory 2")]);
    words.categories.entry(name("Category 2")).or_default();
    words.queues.extend([name("frontline"), name("Group 1"), name("Group.2")]);
    words.channels.extend([name("email"), name("Self service")]);
    words.impacts.insert(name("high"));
    words.resolution_codes.insert(name("code 1"));
    words.closure_codes.insert(name("code 1"));
    words.pend_reasons.insert(name("Awaiting Vendor"), Status::PendingThirdParty);
    words
}

fn compile(document: &str) -> Policy {
    Policy::compile(document, PolicyVersion(1), "2026-11-22T00:00:00Z".parse().unwrap(), Zones::bundled()).unwrap()
}

#[test]
fn what_a_policy_lacks_is_added_and_all_else_stays_as_it_was() {
    let extended = extend(SAMPLE, &vocabulary()).unwrap().unwrap();
    let policy = compile(&extended).document;
    let before = compile(SAMPLE).document;
    assert_eq!(policy.categories[&name("product")].subcategories, [name("defect"), name("usage"), name("manual")]);
    assert_eq!(policy.categories[&name("Category 1")].subcategories.len(), 2);
    assert!(policy.queues.contains_key(&name("Group.2")) && policy.channels.contains(&name("Self service")));
    assert!(policy.closure_codes[&name("code 1")].also_from.contains(&Status::New));
    assert_eq!(policy.pend_reasons[&name("Awaiting Vendor")].status, Status::PendingThirdParty);
    assert_eq!((policy.types, policy.targets, policy.routes), (before.types, before.targets, before.routes));
    // Two lines have become longer; the others stand where they stood, comments included.
    let mut rest = extended.lines();
    let gone: Vec<&str> = SAMPLE.lines().filter(|line| !rest.clone().any(|other| other == *line)).collect();
    assert_eq!(
        gone,
        ["channels = [\"email\", \"phone\", \"chat\", \"web\"]", "subcategories = [\"defect\", \"usage\"]"]
    );
    for line in SAMPLE.lines().filter(|line| !gone.contains(line)) {
        assert!(rest.any(|other| other == line), "`{line}` has moved");
    }
}

#[test]
fn a_policy_that_lacks_nothing_is_left_alone() {
    let extended = extend(SAMPLE, &vocabulary()).unwrap().unwrap();
    assert_eq!(extend(&extended, &vocabulary()).unwrap(), None);
    assert_eq!(extend(SAMPLE, &Vocabulary::default()).unwrap(), None);
}

#[test]
fn tables_that_are_missing_or_written_in_line_are_extended_too() {
    let categories = SAMPLE.find("[categories.account]").unwrap()..SAMPLE.find("[fields.orderNumber]").unwrap();
    let mut bare = SAMPLE.to_owned();
    bare.replace_range(categories, "");
    // The rules that name the categories go with them.
    let bare =
        bare.replace("category = [\"billing\"]", "priority = [\"low\"]").replace("category = [\"product\"]\n", "");
    compile(&extend(&bare, &vocabulary()).unwrap().unwrap());
    let queues = SAMPLE.find("[queues.frontline]").unwrap()..SAMPLE.find("# The first rule").unwrap();
    let mut inline = SAMPLE.to_owned();
    inline.replace_range(queues, "");
    let inline =
        format!("queues = {{ frontline = {{}}, billing = {{}}, technical = {{}}, complaints = {{}} }}\n{inline}");
    let policy = compile(&extend(&inline, &vocabulary()).unwrap().unwrap());
    assert_eq!(policy.document.queues.len(), 6);
}

#[test]
fn an_impact_that_the_matrix_lacks_is_for_the_manager_to_place() {
    let mut words = vocabulary();
    words.impacts.insert(name("enormous"));
    let error = extend(SAMPLE, &words).unwrap_err();
    assert!(matches!(&error, ExtendError::Matrix { axis: "impact", names } if names[..] == ["`enormous`"]), "{error}");
}

#[test]
fn what_is_not_a_policy_is_an_error_and_not_a_crash() {
    assert!(matches!(extend("[", &vocabulary()), Err(ExtendError::Toml(_))));
    let odd = SAMPLE.replace("channels = [\"email\", \"phone\", \"chat\", \"web\"]", "channels = 3");
    assert!(matches!(extend(&odd, &vocabulary()), Err(ExtendError::Shape { .. })));
}
