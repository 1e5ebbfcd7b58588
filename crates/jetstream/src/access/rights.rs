//! What each user may publish to and hear.

use docket_messages::PrincipalName;

use super::{AUDITOR, Access, Rights, SystemUser, discovery, from_user, inbox_prefix};
use crate::timers::TICKER;

impl Access<'_> {
    pub(super) fn stored_outcome(&self, outcome: &str) -> String {
        format!("$JS.API.DIRECT.GET.{}.{outcome}", self.names.outcome_stream())
    }

    pub(super) fn rights_of_principal(&self, name: &str) -> Rights {
        if name == AUDITOR {
            return self.rights_of_auditor();
        }
        let names = self.names;
        let outcomes = names.outcome(name, "*");
        let mut publish = names.of_principal(name).to_vec();
        publish.push(self.stored_outcome(&outcomes));
        publish.extend(discovery(names));
        Rights { publish, except: vec![names.submissions_by_operator(name)], subscribe: vec![inbox(name), outcomes] }
    }

    fn rights_of_auditor(&self) -> Rights {
        let log = self.names.log_stream();
        let mut publish = [following(&log), single(&log)].concat();
        publish.push(format!("$JS.API.STREAM.INFO.{log}"));
        // To itself, to see whether the server has taken in what went before.
        publish.push(inbox(AUDITOR));
        Rights { publish, subscribe: vec![inbox(AUDITOR)], ..Rights::default() }
    }

    pub(super) fn rights_of(&self, system_user: SystemUser) -> Rights {
        let own = inbox(system_user.user());
        // To itself, to see whether the server has taken in what went before.
        let mut rights = Rights { publish: vec![own.clone()], subscribe: vec![own], ..Rights::default() };
        match system_user {
            SystemUser::Command => self.add_rights_of_command(&mut rights),
            SystemUser::Bus => self.add_rights_of_bus(&mut rights),
            SystemUser::Projection => self.add_rights_of_projection(&mut rights),
            SystemUser::Timers => self.add_rights_of_timers(&mut rights),
            SystemUser::Operator => self.add_rights_of_operator(&mut rights),
        }
        rights
    }

    fn add_rights_of_command(&self, rights: &mut Rights) {
        let names = self.names;
        let (log, timers, waiting, outcomes) =
            (names.log_stream(), names.timer_stream(), names.inbox_stream(), names.outcome_stream());
        let publish = &mut rights.publish;
        publish.extend([names.log_subjects(), names.outcomes()]);
        for stream in [&log, &timers, &waiting, &outcomes] {
            publish.push(format!("$JS.API.STREAM.INFO.{stream}"));
            publish.push(format!("$JS.API.STREAM.CREATE.{stream}"));
        }
        publish.extend(following(&log));
        publish.extend(single(&log));
        publish.extend(consuming(&waiting));
        // Whoever may have a stream copied may have the copy delivered to any subject of this account, the log
        // included; so nobody else may.
        publish.extend([&log, &waiting, &outcomes].into_iter().flat_map(|stream| copying(stream)));
        publish.push(format!("$JS.API.CONSUMER.RESET.{waiting}.*"));
        // An inbox of an earlier version is given its source.
        publish.push(format!("$JS.API.STREAM.UPDATE.{waiting}"));
        // What cannot be handed out is looked at and taken out by its place.
        publish.extend(["GET", "DELETE"].map(|what| format!("$JS.API.STREAM.MSG.{what}.{waiting}")));
        // Who may make a consumer may have it deliver to any subject of this account; so nobody else may.
        publish.push(format!("$JS.API.CONSUMER.DURABLE.CREATE.{timers}.{TICKER}"));
        publish.push(format!("$JS.API.CONSUMER.CREATE.{timers}.{TICKER}.>"));
    }

    fn add_rights_of_bus(&self, rights: &mut Rights) {
        let names = self.names;
        let publish = &mut rights.publish;
        publish.extend(self.principals.iter().map(|name| inbox(name.as_str())));
        publish.extend([SystemUser::Timers, SystemUser::Operator].map(|asker| inbox(asker.user())));
        publish.push("_INBOX.>".to_owned());
        let asked = [names.commands(), names.queries()];
        let by_operator = asked.clone().map(|subject| from_user(SystemUser::Operator.user(), &subject));
        rights.subscribe.extend(asked.into_iter().chain(by_operator));
        rights.subscribe.extend(["$SRV.>".to_owned(), from_user("*", "$SRV.>")]);
    }

    fn add_rights_of_projection(&self, rights: &mut Rights) {
        let names = self.names;
        let log = names.log_stream();
        let publish = &mut rights.publish;
        publish.push(format!("$JS.API.STREAM.INFO.{log}"));
        publish.extend(following(&log));
        // Whether it is still the log that the tables were made from.
        publish.push(format!("$JS.API.DIRECT.GET.{log}"));
    }

    fn add_rights_of_timers(&self, rights: &mut Rights) {
        let names = self.names;
        let (log, timers) = (names.log_stream(), names.timer_stream());
        let publish = &mut rights.publish;
        publish.extend([names.timers(), names.command(PrincipalName::SYSTEM, "case", "tick")]);
        publish.extend([&log, &timers].map(|stream| format!("$JS.API.STREAM.INFO.{stream}")));
        publish.extend(following(&log));
        publish.extend(["INFO", "MSG.NEXT"].map(|what| format!("$JS.API.CONSUMER.{what}.{timers}.{TICKER}")));
        publish.push(format!("$JS.ACK.{timers}.{TICKER}.>"));
    }

    fn add_rights_of_operator(&self, rights: &mut Rights) {
        let names = self.names;
        let (log, timers, waiting, outcomes) =
            (names.log_stream(), names.timer_stream(), names.inbox_stream(), names.outcome_stream());
        let publish = &mut rights.publish;
        publish.extend([names.commands(), names.queries(), names.submissions_as_anybody(), "$SRV.>".to_owned()]);
        publish.extend(["$JS.API.INFO", "$JS.API.STREAM.NAMES", "$JS.API.STREAM.LIST"].map(str::to_owned));
        for stream in [&log, &timers, &waiting, &outcomes] {
            publish.push(format!("$JS.API.STREAM.INFO.{stream}"));
            publish.push(format!("$JS.API.CONSUMER.NAMES.{stream}"));
            publish.push(format!("$JS.API.CONSUMER.LIST.{stream}"));
        }
        publish.extend(following(&log));
        publish.extend([&log, &outcomes].into_iter().flat_map(|stream| single(stream)));
        rights.subscribe.extend(["_INBOX.>".to_owned(), names.outcomes()]);
    }
}

/// Where a user's replies come to.
pub(super) fn inbox(user: &str) -> String {
    inbox_prefix(user) + ".>"
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

/// Copying a stream: asking for the copy, and telling that a chunk has arrived.
fn copying(stream: &str) -> [String; 2] {
    [format!("$JS.API.STREAM.SNAPSHOT.{stream}"), format!("$JS.SNAPSHOT.ACK.{stream}.>")]
}

/// Taking messages from a stream, one by one.
fn consuming(stream: &str) -> Vec<String> {
    let mut rights = following(stream);
    rights.push(format!("$JS.API.CONSUMER.DURABLE.CREATE.{stream}.>"));
    rights.push(format!("$JS.ACK.{stream}.>"));
    rights
}
