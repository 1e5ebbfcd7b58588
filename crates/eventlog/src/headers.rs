//! What stands beside the bytes of an entry in its message.

use std::fmt;
use std::sync::Arc;

/// The headers of a message, sorted by name; those of one name in their order. No entry is decided by them. They are
/// kept as the log brings them: hardly anybody asks for more than one.
#[derive(Clone, Default)]
pub struct MessageHeaders(Option<Arc<dyn HeaderSource>>);

/// Headers as a log brings them.
pub trait HeaderSource: Send + Sync {
    /// The value of the first header with this name.
    fn get(&self, name: &str) -> Option<&str>;

    /// Names and values; those of one name in their order.
    fn all(&self) -> Vec<(&str, &str)>;
}

impl MessageHeaders {
    /// Headers as a log brings them.
    pub fn new(source: impl HeaderSource + 'static) -> Self {
        Self(Some(Arc::new(source)))
    }

    /// The value of the first header with this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.as_ref()?.get(name)
    }

    /// Names and values.
    #[must_use]
    pub fn all(&self) -> Vec<(&str, &str)> {
        let mut all = self.0.as_ref().map(|source| source.all()).unwrap_or_default();
        all.sort_by_key(|(name, _)| *name);
        all
    }
}

impl PartialEq for MessageHeaders {
    fn eq(&self, other: &Self) -> bool {
        self.all() == other.all()
    }
}

impl Eq for MessageHeaders {}

impl fmt::Debug for MessageHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.all()).finish()
    }
}

impl HeaderSource for Vec<(String, String)> {
    fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    fn all(&self) -> Vec<(&str, &str)> {
        self.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }
}
