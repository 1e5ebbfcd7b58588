//! The messages of `proto/`, compiled, with their comments, and the stock JSON mapping of proto3.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use prost_reflect::{
    DescriptorPool, DeserializeOptions, DynamicMessage, FieldDescriptor, FileDescriptor, Kind, MessageDescriptor,
    OneofDescriptor, SerializeOptions,
};

pub(super) const PACKAGE: &str = "docket.v1";

static POOL: LazyLock<DescriptorPool> = LazyLock::new(|| {
    let root = repository().join("proto");
    let folder = root.join("docket/v1");
    let mut compiler = protox::Compiler::new([&root]).expect("proto/ is a folder");
    compiler.include_source_info(true).include_imports(true);
    for file in files(&folder, "proto") {
        compiler.open_file(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }
    compiler.descriptor_pool()
});

/// The root of the repository.
pub(super) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The files of a folder with an extension, by name.
pub(super) fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
    files.retain(|file| file.extension().is_some_and(|it| it == extension));
    files.sort();
    files
}

/// Every message of the package.
pub(super) fn messages() -> Vec<MessageDescriptor> {
    POOL.all_messages().filter(|message| message.package_name() == PACKAGE && !message.is_map_entry()).collect()
}

/// The message of that name.
pub(super) fn message(name: &str) -> MessageDescriptor {
    let full_name = format!("{PACKAGE}.{name}");
    POOL.get_message_by_name(&full_name).unwrap_or_else(|| panic!("proto/ has no message `{full_name}`"))
}

/// Whether the message is one of the package, not one of Google's.
pub(super) fn is_ours(message: &MessageDescriptor) -> bool {
    message.package_name() == PACKAGE
}

/// Reads JSON by the stock mapping, and refuses fields that the message does not have.
pub(super) fn read(message: &MessageDescriptor, json: &str) -> Result<DynamicMessage, String> {
    let options = DeserializeOptions::new().deny_unknown_fields(true);
    let mut json = serde_json::Deserializer::from_str(json);
    let read = DynamicMessage::deserialize_with_options(message.clone(), &mut json, &options);
    read.and_then(|message| json.end().map(|()| message)).map_err(|error| error.to_string())
}

/// Writes JSON by the stock mapping.
pub(super) fn write(message: &DynamicMessage) -> String {
    let mut json = serde_json::Serializer::new(Vec::new());
    message.serialize_with_options(&mut json, &SerializeOptions::new()).expect("every message has a JSON form");
    String::from_utf8(json.into_inner()).expect("JSON is UTF-8")
}

/// The same as a value, whose order does not matter.
pub(super) fn write_value(message: &DynamicMessage) -> serde_json::Value {
    serde_json::from_str(&write(message)).expect("JSON")
}

/// The fields that stand outside a `oneof`.
pub(super) fn plain_fields(message: &MessageDescriptor) -> impl Iterator<Item = FieldDescriptor> {
    message.fields().filter(|field| real_oneof(field).is_none())
}

/// The `oneof`s that somebody wrote; `optional` makes one of its own for every scalar.
pub(super) fn oneofs(message: &MessageDescriptor) -> impl Iterator<Item = OneofDescriptor> {
    message.oneofs().filter(|oneof| !oneof.is_synthetic())
}

/// The `oneof` that the field is a choice of.
pub(super) fn real_oneof(field: &FieldDescriptor) -> Option<OneofDescriptor> {
    field.containing_oneof().filter(|oneof| !oneof.is_synthetic())
}

/// The comment above a message.
pub(super) fn message_comment(message: &MessageDescriptor) -> String {
    comment(&message.parent_file(), message.path())
}

/// The comment above a field.
pub(super) fn field_comment(field: &FieldDescriptor) -> String {
    comment(&field.parent_message().parent_file(), field.path())
}

/// Whether a reader refuses to be without the field.
pub(super) fn is_required(field: &FieldDescriptor) -> bool {
    field_comment(field).starts_with("Required.")
}

/// Whether a reader refuses to be without one of the choices.
pub(super) fn is_required_choice(oneof: &OneofDescriptor) -> bool {
    comment(&oneof.parent_message().parent_file(), oneof.path()).starts_with("Required.")
}

/// The paths of every field in a message, through the messages within: `events.opened.personal.plain.subject`.
pub(super) fn paths(message: &MessageDescriptor) -> Vec<String> {
    message.fields().flat_map(|field| paths_from(&field)).collect()
}

fn paths_from(field: &FieldDescriptor) -> Vec<String> {
    let name = field.json_name();
    let mut paths = vec![name.to_owned()];
    if let Kind::Message(message) = field.kind()
        && is_ours(&message)
        && !message.is_map_entry()
    {
        paths.extend(self::paths(&message).iter().map(|path| format!("{name}.{path}")));
    }
    paths
}

fn comment(file: &FileDescriptor, path: &[i32]) -> String {
    let source = file.file_descriptor_proto().source_code_info.as_ref().expect("compiled with source info");
    let location = source.location.iter().find(|location| location.path == path);
    location.map(|location| location.leading_comments().trim().to_owned()).unwrap_or_default()
}

#[test]
fn a_field_that_proto_does_not_have_is_refused() {
    let refusal = read(&message("Resume"), r#"{"caseId":"x","caseIdd":"y"}"#).unwrap_err();
    assert!(refusal.contains("caseIdd"), "{refusal}");
}
