//! A connection that is made again when it breaks.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_nats::ServerAddr;
use bytes::{BufMut as _, Bytes, BytesMut};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, ReadHalf, WriteHalf};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::dial::{Dialled, Info, Stream, dial};
use super::pace::{Heard, Pace};
use super::protocol::{self, Frame, Op};
use crate::address::Address;
use crate::sleep::sleep_until;
use crate::{NatsError, metrics};

/// How often each side asks whether the other is there.
const PING: Duration = Duration::from_secs(10);
/// How many of our questions may be open before the server counts as gone.
const PINGS: usize = 2;
/// How long the first try after a break waits, and the longest that a try waits.
const PAUSE: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));
/// How much may wait to be written, in bytes. What is over it is left out: its receiver does not read, or we are
/// flooded.
const OUTBOX: usize = 64 * 1024 * 1024;
/// How many messages are written at a time.
const WRITTEN: usize = 512;
/// How many frames are seen to before others on this thread get their turn.
const SEEN: usize = 256;

/// What is listened to.
#[derive(Debug, Clone)]
pub(crate) struct Subscription {
    pub subject: String,
    /// Subscriptions of the same queue group share the messages.
    pub queue: Option<String>,
}

/// A message as the server delivered it. Nothing is known of its bytes.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    /// Which of the subscriptions it is for, by its place among them.
    pub subscription: usize,
    pub subject: Bytes,
    pub reply: Option<Bytes>,
    pub headers: Option<Bytes>,
    pub payload: Bytes,
}

/// Gets messages, one after the other, while nothing else is read, and says what became of each. It must not block.
pub(crate) type Hear = Box<dyn FnMut(Message) -> Heard + Send>;

/// What is written.
enum Said {
    Message {
        subject: Bytes,
        reply: Option<Bytes>,
        payload: Bytes,
    },
    /// Answered when the server has taken in all that went before.
    RoundTrip(oneshot::Sender<()>),
    Withdraw,
}

/// The connection. When the last clone is dropped, what was said is written, and it ends.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    said: mpsc::UnboundedSender<Said>,
    waiting: Arc<AtomicUsize>,
    _runs: Arc<Running>,
}

#[derive(Debug)]
struct Running(JoinHandle<()>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Line {
    /// Connects as the user of the address, listens, and returns once the server has taken that in.
    ///
    /// # Errors
    /// [`NatsError::Connect`] when no server lets us in.
    pub(crate) async fn open(
        url: &str,
        name: &str,
        subscriptions: Vec<Subscription>,
        hear: Hear,
    ) -> Result<Self, NatsError> {
        let address = Address::parse(url)?;
        let mut servers = Servers::new(&address);
        let first = servers.dial(&address, name).await;
        let first = first.map_err(|cause| NatsError::Connect { url: address.to_string(), cause })?;
        let (said, outbox) = mpsc::unbounded_channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        let work = Work {
            name: name.to_owned(),
            address,
            servers,
            subscriptions,
            is_withdrawn: false,
            kept: Vec::new(),
            hear,
            outbox,
            waiting: Arc::clone(&waiting),
            pongs: VecDeque::new(),
        };
        let runs = Arc::new(Running(tokio::spawn(work.run(first))));
        let line = Self { said, waiting, _runs: runs };
        line.round_trip().await?;
        Ok(line)
    }

    /// Says something. Whether it arrives is not known.
    pub(crate) fn publish(&self, subject: Bytes, reply: Option<Bytes>, payload: Bytes) {
        let size = payload.len();
        if self.waiting.load(Ordering::Relaxed) + size > OUTBOX {
            ::metrics::counter!(metrics::UNSENT).increment(1);
            return;
        }
        self.waiting.fetch_add(size, Ordering::Relaxed);
        // The work ends only with the last clone.
        let _ = self.said.send(Said::Message { subject, reply, payload });
    }

    /// Listens no more.
    pub(crate) fn withdraw(&self) {
        let _ = self.said.send(Said::Withdraw);
    }

    /// Waits until the server has taken in all that was said before.
    ///
    /// # Errors
    /// [`NatsError::Bus`] when the connection broke meanwhile.
    pub(crate) async fn round_trip(&self) -> Result<(), NatsError> {
        let (done, is_done) = oneshot::channel();
        let _ = self.said.send(Said::RoundTrip(done));
        is_done.await.map_err(|_| NatsError::bus("reach the server", &"the connection broke"))
    }
}

/// Where to connect, in turn.
struct Servers {
    given: Vec<ServerAddr>,
    /// What the cluster said of itself.
    others: Vec<ServerAddr>,
    turn: usize,
}

impl Servers {
    fn new(address: &Address) -> Self {
        Self { given: address.servers(), others: Vec::new(), turn: 0 }
    }

    fn learn(&mut self, others: &[String]) {
        self.others = others.iter().filter_map(|other| other.parse().ok()).collect();
    }

    /// Tries each once, and says why the last one failed.
    async fn dial(&mut self, address: &Address, name: &str) -> Result<Dialled, String> {
        let all: Vec<ServerAddr> = self.given.iter().chain(&self.others).cloned().collect();
        let mut cause = "no server is named".to_owned();
        for _ in 0..all.len() {
            let Some(server) = all.get(self.turn % all.len()) else { break };
            match dial(server, address, name).await {
                Ok(dialled) => {
                    self.learn(&dialled.others);
                    return Ok(dialled);
                }
                Err(error) => cause = error,
            }
            self.turn += 1;
        }
        Err(cause)
    }
}

/// What keeps the line.
struct Work {
    name: String,
    address: Address,
    servers: Servers,
    subscriptions: Vec<Subscription>,
    is_withdrawn: bool,
    /// What was said while there was no connection.
    kept: Vec<Said>,
    hear: Hear,
    outbox: mpsc::UnboundedReceiver<Said>,
    waiting: Arc<AtomicUsize>,
    /// Who waits for which of our questions to be answered; nobody for those that only ask whether the server is there.
    pongs: VecDeque<Option<oneshot::Sender<()>>>,
}

/// Why a connection is over.
enum End {
    Finished,
    Broken(String),
}

impl Work {
    async fn run(mut self, first: Dialled) {
        let mut dialled = first;
        loop {
            match self.keep(dialled).await {
                End::Finished => return,
                End::Broken(cause) => {
                    tracing::warn!(connection = %self.name, %cause, "the connection {} broke and is made again: {cause}", self.name);
                }
            }
            // Who waits for an answer is told by the loss of the sender.
            self.pongs.clear();
            match self.again().await {
                Some(again) => dialled = again,
                None => return,
            }
        }
    }

    /// Connects again, however long that takes; not when nobody needs it any more.
    async fn again(&mut self) -> Option<Dialled> {
        let (mut pause, longest) = PAUSE;
        loop {
            self.servers.turn += 1;
            match self.servers.dial(&self.address, &self.name).await {
                Ok(dialled) => {
                    tracing::info!(connection = %self.name, "the connection {} is there again", self.name);
                    return Some(dialled);
                }
                Err(cause) => tracing::debug!(connection = %self.name, %cause, "could not connect: {cause}"),
            }
            let tries_again = Instant::now() + pause;
            pause = (pause * 2).min(longest);
            while let Ok(said) = tokio::time::timeout_at(tries_again, self.outbox.recv()).await {
                match said? {
                    // Who waits for it is told by the loss of the sender.
                    Said::RoundTrip(_) => {}
                    Said::Withdraw => self.is_withdrawn = true,
                    message @ Said::Message { .. } => self.kept.push(message),
                }
            }
        }
    }

    async fn keep(&mut self, dialled: Dialled) -> End {
        let Dialled { stream, mut buffer, .. } = dialled;
        let (mut reader, mut writer) = tokio::io::split(stream);
        let mut out = BytesMut::new();
        self.subscribe(&mut out);
        std::mem::take(&mut self.kept).into_iter().for_each(|said| self.say(said, &mut out));
        let mut said = Vec::with_capacity(WRITTEN);
        let mut pings = tokio::time::interval(PING);
        pings.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut pace = Pace::new(Instant::now());
        loop {
            let mut has_more = false;
            if pace.rests_until(Instant::now()).is_none() {
                match self.read(&mut buffer, &mut out, &mut pace) {
                    Ok(more) => has_more = more,
                    Err(cause) => return End::Broken(cause),
                }
            }
            let rests_until = pace.rests_until(Instant::now());
            let rests = rests_until.is_some();
            if !out.is_empty()
                && let Err(cause) = write(&mut reader, &mut buffer, &mut writer, &mut out).await
            {
                return End::Broken(cause);
            }
            tokio::select! {
                () = tokio::task::yield_now(), if has_more && !rests => {}
                () = sleep_until(rests_until), if rests => {}
                read = reader.read_buf(&mut buffer), if !has_more && !rests => match read {
                    Ok(0) => return End::Broken("the server hung up".to_owned()),
                    Ok(_) => {}
                    Err(error) => return End::Broken(error.to_string()),
                },
                count = self.outbox.recv_many(&mut said, WRITTEN) => {
                    if count == 0 {
                        return End::Finished;
                    }
                    said.drain(..).for_each(|said| self.say(said, &mut out));
                }
                _ = pings.tick() => {
                    if self.pongs.iter().filter(|asker| asker.is_none()).count() >= PINGS {
                        return End::Broken("the server does not answer".to_owned());
                    }
                    out.put_slice(b"PING\r\n");
                    self.pongs.push_back(None);
                }
            }
        }
    }

    fn subscribe(&self, out: &mut BytesMut) {
        if self.is_withdrawn {
            return;
        }
        for (number, Subscription { subject, queue }) in self.subscriptions.iter().enumerate() {
            let queue = queue.as_ref().map(|queue| format!("{queue} ")).unwrap_or_default();
            out.put_slice(format!("SUB {subject} {queue}{}\r\n", number + 1).as_bytes());
        }
    }

    /// Sees to what came whole; says whether there may be more of it.
    fn read(&mut self, buffer: &mut BytesMut, out: &mut BytesMut, pace: &mut Pace) -> Result<bool, String> {
        for _ in 0..SEEN {
            let Some(op) = protocol::next(buffer).map_err(|broken| broken.to_string())? else { return Ok(false) };
            match op {
                Op::Message(Frame { subject, subscription, reply, headers, payload }) => {
                    let subscription = usize::try_from(subscription).unwrap_or(usize::MAX).wrapping_sub(1);
                    let heard = (self.hear)(Message { subscription, subject, reply, headers, payload });
                    if !pace.goes_on(heard) {
                        return Ok(true);
                    }
                }
                Op::Ping => out.put_slice(b"PONG\r\n"),
                Op::Pong => {
                    if let Some(Some(asker)) = self.pongs.pop_front() {
                        let _ = asker.send(());
                    }
                }
                Op::Info(info) => {
                    let info = Info::read(&info);
                    self.servers.learn(&info.connect_urls);
                    if info.ldm {
                        return Err("the server is about to stop".to_owned());
                    }
                }
                // What ends the connection is followed by its end.
                Op::Error(error) => tracing::debug!(connection = %self.name, %error, "the server complains: {error}"),
                Op::Ok => {}
            }
        }
        Ok(true)
    }

    fn say(&mut self, said: Said, out: &mut BytesMut) {
        match said {
            Said::Message { subject, reply, payload } => {
                self.waiting.fetch_sub(payload.len(), Ordering::Relaxed);
                out.put_slice(b"PUB ");
                out.put_slice(&subject);
                out.put_u8(b' ');
                if let Some(reply) = reply {
                    out.put_slice(&reply);
                    out.put_u8(b' ');
                }
                out.put_slice(payload.len().to_string().as_bytes());
                out.put_slice(b"\r\n");
                out.put_slice(&payload);
                out.put_slice(b"\r\n");
            }
            Said::RoundTrip(asker) => {
                out.put_slice(b"PING\r\n");
                self.pongs.push_back(Some(asker));
            }
            Said::Withdraw => {
                self.is_withdrawn = true;
                for number in 1..=self.subscriptions.len() {
                    out.put_slice(format!("UNSUB {number}\r\n").as_bytes());
                }
            }
        }
    }
}

/// Writes everything, and reads meanwhile: a server that waits for us to read would never take it.
async fn write(
    reader: &mut ReadHalf<Box<dyn Stream>>,
    buffer: &mut BytesMut,
    writer: &mut WriteHalf<Box<dyn Stream>>,
    out: &mut BytesMut,
) -> Result<(), String> {
    /// What is read while something is written; the rest waits at the server.
    const ASIDE: usize = 32 * 1024 * 1024;
    let written = async {
        writer.write_all_buf(out).await?;
        writer.flush().await
    };
    tokio::pin!(written);
    loop {
        tokio::select! {
            biased;
            written = &mut written => return written.map_err(|error| error.to_string()),
            read = reader.read_buf(buffer), if buffer.len() < ASIDE => match read {
                Ok(0) => return Err("the server hung up".to_owned()),
                Ok(_) => {}
                Err(error) => return Err(error.to_string()),
            },
        }
    }
}
