//! The published language of Docket: everything that crosses a process boundary.
//!
//! The wire form is proto3 JSON: lowerCamelCase names, RFC 3339 times in UTC, a `oneof` as an object with
//! a single key. `proto/docket/v1/*.proto` describes the same messages; a test holds the two together.
//!
//! What belongs to one kind of aggregate stands in its folder ([`case`](CaseEvent), [`policy`], agent, claim,
//! customer): its commands, and its events. [`Entry`] holds the events of one of them; [`AnyEntry`] is for who reads
//! the whole log.
//!
//! Invariants:
//! - Everything that goes over the bus or into the log is defined here. (What the command line prints as JSON is its
//!   own affair, and is in `docs/CONTRACT.md`.)
//! - Values are parsed once, at the edge: a [`Name`] is a legal name, a [`Text`] is neither empty nor unbounded, a
//!   [`Timestamp`] has whole milliseconds. Nothing behind the edge checks them again.
//! - Commands refuse unknown fields; what is read from the log ignores unknown fields but refuses an unknown event or
//!   an unknown format version.

#[macro_use]
mod macros;

mod agent;
mod as_of;
mod binary;
mod body;
mod canonical;
mod case;
mod claim;
mod customer;
mod digest;
mod entry;
mod event;
mod field;
mod headers;
mod ids;
mod json;
mod names;
mod number;
mod personal;
pub mod policy;
mod position;
mod reply;
mod text;
mod timestamp;

pub use agent::{AgentEvent, Presence, PresenceChanged, SetPresence};
pub use as_of::{AsOf, InvalidAsOf};
pub use binary::Binary;
pub use body::BodyField;
pub use case::*;
pub use claim::{CaseProposed, ClaimEvent};
pub use customer::{CustomerEvent, SurveyReserved};
pub use digest::{Digest, Salt};
pub use entry::{AnyEntry, CaseEntry, Entry, EntryEvent, EntryKind, FORMAT_VERSION, PolicyEntry, UnreadableEntry, Via};
pub use event::{AggregateEvent, Event};
pub use field::{FieldValue, Fields};
pub use headers::Headers;
pub use ids::{
    Addressee, AgentId, CaseId, ClaimId, CommandId, CustomerId, InvalidId, KeyId, Name, OnBehalfOf, PrincipalName, nfc,
};
pub use names::{ClockName, Survey};
pub use personal::{Personal, PersonalEvent, PersonalPart, Sealed};
pub use policy::{
    ApprovePolicy, GetPolicy, PolicyApproved, PolicyCommand, PolicyEvent, PolicyProposed, PolicyPublished,
    ProposePolicy, PublishPolicy, proposal_of,
};
pub use position::{PolicyVersion, Position, Version};
pub use reply::{Accepted, CaseReply, Failure, FailureCode, PolicyReply, PolicyView, Rejection, RejectionCode, Reply};
pub use text::{InvalidText, Line, Text, is_visible, shorten};
pub use timestamp::{InvalidTimestamp, Timestamp};
