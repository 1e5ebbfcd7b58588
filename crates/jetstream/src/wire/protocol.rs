//! What the server says, as frames of bytes (NATS client protocol).

use bytes::{Buf as _, Bytes, BytesMut};

/// The longest line before a payload. The server's own lines have at most 4 KiB and one greeting.
const LINE_LIMIT: usize = 1024 * 1024;

/// Something the server says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Op {
    /// A message for a subscription.
    Message(Frame),
    /// About the server, as JSON.
    Info(Bytes),
    /// It asks whether we are there.
    Ping,
    /// It is there.
    Pong,
    /// It complains.
    Error(String),
    /// It took something in.
    Ok,
}

/// A message as it stands on the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    pub subject: Bytes,
    pub subscription: u64,
    pub reply: Option<Bytes>,
    pub headers: Option<Bytes>,
    pub payload: Bytes,
}

/// What the server never says: the connection is of no use any more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the server says what is not in its protocol: {0}")]
pub(super) struct Broken(String);

/// Takes the next frame out of what came, if it is there as a whole.
pub(super) fn next(buffer: &mut BytesMut) -> Result<Option<Op>, Broken> {
    let Some(end) = buffer.iter().position(|byte| *byte == b'\n') else {
        let is_too_long = buffer.len() > LINE_LIMIT;
        return if is_too_long { Err(Broken("a line without an end".to_owned())) } else { Ok(None) };
    };
    let line = buffer.get(..end).unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let (verb, rest) = line.split_at_checked(verb_length(line)).unwrap_or_default();
    let rest = rest.trim_ascii();
    let op = match verb {
        b"MSG" | b"HMSG" => return message(verb == b"HMSG", end, buffer),
        b"INFO" => Op::Info(Bytes::copy_from_slice(rest)),
        b"PING" => Op::Ping,
        b"PONG" => Op::Pong,
        b"-ERR" => Op::Error(String::from_utf8_lossy(rest).trim_matches('\'').to_owned()),
        b"+OK" => Op::Ok,
        _ => return Err(broken(line)),
    };
    buffer.advance(end + 1);
    Ok(Some(op))
}

fn verb_length(line: &[u8]) -> usize {
    line.iter().position(|byte| *byte == b' ').unwrap_or(line.len())
}

/// `MSG <subject> <subscription> [reply] <bytes>`, and `HMSG …  <bytes of headers> <bytes in all>`. Subjects hold
/// anything but blanks and ends of lines.
fn message(has_headers: bool, end: usize, buffer: &mut BytesMut) -> Result<Option<Op>, Broken> {
    let Some(Header { subject, subscription, reply, headers, total }) =
        Header::parse(buffer.get(..end).unwrap_or_default(), has_headers)
    else {
        return Err(broken(buffer.get(..end).unwrap_or_default()));
    };
    // The line, its end, what it announces, and the end of that.
    if buffer.len() < end + 1 + total + 2 {
        buffer.reserve(total + 2);
        return Ok(None);
    }
    buffer.advance(end + 1);
    let mut payload = buffer.split_to(total).freeze();
    buffer.advance(2);
    let headers = has_headers.then(|| payload.split_to(headers));
    Ok(Some(Op::Message(Frame { subject, subscription, reply, headers, payload })))
}

/// The line before a message.
struct Header {
    subject: Bytes,
    subscription: u64,
    reply: Option<Bytes>,
    headers: usize,
    total: usize,
}

impl Header {
    fn parse(line: &[u8], has_headers: bool) -> Option<Self> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let mut words = line.split(|byte| *byte == b' ').skip(1).filter(|word| !word.is_empty());
        let (subject, subscription) = (words.next()?, number(words.next()?)?);
        let rest: [Option<&[u8]>; 4] = std::array::from_fn(|_| words.next());
        let (reply, headers, total) = match (has_headers, rest) {
            (false, [Some(total), None, ..]) => (None, 0, total),
            (false, [Some(reply), Some(total), None, _]) => (Some(reply), 0, total),
            (true, [Some(headers), Some(total), None, _]) => (None, number(headers)?, total),
            (true, [Some(reply), Some(headers), Some(total), None]) => (Some(reply), number(headers)?, total),
            _ => return None,
        };
        let total = number(total)?;
        let (subject, reply) = (Bytes::copy_from_slice(subject), reply.map(Bytes::copy_from_slice));
        (headers <= total).then_some(Self { subject, subscription, reply, headers, total })
    }
}

fn number<N: std::str::FromStr>(word: &[u8]) -> Option<N> {
    std::str::from_utf8(word).ok()?.parse().ok()
}

fn broken(line: &[u8]) -> Broken {
    let start = line.get(..line.len().min(40)).unwrap_or_default();
    Broken(start.escape_ascii().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &[u8]) -> Vec<Op> {
        let mut buffer = BytesMut::from(text);
        let mut ops = Vec::new();
        while let Some(op) = next(&mut buffer).unwrap() {
            ops.push(op);
        }
        assert!(buffer.is_empty(), "{buffer:?}");
        ops
    }

    fn frame(subject: &[u8], reply: Option<&[u8]>, headers: Option<&[u8]>, payload: &[u8]) -> Op {
        let bytes = Bytes::copy_from_slice;
        let (subject, reply) = (bytes(subject), reply.map(bytes));
        Op::Message(Frame { subject, subscription: 7, reply, headers: headers.map(bytes), payload: bytes(payload) })
    }

    #[test]
    fn frames_are_taken_one_by_one_with_whatever_bytes_they_hold() {
        let said = b"INFO {\"a\":1}\r\nPING\r\nMSG a\xff.b 7 2\r\n\r\n\r\nMSG a 7 re\x00ply 0\r\n\r\n\
            HMSG a 7 r 12 14\r\nNATS/1.0\r\n\r\nhi\r\n+OK\r\n-ERR 'No'\r\nPONG\r\n";
        let expected = vec![
            Op::Info(Bytes::from_static(b"{\"a\":1}")),
            Op::Ping,
            frame(b"a\xff.b", None, None, b"\r\n"),
            frame(b"a", Some(b"re\x00ply"), None, b""),
            frame(b"a", Some(b"r"), Some(b"NATS/1.0\r\n\r\n"), b"hi"),
            Op::Ok,
            Op::Error("No".to_owned()),
            Op::Pong,
        ];
        assert_eq!(all(said), expected);
    }

    #[test]
    fn a_frame_that_has_not_come_whole_is_waited_for() {
        let said = b"HMSG a 7 12 14\r\nNATS/1.0\r\n\r\nhi\r\n";
        for cut in 0..said.len() {
            let mut buffer = BytesMut::from(&said[..cut]);
            assert_eq!(next(&mut buffer), Ok(None), "{cut}");
            buffer.extend_from_slice(&said[cut..]);
            assert_eq!(next(&mut buffer), Ok(Some(frame(b"a", None, Some(b"NATS/1.0\r\n\r\n"), b"hi"))), "{cut}");
        }
    }

    #[test]
    fn what_is_not_in_the_protocol_breaks_the_line() {
        for said in ["GET / HTTP/1.1\r\n", "MSG a\r\n", "MSG a x 1\r\n", "HMSG a 7 9 4\r\n", "MSG a 7 b c 1\r\n"] {
            assert!(next(&mut BytesMut::from(said)).is_err(), "{said}");
        }
    }
}
