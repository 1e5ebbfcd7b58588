//! The accounts as text that `nats-server` reads.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::{Crossing, Kind, Rights};

/// The accounts, one after the other.
pub(super) struct Accounts {
    text: String,
    crossings: Vec<Crossing>,
}

impl Accounts {
    pub(super) fn new(crossings: Vec<Crossing>) -> Self {
        Self { text: "accounts {\n".to_owned(), crossings }
    }

    /// An account with one user.
    pub(super) fn add(
        &mut self,
        account: &str,
        settings: &str,
        user: &str,
        hash: &dyn Fn(&str) -> String,
        rights: Rights,
    ) {
        let (name, password) = (quoted(user), quoted(&hash(user)));
        let (publish, subscribe) = (list(rights.publish), list(rights.subscribe));
        let except = if rights.except.is_empty() { String::new() } else { format!(", deny: {}", list(rights.except)) };
        let _ = write!(
            self.text,
            "  {} {{\n    {settings}\n    users: [ {{\n      user: {name}, password: {password}\n      permissions: {{\n        \
             publish: {{ allow: {publish}{except} }}\n        subscribe: {{ allow: {subscribe} }}\n      }}\n    }} ]\n",
            quoted(account)
        );
        let (exports, imports) = (self.exports(account), self.imports(account));
        let _ = write!(self.text, "    exports: [\n{exports}    ]\n    imports: [\n{imports}    ]\n  }}\n");
    }

    /// An account with streams of its own, and a user who may do anything there.
    pub(super) fn add_apart(&mut self, user: &str, hash: &dyn Fn(&str) -> String) {
        let (name, password) = (quoted(user), quoted(&hash(user)));
        let _ = writeln!(
            self.text,
            "  {name} {{\n    jetstream: enabled\n    users: [ {{ user: {name}, password: {password} }} ]\n  }}"
        );
    }

    pub(super) fn finish(self) -> String {
        self.text + "}\n"
    }

    /// A subject is exported once, with all who may import it or a part of it.
    fn exports(&self, account: &str) -> String {
        let mut exports: BTreeMap<(&str, &str), BTreeSet<String>> = BTreeMap::new();
        for crossing in self.crossings.iter().filter(|crossing| crossing.from == account) {
            let what = match crossing.kind {
                Kind::Stream(_) => "stream",
                Kind::Service | Kind::StreamedService => "service",
            };
            exports.entry((what, &crossing.export)).or_default().insert(quoted(&crossing.into));
        }
        let is_streamed = |subject: &str| {
            let same = |crossing: &Crossing| crossing.export == subject && crossing.kind == Kind::StreamedService;
            self.crossings.iter().any(same)
        };
        let line = |((what, subject), into): ((&str, &str), BTreeSet<String>)| {
            let response = if is_streamed(subject) { ", response: stream" } else { "" };
            let into: Vec<String> = into.into_iter().collect();
            format!("      {{ {what}: {}{response}, accounts: [{}] }}\n", quoted(subject), into.join(", "))
        };
        exports.into_iter().map(line).collect()
    }

    fn imports(&self, account: &str) -> String {
        let line = |crossing: &Crossing| {
            let (from, subject) = (quoted(&crossing.from), quoted(&crossing.import));
            let source = format!("{{ account: {from}, subject: {subject} }}");
            match &crossing.kind {
                Kind::Stream(None) => format!("      {{ stream: {source} }}\n"),
                Kind::Stream(Some(prefix)) => format!("      {{ stream: {source}, prefix: {} }}\n", quoted(prefix)),
                Kind::Service | Kind::StreamedService => {
                    let called = crossing.called.as_ref().map(|called| format!(", to: {}", quoted(called)));
                    format!("      {{ service: {source}{} }}\n", called.unwrap_or_default())
                }
            }
        };
        self.crossings.iter().filter(|crossing| crossing.into == account).map(line).collect()
    }
}

fn list(subjects: Vec<String>) -> String {
    let subjects: Vec<String> = subjects.iter().map(|subject| format!("          {},\n", quoted(subject))).collect();
    format!("[\n{}        ]", subjects.concat())
}

/// Names and subjects hold no quotes and no backslashes; a hash holds `$`, which only quotes keep.
fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}
