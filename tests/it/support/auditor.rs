//! An auditor: whom they trust, and the files that they were given.

use std::path::PathBuf;

use docket_eventlog::EventLog as _;
use serde_json::Value;

use super::{Cli, Desk, Printed, Scratch, eventually};

/// What an auditor has: a policy from the desk, and files.
pub(crate) struct Auditor {
    folder: Scratch,
}

impl Auditor {
    pub(crate) async fn of(desk: &Desk) -> Self {
        let (folder, sealer) = (Scratch::new(), desk.folder().path().join("sealer"));
        let policies = || {
            let files = std::fs::read_dir(&sealer).ok()?.map(|file| file.expect("a file").path());
            files.into_iter().find(|path| path.extension().is_some_and(|kind| kind == "policy"))
        };
        let policy = eventually("the sealer has written a policy", async || policies()).await;
        std::fs::copy(policy, folder.path().join("policy")).expect("a copy");
        Self { folder }
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.file(name).to_string_lossy().into_owned()
    }

    pub(crate) async fn export(&self, desk: &Desk, of: &[&str], name: &str) -> Printed {
        let out = self.path(name);
        desk.cli().run(&[&["evidence", "export", "--reveal", "--out", &out][..], of].concat()).await
    }

    pub(crate) async fn verify(&self, bundle: &str, kept: &[&str]) -> (Option<i32>, Value) {
        let (bundle, policy) = (self.path(bundle), self.path("policy"));
        let mut arguments = vec!["evidence".to_owned(), "verify".to_owned(), bundle, "--policy".to_owned(), policy];
        for kept in kept {
            arguments.extend(["--checkpoint".to_owned(), self.path(kept)]);
        }
        arguments.push("--json".to_owned());
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        self.run(&arguments).await
    }

    /// Verifies the files of a dataset with a bundle; without one, with that of its folder.
    pub(crate) async fn verify_dataset(&self, dataset: &str, bundle: Option<&str>) -> (Option<i32>, Value) {
        let (dataset, bundle, policy) = (self.path(dataset), bundle.map(|name| self.path(name)), self.path("policy"));
        let arguments = ["evidence", "verify", "--policy", &policy, "--dataset", &dataset, "--json"];
        let arguments: Vec<&str> = arguments.into_iter().chain(bundle.as_deref()).collect();
        self.run(&arguments).await
    }

    async fn run(&self, arguments: &[&str]) -> (Option<i32>, Value) {
        // Without any address: it is offline.
        let printed = Cli::new().run(arguments).await;
        (printed.code, printed.json())
    }
}

/// Has the auditor keep a checkpoint of all entries that there are. Hands back how many it is of.
pub(crate) async fn keep_checkpoint(desk: &Desk, auditor: &Auditor, name: &str) -> u64 {
    let (out, head) = (auditor.path(name), desk.log().await.head().await.expect("a head").get());
    // While the sealer only begins, the last checkpoint is one of before.
    eventually("all entries are sealed", async || {
        desk.cli().run(&["evidence", "checkpoint", "--out", &out]).await.succeeded();
        let text = std::fs::read_to_string(auditor.file(name)).expect("a checkpoint");
        let size: u64 = text.lines().nth(1).and_then(|size| size.parse().ok()).expect("a size");
        (size >= head).then_some(size)
    })
    .await
}
