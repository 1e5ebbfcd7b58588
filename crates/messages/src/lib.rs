//! The published language of Docket: everything that crosses a process boundary.
//!
//! The wire form is proto3 JSON: lowerCamelCase names, RFC 3339 times in UTC, a `oneof` as an object with
//! a single key. `proto/docket/v1/*.proto` describes the same messages; a test holds the two together.
//!
//! Invariants:
//! - Everything that goes over the bus or into the log is defined here. (What the command line prints as JSON is its
//!   own affair, and is in `docs/CONTRACT.md`.)
//! - Values are parsed once, at the edge: a [`Name`] is a legal name, a [`Text`] is neither empty nor
//!   unbounded, a [`Timestamp`] has whole milliseconds. Nothing behind the edge checks them again.
//! - Commands refuse unknown fields; what is read from the log ignores unknown fields but refuses an
//!   unknown event or an unknown format version.

mod as_of;
mod canonical;
mod command;
mod digest;
mod entry;
mod event;
mod field;
mod headers;
mod ids;
mod names;
mod number;
pub mod policy;
mod position;
mod reply;
mod status;
mod text;
mod timestamp;
mod view;

pub use as_of::{AsOf, InvalidAsOf};
pub use command::{
    Absorb, AcceptLink, AcceptOffer, AcceptParent, AnswerSurvey, Assign, Attach, BodyField, Cancel, CaseCommand, Claim,
    Classify, Close, Confirm, DeclineOffer, Deescalate, Detach, Escalate, GetCase, GetPolicy, Inherit, Intake, Link,
    LogEffort, Merge, Note, Pend, PublishPolicy, Push, RebaseClocks, Receive, Release, Reopen, RequestSurvey, Resolve,
    Respond, Resume, Route, SetPresence, SettleLink, SettleMerge, SettlePassing, Split, Tick, Unassign, Unmerge, Verb,
};
pub use digest::{Digest, Salt};
pub use entry::{Entry, EntryKind, FORMAT_VERSION, UnreadableEntry, Via};
pub use event::{
    Absorbed, ArticleAttached, ArticleDetached, ArticleNotFound, Assigned, Cancelled, CaseProposed, Cause, Classified,
    ClassifiedText, ClockChange, ClockReading, Closed, ClosedText, Deescalated, Detail, EffortLogged, Escalated, Event,
    FollowUpDue, LinkRefused, LinkRequested, Linked, MergeRefused, MergeRequested, Merged, MessageReceived, Noted,
    Notified, OfferDeclined, OfferExpired, Offered, Opened, OpenedText, ParentAccepted, PassedOn, PassingOn, Pended,
    Personal, PolicyPublished, Presence, PresenceChanged, RanIn, ReasonText, Relation, Released, Reopened,
    ResolutionConfirmed, ResolutionRejected, Resolved, ResolvedText, Responded, Resumed, Routed, SkillNeed,
    SplitRequested, SurveyAnswered, SurveyExpired, SurveyRequested, SurveyReserved, Unassigned, UnmergeRequested,
    Unmerged, WrittenText,
};
pub use field::{FieldValue, Fields};
pub use headers::Headers;
pub use ids::{
    Addressee, AgentId, CaseId, ClaimId, CommandId, CustomerId, InvalidId, Name, OnBehalfOf, PrincipalName, nfc,
};
pub use names::{ClockName, Survey};
pub use position::{PolicyVersion, Position, Version};
pub use reply::{Accepted, CaseReply, Failure, FailureCode, PolicyReply, PolicyView, Rejection, RejectionCode, Reply};
pub use status::Status;
pub use text::{InvalidText, Line, Text, is_visible, shorten};
pub use timestamp::{InvalidTimestamp, Timestamp};
pub use view::{CaseView, ClockState, ClockView};
