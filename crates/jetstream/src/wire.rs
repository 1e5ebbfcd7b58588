//! A connection to NATS for what anybody may have sent.
//!
//! The server passes on any bytes in subjects, reply subjects and headers. The client library takes some of them for a
//! broken connection, and panics over others. So whatever comes straight from others is read here: nothing is assumed
//! of it but the framing, which the server writes. What we exchange with the server itself goes over the library.
//!
//! ([ADR 17](../../../docs/adr/0017-what-others-send-is-read-at-an-edge-of-our-own.md))

mod dial;
mod headers;
mod line;
mod pace;
mod protocol;

pub use headers::{Headers, Unreadable};
pub(crate) use line::{Line, Message, Subscription};
pub(crate) use pace::Heard;
