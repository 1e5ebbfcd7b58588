//! What Rust writes, a stock toolchain reads; what it writes in turn, Rust reads as the same value.

use std::fmt::Debug;

use docket_messages::{ApprovePolicy, CaseCommand, GetCase, Position, ProposePolicy, PublishPolicy, Reply, Verb};
use prost_reflect::{DynamicMessage, ReflectMessage, Value};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::samples::{self, Extent};
use super::schema;

#[test]
fn every_event_survives_a_stock_toolchain() {
    for extent in Extent::ALL {
        for event in samples::events(extent) {
            survives("Event", &event, extent);
        }
    }
}

#[test]
fn an_entry_survives_a_stock_toolchain() {
    survives("Entry", &samples::entry(None, Extent::Minimal), Extent::Minimal);
    for event in samples::events(Extent::Full).into_iter().chain(samples::sealed_events()) {
        survives("Entry", &samples::entry(Some(event), Extent::Full), Extent::Full);
    }
}

#[test]
fn every_reply_survives_a_stock_toolchain() {
    for extent in Extent::ALL {
        for reply in samples::replies(extent) {
            let message = by_stock("Reply", &json(&reply), Extent::Minimal);
            assert_eq!(serde_json::from_str::<Reply>(&message).unwrap(), reply);
        }
        for reply in samples::case_replies(extent) {
            let message = by_stock("CaseReply", &json(&reply), Extent::Minimal);
            assert!(serde_json::from_str::<docket_messages::CaseReply>(&message).unwrap() == reply);
        }
        survives("CaseView", &samples::view(extent), extent);
    }
}

#[test]
fn questions_and_policies_survive_a_stock_toolchain() {
    survives("GetCase", &GetCase { case_id: samples::case_id(), as_of: None }, Extent::Minimal);
    survives("GetCase", &get_case(r#""2026-11-22T09:14:03.120Z""#), Extent::Full);
    survives("PublishPolicy", &PublishPolicy { document: String::new() }, Extent::Minimal);
    survives("PublishPolicy", &PublishPolicy { document: "name = \"Desk\"\n".to_owned() }, Extent::Full);
    survives("ProposePolicy", &ProposePolicy { document: "name = \"Desk\"\n".to_owned() }, Extent::Full);
    survives("ApprovePolicy", &ApprovePolicy { proposal: 2 }, Extent::Full);
}

#[test]
fn a_position_is_written_as_a_number_and_read_as_a_text_too() {
    let position = Position(9_007_199_254_740_993);
    assert_eq!(json(&position), "9007199254740993");
    assert_eq!(serde_json::from_str::<Position>("\"9007199254740993\"").unwrap(), position);
}

/// Some toolchains write every number of a `google.protobuf.Value` with a fraction: `17.0`.
#[test]
fn a_whole_number_in_a_custom_field_survives_a_stock_toolchain() {
    let body = format!(r#"{{"caseId":"{}","fields":{{"amount":17}}}}"#, samples::case_id());
    let command = CaseCommand::read(Verb::Classify, body.as_bytes()).unwrap();
    let back = CaseCommand::read(Verb::Classify, by_stock("Classify", &body, Extent::Minimal).as_bytes()).unwrap();
    assert!(back == command, "{body}");
}

#[test]
fn a_question_as_of_a_position_survives_a_stock_toolchain() {
    survives("GetCase", &get_case("1234"), Extent::Full);
}

fn get_case(as_of: &str) -> GetCase {
    let body = format!(r#"{{"caseId":"{}","asOf":{as_of}}}"#, samples::case_id());
    GetCase::read(body.as_bytes()).expect("a question")
}

fn survives<T: Serialize + DeserializeOwned + PartialEq + Debug>(message: &str, original: &T, extent: Extent) {
    let back = by_stock(message, &json(original), extent);
    let back: T = serde_json::from_str(&back).unwrap_or_else(|error| panic!("{message} {back}: {error}"));
    assert!(back == *original, "{extent:?} {message}: {original:?} came back as {back:?}");
}

fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("wire types have a JSON form")
}

/// The JSON that a stock toolchain writes for what it read.
fn by_stock(message: &str, json: &str, extent: Extent) -> String {
    let read = schema::read(&schema::message(message), json);
    let read = read.unwrap_or_else(|error| panic!("{message} {json}: {error}"));
    if extent == Extent::Full {
        require_full(&read, json);
    }
    schema::write(&read)
}

/// A sample that is not full would prove less than it seems to.
fn require_full(message: &DynamicMessage, json: &str) {
    let descriptor = message.descriptor();
    for field in schema::plain_fields(&descriptor) {
        assert!(message.has_field(&field), "the full sample lacks `{}`: {json}", field.full_name());
    }
    for (_, value) in message.fields() {
        let nested: Vec<&Value> = value.as_list().map_or_else(|| vec![value], |list| list.iter().collect());
        for nested in nested.into_iter().filter_map(Value::as_message).filter(|it| schema::is_ours(&it.descriptor())) {
            require_full(nested, json);
        }
    }
}
