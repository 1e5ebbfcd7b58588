//! The entries of the log as a bundle has them, one record after the other.
//!
//! A record begins with a byte that says its kind: up to 63, the root over 2^n entries of which nothing else is told
//! follows; [`CHECKPOINT`], a checkpoint of the log so far; [`CLOSED`] and [`DISCLOSED`], one entry. Numbers are
//! big-endian, texts and lists have their length before them.

use docket_evidence::hash::Hash;
use docket_evidence::leaf::{Leaf, LeafError, Message};

const CHECKPOINT: u8 = 0x40;
const CLOSED: u8 = 0x41;
const DISCLOSED: u8 = 0x42;

/// One after the other, these are the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Record {
    /// The root over 2^`level` entries.
    Subtree { level: u32, hash: Hash },
    /// A checkpoint of the entries before.
    Checkpoint(Vec<u8>),
    /// An entry whose content is not told.
    Closed(Closed),
    /// An entry.
    Disclosed(Disclosed),
}

/// What is told of an entry beside its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// When the server took it in, in nanoseconds since 1970.
    pub nanos: i64,
    /// Its subject.
    pub subject: String,
    /// Its headers, sorted by name.
    pub headers: Vec<(String, String)>,
}

/// An entry whose content is not told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// What is told.
    pub head: Head,
    /// The SHA-256 of its payload.
    pub payload: [u8; 32],
    /// The length of its payload in bytes.
    pub length: u64,
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disclosed {
    /// What stands beside its content.
    pub head: Head,
    /// The bytes of the entry.
    pub payload: Vec<u8>,
}

impl Head {
    /// What stands beside the content of an entry. Headers may be in any order, but those of one name in theirs.
    #[must_use]
    pub fn new(nanos: i64, subject: String, headers: &[(&str, &str)]) -> Self {
        let mut headers: Vec<_> =
            headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        headers.sort_by(|(one, _), (other, _)| one.cmp(other));
        Self { nanos, subject, headers }
    }

    fn headers(&self) -> Vec<(&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }
}

impl Closed {
    /// Its leaf, if it stands at a position.
    pub(crate) fn leaf(&self, position: u64) -> Result<Leaf, LeafError> {
        let Self { head, payload, length } = self;
        let meta = Leaf::meta(&head.subject, &head.headers())?;
        Ok(Leaf { sequence: position, time: head.nanos, meta, payload: *payload, length: *length })
    }
}

impl Disclosed {
    /// Its leaf, if it stands at a position.
    ///
    /// # Errors
    /// When its subject, or a header, is longer than a leaf can bind.
    pub fn leaf(&self, position: u64) -> Result<Leaf, LeafError> {
        let Self { head, payload } = self;
        let headers = head.headers();
        Leaf::of(&Message { sequence: position, time: head.nanos, subject: &head.subject, headers: &headers, payload })
    }
}

impl Record {
    /// Writes it behind others.
    pub(crate) fn write(&self, out: &mut Vec<u8>) -> Result<(), LeafError> {
        match self {
            Self::Subtree { level, hash } => {
                out.push(u8::try_from(*level).map_err(|_| LeafError::TooLong("level of a subtree"))?);
                out.extend(hash.0);
            }
            Self::Checkpoint(note) => {
                out.push(CHECKPOINT);
                put_long(out, note, "checkpoint")?;
            }
            Self::Closed(Closed { head, payload, length }) => {
                out.push(CLOSED);
                put_head(out, head)?;
                out.extend(payload);
                out.extend(length.to_be_bytes());
            }
            Self::Disclosed(Disclosed { head, payload }) => {
                out.push(DISCLOSED);
                put_head(out, head)?;
                put_long(out, payload, "payload")?;
            }
        }
        Ok(())
    }

    /// Takes the next record from bytes; nothing if they are none.
    pub(crate) fn take(rest: &mut &[u8]) -> Option<Self> {
        match take_one(rest)? {
            level @ 0..=63 => Some(Self::Subtree { level: u32::from(level), hash: Hash(take_array(rest)?) }),
            CHECKPOINT => Some(Self::Checkpoint(take_long(rest)?.to_vec())),
            CLOSED => Some(Self::Closed(Closed {
                head: take_head(rest)?,
                payload: take_array(rest)?,
                length: u64::from_be_bytes(take_array(rest)?),
            })),
            DISCLOSED => {
                Some(Self::Disclosed(Disclosed { head: take_head(rest)?, payload: take_long(rest)?.to_vec() }))
            }
            _ => None,
        }
    }
}

/// A record that is only glanced at: what it takes to know whether it is worth reading.
pub(crate) enum Glance<'a> {
    /// So many entries of which nothing is wanted.
    Others(u64),
    /// An entry: its subject, and the whole record.
    Disclosed(&'a str, &'a [u8]),
}

impl<'a> Glance<'a> {
    /// Glances at the next record; nothing if it is none.
    pub(crate) fn take(rest: &mut &'a [u8]) -> Option<Self> {
        let whole = *rest;
        match take_one(rest)? {
            level @ 0..=63 => {
                take_bytes(rest, 32)?;
                Some(Self::Others(1 << level))
            }
            CHECKPOINT => {
                take_long(rest)?;
                Some(Self::Others(0))
            }
            CLOSED => {
                glance_at_head(rest)?;
                take_bytes(rest, 40)?;
                Some(Self::Others(1))
            }
            DISCLOSED => {
                let subject = glance_at_head(rest)?;
                take_long(rest)?;
                Some(Self::Disclosed(subject, whole.get(..whole.len() - rest.len())?))
            }
            _ => None,
        }
    }
}

fn glance_at_head<'a>(rest: &mut &'a [u8]) -> Option<&'a str> {
    take_bytes(rest, 8)?;
    let subject = std::str::from_utf8(take_short(rest)?).ok()?;
    for _ in 0..u16::from_be_bytes(take_array(rest)?) {
        take_short(rest)?;
        take_long(rest)?;
    }
    Some(subject)
}

fn put_head(out: &mut Vec<u8>, head: &Head) -> Result<(), LeafError> {
    out.extend(head.nanos.to_be_bytes());
    put_short(out, head.subject.as_bytes(), "subject")?;
    let count = u16::try_from(head.headers.len()).map_err(|_| LeafError::TooLong("list of headers"))?;
    out.extend(count.to_be_bytes());
    for (name, value) in &head.headers {
        put_short(out, name.as_bytes(), "name of a header")?;
        put_long(out, value.as_bytes(), "value of a header")?;
    }
    Ok(())
}

/// There is one order of headers by which they are written. Nothing was taken in before 1970.
fn take_head(rest: &mut &[u8]) -> Option<Head> {
    let nanos = Some(i64::from_be_bytes(take_array(rest)?)).filter(|nanos| *nanos >= 0)?;
    let subject = String::from_utf8(take_short(rest)?.to_vec()).ok()?;
    let count = u16::from_be_bytes(take_array(rest)?);
    let mut headers: Vec<(String, String)> = Vec::new();
    for _ in 0..count {
        let name = String::from_utf8(take_short(rest)?.to_vec()).ok()?;
        let value = String::from_utf8(take_long(rest)?.to_vec()).ok()?;
        if headers.last().is_some_and(|(last, _)| *last > name) {
            return None;
        }
        headers.push((name, value));
    }
    Some(Head { nanos, subject, headers })
}

fn put_short(out: &mut Vec<u8>, bytes: &[u8], what: &'static str) -> Result<(), LeafError> {
    out.extend(u16::try_from(bytes.len()).map_err(|_| LeafError::TooLong(what))?.to_be_bytes());
    out.extend(bytes);
    Ok(())
}

fn put_long(out: &mut Vec<u8>, bytes: &[u8], what: &'static str) -> Result<(), LeafError> {
    out.extend(u32::try_from(bytes.len()).map_err(|_| LeafError::TooLong(what))?.to_be_bytes());
    out.extend(bytes);
    Ok(())
}

fn take_one(rest: &mut &[u8]) -> Option<u8> {
    let (first, tail) = rest.split_first()?;
    *rest = tail;
    Some(*first)
}

fn take_array<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk::<N>()?;
    *rest = tail;
    Some(*head)
}

fn take_short<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::from(u16::from_be_bytes(take_array(rest)?));
    take_bytes(rest, length)
}

fn take_long<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(u32::from_be_bytes(take_array(rest)?)).ok()?;
    take_bytes(rest, length)
}

fn take_bytes<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (bytes, tail) = rest.split_at_checked(length)?;
    *rest = tail;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head() -> Head {
        Head::new(7, "docket.log.case.x".to_owned(), &[("b", "1"), ("a", "2"), ("b", "0")])
    }

    #[test]
    fn records_are_read_as_they_were_written_and_no_others_are() {
        let records = [
            Record::Subtree { level: 63, hash: Hash([3; 32]) },
            Record::Checkpoint(b"a note".to_vec()),
            Record::Closed(Closed { head: head(), payload: [9; 32], length: 12 }),
            Record::Disclosed(Disclosed { head: head(), payload: b"{}".to_vec() }),
        ];
        let mut bytes = Vec::new();
        records.iter().for_each(|record| record.write(&mut bytes).unwrap());
        let (mut rest, mut glanced) = (bytes.as_slice(), bytes.as_slice());
        for record in &records {
            assert_eq!(Record::take(&mut rest).as_ref(), Some(record));
            match (Glance::take(&mut glanced).unwrap(), record) {
                (Glance::Others(count), Record::Subtree { level, .. }) => assert_eq!(count, 1 << level),
                (Glance::Others(count), Record::Checkpoint(_)) => assert_eq!(count, 0),
                (Glance::Others(count), Record::Closed(_)) => assert_eq!(count, 1),
                (Glance::Disclosed(subject, mut whole), Record::Disclosed(entry)) => {
                    assert_eq!(subject, entry.head.subject);
                    assert_eq!(Record::take(&mut whole).as_ref(), Some(record));
                }
                (_, _) => panic!("{record:?}"),
            }
            assert_eq!(rest.len(), glanced.len());
        }
        assert!(rest.is_empty());
        for end in 1..40 {
            let mut rest = &bytes[33..33 + end];
            let whole = 1 + 4 + 6;
            assert_eq!(Record::take(&mut rest).is_some(), end >= whole, "{end}");
        }
        let unsorted =
            Head { headers: vec![("b".to_owned(), String::new()), ("a".to_owned(), String::new())], ..head() };
        let mut bytes = Vec::new();
        Record::Disclosed(Disclosed { head: unsorted, payload: Vec::new() }).write(&mut bytes).unwrap();
        assert_eq!(Record::take(&mut bytes.as_slice()), None);
        let mut bytes = Vec::new();
        let before = Head { nanos: -1, ..head() };
        Record::Disclosed(Disclosed { head: before, payload: Vec::new() }).write(&mut bytes).unwrap();
        assert_eq!(Record::take(&mut bytes.as_slice()), None);
        assert_eq!(Record::take(&mut [0xff_u8].as_slice()), None);
    }
}
