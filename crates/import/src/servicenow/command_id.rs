//! The ids of derived commands: the same on every run, and unique within a case.

use std::collections::HashMap;

use docket_messages::{CommandId, Digest, InvalidId, Verb};

use super::row::Row;

/// The ids of one case so far.
#[derive(Default)]
pub(super) struct CommandIds {
    /// A few incidents repeat a `sys_mod_count` within a minute; the n-th such command is told apart by n.
    used: HashMap<String, u32>,
}

impl CommandIds {
    /// The id of the command of that verb that a row leads to: number, `sys_mod_count`, `sys_updated_at`, verb.
    pub(super) fn next(&mut self, number: &str, row: &Row, verb: Verb) -> Result<CommandId, InvalidId> {
        let key = format!("{number}-{}-{}-{}", row.mod_count, row.updated_digits, verb.as_str());
        let uses = self.used.entry(key.clone()).or_default();
        *uses += 1;
        let key = if *uses == 1 { key } else { format!("{key}-{uses}") };
        // A number of another desk may be longer than an id, or have characters that an id has not.
        CommandId::parse(&key).or_else(|_| CommandId::parse(&Digest::of(&[key.as_bytes()]).to_string()))
    }
}
