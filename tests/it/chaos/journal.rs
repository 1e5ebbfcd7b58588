//! What the clients sent and were told, in a file: nothing counts as acknowledged before it is on disk there.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};

/// A line, and who waits for it to be on disk.
type Line = (Value, oneshot::Sender<()>);

/// The journal. Clones write the same file.
#[derive(Clone)]
pub(super) struct Journal {
    path: PathBuf,
    lines: mpsc::UnboundedSender<Line>,
    acknowledged: Arc<AtomicUsize>,
}

impl Journal {
    pub(super) fn create(folder: &Path) -> Self {
        let path = folder.join("journal.jsonl");
        let file = File::create(&path).expect("a journal");
        let (lines, waiting) = mpsc::unbounded_channel();
        std::thread::spawn(|| write(file, waiting));
        Self { path, lines, acknowledged: Arc::default() }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// How many commands were accepted, or taken in to be decided.
    pub(super) fn acknowledged(&self) -> usize {
        self.acknowledged.load(Ordering::Relaxed)
    }

    /// A command is about to be sent, for the first time.
    pub(super) async fn sent(&self, by: &str, id: &str, verb: &str, case: &str) {
        self.note(json!({ "what": "sent", "by": by, "id": id, "verb": verb, "case": case })).await;
    }

    /// A command was answered.
    pub(super) async fn answered(&self, by: &str, id: &str, reply: &Value) {
        let Some(mut line) = reply.get("accepted").cloned() else {
            return self.note(json!({ "what": "refused", "by": by, "id": id, "reply": reply })).await;
        };
        (line["what"], line["by"], line["id"]) = (json!("accepted"), json!(by), json!(id));
        self.note(line).await;
        self.acknowledged.fetch_add(1, Ordering::Relaxed);
    }

    /// The inbox has taken a command in.
    pub(super) async fn submitted(&self, by: &str, id: &str) {
        self.note(json!({ "what": "submitted", "by": by, "id": id })).await;
        self.acknowledged.fetch_add(1, Ordering::Relaxed);
    }

    async fn note(&self, line: Value) {
        let (done, on_disk) = oneshot::channel();
        self.lines.send((line, done)).expect("the writer runs as long as there is a journal");
        on_disk.await.expect("the journal is written");
    }
}

/// Writes what waits, and syncs once for all of it.
fn write(mut file: File, mut waiting: mpsc::UnboundedReceiver<Line>) {
    let mut lines = Vec::new();
    while waiting.blocking_recv_many(&mut lines, 1_000) > 0 {
        let text: String = lines.iter().map(|(line, _)| format!("{line}\n")).collect();
        file.write_all(text.as_bytes()).expect("the journal is written");
        file.sync_data().expect("the journal is on disk");
        for (_, done) in lines.drain(..) {
            // A client that was stopped does not wait.
            let _ = done.send(());
        }
    }
}
