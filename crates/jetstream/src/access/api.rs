//! What has to be published to work with a stream.

/// Reading single messages of a stream.
pub(super) fn single(stream: &str) -> Vec<String> {
    let api = |what: &str| format!("$JS.API.{what}.{stream}");
    vec![api("STREAM.MSG.GET"), api("DIRECT.GET"), api("DIRECT.GET") + ".>"]
}

/// Following a stream with an ordered consumer.
pub(super) fn following(stream: &str) -> Vec<String> {
    let below = ["CREATE", "INFO", "MSG.NEXT", "DELETE"].map(|what| format!("$JS.API.CONSUMER.{what}.{stream}.>"));
    // A consumer without a name of its own; and that the follower keeps up, which the server waits to hear.
    let more = [format!("$JS.API.CONSUMER.CREATE.{stream}"), format!("$JS.FC.{stream}.>")];
    below.into_iter().chain(more).collect()
}

/// Copying a stream: asking for the copy, and telling that a chunk has arrived.
pub(super) fn copying(stream: &str) -> [String; 2] {
    [format!("$JS.API.STREAM.SNAPSHOT.{stream}"), format!("$JS.SNAPSHOT.ACK.{stream}.>")]
}

/// Taking messages from a stream, one by one.
pub(super) fn consuming(stream: &str) -> Vec<String> {
    let mut rights = following(stream);
    rights.push(format!("$JS.API.CONSUMER.DURABLE.CREATE.{stream}.>"));
    rights.push(format!("$JS.ACK.{stream}.>"));
    rights
}
