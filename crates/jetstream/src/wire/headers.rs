//! The header block of a message (NATS ADR-4), as others wrote it.

use bytes::Bytes;

/// The first line of every block.
const VERSION: &str = "NATS/1.0";
/// The longest part of a bad line that is told to its sender.
const SHOWN: usize = 64;

/// Headers that can be read: names of printable ASCII, values of text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers {
    fields: Vec<(String, String)>,
    status: Option<u16>,
}

/// Why a block cannot be read; for its sender.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Not text.
    #[error("the headers are not UTF-8")]
    NotText,
    /// Not headers at all.
    #[error("the headers begin with neither `NATS/1.0` nor a status of it")]
    Version,
    /// No end.
    #[error("the headers do not end in an empty line")]
    Unfinished,
    /// A line that is not a header.
    #[error("a header is `Name: value`, with a name of printable ASCII without blanks; this line is not: `{0}`")]
    Line(String),
    /// A value with an end of a line inside.
    #[error("the value of the header `{0}` has a line break or another control character inside")]
    Value(String),
    /// A status, from somebody who is not the server.
    #[error("the headers carry a status, which only the server's own messages have")]
    Status,
}

impl Headers {
    /// Reads a block; none is as good as an empty one.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn read(block: Option<&Bytes>) -> Result<Self, Unreadable> {
        let Some(block) = block else { return Ok(Self::default()) };
        let block = std::str::from_utf8(block).map_err(|_| Unreadable::NotText)?;
        let block = block.strip_suffix("\r\n\r\n").ok_or(Unreadable::Unfinished)?;
        let mut lines = block.split("\r\n");
        let first = lines.next().and_then(|line| line.strip_prefix(VERSION)).ok_or(Unreadable::Version)?;
        let status = status(first)?;
        let fields = lines.map(field).collect::<Result<_, _>>()?;
        Ok(Self { fields, status })
    }

    /// The status of a message that the server itself made; nobody else gives one.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// Names and values, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The first value of a name, in whatever case that is written.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

fn status(rest: &str) -> Result<Option<u16>, Unreadable> {
    if rest.trim().is_empty() {
        return Ok(None);
    }
    let code = rest.strip_prefix(' ').and_then(|rest| rest.split(' ').next()?.parse().ok());
    code.map(Some).ok_or(Unreadable::Version)
}

fn field(line: &str) -> Result<(String, String), Unreadable> {
    let shown = || line.chars().take(SHOWN).collect::<String>().escape_debug().to_string();
    let (name, value) = line.split_once(':').ok_or_else(|| Unreadable::Line(shown()))?;
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Unreadable::Line(shown()));
    }
    let value = value.trim_matches([' ', '\t']);
    if value.contains(|char: char| char.is_control() && char != '\t') {
        return Err(Unreadable::Value(name.chars().take(SHOWN).collect()));
    }
    Ok((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(block: &'static [u8]) -> Result<Headers, Unreadable> {
        Headers::read(Some(&Bytes::from_static(block)))
    }

    #[test]
    fn headers_are_names_and_values() {
        let headers = read(b"NATS/1.0\r\nDocket-Command-Id: 7\r\nx:a:b\r\nEmpty:\r\n\r\n").unwrap();
        let fields: Vec<_> = headers.iter().collect();
        assert_eq!(fields, [("Docket-Command-Id", "7"), ("x", "a:b"), ("Empty", "")]);
        assert_eq!(headers.get("docket-command-ID"), Some("7"));
        assert_eq!(headers.status(), None);
        assert_eq!(read(b"NATS/1.0\r\n\r\n").unwrap(), Headers::default());
        assert_eq!(read(b"NATS/1.0 503\r\n\r\n").unwrap().status(), Some(503));
        assert_eq!(read(b"NATS/1.0 408 Request Timeout\r\nA: b\r\n\r\n").unwrap().status(), Some(408));
        assert_eq!(Headers::read(None), Ok(Headers::default()));
    }

    #[test]
    fn what_is_no_header_is_said_to_be_none() {
        let line = |text: &str| Unreadable::Line(text.to_owned());
        let value = |name: &str| Unreadable::Value(name.to_owned());
        let cases: [(&[u8], Unreadable); 12] = [
            (b"NATS/1.0\r\nX: a\rb\r\n\r\n", value("X")),
            (b"NATS/1.0\r\nX: a\nb\r\n\r\n", value("X")),
            (b"NATS/1.0\r\nX: a\0b\r\n\r\n", value("X")),
            (b"NATS/1.0\r\nX\xff: a\r\n\r\n", Unreadable::NotText),
            (b"NATS/1.0\r\nX: \xff\r\n\r\n", Unreadable::NotText),
            (b"NATS/1.0\r\nno colon\r\n\r\n", line("no colon")),
            (b"NATS/1.0\r\na name: x\r\n\r\n", line("a name: x")),
            (b"NATS/1.0\r\n: x\r\n\r\n", line(": x")),
            (b"NATS/1.0\r\n\r\nX: a\r\n\r\n", line("")),
            (b"NATS/1.0 many\r\n\r\n", Unreadable::Version),
            (b"HTTP/1.1\r\n\r\n", Unreadable::Version),
            (b"NATS/1.0", Unreadable::Unfinished),
        ];
        for (block, expected) in cases {
            assert_eq!(Headers::read(Some(&Bytes::from_static(block))), Err(expected), "{}", block.escape_ascii());
        }
    }
}
