//! Nothing stands in `proto/` that Rust does not have, nothing in Rust that `proto/` does not have.

use std::collections::BTreeSet;

use docket_messages::{ClockName, Event, FailureCode, RejectionCode, Status, StepVerb, Survey, Verb};
use prost_reflect::{Cardinality, Kind, MessageDescriptor};

use super::samples::{self, Extent};
use super::{schema, types};

#[test]
fn messages_and_rust_types_are_the_same_set() {
    let in_proto: BTreeSet<String> = schema::messages().iter().map(|message| message.name().to_owned()).collect();
    let bodies = types::verbs().map(types::message_of).chain(types::bodies_of_events());
    let in_rust: BTreeSet<String> = types::TABLE.iter().map(|(name, _)| (*name).to_owned()).chain(bodies).collect();
    assert_eq!(in_proto, in_rust);
}

#[test]
fn the_file_of_commands_holds_exactly_the_verbs() {
    let in_proto: BTreeSet<String> =
        schema::messages().iter().filter(|it| in_file(it, "command.proto")).map(|it| it.name().to_owned()).collect();
    let in_rust: BTreeSet<String> = types::verbs().map(types::message_of).collect();
    assert_eq!(in_proto, in_rust);
}

/// A field that only Rust had would be in no message that is made from a descriptor.
#[test]
fn the_fields_of_every_command_are_the_same() {
    let commands = Verb::ALL.iter().map(|verb| (verb.as_str(), verb.fields()));
    let steps = StepVerb::ALL.iter().map(|verb| (verb.as_str(), verb.fields()));
    for (verb, fields) in commands.chain(steps) {
        let in_rust: BTreeSet<(String, bool)> = fields.iter().map(|field| (field.name(), field.is_required)).collect();
        let in_proto = schema::message(&types::message_of(verb));
        let in_proto: BTreeSet<(String, bool)> =
            in_proto.fields().map(|field| (field.json_name().to_owned(), schema::is_required(&field))).collect();
        assert_eq!(in_rust, in_proto, "{verb}");
    }
}

#[test]
fn events_and_their_names_are_the_same_set() {
    let event = schema::message("Event");
    let in_proto: BTreeSet<String> = event.fields().map(|field| field.json_name().to_owned()).collect();
    let in_rust: BTreeSet<String> = Event::names().map(str::to_owned).collect();
    assert_eq!(in_proto, in_rust);
}

#[test]
fn there_is_a_sample_of_every_event() {
    for extent in Extent::ALL {
        let sampled: Vec<&str> = samples::events(extent).iter().map(Event::name).collect();
        let sampled_once: BTreeSet<&str> = sampled.iter().copied().collect();
        assert_eq!(sampled_once, Event::names().collect());
        assert_eq!(sampled.len(), sampled_once.len());
    }
}

#[test]
fn the_comments_list_every_word_of_a_closed_vocabulary() {
    let rejections: Vec<&str> = RejectionCode::ALL.iter().map(|code| code.as_str()).collect();
    let failures: Vec<&str> = FailureCode::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(words("Rejection", "code"), rejections);
    assert_eq!(words("Failure", "code"), failures);
    assert_eq!(words("CaseView", "status"), Status::ALL.map(Status::as_str));
    for message in ["ClockView", "ClockReading"] {
        assert_eq!(words(message, "clock"), ClockName::ALL.map(ClockName::as_str));
    }
    for message in ["RequestSurvey", "AnswerSurvey", "SurveyRequested", "SurveyAnswered", "SurveyExpired"] {
        assert_eq!(words(message, "survey"), Survey::ALL.map(Survey::as_str));
    }
}

#[test]
fn every_message_and_field_has_a_comment() {
    for message in schema::messages() {
        assert!(!schema::message_comment(&message).is_empty(), "`{}` has no comment", message.full_name());
        for field in message.fields() {
            assert!(!schema::field_comment(&field).is_empty(), "`{}` has no comment", field.full_name());
        }
    }
}

#[test]
fn every_scalar_tells_zero_from_absence() {
    for field in schema::messages().iter().flat_map(MessageDescriptor::fields) {
        let is_one = field.cardinality() == Cardinality::Optional;
        assert!(!is_one || field.supports_presence(), "`{}` is not `optional`", field.full_name());
    }
}

#[test]
fn vocabularies_are_texts_so_that_a_new_word_breaks_no_reader() {
    for field in schema::messages().iter().flat_map(MessageDescriptor::fields) {
        assert!(!matches!(field.kind(), Kind::Enum(_)), "`{}` is an enum", field.full_name());
    }
}

#[test]
fn what_is_personal_is_readable_or_sealed() {
    let personal: Vec<_> = schema::messages().into_iter().filter(|it| it.name().starts_with("Personal")).collect();
    assert!(!personal.is_empty());
    for message in personal {
        let fields: Vec<_> = message.fields().map(|field| (field.number(), field.name().to_owned())).collect();
        assert_eq!(fields, [(1, "plain".to_owned()), (2, "sealed".to_owned())], "`{}`", message.full_name());
        assert!(message.fields().all(|field| field.containing_oneof().is_some()), "`{}`", message.full_name());
    }
}

fn in_file(message: &MessageDescriptor, name: &str) -> bool {
    message.parent_file().name() == format!("docket/v1/{name}")
}

/// The words between back-ticks in the first sentence of a field's comment.
fn words(message: &str, field: &str) -> Vec<String> {
    let field = schema::message(message).get_field_by_name(field).expect("a field");
    let comment = schema::field_comment(&field);
    let comment = comment.trim_start_matches("Required.");
    let sentence = comment.split_once(". ").map_or(comment, |(first, _)| first);
    sentence.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}
