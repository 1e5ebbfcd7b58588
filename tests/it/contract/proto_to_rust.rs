//! What a stock toolchain writes for a message, Rust reads; what Rust writes in turn, it reads as the same message.
//!
//! The messages are made from their descriptors, so that a field which only `proto/` has is noticed.

use prost_reflect::{DynamicMessage, FieldDescriptor, MessageDescriptor, ReflectMessage as _};

use super::generate::{Generate, choices};
use super::{schema, types};

#[test]
fn every_full_message_survives_rust() {
    for message in schema::messages() {
        for full in Generate::Full.messages(&message) {
            survives(&full);
        }
    }
}

#[test]
fn every_minimal_message_survives_rust() {
    for message in schema::messages() {
        for minimal in Generate::Minimal.messages(&message) {
            survives(&minimal);
        }
    }
}

#[test]
fn what_is_marked_required_is_what_rust_refuses_to_be_without() {
    for message in schema::messages() {
        let full = Generate::Full.messages(&message).swap_remove(0);
        for field in schema::plain_fields(&message) {
            let refusal = refusal_without(&full, [field.clone()]);
            assert_eq!(refusal.is_some(), schema::is_required(&field), "{}: {refusal:?}", field.full_name());
        }
        for oneof in schema::oneofs(&message) {
            let refusal = refusal_without(&full, choices(&oneof));
            assert_eq!(refusal.is_some(), schema::is_required_choice(&oneof), "{}: {refusal:?}", oneof.full_name());
        }
    }
}

#[test]
fn a_command_refuses_a_field_that_it_does_not_know() {
    for message in schema::messages().iter().filter(|message| is_request(message)) {
        let json = schema::write(&Generate::Minimal.messages(message).swap_remove(0));
        let json = json.replacen('{', r#"{"surprise":1,"#, 1);
        let refusal = types::through(message.name(), &json).unwrap().unwrap_err();
        assert!(refusal.contains("`surprise`"), "{}: {refusal}", message.name());
    }
}

fn is_request(message: &MessageDescriptor) -> bool {
    let file = message.parent_file();
    file.name().ends_with("/command.proto")
        || ["GetCase", "GetPolicy", "PublishPolicy", "ProposePolicy", "ApprovePolicy"].contains(&message.name())
}

fn survives(message: &DynamicMessage) {
    let descriptor = message.descriptor();
    let json = schema::write(message);
    let back = through_rust(&descriptor, &json).unwrap_or_else(|error| panic!("{} {json}: {error}", descriptor.name()));
    let read = schema::read(&descriptor, &back);
    let read = read.unwrap_or_else(|error| panic!("{} {back}: {error}", descriptor.name()));
    // Compared as JSON, for which a list without items is one that was left out.
    assert_eq!(schema::write_value(&read), schema::write_value(message), "{}: {back}", descriptor.name());
}

fn refusal_without(message: &DynamicMessage, fields: impl IntoIterator<Item = FieldDescriptor>) -> Option<String> {
    let mut without = message.clone();
    for field in fields {
        without.clear_field(&field);
    }
    let descriptor = message.descriptor();
    through_rust(&descriptor, &schema::write(&without)).err()
}

fn through_rust(message: &MessageDescriptor, json: &str) -> Result<String, String> {
    let through = types::through(message.name(), json);
    through.unwrap_or_else(|| panic!("no Rust type stands behind the message `{}`", message.name()))
}
