//! Who may do what on the server: a configuration for `nats-server` with an account for Docket and one for each
//! principal.
//!
//! Accounts, because a permission does not cover the reply subject that a requester names: whoever answers publishes
//! there with its own rights. Within one account a principal could name a subject of the log, and the server itself
//! would write its acknowledgement into it. Between accounts a reply comes back to the account of the requester and
//! nowhere else.
//!
//! Everything is an allow-list; what is not named is refused.

use std::fmt::Write as _;

use docket_messages::PrincipalName;

use crate::Namespace;

/// The account that the streams belong to.
const ACCOUNT: &str = "DOCKET";
/// The principal that may read the log, and nothing else.
const AUDITOR: &str = "auditor";
/// What Docket's own users are called, so that no principal is taken for one.
const OWN: &str = "docket-";

/// A user of Docket's own account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Insider {
    /// The command service: the only one that may write the log.
    Command,
    /// The projection: reads the log.
    Projection,
    /// The timers: read the log, and schedule.
    Timers,
    /// The person who runs Docket: looks at everything and sends commands as anybody, but writes no stream.
    Operator,
}

impl Insider {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Command, Self::Projection, Self::Timers, Self::Operator];

    /// The name of the user.
    #[must_use]
    pub fn user(self) -> &'static str {
        match self {
            Self::Command => "docket-command",
            Self::Projection => "docket-projection",
            Self::Timers => "docket-timers",
            Self::Operator => "docket-operator",
        }
    }
}

/// Whether a principal can have a user: its name is not one that Docket keeps for its own.
#[must_use]
pub fn is_free(principal: &PrincipalName) -> bool {
    let name = principal.as_str();
    !name.starts_with(OWN) && name != PrincipalName::SYSTEM && name != ACCOUNT
}

/// The accounts of a server.
pub struct Access<'a> {
    /// The names of subjects and streams.
    pub names: &'a Namespace,
    /// The principals; see [`is_free`].
    pub principals: &'a [PrincipalName],
    /// Users with an account apart, with streams of its own, where they may do anything: for measuring the server.
    pub apart: &'a [&'a str],
    /// Gives the bcrypt hash of a user's password.
    pub hash: &'a dyn Fn(&str) -> String,
}

/// What a user may publish and hear.
struct Rights {
    publish: Vec<String>,
    subscribe: Vec<String>,
}

/// A way from the account of a principal into Docket's.
enum Way {
    /// Requests, each answered once.
    Service(String),
    /// Requests that several may answer.
    Several(String),
    /// The API of the streams, whose answers may be several. Whole, since it takes the place of the one that every
    /// account has of itself, and that would answer as well; the rights of the user say how much of it is open.
    Api,
    /// Messages that come by themselves.
    Stream(String),
}

impl Way {
    /// The kind of export, and its subject.
    fn kind(&self) -> (&'static str, &str) {
        match self {
            Self::Service(subject) | Self::Several(subject) => ("service", subject),
            Self::Api => ("service", "$JS.API.>"),
            Self::Stream(subject) => ("stream", subject),
        }
    }
}

impl Access<'_> {
    /// Writes the accounts as `nats-server` reads them.
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = String::from("accounts {\n");
        self.own_account(&mut text);
        for principal in self.principals {
            self.account_of(&mut text, principal);
        }
        for user in self.apart {
            let (name, password) = (quoted(user), quoted(&(self.hash)(user)));
            let users = format!("[ {{ user: {name}, password: {password} }} ]");
            let _ = writeln!(text, "  {name} {{ jetstream: enabled, users: {users} }}");
        }
        text.push_str("}\n");
        text
    }

    fn own_account(&self, text: &mut String) {
        let _ = writeln!(text, "  {ACCOUNT} {{\n    jetstream: enabled\n    users: [");
        for insider in Insider::ALL {
            self.user(text, insider.user(), &self.rights_of(insider));
        }
        text.push_str("    ]\n    exports: [\n");
        for principal in self.principals {
            let account = quoted(principal.as_str());
            for way in self.ways_of(principal) {
                let (kind, subject) = way.kind();
                let response = if matches!(way, Way::Api | Way::Several(_)) { ", response: stream" } else { "" };
                let subject = quoted(subject);
                let _ = writeln!(text, "      {{ {kind}: {subject}{response}, accounts: [{account}] }}");
            }
        }
        text.push_str("    ]\n  }\n");
    }

    fn account_of(&self, text: &mut String, principal: &PrincipalName) {
        let name = principal.as_str();
        let mut rights = Rights { publish: Vec::new(), subscribe: vec![format!("_INBOX_{name}.>")] };
        let mut imports = String::new();
        for way in self.ways_of(principal) {
            let (kind, subject) = way.kind();
            match &way {
                Way::Service(subject) | Way::Several(subject) => rights.publish.push(subject.clone()),
                Way::Stream(subject) => rights.subscribe.push(subject.clone()),
                Way::Api => rights.publish.extend(auditing(&self.names.log_stream())),
            }
            let subject = quoted(subject);
            let _ = writeln!(imports, "      {{ {kind}: {{ account: {ACCOUNT}, subject: {subject} }} }}");
        }
        let _ = writeln!(text, "  {} {{\n    users: [", quoted(name));
        self.user(text, name, &rights);
        let _ = writeln!(text, "    ]\n    imports: [\n{imports}    ]\n  }}");
    }

    fn ways_of(&self, principal: &PrincipalName) -> Vec<Way> {
        let (names, name) = (self.names, principal.as_str());
        if name == AUDITOR {
            return vec![Way::Api];
        }
        let mut ways: Vec<Way> = names.of_principal(name).into_iter().map(Way::Service).collect();
        ways.push(Way::Stream(names.outcome(name, "*")));
        ways.push(Way::Service(format!("$JS.API.DIRECT.GET.{}.{}", names.outcome_stream(), names.outcome(name, "*"))));
        // Whether somebody is there, and who.
        ways.extend(["PING", "INFO"].map(|what| Way::Several(format!("$SRV.{what}.{}", names.service()))));
        ways
    }

    fn rights_of(&self, insider: Insider) -> Rights {
        let names = self.names;
        let (log, timers, inbox, outcomes) =
            (names.log_stream(), names.timer_stream(), names.inbox_stream(), names.outcome_stream());
        let mut subscribe = vec![format!("_INBOX_{}.>", insider.user())];
        let mut publish = match insider {
            Insider::Command => {
                subscribe.extend([names.commands(), names.queries(), "$SRV.>".to_owned()]);
                let mut publish = vec![names.log_subjects(), names.outcomes(), "_R_.>".to_owned()];
                // Replies within the account: to the timers, and to the operator, as whoever they send.
                publish.extend(self.inboxes_of_operator());
                publish.push(format!("_INBOX_{}.>", Insider::Timers.user()));
                for stream in [&log, &timers, &inbox, &outcomes] {
                    publish.push(format!("$JS.API.STREAM.INFO.{stream}"));
                    publish.push(format!("$JS.API.STREAM.CREATE.{stream}"));
                }
                publish.extend(reading(&log));
                publish.extend(consuming(&inbox));
                publish
            }
            Insider::Projection => {
                let mut publish = vec![format!("$JS.API.STREAM.INFO.{log}")];
                publish.extend(following(&log));
                publish
            }
            Insider::Timers => {
                let mut publish = vec![names.timers(), names.command(PrincipalName::SYSTEM, "case", "tick")];
                publish.extend([&log, &timers].map(|stream| format!("$JS.API.STREAM.INFO.{stream}")));
                publish.extend(following(&log));
                publish.extend(consuming(&timers));
                publish
            }
            Insider::Operator => {
                subscribe.extend(self.inboxes_of_operator());
                subscribe.push(names.outcomes());
                let mut publish = vec![names.commands(), names.queries(), names.submissions(), "$SRV.>".to_owned()];
                publish.extend(["$JS.API.INFO", "$JS.API.STREAM.NAMES", "$JS.API.STREAM.LIST"].map(str::to_owned));
                for stream in [&log, &timers, &inbox, &outcomes] {
                    publish.push(format!("$JS.API.STREAM.INFO.{stream}"));
                    publish.push(format!("$JS.API.CONSUMER.NAMES.{stream}"));
                    publish.push(format!("$JS.API.CONSUMER.LIST.{stream}"));
                }
                publish.extend(reading(&log));
                publish.extend(reading(&outcomes));
                publish
            }
        };
        // To itself, to see whether the server has taken in what went before.
        publish.push(format!("_INBOX_{}.>", insider.user()));
        Rights { publish: sorted(publish), subscribe: sorted(subscribe) }
    }

    /// The operator may use a stock client's inboxes, and those of whom it sends as.
    fn inboxes_of_operator(&self) -> Vec<String> {
        let own = ["_INBOX.>".to_owned(), format!("_INBOX_{}.>", Insider::Operator.user())];
        own.into_iter().chain(self.principals.iter().map(|name| format!("_INBOX_{name}.>"))).collect()
    }

    fn user(&self, text: &mut String, name: &str, rights: &Rights) {
        let password = quoted(&(self.hash)(name));
        let _ = writeln!(
            text,
            "      {{ user: {}, password: {password}, permissions: {{\n        publish: {{ allow: {} }}\n        \
             subscribe: {{ allow: {} }} }} }}",
            quoted(name),
            list(&rights.publish),
            list(&rights.subscribe)
        );
    }
}

/// Reading single messages of a stream, and what it is.
fn auditing(stream: &str) -> Vec<String> {
    let mut rights = single(stream);
    rights.push(format!("$JS.API.STREAM.INFO.{stream}"));
    rights
}

fn single(stream: &str) -> Vec<String> {
    let api = |what: &str| format!("$JS.API.{what}.{stream}");
    vec![api("STREAM.MSG.GET"), api("DIRECT.GET"), api("DIRECT.GET") + ".>"]
}

/// Following a stream with an ordered consumer.
fn following(stream: &str) -> Vec<String> {
    let below = ["CREATE", "INFO", "MSG.NEXT", "DELETE"].map(|what| format!("$JS.API.CONSUMER.{what}.{stream}.>"));
    // A consumer without a name of its own.
    below.into_iter().chain([format!("$JS.API.CONSUMER.CREATE.{stream}")]).collect()
}

/// Following a stream, and reading single messages of it.
fn reading(stream: &str) -> Vec<String> {
    let mut rights = following(stream);
    rights.extend(single(stream));
    rights
}

/// Taking messages from a stream, one by one.
fn consuming(stream: &str) -> Vec<String> {
    let mut rights = following(stream);
    rights.push(format!("$JS.API.CONSUMER.DURABLE.CREATE.{stream}.>"));
    rights.push(format!("$JS.ACK.{stream}.>"));
    rights
}

fn sorted(mut subjects: Vec<String>) -> Vec<String> {
    subjects.sort();
    subjects.dedup();
    subjects
}

fn list(subjects: &[String]) -> String {
    let subjects: Vec<String> = subjects.iter().map(|subject| quoted(subject)).collect();
    format!("[{}]", subjects.join(", "))
}

/// Names and subjects hold no quotes and no backslashes; a hash holds `$`, which only quotes keep.
fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}
