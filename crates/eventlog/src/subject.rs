//! Subjects: one per aggregate.

use std::fmt;

use docket_messages::{AgentId, CaseId, ClaimId, CustomerId, EntryKind};

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
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once('.')? {
            ("case", id) => id.parse().ok().map(Self::Case),
            ("policy", "main") => Some(Self::Policy),
            ("agent", id) => AgentId::parse(&name(id)).ok().map(Self::Agent),
            ("claim", id) => id.parse().ok().map(Self::Claim),
            ("customer", id) => CustomerId::parse(&name(id)).ok().map(Self::Customer),
            _ => None,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.kind().as_str(), self.id())
    }
}

/// A name as one token: the two characters that a name may have and a token may not are written by their code.
fn token(name: &str) -> String {
    name.replace('.', "=2E").replace(' ', "=20")
}

fn name(token: &str) -> String {
    token.replace("=2E", ".").replace("=20", " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_token_and_comes_back() {
        let subject = Subject::Agent(AgentId::parse("Ana B. de-Vries_2").unwrap());
        assert_eq!(subject.to_string(), "agent.Ana=20B=2E=20de-Vries_2");
        assert_eq!(Subject::parse(&subject.to_string()), Some(subject));
    }
}
