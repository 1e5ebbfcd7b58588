//! The service's side: commands and queries as they come in, announced as a NATS service.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use docket_messages::PrincipalName;
use tokio::sync::OnceCell;

use super::CommandHeaders;
use super::discovery::Discovery;
use super::unread::Unread;
use crate::access::{SystemUser, from_user, inbox_prefix};
use crate::wire::{Headers, Heard, Line, Message, Subscription, Unreadable};
use crate::{Namespace, NatsError};

/// What comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IncomingKind {
    /// A command.
    Command,
    /// A query.
    Query,
}

/// A command or query that waits for its answer.
#[derive(Debug)]
pub struct Incoming {
    /// Which of the two.
    pub kind: IncomingKind,
    /// Whether the operator sent it, in the name of the principal.
    pub by_operator: bool,
    path: String,
    headers: Result<CommandHeaders, Unreadable>,
    body: Bytes,
    reply: Option<Reply>,
}

/// Where an answer goes.
#[derive(Debug)]
struct Reply {
    subject: Bytes,
    line: Arc<OnceCell<Line>>,
}

impl Incoming {
    /// The part of the subject below `docket.cmd.` or `docket.query.`: principal, kind, verb.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> Bytes {
        self.body.clone()
    }

    /// The headers of the command.
    ///
    /// # Errors
    /// Why they cannot be read.
    pub fn headers(&self) -> Result<&CommandHeaders, &Unreadable> {
        self.headers.as_ref()
    }

    /// Answers. A sender that went away is not told, and sends the same command again if it wants to know.
    pub fn respond(self, body: Bytes) {
        let Some(Reply { subject, line }) = self.reply else { return };
        if let Some(line) = line.get() {
            line.publish(subject, None, body);
        }
    }
}

/// The most principals that are heard over connections of their own where anybody may be one.
const OWN_LINES: usize = 256;

/// Receives a message and returns whether it is now in flight. A sender of many messages that are refused is read more
/// slowly. It must not block, and must bound what it keeps.
pub type Take = Arc<dyn Fn(Incoming) -> bool + Send + Sync>;

/// The announced service. Dropping it withdraws it.
///
/// Each principal is heard over a connection of its own: what one of them sends waits in front of nobody else's. On a
/// server without accounts anybody may send as anybody; principals without one are heard over a connection that they
/// share.
pub struct Service {
    url: String,
    names: Namespace,
    hears: Hears,
    rest: Line,
    /// Discovery: anybody may ask as often as they like.
    discovery: Line,
    /// By principal. What comes from these is left to their own line.
    own: Arc<RwLock<HashMap<String, Line>>>,
    take: Take,
    /// Held shared while somebody new is heard apart, and alone while nobody may be.
    opening: Arc<tokio::sync::RwLock<()>>,
}

impl Service {
    /// Blocks subscriptions for new principals while the guard is held. nats-server 2.15.1 crashes if, while it reloads
    /// its accounts, a client subscribes to a subject that is imported from another account.
    pub async fn hears_nobody_new(&self) -> tokio::sync::OwnedRwLockWriteGuard<()> {
        Arc::clone(&self.opening).write_owned().await
    }

    /// Hears a principal over a connection of its own from now on; does nothing if it is heard so already.
    ///
    /// # Errors
    /// [`NatsError::Connect`] when the server does not let us in; then it is heard as before.
    pub async fn hear_apart(&self, principal: &PrincipalName) -> Result<(), NatsError> {
        {
            let own = self.own.read().unwrap_or_else(PoisonError::into_inner);
            // A principal that has no connection of its own is heard on the shared one.
            let is_full = self.hears == Hears::Anybody && own.len() >= OWN_LINES;
            if is_full || own.contains_key(principal.as_str()) {
                return Ok(());
            }
        }
        let subscribed = Subscribed::of_principal(&self.names, principal.as_str());
        let _opening = self.opening.read().await;
        let line = open(&self.url, &self.names, self.hears, subscribed, None, &self.take).await?;
        // What came to the shared line before this one was there is read there by now, and not left to this one.
        self.rest.round_trip().await?;
        // Only now: what comes meanwhile is taken twice rather than not at all, and a command is carried out once.
        self.own.write().unwrap_or_else(PoisonError::into_inner).insert(principal.to_string(), line);
        Ok(())
    }

    fn lines(&self) -> Vec<Line> {
        let own = self.own.read().unwrap_or_else(PoisonError::into_inner);
        own.values().cloned().chain([self.rest.clone(), self.discovery.clone()]).collect()
    }

    /// Takes in nothing more. What came in is still answered.
    ///
    /// # Errors
    /// [`NatsError::Bus`] when a connection broke; then nothing comes in over it any more either.
    pub async fn stop(&self) -> Result<(), NatsError> {
        self.lines().iter().for_each(Line::withdraw);
        self.flush().await
    }

    /// Waits until all answers so far have gone out.
    ///
    /// # Errors
    /// [`NatsError::Bus`] when a connection broke.
    pub async fn flush(&self) -> Result<(), NatsError> {
        let trips = self.lines().into_iter().map(|line| async move { line.round_trip().await });
        futures::future::join_all(trips).await.into_iter().collect()
    }
}

/// Whom the service hears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hears {
    /// The operator, and each principal that is named to [`Service::hear_apart`]: on a server with accounts there are
    /// no others.
    Named,
    /// Anybody: on a server without accounts.
    Anybody,
}

/// Announces the service and takes in what comes: the queue group shares it among all instances. Each command and query
/// goes to `take` at once, on the task that reads.
///
/// # Errors
/// [`NatsError::Connect`] when the server does not let us in.
pub async fn serve(url: &str, names: &Namespace, hears: Hears, take: Take) -> Result<Service, NatsError> {
    let own = Arc::new(RwLock::new(HashMap::new()));
    let rest = open(url, names, hears, Subscribed::all(names, hears), Some(Arc::clone(&own)), &take).await?;
    let discovery = open(url, names, hears, Subscribed::discovery(names), None, &take).await?;
    let opening = Arc::default();
    Ok(Service { url: url.to_owned(), names: names.clone(), hears, rest, discovery, own, take, opening })
}

async fn open(
    url: &str,
    names: &Namespace,
    hears: Hears,
    subscribed: Vec<Subscribed>,
    others: Option<Arc<RwLock<HashMap<String, Line>>>>,
    take: &Take,
) -> Result<Line, NatsError> {
    let line = Arc::new(OnceCell::new());
    let subscriptions = subscribed.iter().map(Subscribed::as_subscription).collect();
    let mut edge = Edge {
        hears,
        subscribed,
        discovery: Discovery::new(names),
        line: Arc::clone(&line),
        others,
        unread: Unread::default(),
        take: Arc::clone(take),
    };
    let hear = Box::new(move |message| edge.hear(message));
    let opened = Line::open(url, "docket-bus", subscriptions, hear).await?;
    // It is set once. What came before that went unanswered, as if it had come before the service.
    let _ = line.set(opened.clone());
    Ok(opened)
}

/// One of the subjects that the service listens to.
struct Subscribed {
    subject: String,
    /// How much of it stands before principal, kind and verb.
    skip: usize,
    /// None for the discovery of services, which each instance answers for itself.
    kind: Option<IncomingKind>,
    by_operator: bool,
    /// Who shares what comes.
    queue: Option<String>,
}

impl Subscribed {
    /// What is heard over the connection that several share.
    fn all(names: &Namespace, hears: Hears) -> Vec<Self> {
        // A queue group of its own: in that of the lines, the server would hand each message to one or the other.
        let queue = Some(format!("{}-rest", names.service()));
        let mut all = Vec::new();
        for (kind, subject) in [(IncomingKind::Command, names.commands()), (IncomingKind::Query, names.queries())] {
            let by_operator = from_user(SystemUser::Operator.user(), &subject);
            let anybody = (hears == Hears::Anybody).then_some((subject, false));
            for (subject, by_operator) in anybody.into_iter().chain([(by_operator, true)]) {
                let skip = subject.len().saturating_sub(1);
                all.push(Self { subject, skip, kind: Some(kind), by_operator, queue: queue.clone() });
            }
        }
        all
    }

    /// What each instance hears of discovery.
    fn discovery(names: &Namespace) -> Vec<Self> {
        let asked = |subject| Self { subject, skip: 0, kind: None, by_operator: false, queue: None };
        let subjects = Discovery::subjects(names);
        subjects.flat_map(|subject| [from_user("*", &subject), subject]).map(asked).collect()
    }

    /// What is heard of a principal.
    fn of_principal(names: &Namespace, principal: &str) -> Vec<Self> {
        let [commands, queries, _] = names.of_principal(principal);
        let own = |kind, subject: String, all: String| Self {
            subject,
            skip: all.len().saturating_sub(1),
            kind: Some(kind),
            by_operator: false,
            queue: Some(names.service().to_owned()),
        };
        vec![own(IncomingKind::Command, commands, names.commands()), own(IncomingKind::Query, queries, names.queries())]
    }

    fn as_subscription(&self) -> Subscription {
        Subscription { subject: self.subject.clone(), queue: self.queue.clone() }
    }
}

/// Where what others send is first read.
struct Edge {
    hears: Hears,
    subscribed: Vec<Subscribed>,
    discovery: Discovery,
    line: Arc<OnceCell<Line>>,
    /// The principals that have a line of their own, if this is the one of all others.
    others: Option<Arc<RwLock<HashMap<String, Line>>>>,
    unread: Unread,
    take: Take,
}

impl Edge {
    fn hear(&mut self, message: Message) -> Heard {
        let Some(subscribed) = self.subscribed.get(message.subscription) else { return Heard::Refused };
        let Some(kind) = subscribed.kind else {
            self.discover(&message);
            return Heard::Refused;
        };
        let by_operator = subscribed.by_operator;
        let skip = subscribed.skip;
        // A subject that is no text is nobody's: its sender gets no answer, as nobody gets one to a subject that is not
        // in the contract.
        let Ok(path) = std::str::from_utf8(message.subject.get(skip..).unwrap_or_default()) else {
            self.unread.count("its subject is not UTF-8");
            return Heard::Refused;
        };
        if !by_operator && self.is_anothers(path) {
            return Heard::Refused;
        }
        let headers = Headers::read(message.headers.as_ref()).and_then(CommandHeaders::of_sender);
        if let Err(unreadable) = &headers {
            self.unread.count(&unreadable.to_string());
        }
        let reply = message.reply.filter(|reply| {
            let is_inbox = is_inbox_of(path, self.hears, by_operator, reply);
            if !is_inbox {
                self.unread.count("its reply subject is not an inbox of its sender");
            }
            is_inbox
        });
        let reply = reply.map(|subject| Reply { subject, line: Arc::clone(&self.line) });
        let incoming = Incoming { kind, by_operator, path: path.to_owned(), headers, body: message.payload, reply };
        if (self.take)(incoming) { Heard::Taken } else { Heard::Refused }
    }

    /// Whether a line of its own hears this principal.
    fn is_anothers(&self, path: &str) -> bool {
        let principal = path.split('.').next().unwrap_or_default();
        let is_in = |others: &Arc<RwLock<HashMap<String, Line>>>| {
            others.read().unwrap_or_else(PoisonError::into_inner).contains_key(principal)
        };
        self.others.as_ref().is_some_and(is_in)
    }

    fn discover(&mut self, message: &Message) {
        let Some((user, question)) = std::str::from_utf8(&message.subject).ok().and_then(Discovery::asked) else {
            return self.unread.count("its subject is not UTF-8");
        };
        let is_inbox =
            |reply: &Bytes| user.map_or(reply.starts_with(b"_INBOX"), |user| is_below(&inbox_prefix(user), reply));
        let is_operator = user == Some(SystemUser::Operator.user());
        let is_shared = |reply: &Bytes| (is_operator || self.hears == Hears::Anybody) && is_below("_INBOX", reply);
        let Some(reply) = message.reply.clone().filter(|reply| is_inbox(reply) || is_shared(reply)) else {
            return self.unread.count("its reply subject is not an inbox of its sender");
        };
        if let (Some(answer), Some(line)) = (self.discovery.answer(question), self.line.get()) {
            line.publish(reply, None, answer);
        }
    }
}

/// Whether a subject is below a prefix.
fn is_below(prefix: &str, subject: &[u8]) -> bool {
    subject.strip_prefix(prefix.as_bytes()).is_some_and(|rest| rest.starts_with(b"."))
}

/// Whether an answer may go there. A reply subject is its sender's choice, and the answer goes out with our rights: it
/// must not reach anybody who did not ask.
fn is_inbox_of(path: &str, hears: Hears, by_operator: bool, reply: &[u8]) -> bool {
    let principal = path.split('.').next().unwrap_or_default();
    let user = match (by_operator, principal) {
        (true, _) => SystemUser::Operator.user(),
        (false, PrincipalName::SYSTEM) => SystemUser::Timers.user(),
        (false, principal) => principal,
    };
    // `_INBOX.` is the operator's alone; and everybody's on a server without accounts, where nothing is kept apart.
    let is_shared = by_operator || hears == Hears::Anybody;
    (is_shared && is_below("_INBOX", reply)) || is_below(&inbox_prefix(user), reply)
}

#[cfg(test)]
mod tests {
    use super::{Hears, is_inbox_of};

    #[test]
    fn an_answer_goes_to_an_inbox_of_its_sender_only() {
        for (path, by_operator, reply, expected) in [
            ("webshop.case.note", false, "_INBOX_webshop.1", true),
            ("webshop.case.note", false, "_INBOX.1", false),
            ("webshop.case.note", false, "_INBOX_desk.1", false),
            ("webshop.case.note", false, "_INBOX_webshop2.1", false),
            ("webshop.case.note", false, "_INBOX_docket-operator.1", false),
            ("webshop.case.note", true, "_INBOX_docket-operator.1", true),
            ("webshop.case.note", true, "_INBOX.1", true),
            ("webshop.case.note", true, "_INBOX_webshop.1", false),
            ("docket.case.tick", false, "_INBOX_docket-timers.1", true),
            ("docket.case.tick", true, "_INBOX_docket-timers.1", false),
            ("webshop.case.note", false, "docket.outcome.desk.1", false),
            ("webshop.case.note", false, "docket.log.case.1", false),
            ("webshop.case.note", false, "$JS.API.STREAM.DELETE.DOCKET_LOG", false),
        ] {
            assert_eq!(is_inbox_of(path, Hears::Named, by_operator, reply.as_bytes()), expected, "{path} {reply}");
        }
        assert!(is_inbox_of("webshop.case.note", Hears::Anybody, false, b"_INBOX.1"), "nothing is kept apart there");
    }
}
