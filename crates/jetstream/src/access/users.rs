//! Docket's own users: a role, or what a role does on one side. What each may do, and what it needs of other accounts,
//! stands here and nowhere else.

use docket_messages::PrincipalName;

use super::api::{consuming, copying, following, single};
use super::{Access, Crossing, Rights, from_bus, from_streams, from_user, inbox, service, stream, to_bus};
use crate::namespace::TICKER;

/// A user of Docket's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SystemUser {
    /// The command service on the side of the streams: the only one that may write the log.
    Command,
    /// The command service on the side of the principals: hears them and answers them.
    Bus,
    /// The projection: reads the log and its seals, and the keys of what is personal.
    Projection,
    /// The timers: read the log, and schedule.
    Timers,
    /// The sealer: reads the log, and writes seals.
    Sealer,
    /// The person who runs Docket: looks at everything and sends commands as anybody, but writes no stream.
    Operator,
}

impl SystemUser {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Command, Self::Bus, Self::Projection, Self::Timers, Self::Sealer, Self::Operator];

    /// The name of the user.
    #[must_use]
    pub fn user(self) -> &'static str {
        match self {
            Self::Command => "docket-command",
            Self::Bus => "docket-bus",
            Self::Projection => "docket-projection",
            Self::Timers => "docket-timers",
            Self::Sealer => "docket-sealer",
            Self::Operator => "docket-operator",
        }
    }

    /// The name of its account.
    pub(super) fn account(self) -> String {
        match self {
            Self::Command => "DOCKET".to_owned(),
            Self::Bus | Self::Projection | Self::Timers | Self::Sealer | Self::Operator => self.user().to_owned(),
        }
    }
}

impl Access<'_> {
    /// What a user asks of other accounts.
    pub(super) fn crossings_of(&self, system_user: SystemUser) -> Vec<Crossing> {
        match system_user {
            // The others ask these.
            SystemUser::Command | SystemUser::Bus => Vec::new(),
            SystemUser::Projection => self.reading(&system_user.account(), system_user.user()),
            SystemUser::Timers => self.crossings_of_timers(),
            SystemUser::Sealer => self.crossings_of_sealer(),
            SystemUser::Operator => self.crossings_of_operator(),
        }
    }

    fn crossings_of_timers(&self) -> Vec<Crossing> {
        let (names, timers) = (self.names, SystemUser::Timers.account());
        let mut crossings = self.reading(&timers, SystemUser::Timers.user());
        let acks = format!("$JS.ACK.{}.{TICKER}.>", names.timer_stream());
        crossings.extend([names.timers(), acks].map(|subject| service(subject.clone(), subject, &timers)));
        crossings.push(to_bus(&timers, names.command(PrincipalName::SYSTEM, "case", "tick"), None));
        crossings.push(from_bus(&timers, SystemUser::Timers.user()));
        crossings
    }

    fn crossings_of_sealer(&self) -> Vec<Crossing> {
        let sealer = SystemUser::Sealer.account();
        let mut crossings = self.reading(&sealer, SystemUser::Sealer.user());
        let written = [self.names.seals(), self.names.witnessed(), self.names.findings()];
        crossings.extend(written.map(|subject| service(subject.clone(), subject, &sealer)));
        crossings
    }

    fn crossings_of_operator(&self) -> Vec<Crossing> {
        let (names, operator) = (self.names, SystemUser::Operator.account());
        let mut crossings = self.reading(&operator, SystemUser::Operator.user());
        let asked = [names.commands(), names.queries(), "$SRV.>".to_owned()];
        crossings.extend(asked.map(|subject| to_bus(&operator, subject, Some(SystemUser::Operator.user()))));
        crossings.push(from_bus(&operator, SystemUser::Operator.user()));
        // Where a stock client hears its replies.
        crossings.push(stream(&SystemUser::Bus.account(), &operator, "_INBOX.>".to_owned()));
        crossings.push(self.to_sealer(&operator));
        // The server puts it into the subject who has sent this.
        let called = Some(names.submissions_mapped());
        let by_operator = names.submissions_by_operator("*");
        crossings.push(Crossing { called, ..service(names.submissions(), by_operator, &operator) });
        crossings.push(from_streams(names.outcomes(), names.outcomes(), &operator));
        crossings
    }

    /// What a user may publish and hear.
    pub(super) fn rights_of(&self, system_user: SystemUser) -> Rights {
        let own = inbox(system_user.user());
        // To itself, to see whether the server has taken in what went before.
        let mut rights = Rights { publish: vec![own.clone()], subscribe: vec![own], ..Rights::default() };
        match system_user {
            SystemUser::Command => self.add_rights_of_command(&mut rights),
            SystemUser::Bus => self.add_rights_of_bus(&mut rights),
            SystemUser::Projection => self.add_rights_of_projection(&mut rights),
            SystemUser::Timers => self.add_rights_of_timers(&mut rights),
            SystemUser::Sealer => self.add_rights_of_sealer(&mut rights),
            SystemUser::Operator => self.add_rights_of_operator(&mut rights),
        }
        rights
    }

    fn add_rights_of_command(&self, rights: &mut Rights) {
        let names = self.names;
        let (log, timers, waiting, outcomes, seals) = self.streams();
        let keys = names.key_stream();
        let publish = &mut rights.publish;
        publish.extend([names.log_subjects(), names.outcomes()]);
        // It makes keys, and begins the first epoch.
        publish.extend([names.keys("*"), names.epoch("*")]);
        publish.extend(single(&keys));
        for stream in [&log, &timers, &waiting, &outcomes, &seals, &keys] {
            publish.push(format!("$JS.API.STREAM.INFO.{stream}"));
            publish.push(format!("$JS.API.STREAM.CREATE.{stream}"));
        }
        publish.extend(following(&log));
        // Up to where the log is sealed: it is not written if it ends before.
        publish.extend([&log, &seals].into_iter().flat_map(|stream| single(stream)));
        publish.extend(consuming(&waiting));
        // A user who may have a stream copied may have the copy delivered to any subject of this account, the log
        // included; so nobody else may.
        publish.extend([&log, &waiting, &outcomes, &seals, &keys].into_iter().flat_map(|stream| copying(stream)));
        publish.push(format!("$JS.API.CONSUMER.RESET.{waiting}.*"));
        // An inbox of an earlier version is given its source.
        publish.push(format!("$JS.API.STREAM.UPDATE.{waiting}"));
        // Seals of an earlier version are given a subject.
        publish.push(format!("$JS.API.STREAM.UPDATE.{seals}"));
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
        let (log, seals) = (names.log_stream(), names.seal_stream());
        let publish = &mut rights.publish;
        publish.extend([&log, &seals].map(|stream| format!("$JS.API.STREAM.INFO.{stream}")));
        publish.extend(following(&log));
        publish.extend(single(&seals));
        // The keys that open what is personal.
        publish.extend(single(&names.key_stream()));
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

    fn add_rights_of_sealer(&self, rights: &mut Rights) {
        let names = self.names;
        let (log, seals) = (names.log_stream(), names.seal_stream());
        let publish = &mut rights.publish;
        publish.extend([names.seals(), names.witnessed(), names.findings()]);
        publish.extend([&log, &seals].map(|stream| format!("$JS.API.STREAM.INFO.{stream}")));
        publish.extend(following(&log));
        publish.extend([&log, &seals].into_iter().flat_map(|stream| single(stream)));
        // Where the server takes the answers to those of other accounts.
        publish.push("_R_.>".to_owned());
        rights.subscribe.push(names.sealer());
    }

    /// The log, the timers, the inbox, the outcomes and the seals.
    fn streams(&self) -> (String, String, String, String, String) {
        let names = self.names;
        let (log, timers, waiting) = (names.log_stream(), names.timer_stream(), names.inbox_stream());
        (log, timers, waiting, names.outcome_stream(), names.seal_stream())
    }

    fn add_rights_of_operator(&self, rights: &mut Rights) {
        let names = self.names;
        let (log, timers, waiting, outcomes, seals) = self.streams();
        let publish = &mut rights.publish;
        publish.extend([names.commands(), names.queries(), names.submissions_as_anybody(), "$SRV.>".to_owned()]);
        publish.push(names.sealer());
        publish.extend(["$JS.API.INFO", "$JS.API.STREAM.NAMES", "$JS.API.STREAM.LIST"].map(str::to_owned));
        for stream in [&log, &timers, &waiting, &outcomes, &seals, &names.key_stream()] {
            publish.push(format!("$JS.API.STREAM.INFO.{stream}"));
            publish.push(format!("$JS.API.CONSUMER.NAMES.{stream}"));
            publish.push(format!("$JS.API.CONSUMER.LIST.{stream}"));
        }
        publish.extend(following(&log));
        publish.extend([&log, &outcomes, &seals].into_iter().flat_map(|stream| single(stream)));
        // Wrapped keys, which say nothing to who has no master key.
        publish.extend(single(&names.key_stream()));
        rights.subscribe.extend(["_INBOX.>".to_owned(), names.outcomes()]);
    }
}
