//! A witness as a process of its own: it signs what follows from what it has signed, whatever becomes of it.

use docket_evidence::checkpoint::{Checkpoint, SignedCheckpoint};
use docket_evidence::hash::Hash;
use docket_evidence::note::{Algorithm, KeyName, SigningKey, VerifierKey};
use docket_evidence::tree::{Frontier, Subtree, Subtrees, prove};
use docket_evidence::witness::{AddCheckpoint, SignSubtree};
use docket_witness::{Asked, Client};

use crate::support::{Cli, Process, Scratch, get};

/// A log that can be made to have another history.
struct TestLog {
    key: SigningKey,
    leaves: Vec<Hash>,
}

impl Subtrees for &TestLog {
    type Error = std::convert::Infallible;

    fn complete(&mut self, level: u32, index: u64) -> Result<Hash, Self::Error> {
        let mut frontier = Frontier::default();
        for leaf in index << level..(index + 1) << level {
            frontier.append(self.leaves[usize::try_from(leaf).unwrap()], |_, _, _| {});
        }
        Ok(frontier.root())
    }
}

impl TestLog {
    fn new(size: u8) -> Self {
        let name = KeyName::parse("log.example/one").unwrap();
        let key = SigningKey::new(name, Algorithm::Ed25519, &[7; 32]);
        Self { key, leaves: (0..size).map(|byte| Hash::of_leaf(&[byte])).collect() }
    }

    fn head(&self, size: u64) -> SignedCheckpoint {
        let mut frontier = Frontier::default();
        self.leaves.iter().take(usize::try_from(size).unwrap()).for_each(|leaf| frontier.append(*leaf, |_, _, _| {}));
        let origin = self.key.verifier().name().clone();
        let mut signed = SignedCheckpoint::new(Checkpoint { origin, size, root: frontier.root() }).unwrap();
        signed.sign(&self.key, 0);
        signed
    }

    fn request(&self, old: u64, size: u64) -> AddCheckpoint {
        let of = Subtree::new(0, old);
        let proof = of.and_then(|of| prove(&mut &*self, of, size).unwrap()).unwrap_or_default();
        AddCheckpoint { old, proof, checkpoint: self.head(size) }
    }
}

/// A folder with keys for a witness, which knows the log.
async fn prepared(log: &TestLog) -> Scratch {
    let folder = Scratch::new();
    let out = folder.path().to_string_lossy().into_owned();
    let keygen = ["evidence", "keygen", "--name", "witness.example", "--for", "witness", "--out", &out];
    Cli::new().run(&keygen).await.succeeded();
    let logs = format!("log {}\nquorum none\n", log.key.verifier());
    std::fs::write(folder.path().join("logs.policy"), logs).unwrap();
    folder
}

fn start(folder: &Scratch) -> Process {
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let (key, state, logs) = (path("witness.example.key"), path("state"), path("logs.policy"));
    let serve = ["witness", "serve", "--key", &key, "--listen", "127.0.0.1:0", "--state", &state, "--logs", &logs];
    Process::start(folder.path(), &serve)
}

fn keys(witness: &Process) -> Vec<VerifierKey> {
    let keys = witness.told()["keys"].as_array().unwrap().iter();
    keys.map(|key| VerifierKey::parse(key.as_str().unwrap()).unwrap()).collect()
}

#[tokio::test]
async fn a_witness_signs_what_follows_and_nothing_else_also_after_it_was_killed() {
    let log = TestLog::new(9);
    let folder = prepared(&log).await;
    let mut witness = start(&folder);
    let client = Client::new(witness.ready("witness")).unwrap();
    let Asked::Signed(signatures) = client.add_checkpoint(&log.request(0, 5)).await.unwrap() else { panic!() };
    let mut head = log.head(5);
    signatures.into_iter().for_each(|signature| head.add(signature));
    for key in keys(&witness) {
        assert!(head.vouched_by(&key).unwrap().is_some(), "{key:?}");
    }
    assert_eq!(client.add_checkpoint(&log.request(0, 6)).await.unwrap(), Asked::Last(5));
    // Another history of the first five.
    let mut fork = TestLog::new(9);
    fork.leaves[2] = Hash::of_leaf(b"another");
    assert_eq!(client.add_checkpoint(&fork.request(5, 7)).await.unwrap(), Asked::Inconsistent);
    assert_eq!(client.add_checkpoint(&fork.request(5, 5)).await.unwrap(), Asked::Inconsistent);
    witness.kill();
    let witness = start(&folder);
    let client = Client::new(witness.ready("witness")).unwrap();
    let latest = client.latest(log.key.verifier().name()).await.unwrap().expect("it remembers");
    assert_eq!(latest.to_string(), head.to_string());
    assert_eq!(client.add_checkpoint(&fork.request(5, 7)).await.unwrap(), Asked::Inconsistent);
    assert!(matches!(client.add_checkpoint(&log.request(5, 8)).await.unwrap(), Asked::Signed(_)));
    // The same once more says that there was nothing since.
    assert!(matches!(client.add_checkpoint(&log.request(8, 8)).await.unwrap(), Asked::Signed(_)));
    let part = SignSubtree {
        subtree: Subtree::new(4, 8).unwrap(),
        hash: (&log).complete(2, 1).unwrap(),
        proof: prove(&mut &log, Subtree::new(4, 8).unwrap(), 8).unwrap().unwrap(),
        checkpoint: client.latest(log.key.verifier().name()).await.unwrap().unwrap(),
    };
    let (status, body) = post(witness.ready("witness"), "/sign-subtree", &part.to_string()).await;
    assert!(status == "200" && body.starts_with('\u{2014}'), "{status} {body}");
}

/// Sends a body over HTTP; hands back the status and the text.
async fn post(server: &str, path: &str, body: &str) -> (String, String) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let address = server.trim_start_matches("http://");
    let mut stream = tokio::net::TcpStream::connect(address).await.expect("a listener");
    let length = body.len();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.expect("a request goes out");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    let (head, body) = answer.split_once("\r\n\r\n").expect("head and body");
    (head.split(' ').nth(1).expect("a status").to_owned(), body.to_owned())
}

#[tokio::test]
async fn of_two_that_ask_at_once_no_witness_is_rolled_back() {
    let log = TestLog::new(50);
    let folder = prepared(&log).await;
    let witness = start(&folder);
    let client = Client::new(witness.ready("witness")).unwrap();
    client.add_checkpoint(&log.request(0, 1)).await.unwrap();
    let asked = (2..42).map(|size| {
        let (client, request) = (client.clone(), log.request(1, size));
        async move { (size, client.add_checkpoint(&request).await.unwrap()) }
    });
    let answers = futures::future::join_all(asked).await;
    let signed: Vec<u64> =
        answers.iter().filter(|(_, asked)| matches!(asked, Asked::Signed(_))).map(|(size, _)| *size).collect();
    assert_eq!(signed.len(), 1, "all follow from the same head, so one of them does");
    let latest = client.latest(log.key.verifier().name()).await.unwrap().unwrap();
    assert_eq!(latest.checkpoint().size, signed[0]);
    assert!(answers.iter().all(|(_, asked)| matches!(asked, Asked::Signed(_))
        || *asked == Asked::Last(signed[0])
        || *asked == Asked::Last(1)));
}

#[tokio::test]
async fn whatever_is_asked_of_a_witness_has_an_answer() {
    let log = TestLog::new(9);
    let folder = prepared(&log).await;
    let witness = start(&folder);
    let url = witness.ready("witness");
    let mut unknown = TestLog::new(9);
    unknown.key = SigningKey::new(KeyName::parse("log.example/two").unwrap(), Algorithm::Ed25519, &[8; 32]);
    let mut foreign = TestLog::new(9);
    foreign.key = SigningKey::new(KeyName::parse("log.example/one").unwrap(), Algorithm::Ed25519, &[9; 32]);
    let good = log.request(0, 5).to_string();
    for (body, status) in [
        (String::new(), "400"),
        ("old x\n\n".to_owned(), "400"),
        (good.replace("old 0", "old 00"), "400"),
        (good.replace("old 0", "old 6"), "400"),
        (unknown.request(0, 5).to_string(), "404"),
        (foreign.request(0, 5).to_string(), "403"),
        (good.replace("old 0\n", &format!("old 0\n{}\n", Hash::of_no_leaf())), "422"),
        ("x".repeat(200_000), "413"),
    ] {
        let (found, told) = post(url, "/add-checkpoint", &body).await;
        assert_eq!(found, status, "{told}: {}", body.chars().take(60).collect::<String>());
    }
    let hash = "0".repeat(64);
    for (path, status) in [
        (format!("/{hash}/checkpoint"), "404"),
        ("/../../etc/passwd/checkpoint".to_owned(), "404"),
        ("/".to_owned(), "404"),
    ] {
        assert_eq!(get(url, &path).await.0, status, "{path}");
    }
    // Two witnesses of one memory would sign two histories.
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let (key, state) = (path("witness.example.key"), path("state"));
    let second = ["witness", "serve", "--key", &key, "--listen", "127.0.0.1:0", "--state", &state];
    let second = Cli::new().run(&second).await;
    assert!(second.code == Some(1) && second.err.contains("another witness works in"), "{second:?}");
    let sealers = ["evidence", "keygen", "--name", "desk.example/log", "--out", &path("other")];
    Cli::new().run(&sealers).await.succeeded();
    let (key, state) = (path("other/desk.example_log.key"), path("other-state"));
    let wrong =
        Cli::new().run(&["witness", "serve", "--key", &key, "--listen", "127.0.0.1:0", "--state", &state]).await;
    assert!(wrong.code == Some(1) && wrong.err.contains("signs no heads of others' logs"), "{wrong:?}");
}
