//! What the streams must be. A stream that differs is refused, with a line that says how.

use std::time::Duration;

use async_nats::jetstream::stream::{
    Compression, Config, DiscardPolicy, PersistenceMode, RetentionPolicy, Source, StorageType,
};
use async_nats::jetstream::{self, context::GetStreamErrorKind};

use crate::timers::Timers;
use crate::{Connection, Namespace, NatsError};

/// The code of "stream not found".
const STREAM_NOT_FOUND: u64 = 10_059;

/// The most that waits in the inbox: some million commands.
const INBOX_BYTES: i64 = 1024 * 1024 * 1024;
/// The most principals that submit. A server that is not told takes a thousand.
const INBOX_CONSUMERS: i32 = 10_000;
/// The most outcomes: some three million. The oldest go first.
const OUTCOMES_BYTES: i64 = 1024 * 1024 * 1024;
/// How long outcomes are kept.
const OUTCOMES_AGE: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Creates the streams that are absent, with the consumer of the timers, and verifies those that exist.
///
/// # Errors
/// [`NatsError::Drift`] when a stream exists and differs; [`NatsError::Stream`] when it cannot be looked at.
pub async fn ensure(connection: &Connection, names: &Namespace, replicas: usize) -> Result<(), NatsError> {
    for wanted in all(names, replicas) {
        ensure_one(connection, wanted).await?;
    }
    Timers::prepare(connection, names).await
}

/// Verifies the log alone, for who only reads it.
///
/// # Errors
/// The same as [`ensure`].
pub async fn verify_log(connection: &Connection, names: &Namespace) -> Result<(), NatsError> {
    verify_one(connection, &log(names, 1)).await
}

/// Verifies the streams without creating any.
///
/// # Errors
/// The same as [`ensure`].
pub async fn verify(connection: &Connection, names: &Namespace) -> Result<(), NatsError> {
    for wanted in all(names, 1) {
        verify_one(connection, &wanted).await?;
    }
    Ok(())
}

/// Verifies the streams that a backup of any version holds: the others are created when they are missing.
///
/// # Errors
/// The same as [`ensure`].
pub async fn verify_kept(connection: &Connection, names: &Namespace) -> Result<(), NatsError> {
    for wanted in [log(names, 1), outcomes(names, 1), inbox(names, 1)] {
        verify_one(connection, &wanted).await?;
    }
    Ok(())
}

/// The inbox comes last: it names the outcomes as a source.
fn all(names: &Namespace, replicas: usize) -> [Config; 6] {
    [log, seals, keys, timers, outcomes, inbox].map(|stream| stream(names, replicas))
}

/// The log: everything is kept for ever, nothing can be taken out.
fn log(names: &Namespace, replicas: usize) -> Config {
    Config {
        name: names.log_stream(),
        subjects: vec![names.log_subjects()],
        description: Some("Docket's log: one entry per accepted command".to_owned()),
        allow_atomic_publish: true,
        ..kept_for_ever(replicas)
    }
}

/// The seals: each says how large the log is and what is in it, and is kept for ever.
fn seals(names: &Namespace, replicas: usize) -> Config {
    Config {
        name: names.seal_stream(),
        subjects: vec![names.seals(), names.witnessed(), names.findings()],
        description: Some("Signed checkpoints of Docket's log".to_owned()),
        ..kept_for_ever(replicas)
    }
}

/// The keys: a bucket, from which a key that is destroyed is deleted, which overwrites it. A limit would remove what it
/// leaves in the server's files.
fn keys(names: &Namespace, replicas: usize) -> Config {
    Config {
        name: names.key_stream(),
        subjects: vec![names.key_subjects()],
        description: Some("Docket's keys: each wrapped, and overwritten when it is destroyed".to_owned()),
        allow_atomic_publish: true,
        deny_delete: false,
        ..kept_for_ever(replicas)
    }
}

/// A stream that nothing is ever taken out of.
fn kept_for_ever(replicas: usize) -> Config {
    Config {
        retention: RetentionPolicy::Limits,
        discard: DiscardPolicy::New,
        storage: StorageType::File,
        num_replicas: replicas,
        deny_delete: true,
        deny_purge: true,
        allow_direct: true,
        ..Config::default()
    }
}

/// The timers: one schedule per case, and its firings until the worker has seen them. Schedules need roll-ups
/// and purges, which the log must not have; so they live here.
fn timers(names: &Namespace, replicas: usize) -> Config {
    Config {
        name: names.timer_stream(),
        subjects: vec![names.timers(), names.dues()],
        description: Some("Docket's timers: hints that a case needs attention".to_owned()),
        retention: RetentionPolicy::Limits,
        discard: DiscardPolicy::Old,
        storage: StorageType::File,
        max_messages_per_subject: 1,
        num_replicas: replicas,
        allow_direct: true,
        allow_rollup: true,
        allow_message_schedules: true,
        ..Config::default()
    }
}

/// The inbox: what was submitted, until it is decided. A full one refuses more, so that nothing is lost unnoticed.
///
/// What it acknowledges is in it. A `Nats-Msg-Id` must not count: a stream that looks at it acknowledges a message as a
/// duplicate of another principal's and drops it. A server turns that off only for a stream with a source, so the inbox
/// has one, on a subject where nothing is ever published.
fn inbox(names: &Namespace, replicas: usize) -> Config {
    Config {
        name: names.inbox_stream(),
        max_consumers: INBOX_CONSUMERS,
        subjects: vec![names.submissions()],
        description: Some("Docket's inbox: commands that wait to be decided".to_owned()),
        retention: RetentionPolicy::WorkQueue,
        discard: DiscardPolicy::New,
        storage: StorageType::File,
        max_bytes: INBOX_BYTES,
        sources: Some(vec![Source {
            name: names.outcome_stream(),
            filter_subject: Some(names.no_outcome()),
            ..Source::default()
        }]),
        num_replicas: replicas,
        ..Config::default()
    }
}

/// The outcomes of submissions, for a while.
fn outcomes(names: &Namespace, replicas: usize) -> Config {
    Config {
        name: names.outcome_stream(),
        subjects: vec![names.outcomes()],
        description: Some("What came of the commands in Docket's inbox".to_owned()),
        retention: RetentionPolicy::Limits,
        discard: DiscardPolicy::Old,
        storage: StorageType::File,
        max_age: OUTCOMES_AGE,
        max_bytes: OUTCOMES_BYTES,
        num_replicas: replicas,
        allow_direct: true,
        ..Config::default()
    }
}

async fn ensure_one(connection: &Connection, wanted: Config) -> Result<(), NatsError> {
    let context = jetstream::new(connection.client.clone());
    let name = wanted.name.clone();
    match context.get_stream(&name).await {
        Ok(stream) => {
            let found = &stream.cached_info().config;
            let Some((updated, what)) = brought_up_to_date(&wanted, found) else { return compare(&wanted, found) };
            context.update_stream(updated).await.map_err(|error| failed("update", &name, error))?;
            tracing::info!(stream = %name, "the stream {name} {what}");
            verify_one(connection, &wanted).await
        }
        Err(error) if is_absent(&error.kind()) => {
            // Another instance may create it at the same time: the same settings are not an error then.
            let created = context.create_stream(wanted).await.map_err(|error| failed("create", &name, error))?;
            tracing::info!(stream = %name, "created the stream {name}");
            drop(created);
            Ok(())
        }
        Err(error) => Err(failed("look at", &name, error)),
    }
}

/// A stream that an earlier version of Docket made, as it is made now, and what is new.
fn brought_up_to_date(wanted: &Config, found: &Config) -> Option<(Config, &'static str)> {
    if is_without_its_source(wanted, found) {
        let updated = Config { sources: wanted.sources.clone(), duplicate_window: Duration::ZERO, ..found.clone() };
        return Some((updated, "looks at `Nats-Msg-Id` no more"));
    }
    let updated = Config { subjects: wanted.subjects.clone(), ..found.clone() };
    lacks_subjects(wanted, found).then_some((updated, "has subjects that it did not have before"))
}

/// Whether this is an inbox that was made by a version of Docket that gave it no source.
fn is_without_its_source(wanted: &Config, found: &Config) -> bool {
    wanted.sources.is_some() && sources(found).is_empty()
}

/// Whether this was made by a version of Docket that had fewer subjects for it.
fn lacks_subjects(wanted: &Config, found: &Config) -> bool {
    found.subjects.len() < wanted.subjects.len()
        && found.subjects.iter().all(|subject| wanted.subjects.contains(subject))
}

async fn verify_one(connection: &Connection, wanted: &Config) -> Result<(), NatsError> {
    let context = jetstream::new(connection.client.clone());
    let stream = context.get_stream(&wanted.name).await.map_err(|error| failed("look at", &wanted.name, error))?;
    compare(wanted, &stream.cached_info().config)
}

fn is_absent(kind: &GetStreamErrorKind) -> bool {
    match kind {
        GetStreamErrorKind::JetStream(error) => error.error_code().0 == STREAM_NOT_FOUND,
        GetStreamErrorKind::EmptyName | GetStreamErrorKind::Request | GetStreamErrorKind::InvalidStreamName => false,
    }
}

fn failed(doing: &'static str, stream: &str, error: impl std::fmt::Display) -> NatsError {
    NatsError::Stream { doing, stream: stream.to_owned(), cause: error.to_string() }
}

/// Compares every setting that could lose, change or hide an entry. Replicas and limits are the operator's,
/// as long as nothing is ever discarded.
fn compare(wanted: &Config, found: &Config) -> Result<(), NatsError> {
    let mut differences = Vec::new();
    let mut check = |setting: &str, found: String, wanted: String| {
        if found != wanted {
            differences.push(format!("`{setting}` is {found} and must be {wanted}"));
        }
    };
    check("subjects", format!("{:?}", found.subjects), format!("{:?}", wanted.subjects));
    check("retention", format!("{:?}", found.retention), format!("{:?}", wanted.retention));
    check("discard", format!("{:?}", found.discard), format!("{:?}", wanted.discard));
    check("storage", format!("{:?}", found.storage), format!("{:?}", wanted.storage));
    check("max_age", format!("{:?}", found.max_age), format!("{:?}", wanted.max_age));
    check("max_msgs_per_subject", per_subject(found), per_subject(wanted));
    check("deny_delete", found.deny_delete.to_string(), wanted.deny_delete.to_string());
    check("deny_purge", found.deny_purge.to_string(), wanted.deny_purge.to_string());
    check("allow_direct", found.allow_direct.to_string(), wanted.allow_direct.to_string());
    check("allow_rollup_hdrs", found.allow_rollup.to_string(), wanted.allow_rollup.to_string());
    check("allow_msg_ttl", found.allow_message_ttl.to_string(), wanted.allow_message_ttl.to_string());
    check("allow_msg_schedules", schedules(found), schedules(wanted));
    check("allow_msg_counter", found.allow_message_counter.to_string(), wanted.allow_message_counter.to_string());
    check("allow_atomic", found.allow_atomic_publish.to_string(), wanted.allow_atomic_publish.to_string());
    check("no_ack", found.no_ack.to_string(), wanted.no_ack.to_string());
    check("sealed", found.sealed.to_string(), wanted.sealed.to_string());
    let compressed = found.compression.as_ref().is_some_and(|compression| *compression != Compression::None);
    check("compression", if compressed { "on" } else { "none" }.to_owned(), "none".to_owned());
    let is_async = matches!(found.persist_mode, Some(PersistenceMode::Async));
    check("persist_mode", if is_async { "async" } else { "default" }.to_owned(), "default".to_owned());
    check("mirror", if found.mirror.is_some() { "set" } else { "none" }.to_owned(), "none".to_owned());
    check("sources", format!("{:?}", sources(found)), format!("{:?}", sources(wanted)));
    if wanted.sources.is_some() {
        check("duplicate_window", format!("{:?}", found.duplicate_window), "0ns".to_owned());
    }
    check("republish", if found.republish.is_some() { "set" } else { "none" }.to_owned(), "none".to_owned());
    let transformed = found.subject_transform.is_some();
    check("subject_transform", if transformed { "set" } else { "none" }.to_owned(), "none".to_owned());
    if differences.is_empty() {
        return Ok(());
    }
    Err(NatsError::Drift { stream: wanted.name.clone(), differences })
}

/// The server writes "no limit" as -1, the client as 0.
fn per_subject(config: &Config) -> String {
    config.max_messages_per_subject.max(0).to_string()
}

/// The sources, as far as they matter: which stream, and which of its subjects.
fn sources(config: &Config) -> Vec<(&str, Option<&str>)> {
    let sources = config.sources.iter().flatten();
    sources.map(|source| (source.name.as_str(), source.filter_subject.as_deref())).collect()
}

fn schedules(config: &Config) -> String {
    config.allow_message_schedules.to_string()
}
