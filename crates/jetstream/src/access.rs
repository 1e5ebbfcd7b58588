//! Who may do what on the server: accounts for `nats-server`, and the users in them.
//!
//! The streams are in one account, the principals in another. Permissions alone would not do: they do not cover the
//! reply subject that a requester names. Whoever answers publishes there with its own rights, and the server itself
//! writes the acknowledgement of a stream there; so in the account of the streams, anybody who may ask for anything
//! could write into the log. Between accounts, a reply goes to the account of the requester and nowhere else; and in the
//! account of the principals, the one that answers may publish to their inboxes only.
//!
//! Everything is an allow-list; what is not named is refused.

use std::fmt::Write as _;

use docket_messages::PrincipalName;

use crate::Namespace;

/// The account of the streams.
const STREAMS: &str = "DOCKET";
/// The account of the principals, and of the command service where it hears and answers them.
const PRINCIPALS: &str = "PRINCIPALS";
/// The account of the principal that may read the log, and nothing else.
const AUDITORS: &str = "AUDITORS";
/// The principal in it.
const AUDITOR: &str = "auditor";
/// How Docket's own users are called, so that no principal is taken for one.
const OWN: &str = "docket-";
/// What a service publishes to when the request came from another account.
const REPLIES_ACROSS: &str = "_R_.>";

/// A user of Docket's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Insider {
    /// The command service on the side of the streams: the only one that may write the log.
    Command,
    /// The command service on the side of the principals: hears them and answers them.
    Bus,
    /// The projection: reads the log.
    Projection,
    /// The timers: read the log, and schedule.
    Timers,
    /// The person who runs Docket: looks at everything and sends commands as anybody, but writes no stream.
    Operator,
}

impl Insider {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Command, Self::Bus, Self::Projection, Self::Timers, Self::Operator];

    /// The name of the user.
    #[must_use]
    pub fn user(self) -> &'static str {
        match self {
            Self::Command => "docket-command",
            Self::Bus => "docket-bus",
            Self::Projection => "docket-projection",
            Self::Timers => "docket-timers",
            Self::Operator => "docket-operator",
        }
    }
}

/// Whether a principal can have a user: its name is not one that Docket keeps for its own.
#[must_use]
pub fn is_free(principal: &PrincipalName) -> bool {
    !principal.as_str().starts_with(OWN) && principal.as_str() != PrincipalName::SYSTEM
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
#[derive(Default)]
struct Rights {
    publish: Vec<String>,
    subscribe: Vec<String>,
}

/// A way from one account into another: what the one exports and the other imports.
struct Way {
    kind: &'static str,
    subject: String,
    from: &'static str,
    into: &'static str,
    /// Whether a request may have several answers.
    is_streamed: bool,
}

impl Access<'_> {
    /// Writes the accounts as `nats-server` reads them.
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = String::from("accounts {\n");
        let own = |insider: Insider| (insider.user().to_owned(), self.rights_of(insider));
        let streams = [Insider::Command, Insider::Projection, Insider::Timers, Insider::Operator].map(own);
        self.account(&mut text, STREAMS, "jetstream: enabled", streams);
        let (auditors, others): (Vec<_>, Vec<_>) = self.principals.iter().partition(|name| name.as_str() == AUDITOR);
        let others = others.into_iter().map(|name| (name.to_string(), self.rights_of_principal(name.as_str())));
        self.account(&mut text, PRINCIPALS, "", std::iter::once(own(Insider::Bus)).chain(others));
        let auditors = auditors.into_iter().map(|name| (name.to_string(), self.rights_of_auditor()));
        self.account(&mut text, AUDITORS, "", auditors);
        for user in self.apart {
            let (name, password) = (quoted(user), quoted(&(self.hash)(user)));
            let _ = writeln!(
                text,
                "  {name} {{\n    jetstream: enabled\n    users: [ {{ user: {name}, password: {password} }} ]\n  }}"
            );
        }
        text.push_str("}\n");
        text
    }

    fn account(
        &self,
        text: &mut String,
        account: &'static str,
        settings: &str,
        users: impl IntoIterator<Item = (String, Rights)>,
    ) {
        let _ = writeln!(text, "  {account} {{\n    {settings}\n    users: [");
        for (user, rights) in users {
            let (name, password) = (quoted(&user), quoted(&(self.hash)(&user)));
            let (publish, subscribe) = (list(rights.publish), list(rights.subscribe));
            let _ = writeln!(text, "      {{\n        user: {name}, password: {password}");
            let _ = writeln!(text, "        permissions: {{\n          publish: {{ allow: {publish} }}");
            let _ = writeln!(text, "          subscribe: {{ allow: {subscribe} }}\n        }}\n      }}");
        }
        text.push_str("    ]\n    exports: [\n");
        for Way { kind, subject, into, is_streamed, .. } in self.ways().iter().filter(|way| way.from == account) {
            let (subject, response) = (quoted(subject), if *is_streamed { ", response: stream" } else { "" });
            let _ = writeln!(text, "      {{ {kind}: {subject}{response}, accounts: [{into}] }}");
        }
        text.push_str("    ]\n    imports: [\n");
        for Way { kind, subject, from, .. } in self.ways().iter().filter(|way| way.into == account) {
            let subject = quoted(subject);
            let _ = writeln!(text, "      {{ {kind}: {{ account: {from}, subject: {subject} }} }}");
        }
        text.push_str("    ]\n  }\n");
    }

    fn ways(&self) -> Vec<Way> {
        let names = self.names;
        let service = |subject: String, from, into| Way { kind: "service", subject, from, into, is_streamed: false };
        let several = |subject, from, into| Way { is_streamed: true, ..service(subject, from, into) };
        vec![
            // The timers and the operator send as others do.
            service(names.commands(), PRINCIPALS, STREAMS),
            service(names.queries(), PRINCIPALS, STREAMS),
            several("$SRV.>".to_owned(), PRINCIPALS, STREAMS),
            service(names.submissions(), STREAMS, PRINCIPALS),
            Way { kind: "stream", ..service(names.outcomes(), STREAMS, PRINCIPALS) },
            service(self.stored_outcome(&names.outcomes()), STREAMS, PRINCIPALS),
            // The whole API, since it takes the place of the one that every account has of itself, and that would
            // answer as well. The rights of the auditor say how much of it is open.
            several("$JS.API.>".to_owned(), STREAMS, AUDITORS),
        ]
    }

    fn stored_outcome(&self, outcome: &str) -> String {
        format!("$JS.API.DIRECT.GET.{}.{outcome}", self.names.outcome_stream())
    }

    fn rights_of_principal(&self, name: &str) -> Rights {
        let names = self.names;
        let outcomes = names.outcome(name, "*");
        let mut publish = names.of_principal(name).to_vec();
        publish.push(self.stored_outcome(&outcomes));
        // Whether somebody is there, and who.
        publish.extend(["PING", "INFO"].map(|what| format!("$SRV.{what}.{}", names.service())));
        Rights { publish, subscribe: vec![inbox(name), outcomes] }
    }

    fn rights_of_auditor(&self) -> Rights {
        let log = self.names.log_stream();
        let mut publish = single(&log);
        publish.push(format!("$JS.API.STREAM.INFO.{log}"));
        Rights { publish, subscribe: vec![inbox(AUDITOR)] }
    }

    fn rights_of(&self, insider: Insider) -> Rights {
        let names = self.names;
        let (log, timers, waiting, outcomes) =
            (names.log_stream(), names.timer_stream(), names.inbox_stream(), names.outcome_stream());
        let own = inbox(insider.user());
        // To itself, to see whether the server has taken in what went before.
        let mut rights = Rights { publish: vec![own.clone()], subscribe: vec![own] };
        let publish = &mut rights.publish;
        match insider {
            Insider::Command => {
                publish.extend([names.log_subjects(), names.outcomes()]);
                for stream in [&log, &timers, &waiting, &outcomes] {
                    publish.push(format!("$JS.API.STREAM.INFO.{stream}"));
                    publish.push(format!("$JS.API.STREAM.CREATE.{stream}"));
                }
                publish.extend(following(&log));
                publish.extend(single(&log));
                publish.extend(consuming(&waiting));
                publish.push(format!("$JS.API.CONSUMER.RESET.{waiting}.*"));
                // What cannot be handed out is looked at and taken out by its place.
                publish.extend(["GET", "DELETE"].map(|what| format!("$JS.API.STREAM.MSG.{what}.{waiting}")));
            }
            Insider::Bus => {
                publish.push(REPLIES_ACROSS.to_owned());
                publish.extend(self.principals.iter().map(|name| inbox(name.as_str())));
                rights.subscribe.extend([names.commands(), names.queries(), "$SRV.>".to_owned()]);
            }
            Insider::Projection => {
                publish.push(format!("$JS.API.STREAM.INFO.{log}"));
                publish.extend(following(&log));
            }
            Insider::Timers => {
                publish.extend([names.timers(), names.command(PrincipalName::SYSTEM, "case", "tick")]);
                publish.extend([&log, &timers].map(|stream| format!("$JS.API.STREAM.INFO.{stream}")));
                publish.extend(following(&log));
                publish.extend(consuming(&timers));
            }
            Insider::Operator => {
                publish.extend([names.commands(), names.queries(), names.submissions(), "$SRV.>".to_owned()]);
                publish.extend(["$JS.API.INFO", "$JS.API.STREAM.NAMES", "$JS.API.STREAM.LIST"].map(str::to_owned));
                for stream in [&log, &timers, &waiting, &outcomes] {
                    publish.push(format!("$JS.API.STREAM.INFO.{stream}"));
                    publish.push(format!("$JS.API.CONSUMER.NAMES.{stream}"));
                    publish.push(format!("$JS.API.CONSUMER.LIST.{stream}"));
                }
                for stream in [&log, &outcomes] {
                    publish.extend(following(stream));
                    publish.extend(single(stream));
                }
                // A stock client's inboxes, and those of whom it sends as.
                rights.subscribe.extend(["_INBOX.>".to_owned(), names.outcomes()]);
                rights.subscribe.extend(self.principals.iter().map(|name| inbox(name.as_str())));
            }
        }
        rights
    }
}

/// Where a user's replies come to.
fn inbox(user: &str) -> String {
    format!("_INBOX_{user}.>")
}

/// Reading single messages of a stream.
fn single(stream: &str) -> Vec<String> {
    let api = |what: &str| format!("$JS.API.{what}.{stream}");
    vec![api("STREAM.MSG.GET"), api("DIRECT.GET"), api("DIRECT.GET") + ".>"]
}

/// Following a stream with an ordered consumer.
fn following(stream: &str) -> Vec<String> {
    let below = ["CREATE", "INFO", "MSG.NEXT", "DELETE"].map(|what| format!("$JS.API.CONSUMER.{what}.{stream}.>"));
    // A consumer without a name of its own; and that the follower keeps up, which the server waits to hear.
    let more = [format!("$JS.API.CONSUMER.CREATE.{stream}"), format!("$JS.FC.{stream}.>")];
    below.into_iter().chain(more).collect()
}

/// Taking messages from a stream, one by one.
fn consuming(stream: &str) -> Vec<String> {
    let mut rights = following(stream);
    rights.push(format!("$JS.API.CONSUMER.DURABLE.CREATE.{stream}.>"));
    rights.push(format!("$JS.ACK.{stream}.>"));
    rights
}

fn list(subjects: Vec<String>) -> String {
    let subjects: Vec<String> = subjects.iter().map(|subject| format!("            {},\n", quoted(subject))).collect();
    format!("[\n{}          ]", subjects.concat())
}

/// Names and subjects hold no quotes and no backslashes; a hash holds `$`, which only quotes keep.
fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}
