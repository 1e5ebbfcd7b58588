use super::{Leaf, LeafError, Message};

const HEADERS: [(&str, &str); 3] = [("Nats-Msg-Id", "7"), ("Docket-Id", "b"), ("Docket-Id", "a")];

fn message() -> Message<'static> {
    Message {
        sequence: 42,
        time: 1_700_000_000_123_456_789,
        subject: "docket.log.case.7",
        headers: &HEADERS,
        payload: b"{\"v\":1}",
    }
}

fn leaf(message: &Message<'_>) -> Leaf {
    Leaf::of(message).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn the_bytes_of_a_leaf_are_the_same_in_every_release() {
    // Computed by another program from the layout alone.
    assert_eq!(leaf(&message()).hash().to_string(), "06a4iq4GfM/Ps8G8R3K8IuRLlAYXc+371S0CUAX2GLs=");
}

#[test]
fn a_leaf_is_read_as_it_was_written() {
    let leaf = leaf(&message());
    assert_eq!(Leaf::parse(&leaf.to_bytes()), Ok(leaf));
    assert_eq!(Leaf::parse(&leaf.to_bytes()[..111]), Err(LeafError::NotALeaf));
    assert_eq!(Leaf::parse(&[leaf.to_bytes().as_slice(), &[0]].concat()), Err(LeafError::NotALeaf));
    for changed in (0..16).chain(104..112) {
        let mut bytes = leaf.to_bytes();
        bytes[changed] ^= 1;
        assert_eq!(Leaf::parse(&bytes), Err(LeafError::NotALeaf), "byte {changed}");
    }
}

#[test]
fn every_part_of_a_message_is_bound() {
    let one = message();
    let swapped = [HEADERS[0], HEADERS[2], HEADERS[1]];
    let renamed = [("Nats-Msg-I", "d7"), HEADERS[1], HEADERS[2]];
    let others = [
        Message { sequence: 43, ..one },
        Message { time: one.time + 1, ..one },
        Message { subject: "docket.log.case.8", ..one },
        Message { payload: b"{\"v\":2}", ..one },
        Message { headers: &HEADERS[..2], ..one },
        Message { headers: &swapped, ..one },
        Message { headers: &renamed, ..one },
    ];
    for other in others {
        assert_ne!(leaf(&other).hash(), leaf(&one).hash(), "{other:?}");
    }
    let sorted = [HEADERS[1], HEADERS[2], HEADERS[0]];
    assert_eq!(leaf(&Message { headers: &sorted, ..one }), leaf(&one), "names of headers have no order");
}
