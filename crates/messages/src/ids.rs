//! Identifiers. Each is its own type, so that two of them cannot be swapped, and each is parsed once.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize};
use smol_str::SmolStr;
use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory as _};
use uuid::Uuid;

use crate::{Digest, Version, shorten};

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

impl KeyId {
    /// The id of sixteen random bytes, which the caller brings: this crate has no randomness.
    #[must_use]
    pub fn new(random: [u8; 16]) -> Self {
        Self(SmolStr::new(URL_SAFE_NO_PAD.encode(random)))
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
            given: shorten(text).into_owned(),
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
            given: shorten(text).into_owned(),
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

const NAME_RULE: &str = "1 to 64 letters, marks or digits of any script, or of the characters space _ . -";
const TOKEN_RULE: &str = "1 to 64 of the characters A-Z a-z 0-9 _ -";

/// The most characters of an identifier.
const LONGEST: usize = 64;
/// No name is longer before it is brought into its form: what is longer is not looked at.
const LONGEST_BYTES: usize = 16 * LONGEST;

/// A name in its form. Most are ASCII, which has but one.
fn name(text: &str) -> Option<SmolStr> {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b" _.-".contains(&b);
    if text.bytes().all(is_plain) {
        return (1..=LONGEST).contains(&text.len()).then(|| SmolStr::new(text));
    }
    if text.len() > LONGEST_BYTES {
        return None;
    }
    let name = nfc(text);
    let fits = name.chars().count() <= LONGEST && name.chars().all(is_of_a_name);
    fits.then(|| SmolStr::new(&*name))
}

fn is_of_a_name(c: char) -> bool {
    match c.general_category_group() {
        GeneralCategoryGroup::Letter | GeneralCategoryGroup::Mark => true,
        GeneralCategoryGroup::Number => c.general_category() == GeneralCategory::DecimalNumber,
        GeneralCategoryGroup::Punctuation
        | GeneralCategoryGroup::Symbol
        | GeneralCategoryGroup::Separator
        | GeneralCategoryGroup::Other => matches!(c, ' ' | '_' | '.' | '-'),
    }
}

/// A text in the form NFC of Unicode: what looks the same and was typed on another machine is the same.
#[must_use]
pub fn nfc(text: &str) -> Cow<'_, str> {
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => Cow::Borrowed(text),
        IsNormalized::No | IsNormalized::Maybe => Cow::Owned(text.nfc().collect()),
    }
}

fn token(text: &str) -> Option<SmolStr> {
    let is_of_a_token = |b: u8| b.is_ascii_alphanumeric() || b"_-".contains(&b);
    ((1..=LONGEST).contains(&text.len()) && text.bytes().all(is_of_a_token)).then(|| SmolStr::new(text))
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
    ($(#[$doc:meta])* $name:ident, $what:literal, $read:ident, $rule:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(SmolStr);

        impl $name {
            /// Parses it; the only way in.
            ///
            /// # Errors
            /// [`InvalidId`] says which characters are allowed.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                $read(text).map(Self).ok_or_else(|| InvalidId { what: $what, given: shorten(text).into_owned(), rule: $rule })
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
    PrincipalName, "a principal", token, TOKEN_RULE
);
identifier!(
    /// The sender's name for one command, unique per principal and case.
    CommandId, "a command id", token, TOKEN_RULE
);
identifier!(
    /// A data key, by random characters.
    KeyId, "a key id", token, TOKEN_RULE
);
identifier!(
    /// An agent, by pseudonym.
    AgentId, "an agent", name, NAME_RULE
);
identifier!(
    /// A customer, by pseudonym.
    CustomerId, "a customer", name, NAME_RULE
);
identifier!(
    /// On whose behalf a principal acts, by pseudonym.
    OnBehalfOf, "somebody to act for", name, NAME_RULE
);
identifier!(
    /// A word of a vocabulary that the policy defines: a type, a queue, a code, a calendar.
    Name, "a name", name, NAME_RULE
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
    fn a_name_may_be_of_any_script() {
        for text in ["Équipe réseau", "客户-1001", "Отдел 2", "فريق", "टीम १", "ทีม", "김 지영", "İstanbul"]
        {
            assert_eq!(Name::parse(text).unwrap().as_str(), text);
            assert!(CustomerId::parse(text).is_ok() && AgentId::parse(text).is_ok());
            assert!(PrincipalName::parse(text).is_err() && CommandId::parse(text).is_err());
        }
        for text in ["a\u{a0}b", "a\u{200b}", "½", "Ⅳ", "€", "a/b", "a\tb", "“a”", "🙂", "a\u{202e}b", "a*", "a>"]
        {
            assert!(Name::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_name_is_the_same_however_its_marks_were_typed() {
        let (composed, typed_apart) = ("\u{c9}quipe", "E\u{301}quipe");
        assert_eq!(Name::parse(typed_apart), Name::parse(composed));
        assert_eq!(Name::parse(typed_apart).unwrap().as_str(), composed);
        let read: Name = serde_json::from_str(&format!("\"{typed_apart}\"")).unwrap();
        assert_eq!(read.as_str(), composed);
    }

    #[test]
    fn a_name_is_bounded_in_characters_not_bytes() {
        assert!(Name::parse(&"客".repeat(64)).is_ok());
        assert!(Name::parse(&"客".repeat(65)).is_err());
        assert!(Name::parse(&"e\u{301}".repeat(64)).is_ok(), "64 characters in their form");
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
