//! A private NATS server with command services on it. They need no Postgres.

use docket_engines::{EngineOptions, Nats, NatsOptions, locate};
use docket_jetstream::{JetStreamLog, Namespace};

use super::{Cli, Process, Scratch, Sender, eventually};

/// Nobody is there: the command service must not care.
pub(crate) const NO_POSTGRES: &str = "postgres://nobody@127.0.0.1:1/none";
pub(crate) const SAMPLE_POLICY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/sample.toml");

/// A NATS server of one's own.
pub(crate) struct PrivateNats {
    pub(crate) nats: Nats,
    folder: Scratch,
}

/// A `docket serve --roles command`.
pub(crate) struct Service {
    process: Process,
    url: String,
    // Last: fields are dropped in order.
    folder: Scratch,
}

impl PrivateNats {
    pub(crate) async fn start() -> Self {
        Self::configured("").await
    }

    /// With more in its configuration.
    pub(crate) async fn configured(extra: &str) -> Self {
        let folder = Scratch::new();
        let binaries = locate(&EngineOptions::new(folder.path()), &|_| {}).await.expect("the engines' binaries");
        let mut options = NatsOptions::new(folder.path());
        extra.clone_into(&mut options.extra);
        let nats = Nats::start(&binaries, &options).await.expect("nats-server");
        Self { nats, folder }
    }

    /// With a command service on it, which has the sample policy.
    pub(crate) async fn serving() -> (Self, Service) {
        let nats = Self::start().await;
        let service = nats.service();
        nats.publish_sample_policy().await;
        (nats, service)
    }

    pub(crate) fn service(&self) -> Service {
        let (folder, url) = (Scratch::new(), self.nats.url());
        Service { process: serve(&folder, &url), url, folder }
    }

    pub(crate) fn cli(&self) -> Cli {
        Cli::new().with("DOCKET_NATS_URL", &self.nats.url())
    }

    /// Publishes it, as soon as a service answers.
    pub(crate) async fn publish_sample_policy(&self) {
        eventually("a service takes the policy", async || {
            let published = self.cli().run(&["policy", "publish", SAMPLE_POLICY]).await;
            (published.code == Some(0)).then_some(())
        })
        .await;
    }

    pub(crate) async fn sender(&self, principal: &str) -> Sender {
        Sender::connect(&self.nats.url(), principal).await
    }

    pub(crate) async fn log(&self) -> JetStreamLog {
        let connection = docket_jetstream::connect(&self.nats.url(), "test").await.expect("NATS");
        JetStreamLog::open(connection, Namespace::default()).await.expect("the log")
    }

    /// Waits until the server is gone, so that its folder can be cleared.
    pub(crate) async fn stop(mut self) {
        self.nats.stop().await.expect("nats-server ends");
        drop(self.folder);
    }
}

impl Service {
    /// `kill -9`, and another in its place.
    pub(crate) fn kill_and_restart(&mut self) {
        self.process.kill();
        self.process = serve(&self.folder, &self.url);
    }

    /// SIGTERM, and another in its place.
    pub(crate) fn restart(&mut self) {
        assert!(self.process.stop().success());
        self.process = serve(&self.folder, &self.url);
    }
}

fn serve(folder: &Scratch, url: &str) -> Process {
    let arguments = ["serve", "--nats", url, "--postgres", NO_POSTGRES, "--roles", "command"];
    Process::start(folder.path(), &arguments)
}
