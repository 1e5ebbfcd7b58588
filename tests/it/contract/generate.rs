//! Messages made from their descriptors.

use prost_reflect::prost_types::Timestamp;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, OneofDescriptor, Value};

use super::schema;

/// How much of a message to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Generate {
    /// Every field.
    Full,
    /// Only what is marked as required, and of that the least: zero, false.
    Minimal,
}

/// The choices of a `oneof`.
pub(super) fn choices(oneof: &OneofDescriptor) -> Vec<FieldDescriptor> {
    oneof.fields().collect()
}

impl Generate {
    /// The message; where it has a `oneof`, once with each choice.
    pub(super) fn messages(self, message: &MessageDescriptor) -> Vec<DynamicMessage> {
        let mut base = DynamicMessage::new(message.clone());
        for field in schema::plain_fields(message).filter(|field| self.wants(field)) {
            base.set_field(&field, self.value(&field));
        }
        let choices: Vec<FieldDescriptor> = schema::oneofs(message).flat_map(|oneof| choices(&oneof)).collect();
        if choices.is_empty() {
            return vec![base];
        }
        choices.iter().flat_map(|choice| self.chosen(&base, choice)).collect()
    }

    fn chosen(self, base: &DynamicMessage, choice: &FieldDescriptor) -> Vec<DynamicMessage> {
        self.singles(choice).into_iter().map(|value| with(base, choice, value)).collect()
    }

    fn wants(self, field: &FieldDescriptor) -> bool {
        self == Self::Full || schema::is_required(field)
    }

    fn value(self, field: &FieldDescriptor) -> Value {
        if field.is_map() {
            return custom_fields(field);
        }
        if field.is_list() {
            return Value::List(self.singles(field));
        }
        self.singles(field).swap_remove(0)
    }

    fn singles(self, field: &FieldDescriptor) -> Vec<Value> {
        let (number, flag) = if self == Self::Full { (7, true) } else { (0, false) };
        match field.kind() {
            Kind::String => vec![Value::String(text(field).to_owned())],
            Kind::Bool => vec![Value::Bool(flag)],
            Kind::Uint32 if field.full_name() == "docket.v1.Entry.v" => vec![Value::U32(1)],
            Kind::Uint32 => vec![Value::U32(number)],
            Kind::Uint64 if self == Self::Full => vec![Value::U64(u64::MAX)],
            Kind::Uint64 => vec![Value::U64(0)],
            Kind::Int32 => vec![Value::I32(if self == Self::Full { -7 } else { 0 })],
            Kind::Message(message) if message.full_name() == "google.protobuf.Timestamp" => vec![instant(message)],
            Kind::Message(message) if message.full_name() == "google.protobuf.Value" => vec![free(message, "3")],
            Kind::Message(message) => self.messages(&message).into_iter().map(Value::Message).collect(),
            Kind::Double
            | Kind::Float
            | Kind::Int64
            | Kind::Sint32
            | Kind::Sint64
            | Kind::Fixed32
            | Kind::Fixed64
            | Kind::Sfixed32
            | Kind::Sfixed64
            | Kind::Bytes
            | Kind::Enum(_) => panic!("{}: the contract has no fields of this kind", field.full_name()),
        }
    }
}

/// `repeated` stands beside `accepted` only.
fn with(base: &DynamicMessage, choice: &FieldDescriptor, value: Value) -> DynamicMessage {
    let mut message = base.clone();
    message.set_field(choice, value);
    if choice.parent_message().name() == "Reply" && choice.name() != "accepted" {
        message.clear_field_by_name("is_repeated");
    }
    message
}

/// A text that the field may have; most may have any name.
fn text(field: &FieldDescriptor) -> &'static str {
    match (field.parent_message().name(), field.name()) {
        ("Rejection", "code") => "required_field_missing",
        ("Failure", "code") => "log_unavailable",
        (_, "case_id" | "sent_to" | "parent_id" | "merged_into" | "into" | "from" | "with")
        | ("Linked" | "Link" | "LinkRequested" | "LinkRefused", "to")
        | ("Intake" | "Opened", "follow_up_of")
        | ("Accepted", "follow_up") => "0199a7a0-5c3e-7d41-9a52-3b6f0c8e1d01",
        ("Entry", "message") | (_, "request" | "prev") => "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",
        ("Sealed", "nonce" | "box") => "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH",
        (_, "status") => "pending_third_party",
        (_, "clock") => "first_response",
        (_, "survey") => "csat",
        (_, "relation") => "caused_by",
        (_, "cause") => "retarget",
        (_, "state") => "paused",
        (_, "kind") => "policy",
        (_, "presence") => "busy",
        ("Entry", "via") => "operator",
        (_, _) => "Something-1",
    }
}

fn instant(message: MessageDescriptor) -> Value {
    let mut instant = DynamicMessage::new(message);
    instant.transcode_from(&Timestamp { seconds: 1_795_338_843, nanos: 120_000_000 }).expect("a time");
    Value::Message(instant)
}

fn custom_fields(field: &FieldDescriptor) -> Value {
    let Kind::Message(entry) = field.kind() else { panic!("a map has entries") };
    let Kind::Message(value) = entry.map_entry_value_field().kind() else { panic!("custom fields hold messages") };
    let values = [("text", "\"A-17\""), ("number", "-12.5"), ("flag", "false")];
    Value::Map(
        values.map(|(name, json)| (MapKey::String(name.to_owned()), free(value.clone(), json))).into_iter().collect(),
    )
}

fn free(message: MessageDescriptor, json: &str) -> Value {
    Value::Message(schema::read(&message, json).expect("JSON"))
}
