//! The log on JetStream: every promise of the port, and the refusal of a stream that could break them.

use async_nats::jetstream::{self, stream};
use docket_eventlog::{EventLog as _, Expect, Subject};
use docket_jetstream::{Connection, JetStreamLog, Namespace, connect, streams};
use docket_messages::{CaseId, Position};
use futures::StreamExt as _;

use crate::support::{PATIENCE, PrivateNats, eventually};

async fn connection(nats: &PrivateNats) -> Connection {
    connect(&nats.nats.url(), "test").await.expect("NATS")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_on_jetstream_keeps_every_promise() {
    let nats = PrivateNats::start().await;
    let (connection, names) = (connection(&nats).await, Namespace::new("suite"));
    streams::ensure(&connection, &names, 1).await.unwrap();
    let log = JetStreamLog::open(connection, names).await.unwrap();
    docket_eventlog::suite::every_promise(&log, || CaseId::new(uuid::Uuid::now_v7())).await;
    nats.stop().await;
}

#[tokio::test]
async fn a_follower_that_connects_again_before_anything_came_is_told_nothing_old() {
    let mut nats = PrivateNats::start().await;
    let (connection, names) = (connection(&nats).await, Namespace::new("follow"));
    streams::ensure(&connection, &names, 1).await.unwrap();
    let log = JetStreamLog::open(connection, names).await.unwrap();
    let append = async |text: &'static str| {
        let subject = Subject::Case(CaseId::new(uuid::Uuid::now_v7()));
        let entry = bytes::Bytes::from_static(text.as_bytes());
        eventually("the log takes it", async || log.append(&subject, Expect::Nothing, entry.clone().into()).await.ok())
            .await
    };
    for old in ["one", "two", "three"] {
        append(old).await;
    }
    let mut followed = log.follow(Position(3)).await.unwrap();
    nats.nats.kill().await.expect("it ends");
    nats.nats.restart().await.expect("it is back");
    let fourth = append("four").await;
    let first = tokio::time::timeout(PATIENCE, followed.next()).await.expect("something comes").expect("it goes on");
    // A follower that lost its consumer says so; one that did not goes on with what is new.
    if let Ok(first) = first {
        assert!(first.position > Position(3) && first.position <= fourth, "{first:?}");
    }
    nats.stop().await;
}

#[tokio::test]
async fn two_namespaces_on_one_server_are_two_logs() {
    let nats = PrivateNats::start().await;
    let connection = connection(&nats).await;
    for name in ["left", "right"] {
        let names = Namespace::new(name);
        streams::ensure(&connection, &names, 1).await.unwrap();
        streams::ensure(&connection, &names, 1).await.unwrap();
        let log = JetStreamLog::open(connection.clone(), names).await.unwrap();
        docket_eventlog::suite::every_promise(&log, || CaseId::new(uuid::Uuid::now_v7())).await;
    }
    nats.stop().await;
}

/// The settings of the log's stream as Docket makes them.
async fn as_it_must_be(nats: &PrivateNats) -> (jetstream::Context, stream::Config) {
    let connection = connection(nats).await;
    streams::ensure(&connection, &Namespace::new("pattern"), 1).await.unwrap();
    let context = jetstream::new(async_nats::connect(nats.nats.url()).await.unwrap());
    let config = context.get_stream("PATTERN_LOG").await.unwrap().cached_info().config.clone();
    (context, config)
}

/// What somebody did to a stream.
type Change = fn(&mut stream::Config);

#[tokio::test]
async fn a_stream_that_differs_is_refused_by_the_name_of_its_setting() {
    let nats = PrivateNats::start().await;
    let (context, pattern) = as_it_must_be(&nats).await;
    let differences: [(&str, Change); 8] = [
        ("deny_purge", |config| config.deny_purge = false),
        ("deny_delete", |config| config.deny_delete = false),
        ("max_age", |config| config.max_age = std::time::Duration::from_secs(86_400)),
        ("max_msgs_per_subject", |config| config.max_messages_per_subject = 5),
        ("discard", |config| config.discard = stream::DiscardPolicy::Old),
        ("storage", |config| config.storage = stream::StorageType::Memory),
        ("allow_direct", |config| config.allow_direct = false),
        ("allow_atomic", |config| config.allow_atomic_publish = false),
    ];
    let connection = connection(&nats).await;
    for (number, (setting, change)) in differences.into_iter().enumerate() {
        let names = Namespace::new(&format!("other{number}"));
        let mut config =
            stream::Config { name: names.log_stream(), subjects: vec![names.log_subjects()], ..pattern.clone() };
        change(&mut config);
        context.create_stream(config).await.unwrap();
        let error = streams::ensure(&connection, &names, 1).await.unwrap_err().to_string();
        assert!(error.contains(&format!("`{setting}`")) && error.contains(&names.log_stream()), "{setting}: {error}");
    }
    nats.stop().await;
}

#[tokio::test]
async fn a_service_does_not_start_on_a_stream_that_could_lose_entries() {
    let nats = PrivateNats::start().await;
    let (context, pattern) = as_it_must_be(&nats).await;
    let (name, subjects) = ("DOCKET_LOG".to_owned(), vec!["docket.log.>".to_owned()]);
    context.create_stream(stream::Config { name, subjects, deny_purge: false, ..pattern }).await.unwrap();
    let serve = ["serve", "--roles", "command", "--postgres", "postgres://nobody@127.0.0.1:1/none"];
    let refused = nats.cli().run(&serve).await;
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.err.contains("`deny_purge` is false and must be true"), "{refused:?}");
    nats.stop().await;
}
