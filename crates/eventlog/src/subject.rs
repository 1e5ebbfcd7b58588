//! Subjects: one per aggregate.

use std::fmt;

use docket_messages::{AgentId, CaseId, ClaimId, CustomerId, EntryKind, nfc};

/// An aggregate of the log.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A case.
    Case(CaseId),
    /// The policy, of which there is one.
    Policy,
    /// An agent.
    Agent(AgentId),
    /// A claim of the next case of a queue.
    Claim(ClaimId),
    /// A customer.
    Customer(CustomerId),
}

impl Subject {
    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> EntryKind {
        match self {
            Self::Case(_) => EntryKind::Case,
            Self::Policy => EntryKind::Policy,
            Self::Agent(_) => EntryKind::Agent,
            Self::Claim(_) => EntryKind::Claim,
            Self::Customer(_) => EntryKind::Customer,
        }
    }

    /// Its id within its kind: one token of a subject.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::Case(id) => id.to_string(),
            Self::Policy => "main".to_owned(),
            Self::Agent(agent) => token(agent.as_str()),
            Self::Claim(id) => id.to_string(),
            Self::Customer(customer) => token(customer.as_str()),
        }
    }

    /// The subject that a text such as `case.0199…` names.
    ///
    /// # Errors
    /// [`UnknownSubject`] when it names none.
    pub fn parse(text: &str) -> Result<Self, UnknownSubject> {
        let named = match text.split_once('.') {
            Some(("case", id)) => id.parse().ok().map(Self::Case),
            Some(("policy", "main")) => Some(Self::Policy),
            Some(("agent", id)) => name(id).and_then(|name| AgentId::parse(&name).ok()).map(Self::Agent),
            Some(("claim", id)) => id.parse().ok().map(Self::Claim),
            Some(("customer", id)) => name(id).and_then(|name| CustomerId::parse(&name).ok()).map(Self::Customer),
            Some(_) | None => None,
        };
        // An aggregate has one subject: an id that can be written in several ways is written in one.
        named.filter(|subject| subject.to_string() == text).ok_or_else(|| UnknownSubject(text.into()))
    }
}

/// A subject below the log's prefix that no aggregate has.
#[derive(Debug, Clone, PartialEq, Eq, Hash, thiserror::Error)]
#[error("the subject {0} is not one of the log's")]
pub struct UnknownSubject(Box<str>);

impl UnknownSubject {
    /// It, below the log's prefix.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.kind().as_str(), self.id())
    }
}

/// A name as one token: each byte of its UTF-8 that a token may not have is written by its code, as in `=2E`.
fn token(name: &str) -> String {
    let mut token = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-' {
            token.push(char::from(byte));
        } else {
            token.push_str(&format!("={byte:02X}"));
        }
    }
    token
}

/// The name that a token was written for; none for a token that no name is written as.
fn name(token: &str) -> Option<String> {
    let mut parts = token.split('=');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(part.get(..2)?, 16).ok()?);
        bytes.extend(part.get(2..)?.bytes());
    }
    let name = String::from_utf8(bytes).ok()?;
    (nfc(&name) == name && self::token(&name) == token).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_token_and_comes_back() {
        let subject = Subject::Agent(AgentId::parse("Ana B. de-Vries_2").unwrap());
        assert_eq!(subject.to_string(), "agent.Ana=20B=2E=20de-Vries_2");
        assert_eq!(Subject::parse(&subject.to_string()), Ok(subject));
        let subject = Subject::Customer(CustomerId::parse("Zoë 客").unwrap());
        assert_eq!(subject.to_string(), "customer.Zo=C3=AB=20=E5=AE=A2");
        assert_eq!(Subject::parse(&subject.to_string()), Ok(subject));
    }

    #[test]
    fn a_token_that_no_name_is_written_as_names_nothing() {
        for token in
            ["=41na", "Ana=2e", "Ana=2", "Ana=", "Ana=C3", "Ana=+1", "Ana.B", "", "=0A", "Ana B", "Zoë", "e=CC=81"]
        {
            assert!(Subject::parse(&format!("agent.{token}")).is_err(), "{token}");
        }
    }
}
