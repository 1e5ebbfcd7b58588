//! The time, randomness and time zones: the one place that reads them.

use docket_command::Environment;
use docket_messages::{CommandId, Timestamp};
use uuid::Uuid;

/// The time now.
pub fn now() -> Timestamp {
    let now = Timestamp::from(chrono::Utc::now());
    // How wrong this machine's clock is, in milliseconds.
    fail::fail_point!("clock", |millis| now.plus_millis(millis.and_then(|text| text.parse().ok()).unwrap_or(0)));
    now
}

/// What surrounds the command service.
pub fn real() -> Environment {
    Environment { now, random: rand::random, zones: crate::zones::current }
}

/// Fills bytes with randomness.
pub fn random(bytes: &mut [u8]) {
    rand::fill(bytes);
}

/// A fresh command id.
pub fn fresh_command_id() -> CommandId {
    let id = Uuid::now_v7().to_string();
    #[expect(clippy::expect_used, reason = "a UUID is a legal command id")]
    CommandId::parse(&id).expect("a UUID is a token")
}
