//! What a principal may publish to and hear, and what such rights are made of.

use super::{AUDITOR, Access, Rights, discovery, inbox_prefix};

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
}

/// Where a user's replies come to.
pub(super) fn inbox(user: &str) -> String {
    inbox_prefix(user) + ".>"
}

/// Reading single messages of a stream.
pub(super) fn single(stream: &str) -> Vec<String> {
    let api = |what: &str| format!("$JS.API.{what}.{stream}");
    vec![api("STREAM.MSG.GET"), api("DIRECT.GET"), api("DIRECT.GET") + ".>"]
}

/// Following a stream with an ordered consumer.
pub(super) fn following(stream: &str) -> Vec<String> {
    let below = ["CREATE", "INFO", "MSG.NEXT", "DELETE"].map(|what| format!("$JS.API.CONSUMER.{what}.{stream}.>"));
    // A consumer without a name of its own; and that the follower keeps up, which the server waits to hear.
    let more = [format!("$JS.API.CONSUMER.CREATE.{stream}"), format!("$JS.FC.{stream}.>")];
    below.into_iter().chain(more).collect()
}

/// Copying a stream: asking for the copy, and telling that a chunk has arrived.
pub(super) fn copying(stream: &str) -> [String; 2] {
    [format!("$JS.API.STREAM.SNAPSHOT.{stream}"), format!("$JS.SNAPSHOT.ACK.{stream}.>")]
}

/// Taking messages from a stream, one by one.
pub(super) fn consuming(stream: &str) -> Vec<String> {
    let mut rights = following(stream);
    rights.push(format!("$JS.API.CONSUMER.DURABLE.CREATE.{stream}.>"));
    rights.push(format!("$JS.ACK.{stream}.>"));
    rights
}
