//! What the server does not let a user do. It says so beside the answers, and only this once.

use async_nats::{Event, ServerError};
use tokio::sync::watch;

use crate::NatsError;

/// What was refused on a connection.
#[derive(Debug, Clone)]
pub(crate) struct Refusals {
    user: Option<String>,
    last: watch::Receiver<Option<String>>,
}

/// Where refusals are noted.
pub(crate) struct Noted(watch::Sender<Option<String>>);

impl Refusals {
    /// For the connection of a user.
    pub(crate) fn of(user: Option<String>) -> (Self, Noted) {
        let (noted, last) = watch::channel(None);
        (Self { user, last }, Noted(noted))
    }

    /// Those that are still to come.
    pub(crate) fn to_come(&self) -> Self {
        let mut later = self.clone();
        later.last.mark_unchanged();
        later
    }

    /// Waits for the next refusal.
    pub(crate) async fn next(&mut self) -> NatsError {
        if self.last.changed().await.is_err() {
            // The connection is gone, and its other users report that.
            std::future::pending::<()>().await;
        }
        let user = self.user.clone().unwrap_or_else(|| "(none)".to_owned());
        NatsError::Refused { user, what: self.last.borrow().clone().unwrap_or_default() }
    }
}

impl Noted {
    /// Notes what a connection tells, if it is a refusal.
    pub(crate) fn note(&self, event: &Event) {
        tracing::info!("NATS: {event}");
        if let Event::ServerError(ServerError::Other(said)) = event
            && let Some(what) = refused(said)
        {
            self.0.send_replace(Some(what));
        }
    }
}

/// What is refused by a line such as `Permissions Violation for Publish to "docket.cmd.desk.case.note"`.
fn refused(said: &str) -> Option<String> {
    let (_, rest) = said.split_once("ermissions Violation for ")?;
    let (what, subject) = rest.split_once(" to ")?;
    let subject = subject.trim_matches('"').split('"').next().unwrap_or_default();
    match what {
        "Publish" => Some(format!("publish to {subject}")),
        _ => Some(format!("subscribe to {subject}")),
    }
}

#[cfg(test)]
mod tests {
    use super::refused;

    #[test]
    fn a_line_of_the_server_is_understood() {
        let publish = r#"Permissions Violation for Publish to "$JS.API.STREAM.INFO.DOCKET_LOG""#;
        assert_eq!(refused(publish).as_deref(), Some("publish to $JS.API.STREAM.INFO.DOCKET_LOG"));
        let subscribe = r#"Permissions Violation for Subscription to "docket.log.>" using queue "q""#;
        assert_eq!(refused(subscribe).as_deref(), Some("subscribe to docket.log.>"));
        assert_eq!(refused("Stale Connection"), None);
    }
}
