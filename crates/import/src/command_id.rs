//! The ids of derived commands: the same on every run, and unique within a case.

use std::collections::HashMap;

use docket_messages::{CommandId, Digest, InvalidId};

/// The ids of one case so far.
#[derive(Default)]
pub(crate) struct CommandIds {
    /// A few keys repeat; the n-th command of one is told apart by n.
    used: HashMap<String, u32>,
}

impl CommandIds {
    /// The id of the next command of a key.
    pub(crate) fn next(&mut self, key: String) -> Result<CommandId, InvalidId> {
        let uses = self.used.entry(key.clone()).or_default();
        *uses += 1;
        let key = if *uses == 1 { key } else { format!("{key}-{uses}") };
        // A key of another system may be longer than an id, or have characters that an id has not.
        CommandId::parse(&key).or_else(|_| CommandId::parse(&Digest::of(&[key.as_bytes()]).to_string()))
    }
}
