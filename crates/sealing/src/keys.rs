//! The keys of a sealer, in a file of their own.
//!
//! A line is a secret key, or a verifier key. Three secret keys are a set: what one sealer signs with. While keys are
//! rotated there are two sets, and both sign. A verifier key is one that has signed this log before and does so no more.

use docket_evidence::checkpoint::SignedCheckpoint;
use docket_evidence::note::{Algorithm, KeyError, KeyName, Note, NoteError, Signature, SigningKey, VerifierKey};

/// What a sealer signs with.
#[derive(Debug)]
pub struct Keys {
    newest: Set,
    /// The set before, while keys are rotated.
    older: Option<Set>,
    /// Keys that have signed before.
    former: Vec<VerifierKey>,
}

/// Three keys of one holder, each for what it is for.
#[derive(Debug)]
struct Set {
    /// Signs each checkpoint. Its name is the origin of the log.
    log: SigningKey,
    /// Says when the checkpoint was the head of the log: a checkpoint has no time.
    clock: SigningKey,
    /// Signs now and then with what quantum computers do not break, and says when.
    quantum: SigningKey,
}

/// Why a text is not the keys of a sealer.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// A line is no key.
    #[error("line {line} is no key: {cause}")]
    Line {
        /// Which line, from 1.
        line: usize,
        /// Why.
        cause: KeyError,
    },
    /// They are not the keys of a sealer.
    #[error(
        "these are not the keys of a sealer: an Ed25519 key, one for cosignatures and one of ML-DSA-44, a line each, of one log; \
         behind them three older ones, if keys are rotated, and verifier keys of those that sign no more"
    )]
    Sets,
    /// No key can have the name.
    #[error("`{0}` cannot be the name of a key: up to 255 characters, none of them a blank or a `+`")]
    Name(String),
    /// The note of a rotation cannot be written.
    #[error("the note of the rotation cannot be written")]
    Note(#[from] NoteError),
}

/// What the name of the key for times has behind the name of the log.
const CLOCK: &str = "/clock";
/// How secret keys begin.
const SECRET: &str = "PRIVATE+KEY+";
/// How the note of a rotation begins.
const ROTATION: &str = "docket.key-rotation/v1";

impl Set {
    fn new(name: &str, seeds: &[[u8; 32]; 3]) -> Result<Self, KeysError> {
        let parse = |name: &str| KeyName::parse(name).ok_or_else(|| KeysError::Name(name.to_owned()));
        let (log, clock) = (parse(name)?, parse(&format!("{name}{CLOCK}"))?);
        let [first, second, third] = seeds;
        Ok(Self {
            quantum: SigningKey::new(log.clone(), Algorithm::MlDsa44, third),
            log: SigningKey::new(log, Algorithm::Ed25519, first),
            clock: SigningKey::new(clock, Algorithm::Ed25519Cosignature, second),
        })
    }

    /// Three keys, if they are a set.
    fn of(keys: [SigningKey; 3]) -> Option<Self> {
        let [log, clock, quantum] = keys;
        let set = Self { log, clock, quantum };
        let kinds = set.verifiers().map(VerifierKey::algorithm);
        let [log, clock, quantum] = set.verifiers().map(|key| key.name().as_str().to_owned());
        let are_of_one = quantum == log && clock == format!("{log}{CLOCK}");
        let is_set = kinds == [Algorithm::Ed25519, Algorithm::Ed25519Cosignature, Algorithm::MlDsa44] && are_of_one;
        is_set.then_some(set)
    }

    fn verifiers(&self) -> [&VerifierKey; 3] {
        [&self.log, &self.clock, &self.quantum].map(SigningKey::verifier)
    }

    fn to_secret_text(&self) -> String {
        [&self.log, &self.clock, &self.quantum].map(|key| key.to_secret_text() + "\n").concat()
    }
}

impl Keys {
    /// Those of a log, from secrets.
    ///
    /// # Errors
    /// [`KeysError::Name`].
    pub fn new(name: &str, seeds: &[[u8; 32]; 3]) -> Result<Self, KeysError> {
        Ok(Self { newest: Set::new(name, seeds)?, older: None, former: Vec::new() })
    }

    /// Reads what [`Keys::to_secret_text`] has written.
    ///
    /// # Errors
    /// [`KeysError`].
    pub fn parse(text: &str) -> Result<Self, KeysError> {
        let (mut secrets, mut former) = (Vec::new(), Vec::new());
        let lines = text.lines().map(str::trim).enumerate().filter(|(_, line)| !line.is_empty());
        for (index, line) in lines {
            let failed = |cause| KeysError::Line { line: index + 1, cause };
            if line.starts_with(SECRET) {
                secrets.push(SigningKey::parse(line).map_err(failed)?);
            } else {
                former.push(VerifierKey::parse(line).map_err(failed)?);
            }
        }
        let mut sets = Vec::new();
        let mut secrets = secrets.into_iter();
        while let Some(log) = secrets.next() {
            let (clock, quantum) = (secrets.next().ok_or(KeysError::Sets)?, secrets.next().ok_or(KeysError::Sets)?);
            sets.push(Set::of([log, clock, quantum]).ok_or(KeysError::Sets)?);
        }
        let mut sets = sets.into_iter();
        let (newest, older) = (sets.next().ok_or(KeysError::Sets)?, sets.next());
        let are_of_one = older.as_ref().is_none_or(|older| older.log.verifier().name() == newest.log.verifier().name());
        let is_one_too_many = sets.next().is_some();
        if is_one_too_many || !are_of_one { Err(KeysError::Sets) } else { Ok(Self { newest, older, former }) }
    }

    /// The newest first.
    fn sets(&self) -> impl DoubleEndedIterator<Item = &Set> {
        std::iter::once(&self.newest).chain(&self.older)
    }

    /// The keys, a line each, with their secrets.
    #[must_use]
    pub fn to_secret_text(&self) -> String {
        let secrets = self.sets().map(Set::to_secret_text);
        secrets.chain(self.former.iter().map(|key| format!("{key}\n"))).collect()
    }

    /// New keys for the same log, which sign together with these; and a note of that, which both sign, for those who trust
    /// the old ones.
    ///
    /// # Errors
    /// [`KeysError`].
    pub fn rotate(self, seeds: &[[u8; 32]; 3]) -> Result<(Self, Note), KeysError> {
        let new = Set::new(self.origin().as_str(), seeds)?;
        let named: String = new.verifiers().map(|key| format!("{key}\n")).concat();
        let mut note = Note::new(format!("{ROTATION}\n{}\n{named}", self.origin()))?;
        let Self { newest: old, older, mut former } = self;
        // Who was to sign for a while only, and does no longer, has signed what is sealed.
        former.extend(older.iter().flat_map(|set| set.verifiers().map(Clone::clone)));
        let keys = Self { newest: new, older: Some(old), former };
        // The old one first: it vouches for the new one, and the new one shows that somebody has it.
        for set in keys.sets().rev() {
            let verifier = set.log.verifier();
            let bytes = set.log.sign(note.text().as_bytes());
            note.add(Signature { name: verifier.name().clone(), id: verifier.id(), bytes });
        }
        Ok((keys, note))
    }

    /// The name of the log.
    #[must_use]
    pub fn origin(&self) -> &KeyName {
        self.newest.log.verifier().name()
    }

    /// What everybody may know of the newest set.
    #[must_use]
    pub fn verifiers(&self) -> [&VerifierKey; 3] {
        self.newest.verifiers()
    }

    /// Signs a checkpoint. `at` is when it was the head of the log, in seconds since 1970.
    pub fn sign(&self, signed: &mut SignedCheckpoint, at: u64, for_long: bool) {
        for set in self.sets() {
            signed.sign(&set.log, at);
            signed.sign(&set.clock, at);
            if for_long {
                signed.sign(&set.quantum, at);
            }
        }
    }

    /// Whether one of these keys has signed a checkpoint for the log, or one that did before.
    ///
    /// # Errors
    /// When a signature by one of them is false.
    pub fn have_signed(&self, signed: &SignedCheckpoint) -> Result<bool, NoteError> {
        let own = self.sets().map(|set| set.log.verifier());
        for key in own.chain(self.former.iter().filter(|key| key.algorithm() == Algorithm::Ed25519)) {
            if signed.vouched_by(key)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A policy (c2sp.org/tlog-policy) that trusts them: any of the keys may sign for the log, and the clock says when.
    /// `witnesses` are more lines of it, with the quorum; without them it asks for none.
    #[must_use]
    pub fn policy(&self, witnesses: Option<&str>) -> String {
        let mut logs = String::new();
        for (number, set) in self.sets().enumerate() {
            let [log, clock, quantum] = set.verifiers();
            let name = if number == 0 { "clock".to_owned() } else { format!("clock{}", number + 1) };
            logs.push_str(&format!("log {log}\nlog {quantum}\nwitness {name} {clock}\n"));
        }
        for key in self.former.iter().filter(|key| key.algorithm() != Algorithm::Ed25519Cosignature) {
            logs.push_str(&format!("log {key}\n"));
        }
        format!("{logs}{}", witnesses.unwrap_or("quorum none\n"))
    }
}

#[cfg(test)]
mod tests {
    use docket_evidence::checkpoint::Checkpoint;
    use docket_evidence::hash::Hash;
    use docket_evidence::policy::Policy;

    use super::*;

    const SEEDS: [[u8; 32]; 3] = [[1; 32], [2; 32], [3; 32]];

    #[test]
    fn keys_are_read_as_they_were_written_and_no_others_are() {
        let keys = Keys::new("docket.example/log", &SEEDS).unwrap();
        let text = keys.to_secret_text();
        let read = Keys::parse(&text).unwrap();
        assert_eq!(read.verifiers(), keys.verifiers());
        assert!(Policy::parse(keys.policy(None).as_bytes()).is_ok());
        let lines: Vec<&str> = text.lines().collect();
        assert!(matches!(Keys::parse(&lines[..2].join("\n")), Err(KeysError::Sets)));
        assert!(matches!(Keys::parse(""), Err(KeysError::Sets)));
        let turned: Vec<&str> = lines.iter().rev().copied().collect();
        assert!(matches!(Keys::parse(&turned.join("\n")), Err(KeysError::Sets)));
        let other = Keys::new("docket.example/other", &SEEDS).unwrap().to_secret_text();
        let mixed = [lines[0], other.lines().nth(1).unwrap(), lines[2]].join("\n");
        assert!(matches!(Keys::parse(&mixed), Err(KeysError::Sets)));
        assert!(matches!(Keys::parse(&format!("{text}{other}")), Err(KeysError::Sets)), "of two logs");
        assert!(matches!(Keys::parse(&text.replacen("PRIVATE", "PUBLIC", 1)), Err(KeysError::Line { line: 1, .. })));
        assert!(matches!(Keys::new("a b", &SEEDS), Err(KeysError::Name(_))));
    }

    fn sealed(keys: &Keys) -> SignedCheckpoint {
        let checkpoint = Checkpoint { origin: keys.origin().clone(), size: 3, root: Hash([7; 32]) };
        let mut signed = SignedCheckpoint::new(checkpoint).unwrap();
        keys.sign(&mut signed, 1_796_050_363, true);
        signed
    }

    #[test]
    fn keys_that_were_rotated_twice_are_still_those_of_what_was_signed_first() {
        let first = Keys::new("docket.example/log", &SEEDS).unwrap();
        let before = sealed(&first);
        let (second, _) = first.rotate(&[[4; 32], [5; 32], [6; 32]]).unwrap();
        let (third, _) = second.rotate(&[[7; 32], [8; 32], [9; 32]]).unwrap();
        let third = Keys::parse(&third.to_secret_text()).unwrap();
        assert!(third.have_signed(&before).unwrap());
        assert!(Policy::parse(third.policy(None).as_bytes()).unwrap().judge(&before).is_ok());
    }

    #[test]
    fn while_keys_are_rotated_both_sign_and_the_old_one_vouches_for_the_new_one() {
        let old = Keys::new("docket.example/log", &SEEDS).unwrap();
        let (old_policy, before) = (Policy::parse(old.policy(None).as_bytes()).unwrap(), sealed(&old));
        let old_key = old.verifiers()[0].clone();
        let (both, note) = old.rotate(&[[4; 32], [5; 32], [6; 32]]).unwrap();
        let both = Keys::parse(&both.to_secret_text()).unwrap();
        let new_key = both.verifiers()[0].clone();
        for key in [&old_key, &new_key] {
            let own: Vec<&Signature> = note.signatures_of(key).collect();
            assert!(own.len() == 1 && key.verifies(note.text().as_bytes(), &own[0].bytes));
        }
        assert!(note.text().contains(&new_key.to_string()));
        let during = sealed(&both);
        assert!(old_policy.judge(&during).is_ok(), "who trusts the old key goes on");
        let new_policy = Policy::parse(both.policy(None).as_bytes()).unwrap();
        assert!(new_policy.judge(&during).is_ok() && new_policy.judge(&before).is_ok());
        // The old secrets go, and their verifier keys stay.
        let text = both.to_secret_text();
        let newest: String = text.lines().take(3).map(|line| format!("{line}\n")).collect();
        let alone = Keys::parse(&format!("{newest}{old_key}\n")).unwrap();
        assert!(alone.have_signed(&before).unwrap() && alone.have_signed(&sealed(&alone)).unwrap());
        assert!(old_policy.judge(&sealed(&alone)).is_err());
        assert!(!Keys::parse(&newest).unwrap().have_signed(&before).unwrap(), "of a key that it does not know");
    }
}
