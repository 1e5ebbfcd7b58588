//! The log's own limit: appends of bare messages, for `docket bench` to compare with.

use bytes::Bytes;

use crate::publish::{self, Batch, Message};
use crate::{Connection, Namespace, NatsError};

/// Appends bare messages to the stream of a namespace, each on a subject of its own, expecting nothing.
#[derive(Debug, Clone)]
pub struct RawLog {
    connection: Connection,
    names: Namespace,
}

impl RawLog {
    /// Appends behind a connection.
    #[must_use]
    pub fn new(connection: Connection, names: Namespace) -> Self {
        Self { connection, names }
    }

    fn subject(&self, id: &str) -> String {
        format!("{}{id}", self.names.log_subjects().trim_end_matches('>'))
    }

    fn message(&self, id: &str, payload: &Bytes) -> Message {
        Message { subject: self.subject(id), expect: None, payload: payload.clone(), trace: None }
    }

    /// Appends one message and waits until it is on disk.
    ///
    /// # Errors
    /// [`NatsError::Bus`] when it was not acknowledged.
    pub async fn single(&self, id: &str, payload: &Bytes) -> Result<(), NatsError> {
        let appended = publish::single(&self.connection.client, &self.message(id, payload)).await;
        appended.map(drop).map_err(|error| failed(format!("{error:?}")))
    }

    /// Appends an atomic batch, a message for each id, and waits until it is on disk.
    ///
    /// # Errors
    /// [`NatsError::Bus`] when it was not acknowledged.
    pub async fn batch(&self, batch: &str, ids: &[String], payload: &Bytes) -> Result<(), NatsError> {
        let Some(last) = ids.last() else { return Ok(()) };
        let not_appended = |error| failed(format!("{error:?}"));
        let mut batch = Batch::open(self.connection.client.clone(), batch.to_owned());
        for id in ids {
            batch.publish(&self.message(id, payload)).await.map_err(not_appended)?;
        }
        batch.commit(self.subject(last)).await.map(drop).map_err(not_appended)
    }
}

fn failed(cause: String) -> NatsError {
    NatsError::Bus { doing: "append a bare message".to_owned(), cause }
}
