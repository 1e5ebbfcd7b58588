//! From headers and bytes to a command. Nothing is read for it, so its rejections need no confirmation.

use std::str::FromStr;

use bytes::Bytes;
use docket_domain::authority;
use docket_messages::{
    Addressee, CaseAction, CaseCommand, CaseId, Claim, CommandId, Digest, EntryKind, Headers, OnBehalfOf,
    PolicyCommand, PrincipalName, Rejection, RejectionCode, SetPresence, StepVerb, Timestamp, Verb, Version, Via,
    shorten,
};

use serde::Serialize;

use crate::receipts::Request;
use crate::{Envelope, Trace};

/// The largest body, in bytes.
pub const BODY_LIMIT: usize = 256 * 1024;

/// A well-formed command: who asks for what, and how they asked.
#[derive(Debug)]
pub(crate) struct Admitted<T> {
    pub id: CommandId,
    pub by: PrincipalName,
    pub on_behalf_of: Option<OnBehalfOf>,
    pub expected: Option<Version>,
    pub occurred_at: Option<Timestamp>,
    pub verb: &'static str,
    pub body: Bytes,
    /// The digest of what the body says.
    pub message: Digest,
    pub trace: Trace,
    /// The way that it has come.
    pub way: Way,
    pub command: T,
}

/// The way of a command that goes on from the case that it was sent to.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Way {
    /// Whom it was sent to, if that is not the case that has it now.
    pub sent_to: Option<Addressee>,
    /// The case that it was sent to, and the one that handed it on.
    pub from: Option<(CaseId, CaseId)>,
    /// How often it was handed on.
    pub turns: u32,
    /// How it came, if not from the principal that it names.
    pub via: Option<Via>,
}

impl Way {
    /// The same, handed on from a case that was merged.
    pub(crate) fn on_from(self, case: CaseId) -> Self {
        let first = self.from.map_or(case, |(first, _)| first);
        let sent_to = Some(self.sent_to.unwrap_or(case.into()));
        Self { sent_to, from: Some((first, case)), turns: self.turns + 1, ..self }
    }

    /// Whether the board has proposed the case to a claim of the next one, which was sent to no case.
    pub(crate) fn is_proposed(self) -> bool {
        self.from.is_none() && self.sent_to.is_some()
    }

    /// Back at the case that it was sent to.
    pub(crate) fn over_again(self) -> Self {
        Self { sent_to: None, from: None, turns: self.turns + 1, ..self }
    }
}

impl<T> Admitted<T> {
    /// The same with another reading of its body.
    fn map<U>(self, read: impl FnOnce(T) -> U) -> Admitted<U> {
        let Self { id, by, on_behalf_of, expected, occurred_at, verb, body, message, trace, way, command } = self;
        let command = read(command);
        Admitted { id, by, on_behalf_of, expected, occurred_at, verb, body, message, trace, way, command }
    }

    /// It as its entry names it.
    pub(crate) fn request(&self) -> Request<'_> {
        let (id, by, on_behalf_of) = (&self.id, &self.by, self.on_behalf_of.as_ref());
        let (via, sent_to, trace) = (self.way.via, self.way.sent_to, self.trace.parent.as_ref());
        Request { id, by, on_behalf_of, verb: self.verb, body: &self.body, message: &self.message, via, sent_to, trace }
    }

    /// It as a grant sees it.
    pub(crate) fn authority(&self, kind: EntryKind) -> authority::Request<'_> {
        authority::Request {
            by: &self.by,
            kind: kind.as_str(),
            verb: self.verb,
            delegated: self.on_behalf_of.is_some(),
            backdated: self.occurred_at.is_some(),
        }
    }
}

/// What a command is for.
#[derive(Debug)]
pub(crate) enum Target {
    Case(CaseId, Box<Admitted<CaseAction>>),
    /// The next case of a queue, whichever that is.
    Claim(Box<Admitted<Claim>>),
    Agent(Admitted<SetPresence>),
    Policy(Admitted<PolicyCommand>),
}

/// Reads an envelope.
pub(crate) fn admit(envelope: Envelope) -> Result<Target, Rejection> {
    let (by, kind, verb) = path(&envelope.path)?;
    within_limit(&envelope.body)?;
    match (kind, verb) {
        ("case", verb) => {
            let verb = Verb::parse(verb).ok_or_else(|| no_command(verb))?;
            let admitted = read(envelope, by, verb.as_str(), |body| CaseCommand::read(verb, body))?;
            if let CaseCommand::Claim(claim @ Claim { case_id: None, .. }) = &admitted.command {
                let claim = claim.clone();
                return Ok(Target::Claim(Box::new(admitted.map(|_| claim))));
            }
            let case = admitted.command.case_id();
            let case = case.unwrap_or_else(|| CaseId::of_intake(&admitted.by, &admitted.id));
            Ok(Target::Case(case, Box::new(admitted.map(CaseAction::Command))))
        }
        ("agent", "presence") => read(envelope, by, "presence", SetPresence::read).map(Target::Agent),
        ("agent", verb) => {
            Err(unknown(format!("there is no command `agent.{}`; there is `agent.presence`", shorten(verb))))
        }
        ("policy", verb) => {
            let known = PolicyCommand::VERBS.into_iter().find(|known| *known == verb);
            let known = known.ok_or_else(|| no_policy_command(verb))?;
            let body = |body: &[u8]| PolicyCommand::read(known, body).unwrap_or_else(|| Err(no_policy_command(known)));
            read(envelope, by, known, body).map(Target::Policy)
        }
        (kind, _) => Err(unknown(format!(
            "there are no commands to a `{}`; there are to a `case`, to an `agent` and to the `policy`",
            shorten(kind)
        ))),
    }
}

fn no_policy_command(verb: &str) -> Rejection {
    let all = PolicyCommand::VERBS.map(|verb| format!("`policy.{verb}`")).join(", ");
    unknown(format!("there is no command `policy.{}`; there are {all}", shorten(verb)))
}

/// Refuses a body over the limit.
pub(crate) fn within_limit(body: &[u8]) -> Result<(), Rejection> {
    if body.len() <= BODY_LIMIT {
        return Ok(());
    }
    let message = format!("the body has {} bytes; at most {BODY_LIMIT} are allowed", body.len());
    Err(Rejection::new(RejectionCode::TooLarge, message))
}

/// Reads the path of a subject: principal, kind, verb.
pub(crate) fn path(path: &str) -> Result<(PrincipalName, &str, &str), Rejection> {
    let mut tokens = path.split('.');
    let (principal, kind, verb) = (tokens.next(), tokens.next(), tokens.next());
    let (Some(principal), Some(kind), Some(verb), None) = (principal, kind, verb, tokens.next()) else {
        return Err(unknown("a subject ends in <principal>.<kind>.<verb>, such as webshop.case.intake".to_owned()));
    };
    let principal = PrincipalName::parse(principal)
        .map_err(|error| Rejection::new(RejectionCode::BadRequest, error.to_string()))?;
    Ok((principal, kind, verb))
}

/// Reads the headers, and then the body.
fn read<T: Serialize>(
    envelope: Envelope,
    by: PrincipalName,
    verb: &'static str,
    body: impl FnOnce(&[u8]) -> Result<T, Rejection>,
) -> Result<Admitted<T>, Rejection> {
    let headers = envelope.headers;
    if let Some(refused) = headers.refused {
        return Err(refused);
    }
    let Some(id) = header(Headers::COMMAND_ID, headers.command_id.as_deref())? else {
        let message = "the header `Docket-Command-Id` is missing; give each command an id of its own, such as a UUID";
        return Err(Rejection::new(RejectionCode::MissingCommandId, message).at(Headers::COMMAND_ID));
    };
    let command = body(&envelope.body)?;
    let message =
        Digest::of_message(&command).map_err(|error| Rejection::new(RejectionCode::BadRequest, error.to_string()))?;
    Ok(Admitted {
        id,
        on_behalf_of: header(Headers::ON_BEHALF_OF, headers.on_behalf_of.as_deref())?,
        expected: headers.expect_version.as_deref().map(version).transpose()?,
        occurred_at: header(Headers::OCCURRED_AT, headers.occurred_at.as_deref())?,
        by,
        verb,
        command,
        message,
        body: envelope.body,
        trace: envelope.trace,
        way: Way { via: envelope.via, ..Way::default() },
    })
}

fn version(said: &str) -> Result<Version, Rejection> {
    said.parse().map(Version).map_err(|_| {
        let message = format!("`{}` is no version; send a whole number from 0 to {}", shorten(said), u32::MAX);
        Rejection::new(RejectionCode::BadRequest, message).at(Headers::EXPECT_VERSION)
    })
}

fn header<T: FromStr<Err: std::fmt::Display>>(name: &str, value: Option<&str>) -> Result<Option<T>, Rejection> {
    let parse = |value: &str| {
        value.parse().map_err(|error| Rejection::new(RejectionCode::BadRequest, format!("{name}: {error}")).at(name))
    };
    value.map(parse).transpose()
}

/// What is no command to a case may be a step, which nobody can send.
fn no_command(verb: &str) -> Rejection {
    if StepVerb::parse(verb).is_some() {
        let message = format!("`{verb}` is a step of Docket's own; nobody else can send it");
        return Rejection::new(RejectionCode::Forbidden, message);
    }
    let known: Vec<&str> = Verb::ALL.iter().map(|verb| verb.as_str()).collect();
    let hint = Verb::nearest(verb).map_or(String::new(), |near| format!(" did you mean `{}`?", near.as_str()));
    unknown(format!("there is no command `case.{}`;{hint} there are: {}", shorten(verb), known.join(", ")))
}

fn unknown(message: String) -> Rejection {
    Rejection::new(RejectionCode::UnknownCommand, message)
}
