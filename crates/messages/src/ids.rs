//! Identifiers. Each is its own type, so that two of them cannot be swapped, and each is parsed once.

use std::fmt;
use std::str::FromStr;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize};
use smol_str::SmolStr;
use uuid::Uuid;

use crate::{Digest, Version};

/// A case, by UUID.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct CaseId(Uuid);

impl PrincipalName {
    /// The principal that Docket's own workers act as.
    pub const SYSTEM: &str = "docket";

    /// That principal.
    #[must_use]
    pub fn system() -> Self {
        Self(SmolStr::new_static(Self::SYSTEM))
    }
}

impl CaseId {
    /// Wraps a UUID that was made elsewhere.
    #[must_use]
    pub fn new(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// The case that an intake without a `caseId` opens: a name-based UUID (RFC 9562, version 8) over the
    /// principal and its command id, so that a retried intake meets the same case.
    #[must_use]
    pub fn of_intake(principal: &PrincipalName, command: &CommandId) -> Self {
        Self(name_based(&[b"docket.case\0", principal.as_str().as_bytes(), b"\0", command.as_str().as_bytes()]))
    }

    /// The case that a part of another goes on in, which was split off as the event of that version.
    #[must_use]
    pub fn of_split(from: CaseId, version: Version) -> Self {
        Self(name_based(&[b"docket.split\0", from.0.as_bytes(), &version.get().to_be_bytes()]))
    }

    /// The UUID itself.
    #[must_use]
    pub fn uuid(self) -> Uuid {
        self.0
    }
}

/// A name-based UUID (RFC 9562, version 8).
fn name_based(name: &[&[u8]]) -> Uuid {
    let digest = Digest::of(name);
    let mut bytes = [0_u8; 16];
    for (to, from) in bytes.iter_mut().zip(digest.as_bytes()) {
        *to = *from;
    }
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// Whom a command was sent to: a case, or a claim of the next case of a queue. A command id is unique per principal and
/// addressee, wherever the command was carried out.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Addressee(Uuid);

impl From<CaseId> for Addressee {
    fn from(case: CaseId) -> Self {
        Self(case.0)
    }
}

impl From<ClaimId> for Addressee {
    fn from(claim: ClaimId) -> Self {
        Self(claim.0)
    }
}

/// A claim of the next case of a queue, by UUID.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ClaimId(Uuid);

impl ClaimId {
    /// The claim that a command makes: a repeated command meets the same one.
    #[must_use]
    pub fn of(principal: &PrincipalName, command: &CommandId) -> Self {
        Self(name_based(&[b"docket.claim\0", principal.as_str().as_bytes(), b"\0", command.as_str().as_bytes()]))
    }
}

impl fmt::Display for ClaimId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl FromStr for ClaimId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        Uuid::parse_str(text).map(Self).map_err(|_| InvalidId {
            what: "a claim id",
            given: shorten(text),
            rule: "a UUID",
        })
    }
}

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl fmt::Debug for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for CaseId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        Uuid::parse_str(text).map(Self).map_err(|_| InvalidId {
            what: "a case id",
            given: shorten(text),
            rule: "a UUID",
        })
    }
}

impl<'de> Deserialize<'de> for CaseId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Parsed { what: "a case id", parse: Self::from_str })
    }
}

/// Why a text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is not {what}: it must be {rule}")]
pub struct InvalidId {
    what: &'static str,
    given: String,
    rule: &'static str,
}

/// An identifier may come from anywhere; an error must not repeat a megabyte of it.
fn shorten(text: &str) -> String {
    const SHOWN: usize = 64;
    if text.chars().count() <= SHOWN {
        return text.to_owned();
    }
    text.chars().take(SHOWN).chain("…".chars()).collect()
}

const NAME_RULE: &str = "1 to 64 of the characters A-Z a-z 0-9 space _ . -";
const TOKEN_RULE: &str = "1 to 64 of the characters A-Z a-z 0-9 _ -";

fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b" _.-".contains(&b))
}

fn is_token(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
}

/// Reads an identifier where it stands, without a copy of its text.
struct Parsed<T> {
    what: &'static str,
    parse: fn(&str) -> Result<T, InvalidId>,
}

impl<T> Visitor<'_> for Parsed<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        (self.parse)(text).map_err(E::custom)
    }
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $what:literal, $check:ident, $rule:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(SmolStr);

        impl $name {
            /// Parses it; the only way in.
            ///
            /// # Errors
            /// [`InvalidId`] says which characters are allowed.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                if $check(text) {
                    return Ok(Self(SmolStr::new(text)));
                }
                Err(InvalidId { what: $what, given: shorten(text), rule: $rule })
            }

            /// The text of it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&*self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::parse(text)
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(Parsed { what: $what, parse: Self::parse })
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

identifier!(
    /// Who asked: the principal whose credentials sent the command. One subject token.
    PrincipalName, "a principal", is_token, TOKEN_RULE
);
identifier!(
    /// The sender's name for one command, unique per principal and case.
    CommandId, "a command id", is_token, TOKEN_RULE
);
identifier!(
    /// An agent, by pseudonym.
    AgentId, "an agent", is_name, NAME_RULE
);
identifier!(
    /// A customer, by pseudonym.
    CustomerId, "a customer", is_name, NAME_RULE
);
identifier!(
    /// On whose behalf a principal acts, by pseudonym.
    OnBehalfOf, "somebody to act for", is_name, NAME_RULE
);
identifier!(
    /// A word of a vocabulary that the policy defines: a type, a queue, a code, a calendar.
    Name, "a name", is_name, NAME_RULE
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_bounded_and_plain() {
        assert!(Name::parse("Awaiting User Info").is_ok());
        assert!(Name::parse("").is_err());
        assert!(Name::parse(&"a".repeat(65)).is_err());
        assert!(Name::parse("a@b").is_err());
    }

    #[test]
    fn a_retried_intake_meets_the_same_case() {
        let (webshop, id) = (PrincipalName::parse("webshop").unwrap(), CommandId::parse("c-1").unwrap());
        assert_eq!(CaseId::of_intake(&webshop, &id), CaseId::of_intake(&webshop, &id));
        let desk = PrincipalName::parse("desk").unwrap();
        assert_ne!(CaseId::of_intake(&webshop, &id), CaseId::of_intake(&desk, &id));
    }

    #[test]
    fn an_error_does_not_repeat_a_megabyte() {
        let error = Name::parse(&"@".repeat(1 << 20)).unwrap_err();
        assert!(error.to_string().len() < 400);
    }
}
