//! Who may do what on the server: accounts for `nats-server`, and the users in them.
//!
//! **Every user has an account of its own**, and the streams are in that of the command service. Permissions alone
//! would not do: they do not cover the reply subject that a requester names. The service that answers publishes there
//! with its own rights, and the server itself writes the acknowledgement of a stream, or a stored message, there.
//! Between accounts, a reply goes back to the account of the requester; so what a user names as its reply subject can
//! reach nobody else.
//!
//! What crosses accounts is a list ([`crossings`](Access::crossings)). Commands, queries and their answers cross as
//! *streams*, which cost the server nothing beside the message; requests to `JetStream` cross as *services*.
//!
//! Everything is an allow-list; what is not named is refused.

mod api;
mod render;
mod rights;
mod users;

use docket_messages::PrincipalName;

use crate::Namespace;

pub use self::users::SystemUser;

/// The principal that may read the log and its seals, and nothing else.
const AUDITOR: &str = "auditor";
/// How Docket's own users are called, so that no principal is taken for one.
const OWN: &str = "docket-";
/// Before a subject, with a user: who published it, as the server vouches, where the subject does not say.
const FROM: &str = "from";

/// All requests to `JetStream`.
const API: &str = "$JS.API.>";

/// The most connections of a principal. Each costs the server some 50 KiB.
const CONNECTIONS: u32 = 128;
/// The most subscriptions of each connection of a principal. Each costs the server some 500 bytes.
const SUBSCRIPTIONS: u32 = 512;

/// The account of the streams on the private server that a restore starts to put them back: with one user, who may do
/// anything. No server that runs a desk has such a user.
#[must_use]
pub fn for_restoring(user: &str, password: &str) -> String {
    let account = SystemUser::Command.account();
    format!(
        "accounts {{\n  {account} {{ jetstream: enabled, users: [{{ user: \"{user}\", password: \"{password}\" }}] }}\n}}\n"
    )
}

/// Whether a principal can have a user: its name is not one that Docket keeps for its own.
#[must_use]
pub fn is_free(principal: &PrincipalName) -> bool {
    !principal.as_str().starts_with(OWN) && principal.as_str() != PrincipalName::SYSTEM
}

/// Where the replies to a user come.
#[must_use]
pub(crate) fn inbox_prefix(user: &str) -> String {
    format!("_INBOX_{user}")
}

/// A subject that a user published, as the command service hears it where the subject itself does not say whose it is:
/// the operator speaks in anybody's name, and everybody asks for services on the same subjects.
#[must_use]
pub(crate) fn from_user(user: &str, subject: &str) -> String {
    format!("{FROM}.{user}.{subject}")
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
    /// Of what it may publish to, what it may not.
    except: Vec<String>,
    subscribe: Vec<String>,
}

/// How a subject crosses from one account into another.
#[derive(Clone, PartialEq, Eq)]
enum Kind {
    /// What is published in the one is heard in the other, where the subject may have a prefix.
    Stream(Option<String>),
    /// A request in the other is answered in the one, once.
    Service,
    /// The same with any number of answers.
    StreamedService,
}

/// A subject that one account exports and another imports. For a service, the account that exports is the one that
/// answers.
struct Crossing {
    kind: Kind,
    /// What is exported.
    export: String,
    /// What is imported of it.
    import: String,
    /// What that is called where it is imported, if not the same.
    called: Option<String>,
    from: String,
    into: String,
}

impl Access<'_> {
    /// Writes the accounts as `nats-server` reads them.
    #[must_use]
    pub fn render(&self) -> String {
        let mut accounts = render::Accounts::new(self.crossings());
        for system_user in SystemUser::ALL {
            let settings = if system_user == SystemUser::Command { "jetstream: enabled" } else { "" };
            accounts.add(&system_user.account(), settings, system_user.user(), self.hash, self.rights_of(system_user));
        }
        let limits = format!("limits {{ max_connections: {CONNECTIONS}, max_subscriptions: {SUBSCRIPTIONS} }}");
        for principal in self.principals {
            let (name, rights) = (principal.as_str(), self.rights_of_principal(principal.as_str()));
            accounts.add(&account_of(name), &limits, name, self.hash, rights);
        }
        for user in self.apart {
            accounts.add_apart(user, self.hash);
        }
        accounts.finish()
    }

    /// Everything that crosses accounts.
    fn crossings(&self) -> Vec<Crossing> {
        let names = self.names;
        let mut crossings = Vec::new();
        for principal in self.principals.iter().map(PrincipalName::as_str) {
            if principal == AUDITOR {
                crossings.extend(self.reading(&account_of(AUDITOR), AUDITOR));
                crossings.push(self.to_sealer(&account_of(AUDITOR)));
                continue;
            }
            let account = account_of(principal);
            let [commands, queries, submissions] = names.of_principal(principal);
            crossings.extend([commands, queries].map(|subject| to_bus(&account, subject, None)));
            crossings.extend(discovery(names).map(|subject| to_bus(&account, subject, Some(principal))));
            crossings.push(from_bus(&account, principal));
            crossings.push(service(names.submissions(), submissions, &account));
            let outcomes = names.outcome(principal, "*");
            crossings.push(api(self.stored_outcome(&outcomes), &account));
            crossings.push(from_streams(names.outcomes(), outcomes, &account));
        }
        crossings.extend(SystemUser::ALL.into_iter().flat_map(|system_user| self.crossings_of(system_user)));
        crossings
    }

    /// What an account asks the sealer.
    fn to_sealer(&self, account: &str) -> Crossing {
        let asked = self.names.sealer();
        Crossing { from: SystemUser::Sealer.account(), ..service(asked.clone(), asked, account) }
    }

    /// What it takes to read the log: requests to `JetStream`, and what a consumer delivers.
    fn reading(&self, account: &str, user: &str) -> Vec<Crossing> {
        let keeping_up = format!("$JS.FC.{}.>", self.names.log_stream());
        // The whole API, since it takes the place of the one that every account has of itself, and that would answer as
        // well. The rights of the user say how much of it is open.
        let delivered = inbox_prefix(user) + ".>";
        vec![
            api(API.to_owned(), account),
            service(keeping_up.clone(), keeping_up, account),
            from_streams(delivered.clone(), delivered, account),
        ]
    }
}

/// The account of a principal, which is nobody else's: no account of Docket's own has such a name.
fn account_of(principal: &str) -> String {
    format!("principal-{principal}")
}

/// How somebody learns whether the service is there, and who answers.
fn discovery(names: &Namespace) -> [String; 2] {
    ["PING", "INFO"].map(|what| format!("$SRV.{what}.{}", names.service()))
}

fn stream(from: &str, into: &str, subject: String) -> Crossing {
    let (from, into) = (from.to_owned(), into.to_owned());
    Crossing { kind: Kind::Stream(None), export: subject.clone(), import: subject, called: None, from, into }
}

/// What an account asks the command service; with its user where the subject does not say who asks.
fn to_bus(account: &str, subject: String, user: Option<&str>) -> Crossing {
    let prefix = user.map(|user| format!("{FROM}.{user}"));
    Crossing { kind: Kind::Stream(prefix), ..stream(account, &SystemUser::Bus.account(), subject) }
}

/// What the command service answers to an account.
fn from_bus(account: &str, user: &str) -> Crossing {
    stream(&SystemUser::Bus.account(), account, inbox(user))
}

/// What an account hears of a stream.
fn from_streams(export: String, import: String, account: &str) -> Crossing {
    Crossing { import, ..stream(&SystemUser::Command.account(), account, export) }
}

/// What an account asks of a stream, or publishes to it.
fn service(export: String, import: String, account: &str) -> Crossing {
    Crossing { kind: Kind::Service, ..from_streams(export, import, account) }
}

/// What an account may ask `JetStream`. The server looks for one export that covers an import, whichever it finds
/// first; so there is one for all.
fn api(import: String, account: &str) -> Crossing {
    Crossing { kind: Kind::StreamedService, ..service(API.to_owned(), import, account) }
}

/// Where a user's replies come to.
fn inbox(user: &str) -> String {
    inbox_prefix(user) + ".>"
}
