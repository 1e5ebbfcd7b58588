//! What a durable consumer of the inbox hands out, read at an edge of our own: anybody may have submitted it.

use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc;

use super::Submission;
use crate::NatsError;
use crate::bus::CommandHeaders;
use crate::wire::{Headers, Heard, Line, Message, Subscription, Unreadable};

/// How many submissions one request brings.
const BATCH: usize = 256;
/// How long a request waits for submissions.
const EXPIRES: Duration = Duration::from_secs(30);
/// How often the server says that it has none.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// What fails.
const DOING: &str = "take in submissions";

/// Statuses of the server (NATS ADR-37): a sign of life, and the ends of a request that another one may follow.
const IDLE: u16 = 100;
const ENDS: [u16; 2] = [404, 408];

/// Submissions as they are handed out.
pub(super) struct Deliveries {
    line: Line,
    messages: mpsc::UnboundedReceiver<Message>,
    inbox: String,
    next: String,
    /// What the request under way may still bring.
    open: usize,
}

impl Deliveries {
    /// Begins with what a consumer hands out to an inbox of ours.
    pub(super) async fn open(url: &str, stream: &str, consumer: &str, inbox: String) -> Result<Self, NatsError> {
        // It never holds more than was asked for.
        let (hear, messages) = mpsc::unbounded_channel();
        let subscriptions = vec![Subscription { subject: inbox.clone(), queue: None }];
        let hear = Box::new(move |message| {
            let _ = hear.send(message);
            Heard::Taken
        });
        let line = Line::open(url, "docket-inbox", subscriptions, hear).await?;
        let next = format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}");
        Ok(Self { line, messages, inbox, next, open: 0 })
    }

    /// The next one.
    pub(super) async fn next(&mut self) -> Result<Submission, NatsError> {
        loop {
            if self.open == 0 {
                self.request();
            }
            // A request is lost with the connection that it went over; the server's sign of life tells.
            let Ok(message) = tokio::time::timeout(HEARTBEAT * 2, self.messages.recv()).await else {
                self.open = 0;
                continue;
            };
            let message = message.ok_or_else(|| NatsError::bus(DOING, &"the connection was closed"))?;
            if let Some(submission) = self.read(message)? {
                return Ok(submission);
            }
        }
    }

    fn request(&mut self) {
        let nanoseconds = |duration: Duration| duration.as_nanos().to_string();
        let request = format!(
            r#"{{"batch":{BATCH},"expires":{},"idle_heartbeat":{}}}"#,
            nanoseconds(EXPIRES),
            nanoseconds(HEARTBEAT)
        );
        let inbox = Bytes::from(self.inbox.clone().into_bytes());
        self.line.publish(Bytes::from(self.next.clone().into_bytes()), Some(inbox), Bytes::from(request.into_bytes()));
        self.open = BATCH;
    }

    /// Reads a message: a submission, or what the server says of the request.
    fn read(&mut self, message: Message) -> Result<Option<Submission>, NatsError> {
        let headers = Headers::read(message.headers.as_ref());
        // A submission has somebody to whom its conclusion is told; what the server says has not.
        let Some(delivery) = message.reply.as_ref().and_then(|reply| Delivery::parse(reply)) else {
            match headers.ok().and_then(|headers| headers.status()) {
                Some(IDLE) => return Ok(None),
                Some(status) if ENDS.contains(&status) => {
                    self.open = 0;
                    return Ok(None);
                }
                status => {
                    let status = status.map_or_else(|| "no status".to_owned(), |status| format!("status {status}"));
                    return Err(NatsError::bus(DOING, &format!("the server answered with {status}")));
                }
            }
        };
        self.open = self.open.saturating_sub(1);
        let Delivery { ack, sequence, deliveries } = delivery;
        let subject = String::from_utf8(message.subject.to_vec()).map_err(|_| Unreadable::NotText);
        let headers = headers.and_then(CommandHeaders::of_sender);
        Ok(Some(Submission { subject, headers, body: message.payload, ack, sequence, deliveries }))
    }
}

/// What the reply subject of a delivery says.
struct Delivery {
    ack: String,
    sequence: u64,
    deliveries: u64,
}

impl Delivery {
    /// `$JS.ACK.<stream>.<consumer>.<deliveries>.<sequence>.…`, with `<domain>.<account>` before the stream in newer
    /// forms (NATS ADR-15).
    fn parse(reply: &[u8]) -> Option<Self> {
        let ack = std::str::from_utf8(reply).ok()?;
        let tokens: Vec<&str> = ack.strip_prefix("$JS.ACK.")?.split('.').collect();
        let from = if tokens.len() == 7 { 2 } else { 4 };
        let number = |index: usize| tokens.get(index).and_then(|token| token.parse().ok());
        Some(Self { sequence: number(from + 1)?, deliveries: number(from)?, ack: ack.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::Delivery;

    #[test]
    fn the_place_of_a_submission_stands_in_its_reply_subject() {
        for reply in [
            "$JS.ACK.DOCKET_INBOX.principal-webshop.3.17.21.1795865170815173573.0",
            "$JS.ACK._.hash.DOCKET_INBOX.principal-webshop.3.17.21.1795865170815173573.0",
            "$JS.ACK.hub.hash.DOCKET_INBOX.principal-webshop.3.17.21.1795865170815173573.0.token",
        ] {
            let Delivery { ack, sequence, deliveries } = Delivery::parse(reply.as_bytes()).unwrap();
            assert_eq!((ack.as_str(), sequence, deliveries), (reply, 17, 3));
        }
        assert!(Delivery::parse(b"_INBOX_webshop.1").is_none());
        assert!(Delivery::parse(b"$JS.ACK.x.y").is_none());
    }
}
