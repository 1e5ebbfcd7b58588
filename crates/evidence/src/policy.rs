//! Whom an auditor trusts (c2sp.org/tlog-policy): keys of logs, keys of witnesses, and how many of these it takes.
//!
//! It comes to the auditor by another way than what it judges.

use std::collections::{BTreeMap, BTreeSet};

use crate::checkpoint::{SignedCheckpoint, Vouched};
use crate::note::{Algorithm, KeyError, NoteError, VerifierKey};

#[cfg(test)]
mod tests;

/// How many lines of each kind are read. The specification recommends 32 at least.
const LIMIT: usize = 256;
/// What a policy may have in bytes. A key of ML-DSA-44 is a line of 1.8 kB.
pub const BYTES_LIMIT: usize = 1 << 20;

/// Whom to trust.
#[derive(Debug, Clone)]
pub struct Policy {
    logs: Vec<Party>,
    witnesses: BTreeMap<Vec<u8>, Party>,
    groups: BTreeMap<Vec<u8>, Group>,
    quorum: Option<Vec<u8>>,
}

/// A key, and where its owner is reached.
#[derive(Debug, Clone)]
pub struct Party {
    /// The key.
    pub key: VerifierKey,
    /// An address, if the policy names one.
    pub url: Option<String>,
}

#[derive(Debug, Clone)]
struct Group {
    least: usize,
    members: Vec<Vec<u8>>,
}

/// Why a file is no policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// It is longer than any policy needs to be.
    #[error("a policy of {0} bytes is too long: {BYTES_LIMIT} are allowed")]
    TooLong(usize),
    /// A line is wrong.
    #[error("line {line} of the policy: {problem}")]
    Line {
        /// Which line, from 1.
        line: usize,
        /// What is wrong with it.
        problem: Problem,
    },
    /// It says nothing of a quorum.
    #[error("the policy has no line `quorum NAME` (`quorum none` asks for no witness)")]
    NoQuorum,
}

/// What is wrong with a line of a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// A character that no policy may have.
    #[error("it has a control character that is neither a tab nor a newline")]
    Control,
    /// It begins with no known word, or has too few or too many words.
    #[error("it is none of `log KEY [URL]`, `witness NAME KEY [URL]`, `group NAME all|any|N NAME…` and `quorum NAME`")]
    Shape,
    /// A key cannot be read.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A key signs something else than it would have to here.
    #[error("the key signs no {0}")]
    Purpose(&'static str),
    /// The key stands in another line, too.
    #[error("the same key stands in an earlier line")]
    DuplicateKey,
    /// The name stands for something already.
    #[error("the name stands for something already")]
    DuplicateName,
    /// The name stands for nothing in an earlier line.
    #[error("a name stands for nothing in an earlier line")]
    UnknownName,
    /// A witness or group may count once only.
    #[error("a name is a member of a group already")]
    DuplicateMember,
    /// A group cannot reach its number.
    #[error("a group asks for one member at least, and not for more than it has")]
    Threshold,
    /// There are more of these than are read.
    #[error("there are more than {LIMIT} lines of this kind")]
    TooMany,
    /// The quorum was named already.
    #[error("there is an earlier line `quorum`")]
    SecondQuorum,
}

/// Why a checkpoint is not to be trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    /// A key of the policy is said to have signed, and has not.
    #[error(transparent)]
    False(#[from] NoteError),
    /// No log of the policy has signed it.
    #[error("none of the policy's logs has signed the checkpoint of `{0}`")]
    Log(String),
    /// Too few witnesses have seen it.
    #[error("the checkpoint lacks witnesses: {seen} of the policy's have signed it, which is no quorum")]
    Quorum {
        /// How many have.
        seen: usize,
    },
}

/// What speaks for a checkpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct Trust<'p> {
    /// The keys of the log that have signed it, and what they say by that.
    pub logs: Vec<(&'p VerifierKey, Vouched)>,
    /// The keys of witnesses that have, and when, in seconds since 1970.
    pub witnesses: Vec<(&'p VerifierKey, u64)>,
}

impl Trust<'_> {
    /// The earliest moment at which a key of the policy says that this was the head of the log, in seconds since 1970.
    #[must_use]
    pub fn earliest(&self) -> Option<u64> {
        let by_logs = self.logs.iter().filter_map(|(_, vouched)| match vouched {
            Vouched::Signed => None,
            Vouched::At(at) => Some(*at),
        });
        by_logs.chain(self.witnesses.iter().map(|(_, at)| *at)).min()
    }
}

impl Policy {
    /// Reads a policy.
    ///
    /// # Errors
    /// When the file is none: nothing of it is passed over.
    pub fn parse(bytes: &[u8]) -> Result<Self, PolicyError> {
        if bytes.len() > BYTES_LIMIT {
            return Err(PolicyError::TooLong(bytes.len()));
        }
        let mut reading = Reading::default();
        for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            reading.line(line).map_err(|problem| PolicyError::Line { line: index + 1, problem })?;
        }
        let quorum = reading.quorum.ok_or(PolicyError::NoQuorum)?;
        let quorum = (quorum != b"none").then_some(quorum);
        Ok(Self { logs: reading.logs, witnesses: reading.witnesses, groups: reading.groups, quorum })
    }

    /// The logs that it trusts.
    #[must_use]
    pub fn logs(&self) -> &[Party] {
        &self.logs
    }

    /// The witnesses that it knows.
    pub fn witnesses(&self) -> impl Iterator<Item = &Party> {
        self.witnesses.values()
    }

    /// What speaks for a checkpoint.
    ///
    /// # Errors
    /// When it is not enough, or a signature by a key of the policy is false.
    pub fn judge(&self, signed: &SignedCheckpoint) -> Result<Trust<'_>, Distrust> {
        let trust = self.vouchers(signed)?;
        let is_own = |witness: &Party| trust.witnesses.iter().any(|(key, _)| **key == witness.key);
        let seen = self.witnesses.iter().filter(|(_, witness)| is_own(witness)).map(|(name, _)| name.as_slice());
        let seen: BTreeSet<&[u8]> = seen.collect();
        // A group names what stands before it only, so this ends.
        let is_reached = self.quorum.as_ref().is_none_or(|quorum| self.has_witnessed(quorum, &seen));
        if is_reached { Ok(trust) } else { Err(Distrust::Quorum { seen: seen.len() }) }
    }

    /// Who of the policy has signed a checkpoint: a key of its log at least. How many witnesses is not asked.
    ///
    /// # Errors
    /// When no key of the log has signed it, or a signature by a key of the policy is false.
    pub fn vouchers(&self, signed: &SignedCheckpoint) -> Result<Trust<'_>, Distrust> {
        let origin = &signed.checkpoint().origin;
        let mut trust = Trust { logs: Vec::new(), witnesses: Vec::new() };
        for log in self.logs.iter().filter(|log| log.key.name() == origin) {
            if let Some(vouched) = signed.vouched_by(&log.key)? {
                trust.logs.push((&log.key, vouched));
            }
        }
        if trust.logs.is_empty() {
            return Err(Distrust::Log(origin.to_string()));
        }
        for witness in self.witnesses.values() {
            if let Some(Vouched::At(at)) = signed.vouched_by(&witness.key)? {
                trust.witnesses.push((&witness.key, at));
            }
        }
        Ok(trust)
    }

    fn has_witnessed(&self, name: &[u8], seen: &BTreeSet<&[u8]>) -> bool {
        match self.groups.get(name) {
            Some(group) => {
                group.members.iter().filter(|member| self.has_witnessed(member, seen)).count() >= group.least
            }
            None => seen.contains(name),
        }
    }
}

/// A policy that is being read.
#[derive(Default)]
struct Reading {
    logs: Vec<Party>,
    witnesses: BTreeMap<Vec<u8>, Party>,
    groups: BTreeMap<Vec<u8>, Group>,
    members: BTreeSet<Vec<u8>>,
    quorum: Option<Vec<u8>>,
}

impl Reading {
    fn line(&mut self, line: &[u8]) -> Result<(), Problem> {
        if line.iter().any(|byte| matches!(byte, 0..=0x08 | 0x0b..=0x1f | 0x7f)) {
            return Err(Problem::Control);
        }
        let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
        let words: Vec<&[u8]> = line.split(is_blank).filter(|word| !word.is_empty()).collect();
        match words.as_slice() {
            [] => Ok(()),
            [first, ..] if first.starts_with(b"#") => Ok(()),
            [b"log", key, url @ ..] if url.len() <= 1 => self.log(key, url.first()),
            [b"witness", name, key, url @ ..] if url.len() <= 1 => self.witness(name, key, url.first()),
            [b"group", name, least, members @ ..] => self.group(name, least, members),
            [b"quorum", name] => self.quorum(name),
            [..] => Err(Problem::Shape),
        }
    }

    fn log(&mut self, key: &[u8], url: Option<&&[u8]>) -> Result<(), Problem> {
        let party = party(key, url)?;
        if party.key.algorithm() == Algorithm::Ed25519Cosignature {
            return Err(Problem::Purpose("heads of its own log"));
        }
        is_new(&party, self.logs.iter())?;
        self.logs.push(party);
        Ok(())
    }

    fn witness(&mut self, name: &[u8], key: &[u8], url: Option<&&[u8]>) -> Result<(), Problem> {
        self.free(name)?;
        let party = party(key, url)?;
        if party.key.algorithm() == Algorithm::Ed25519 {
            return Err(Problem::Purpose("heads of others' logs"));
        }
        is_new(&party, self.witnesses.values())?;
        self.witnesses.insert(name.to_vec(), party);
        Ok(())
    }

    fn group(&mut self, name: &[u8], least: &[u8], members: &[&[u8]]) -> Result<(), Problem> {
        self.free(name)?;
        let least = match least {
            b"any" => 1,
            b"all" => members.len(),
            digits => std::str::from_utf8(digits)
                .ok()
                .and_then(crate::number::parse)
                .and_then(|number| usize::try_from(number).ok())
                .ok_or(Problem::Shape)?,
        };
        if least < 1 || least > members.len() {
            return Err(Problem::Threshold);
        }
        for member in members {
            if !self.is_known(member) {
                return Err(Problem::UnknownName);
            }
            if !self.members.insert(member.to_vec()) {
                return Err(Problem::DuplicateMember);
            }
        }
        if self.groups.len() == LIMIT {
            return Err(Problem::TooMany);
        }
        let members = members.iter().map(|member| member.to_vec()).collect();
        self.groups.insert(name.to_vec(), Group { least, members });
        Ok(())
    }

    fn quorum(&mut self, name: &[u8]) -> Result<(), Problem> {
        if self.quorum.is_some() {
            return Err(Problem::SecondQuorum);
        }
        if name != b"none" && !self.is_known(name) {
            return Err(Problem::UnknownName);
        }
        self.quorum = Some(name.to_vec());
        Ok(())
    }

    /// Whether an earlier line gives this name to a witness or a group.
    fn is_known(&self, name: &[u8]) -> bool {
        self.witnesses.contains_key(name) || self.groups.contains_key(name)
    }

    /// A name that stands for nothing yet.
    fn free(&self, name: &[u8]) -> Result<(), Problem> {
        if name == b"none" || self.is_known(name) { Err(Problem::DuplicateName) } else { Ok(()) }
    }
}

/// A key that no earlier line of its kind has.
fn is_new<'a>(party: &Party, mut earlier: impl ExactSizeIterator<Item = &'a Party>) -> Result<(), Problem> {
    let count = earlier.len();
    if earlier.any(|other| other.key.public_bytes() == party.key.public_bytes()) {
        return Err(Problem::DuplicateKey);
    }
    if count == LIMIT { Err(Problem::TooMany) } else { Ok(()) }
}

fn party(key: &[u8], url: Option<&&[u8]>) -> Result<Party, Problem> {
    let key = std::str::from_utf8(key).map_err(|_| KeyError::NotAVerifierKey)?;
    let url = url.map(|url| String::from_utf8_lossy(url).into_owned());
    Ok(Party { key: VerifierKey::parse(key)?, url })
}
