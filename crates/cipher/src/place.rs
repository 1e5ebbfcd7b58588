//! Where something sealed stands in the log.

use docket_messages::{KeyId, Version};

/// Where something sealed stands: which event of which aggregate it is part of.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The subject of the aggregate below the log's prefix, such as `case.0199a7a0-…`.
    pub subject: &'a str,
    /// The version of the event.
    pub version: Version,
}

impl Place<'_> {
    /// What is authenticated with what is sealed there: a subject and a key id have no byte zero, so it can be read in one
    /// way only.
    pub(crate) fn bound_to(&self, key: &KeyId) -> Vec<u8> {
        let mut bound = Vec::with_capacity(self.subject.len() + key.as_str().len() + 6);
        bound.extend(self.subject.as_bytes());
        bound.push(0);
        bound.extend(key.as_str().as_bytes());
        bound.push(0);
        bound.extend(self.version.get().to_be_bytes());
        bound
    }
}
