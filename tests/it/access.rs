//! Who may do what on the server: every cell of the matrix is tried against the running one.

use docket_eventlog::EventLog as _;
use docket_messages::Via;
use serde_json::{Value, json};

use crate::support::{
    Cli, Command, Desk, NO_POSTGRES, PrivateNats, Process, SAMPLE_POLICY, Scratch, Sender, Wire, accepted, eventually,
    intake, refused,
};

/// What is tried.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Do {
    Publish(&'static str),
    Subscribe(&'static str),
}
use Do::{Publish, Subscribe};

const USERS: [&str; 9] = [
    "webshop",
    "desk",
    "auditor",
    "docket-command",
    "docket-bus",
    "docket-projection",
    "docket-timers",
    "docket-sealer",
    "docket-operator",
];

/// What is tried, and who may: a letter for each of [`USERS`], `-` for those who may not.
const MATRIX: [(Do, &str); 76] = [
    (Publish("docket.cmd.webshop.case.note"), "w-------o"),
    (Publish("docket.cmd.desk.case.note"), "-d------o"),
    (Publish("docket.cmd.auditor.case.note"), "--------o"),
    (Publish("docket.cmd.docket.case.tick"), "------t-o"),
    (Publish("docket.cmd.docket.case.note"), "--------o"),
    (Publish("docket.query.webshop.case.get"), "w-------o"),
    (Publish("docket.query.desk.case.get"), "-d------o"),
    (Publish("docket.submit.webshop.case.note"), "w-------o"),
    (Publish("docket.submit.desk.case.note"), "-d------o"),
    (Publish("docket.log.case.0199a7a0-0000-7000-8000-000000000000"), "---c-----"),
    (Publish("docket.log.policy.main"), "---c-----"),
    (Publish("docket.outcome.webshop.1"), "---c-----"),
    (Publish("docket.timer.case.1"), "------t--"),
    (Publish("docket.due.case.1"), "---------"),
    (Publish("_INBOX_webshop.1"), "----b----"),
    (Publish("_INBOX_docket-timers.1"), "----b-t--"),
    (Publish("_INBOX_docket-command.1"), "---c-----"),
    (Publish("$JS.API.STREAM.INFO.DOCKET_LOG"), "--ac-ptso"),
    (Publish("$JS.API.STREAM.INFO.DOCKET_INBOX"), "---c----o"),
    (Publish("$JS.API.STREAM.LIST"), "--------o"),
    (Publish("$JS.API.STREAM.MSG.GET.DOCKET_LOG"), "--ac---so"),
    (Publish("$JS.API.STREAM.MSG.GET.DOCKET_INBOX"), "---c-----"),
    (Publish("$JS.API.DIRECT.GET.DOCKET_LOG"), "--ac-p-so"),
    (Publish("$JS.API.DIRECT.GET.DOCKET_LOG.docket.log.policy.main"), "--ac---so"),
    (Publish("$JS.API.DIRECT.GET.DOCKET_OUTCOMES"), "--------o"),
    (Publish("$JS.API.DIRECT.GET.DOCKET_OUTCOMES.docket.outcome.webshop.1"), "w-------o"),
    (Publish("$JS.API.DIRECT.GET.DOCKET_OUTCOMES.docket.outcome.desk.1"), "-d------o"),
    (Publish("$JS.API.STREAM.CREATE.DOCKET_LOG"), "---c-----"),
    (Publish("$JS.API.STREAM.CREATE.OTHER"), "---------"),
    (Publish("$JS.API.STREAM.UPDATE.DOCKET_LOG"), "---------"),
    (Publish("$JS.API.STREAM.UPDATE.DOCKET_INBOX"), "---c-----"),
    (Publish("$JS.API.STREAM.DELETE.DOCKET_LOG"), "---------"),
    (Publish("$JS.API.STREAM.PURGE.DOCKET_LOG"), "---------"),
    (Publish("$JS.API.STREAM.PURGE.DOCKET_INBOX"), "---------"),
    (Publish("$JS.API.STREAM.MSG.DELETE.DOCKET_LOG"), "---------"),
    (Publish("$JS.API.STREAM.MSG.DELETE.DOCKET_INBOX"), "---c-----"),
    (Publish("$JS.API.STREAM.RESTORE.DOCKET_LOG"), "---------"),
    (Publish("$JS.API.STREAM.SNAPSHOT.DOCKET_LOG"), "---c-----"),
    (Publish("$JS.API.STREAM.SNAPSHOT.DOCKET_INBOX"), "---c-----"),
    (Publish("$JS.API.STREAM.SNAPSHOT.DOCKET_OUTCOMES"), "---c-----"),
    (Publish("$JS.API.STREAM.SNAPSHOT.DOCKET_TIMERS"), "---------"),
    (Publish("$JS.SNAPSHOT.ACK.DOCKET_LOG.1"), "---c-----"),
    (Publish("$JS.SNAPSHOT.RESTORE.DOCKET_LOG.1"), "---------"),
    (Publish("$JS.API.CONSUMER.CREATE.DOCKET_LOG.mine"), "--ac-ptso"),
    (Publish("$JS.API.CONSUMER.CREATE.DOCKET_INBOX.mine"), "---c-----"),
    (Publish("$JS.API.CONSUMER.CREATE.DOCKET_TIMERS.mine"), "---------"),
    (Publish("$JS.API.CONSUMER.CREATE.DOCKET_TIMERS.ticker.docket.due"), "---c-----"),
    (Publish("$JS.API.CONSUMER.MSG.NEXT.DOCKET_TIMERS.ticker"), "------t--"),
    (Publish("$JS.API.CONSUMER.CREATE.DOCKET_OUTCOMES.mine"), "---------"),
    (Publish("$JS.API.CONSUMER.DELETE.DOCKET_INBOX.principal-webshop"), "---c-----"),
    (Publish("$JS.API.CONSUMER.RESET.DOCKET_INBOX.principal-webshop"), "---c-----"),
    (Publish("$JS.API.CONSUMER.RESET.DOCKET_TIMERS.timers"), "---------"),
    (Publish("$JS.ACK.DOCKET_INBOX.principal-webshop.1.1.1.1.0"), "---c-----"),
    (Publish("docket.seal"), "-------s-"),
    (Publish("$JS.API.STREAM.INFO.DOCKET_SEALS"), "--ac-p-so"),
    (Publish("$JS.API.STREAM.MSG.GET.DOCKET_SEALS"), "--ac-p-so"),
    (Publish("$JS.API.DIRECT.GET.DOCKET_SEALS"), "--ac-p-so"),
    (Publish("$JS.API.STREAM.CREATE.DOCKET_SEALS"), "---c-----"),
    (Publish("$JS.API.STREAM.SNAPSHOT.DOCKET_SEALS"), "---c-----"),
    (Publish("$JS.API.STREAM.DELETE.DOCKET_SEALS"), "---------"),
    (Publish("$JS.API.STREAM.PURGE.DOCKET_SEALS"), "---------"),
    (Publish("$JS.API.CONSUMER.CREATE.DOCKET_SEALS.mine"), "---------"),
    (Publish("$SYS.REQ.SERVER.PING"), "---------"),
    (Publish("$SRV.INFO.docket"), "wd------o"),
    (Publish("$SRV.STATS.docket"), "--------o"),
    (Subscribe("_INBOX_webshop.>"), "w--------"),
    (Subscribe("_INBOX_desk.>"), "-d-------"),
    (Subscribe("_INBOX.>"), "--------o"),
    (Subscribe("_INBOX_docket-command.>"), "---c-----"),
    (Subscribe("docket.outcome.webshop.*"), "w-------o"),
    (Subscribe("docket.outcome.desk.*"), "-d------o"),
    (Subscribe("docket.cmd.>"), "----b----"),
    (Subscribe("from.docket-operator.docket.cmd.>"), "----b----"),
    (Subscribe("docket.log.>"), "---------"),
    (Subscribe("$JS.API.>"), "---------"),
    (Subscribe(">"), "---------"),
];

/// Whether the server allows it. A message is one that nobody who hears it can use.
async fn may(wire: &mut Wire, what: Do) -> bool {
    let complaints = match what {
        Publish(subject) => wire.say(&format!("PUB {subject} 0\r\n\r\n")).await,
        Subscribe(subject) => wire.say(&format!("SUB {subject} 1\r\nUNSUB 1\r\n")).await,
    };
    assert!(complaints.iter().all(|complaint| complaint.contains("Permissions Violation")), "{complaints:?}");
    complaints.is_empty()
}

fn principals(desk: &Desk) -> Value {
    let endpoints = std::fs::read(desk.folder().path().join("endpoints.json")).unwrap();
    serde_json::from_slice::<Value>(&endpoints).unwrap()["principals"].clone()
}

fn principal(desk: &Desk, name: &str) -> Option<String> {
    principals(desk)[name].as_str().map(str::to_owned)
}

#[tokio::test]
async fn every_cell_of_the_permission_matrix() {
    // A desk of its own: what may be done is done, and some of it ruins the desk.
    let desk = Desk::start();
    let mut wrong = Vec::new();
    for (column, user) in USERS.into_iter().enumerate() {
        let mut wire = Wire::connect(&desk.nats_as(user)).await;
        for (what, who) in MATRIX {
            let expected = who.as_bytes()[column] != b'-';
            if may(&mut wire, what).await != expected {
                wrong.push(format!("{user}: {what:?} should be {}", if expected { "allowed" } else { "refused" }));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn nobody_connects_without_a_password() {
    let desk = Desk::start();
    let server = desk.nats().rsplit('@').next().unwrap().to_owned();
    for url in [format!("nats://{server}"), format!("nats://webshop:guess@{server}")] {
        let refused = Sender::try_connect(&url, "webshop").await.expect_err("a connection");
        assert_eq!(refused.kind(), async_nats::ConnectErrorKind::AuthorizationViolation);
    }
}

/// Where an answer must not get by being asked to: each is a subject that means something to somebody.
const TARGETS: [&str; 9] = [
    "docket.log.case.0199a7a0-0000-7000-8000-000000000001",
    "docket.log.policy.main",
    "docket.cmd.desk.case.reply",
    "docket.submit.desk.case.reply",
    "docket.outcome.desk.reply",
    "docket.timer.case.reply",
    "docket.due.case.reply",
    "$JS.API.STREAM.PURGE.DOCKET_LOG",
    "$JS.ACK.DOCKET_INBOX.principal-desk.1.1.1.1.0",
];

#[tokio::test]
async fn a_reply_subject_reaches_nobody_but_its_requester() {
    let desk = Desk::start();
    let head = desk.log().await.head().await.unwrap();
    // Whoever could be deceived listens wherever it may.
    let ears = ["webshop", "desk", "docket-command", "docket-projection", "docket-timers", "docket-operator"];
    let mut listeners = Vec::new();
    for user in ears {
        let listener = Sender::connect(&desk.nats_as(user), user).await.client;
        let mut heard = vec![listener.subscribe(format!("_INBOX_{user}.reply")).await.unwrap()];
        if ["webshop", "desk"].contains(&user) {
            heard.push(listener.subscribe(format!("docket.outcome.{user}.reply")).await.unwrap());
        }
        listener.flush().await.unwrap();
        listeners.push((user, listener, futures::stream::select_all(heard)));
    }
    let inboxes = ears.map(|user| format!("_INBOX_{user}.reply"));
    for user in USERS.into_iter().filter(|user| *user != "docket-command") {
        let mut wire = Wire::connect(&desk.nats_as(user)).await;
        let column = USERS.iter().position(|other| *other == user).unwrap();
        for (what, who) in MATRIX {
            let Publish(subject) = what else { continue };
            // A service may answer wherever its requesters hear; that is what it is for.
            let is_answer = user == "docket-bus" && subject.starts_with("_INBOX");
            if who.as_bytes()[column] == b'-' || is_answer {
                continue;
            }
            let others = inboxes.iter().filter(|inbox| !inbox.starts_with(&format!("_INBOX_{user}.")));
            // What comes back to who asked deceives nobody.
            let own = format!("docket.outcome.{user}.");
            let targets = TARGETS.into_iter().filter(|target| !target.starts_with(&own));
            for target in targets.chain(others.map(String::as_str)) {
                let said = wire.say(&format!("PUB {subject} {target} 2\r\n{{}}\r\n")).await;
                // Some the server refuses by itself.
                let is_asked = said.iter().all(|complaint| complaint.contains("Publish with Reply of"));
                assert!(is_asked, "{user} asks {subject} with {target}: {said:?}");
            }
        }
    }
    // A command that comes after them all is the next entry.
    let sender = Sender::connect(&principal(&desk, "webshop").unwrap(), "webshop").await;
    let reply = sender.send(&Command::case("intake", &intake("question"))).await;
    assert_eq!(accepted(&reply)["position"], head.get() + 1);
    let operator = desk.sender("operator").await;
    for (stream, subject) in [
        ("DOCKET_INBOX", "docket.submit.desk.case.reply"),
        ("DOCKET_OUTCOMES", "docket.outcome.desk.reply"),
        ("DOCKET_TIMERS", "docket.timer.case.reply"),
        ("DOCKET_TIMERS", "docket.due.case.reply"),
    ] {
        let ask = json!({ "subjects_filter": subject }).to_string();
        let info = operator.client.request(format!("$JS.API.STREAM.INFO.{stream}"), ask.into()).await.unwrap();
        let info: Value = serde_json::from_slice(&info.payload).unwrap();
        assert_eq!(info["state"]["subjects"], Value::Null, "{subject}");
    }
    for (user, listener, mut heard) in listeners {
        listener.flush().await.unwrap();
        let heard = tokio::time::timeout(std::time::Duration::ZERO, futures::StreamExt::next(&mut heard)).await;
        assert!(heard.is_err(), "{user} heard {heard:?}");
    }
}

#[tokio::test]
async fn what_the_operator_sends_in_anothers_name_is_marked() {
    let desk = Desk::start();
    let (own, operator) = (desk.nats_as("desk"), desk.nats().to_owned());
    let mut via = Vec::new();
    for url in [&own, &operator] {
        let sender = Sender::connect(url, "desk").await;
        let sent = sender.must(&Command::case("intake", &intake("question"))).await;
        via.push(sent["position"].as_u64().unwrap());
        let submitted = Command::case("intake", &intake("question"));
        sender.submit(&submitted).await;
        let hearer = Sender::connect(&own, "desk").await.client;
        let id = submitted.own_id().unwrap();
        let outcome = eventually("an outcome", async || {
            let api = format!("$JS.API.DIRECT.GET.DOCKET_OUTCOMES.docket.outcome.desk.{id}");
            let stored = hearer.request(api, "".into()).await.ok().filter(|stored| stored.status.is_none())?;
            serde_json::from_slice::<Value>(&stored.payload).ok()
        })
        .await;
        via.push(accepted(&outcome)["position"].as_u64().unwrap());
    }
    let entries = crate::support::entries(&desk.log().await).await;
    let marks: Vec<Option<Via>> =
        via.iter().map(|position| entries[usize::try_from(*position).unwrap() - 1].1.via).collect();
    assert_eq!(marks, [None, None, Some(Via::Operator), Some(Via::Operator)]);
    let log = desk.cli().run(&["log"]).await.succeeded().out;
    assert_eq!(log.matches("desk, by the operator").count(), 2, "{log}");
    // Nobody else can put the mark there, or leave it out.
    let mut wire = Wire::connect(&own).await;
    assert!(!may(&mut wire, Publish("docket.submit.desk.case.intake.operator")).await);
    let mut wire = Wire::connect(&operator).await;
    assert!(!may(&mut wire, Publish("docket.submit.desk.case.intake.other")).await);
}

#[tokio::test]
async fn nobody_has_the_log_delivered_into_itself() {
    let desk = Desk::start();
    for user in ["auditor", "docket-projection", "docket-timers", "docket-operator"] {
        let reader = Sender::connect(&desk.nats_as(user), user).await;
        let config = json!({ "stream_name": "DOCKET_LOG", "config":
            { "name": "mine", "deliver_subject": "docket.log.case.mine", "ack_policy": "none" } });
        let made = reader.client.request("$JS.API.CONSUMER.CREATE.DOCKET_LOG.mine", config.to_string().into()).await;
        let made: Value = serde_json::from_slice(&made.unwrap().payload).unwrap();
        assert_eq!(made["error"]["err_code"], 10081, "{user}: {made}");
    }
}

#[tokio::test]
async fn a_principal_holds_only_so_many_connections_and_subscriptions() {
    let desk = Desk::start();
    let url = principal(&desk, "webshop").unwrap();
    let mut wire = Wire::connect(&url).await;
    let many: String = (0..600).map(|number| format!("SUB _INBOX_webshop.{number} {number}\r\n")).collect();
    let complaints = wire.say_until_closed(&many).await;
    assert!(complaints.iter().any(|complaint| complaint.contains("maximum subscriptions exceeded")), "{complaints:?}");
    let mut connections = Vec::new();
    let refused = loop {
        match Sender::try_connect(&url, "webshop").await {
            Ok(sender) => connections.push(sender),
            Err(error) => break error.to_string(),
        }
        assert!(connections.len() <= 128, "more than the 128 that are allowed");
    };
    assert!(refused.contains("maximum account active connections exceeded"), "{refused}");
    // Others are none the worse.
    desk.sender("desk").await.open_case().await;
}

#[tokio::test]
async fn a_principal_sends_submits_asks_and_hears_its_outcomes() {
    let desk = Desk::start();
    let sender = Sender::connect(&principal(&desk, "webshop").unwrap(), "webshop").await;
    let case = sender.open_case().await;
    assert_eq!(sender.case(&case, None).await["case"]["caseId"], case.as_str());
    let outcome = sender.client.subscribe("docket.outcome.webshop.*").await.unwrap();
    let note = Command::case("note", &json!({ "caseId": case, "text": "Called back." })).id("note-1");
    assert_eq!(sender.submit(&note).await["stream"], "DOCKET_INBOX");
    let heard = futures::StreamExt::next(&mut { outcome }).await.unwrap();
    assert_eq!(heard.subject.as_str(), "docket.outcome.webshop.note-1");
    let stored = sender.client.request("$JS.API.DIRECT.GET.DOCKET_OUTCOMES.docket.outcome.webshop.note-1", "".into());
    assert_eq!(stored.await.unwrap().payload, heard.payload);
}

#[tokio::test]
async fn an_auditor_reads_the_log() {
    let desk = Desk::start();
    desk.sender("webshop").await.open_case().await;
    let auditor = Sender::connect(&principal(&desk, "auditor").unwrap(), "auditor").await;
    let ask = async |subject: &str, body: &str| {
        let answer = auditor.client.request(subject.to_owned(), body.to_owned().into()).await.unwrap();
        serde_json::from_slice::<Value>(&answer.payload).unwrap()
    };
    assert_eq!(ask("$JS.API.STREAM.INFO.DOCKET_LOG", "").await["state"]["last_seq"], 2);
    assert_eq!(ask("$JS.API.STREAM.MSG.GET.DOCKET_LOG", r#"{"seq":1}"#).await["message"]["seq"], 1);
    assert_eq!(ask("$JS.API.DIRECT.GET.DOCKET_LOG", r#"{"seq":2}"#).await["verb"], "intake");
}

#[tokio::test]
async fn a_principal_of_a_new_policy_gets_credentials_and_others_stay_connected() {
    let desk = Desk::start();
    let webshop = Sender::connect(&principal(&desk, "webshop").unwrap(), "webshop").await;
    webshop.open_case().await;
    let policy = format!("{}\n[principals.crm]\nroles = [\"service\"]\n", include_str!("../../policies/sample.toml"));
    let file = desk.folder().path().join("policy.toml");
    std::fs::write(&file, policy).unwrap();
    let published = desk.cli().run(&["policy", "publish", &file.to_string_lossy()]).await;
    assert_eq!(published.code, Some(0), "{published:?}");
    let url = eventually("the new principal has credentials", async || principal(&desk, "crm")).await;
    let crm = eventually("the server knows it", async || Sender::try_connect(&url, "crm").await.ok()).await;
    crm.open_case().await;
    webshop.open_case().await;
    let reply = crm.send(&Command::raw("policy", "publish", r#"{"document":""}"#).id("publish-1")).await;
    assert_eq!(refused(&reply).0, "forbidden");
}

#[tokio::test]
async fn three_hundred_principals_of_one_policy_are_all_let_in_and_heard() {
    let desk = Desk::start();
    let names: Vec<String> = (0..300).map(|number| format!("shop-{number}")).collect();
    let added: String = names.iter().map(|name| format!("[principals.{name}]\nroles = [\"service\"]\n")).collect();
    let file = desk.folder().path().join("policy.toml");
    std::fs::write(&file, format!("{}\n{added}", include_str!("../../policies/sample.toml"))).unwrap();
    desk.cli().run(&["policy", "publish", &file.to_string_lossy()]).await.succeeded();
    // Written when the server lets all of them in.
    eventually("all have credentials", async || principal(&desk, "shop-299")).await;
    let urls = principals(&desk);
    for name in &names {
        let shop = Sender::connect(urls[name].as_str().unwrap(), name).await;
        shop.open_case().await;
    }
    assert!(!desk.logged().contains("ended by itself"), "the server was not disturbed by that");
}

#[tokio::test]
async fn a_server_that_is_not_dockets_own_gets_the_same_accounts() {
    let (folder, cli) = (Scratch::new(), Cli::new());
    let users = folder.path().join("users.json").to_string_lossy().into_owned();
    let config = cli.run(&["nats-config", "--users", &users, "--principal", "crm"]).await.succeeded();
    let nats = PrivateNats::configured(&config.out).await;
    let server = nats.nats.url();
    let urls = cli.run(&["nats-config", "--users", &users, "--url", &server]).await.succeeded().json();
    let url = |user: &str| urls[user].as_str().unwrap_or_else(|| panic!("no {user} in {urls}")).to_owned();
    let serve = ["serve", "--nats", &server, "--users", &users, "--postgres", NO_POSTGRES, "--roles", "command"];
    let service = Process::start(folder.path(), &serve);
    let admin = Cli::new().with("DOCKET_NATS_URL", &url("admin"));
    admin.run(&["policy", "publish", SAMPLE_POLICY]).await.succeeded();
    Sender::connect(&url("webshop"), "webshop").await.open_case().await;
    let crm = Sender::connect(&url("crm"), "crm").await;
    let reply = crm.send(&Command::case("intake", &intake("question"))).await;
    assert_eq!(refused(&reply).0, "forbidden", "the sample policy does not name it: {reply}");
    let operator = Cli::new().with("DOCKET_NATS_URL", &url("docket-operator"));
    assert_eq!(operator.run(&["log", "--json"]).await.succeeded().lines().len(), 2);
    drop(service);
    nats.stop().await;
}

#[tokio::test]
async fn a_name_of_dockets_own_is_no_principals() {
    let folder = Scratch::new();
    let users = folder.path().join("users.json").to_string_lossy().into_owned();
    let refused = Cli::new().run(&["nats-config", "--users", &users, "--principal", "docket-command"]).await;
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.contains("`docket-command` is a name that Docket keeps for its own users"), "{}", refused.err);
}
