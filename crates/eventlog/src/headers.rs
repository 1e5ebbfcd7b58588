//! What stands beside the bytes of an entry in its message.

/// The headers of a message, sorted by name; those of one name in their order. No entry is decided by them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageHeaders(Vec<(Box<str>, Box<str>)>);

impl MessageHeaders {
    /// The value of the first header with this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(other, _)| *other == name).map(|(_, value)| value)
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }
}

impl<N: Into<Box<str>>, V: Into<Box<str>>> FromIterator<(N, V)> for MessageHeaders {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(headers: I) -> Self {
        let mut headers: Vec<_> = headers.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        headers.sort_by(|(name, _), (other, _): &(Box<str>, _)| name.cmp(other));
        Self(headers)
    }
}
