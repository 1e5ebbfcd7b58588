//! The keys of a sealer, in a file of their own.

use docket_evidence::note::{Algorithm, KeyError, KeyName, SigningKey, VerifierKey};

/// What a sealer signs with. Three keys of one holder, each for what it is for.
#[derive(Debug)]
pub struct Keys {
    /// Signs each checkpoint. Its name is the origin of the log.
    pub log: SigningKey,
    /// Says when the checkpoint was the head of the log: a checkpoint has no time.
    pub clock: SigningKey,
    /// Signs now and then with what quantum computers do not break, and says when.
    pub quantum: SigningKey,
}

/// Why a text is not the keys of a sealer.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// A line is no key.
    #[error("line {line} is no secret key: {cause}")]
    Line {
        /// Which line, from 1.
        line: usize,
        /// Why.
        cause: KeyError,
    },
    /// They are not the three keys of a sealer.
    #[error(
        "these are not the keys of a sealer: an Ed25519 key, one for cosignatures and one of ML-DSA-44, a line each, of one log"
    )]
    Three,
    /// No key can have the name.
    #[error("`{0}` cannot be the name of a key: up to 255 characters, none of them a blank or a `+`")]
    Name(String),
}

/// What the name of the key for times has behind the name of the log.
const CLOCK: &str = "/clock";

impl Keys {
    /// Those of a log, from secrets.
    ///
    /// # Errors
    /// [`KeysError::Name`].
    pub fn new(name: &str, seeds: &[[u8; 32]; 3]) -> Result<Self, KeysError> {
        let parse = |name: &str| KeyName::parse(name).ok_or_else(|| KeysError::Name(name.to_owned()));
        let (log, clock) = (parse(name)?, parse(&format!("{name}{CLOCK}"))?);
        let [first, second, third] = seeds;
        Ok(Self {
            quantum: SigningKey::new(log.clone(), Algorithm::MlDsa44, third),
            log: SigningKey::new(log, Algorithm::Ed25519, first),
            clock: SigningKey::new(clock, Algorithm::Ed25519Cosignature, second),
        })
    }

    /// Reads what [`Keys::to_secret_text`] has written.
    ///
    /// # Errors
    /// [`KeysError`].
    pub fn parse(text: &str) -> Result<Self, KeysError> {
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let keys: Result<Vec<SigningKey>, KeysError> = lines
            .map(|(index, line)| {
                SigningKey::parse(line.trim()).map_err(|cause| KeysError::Line { line: index + 1, cause })
            })
            .collect();
        let Ok([log, clock, quantum]) = <[SigningKey; 3]>::try_from(keys?) else { return Err(KeysError::Three) };
        let keys = Self { log, clock, quantum };
        let kinds = [&keys.log, &keys.clock, &keys.quantum].map(|key| key.verifier().algorithm());
        let (origin, of_clock) = (keys.origin().as_str(), keys.clock.verifier().name().as_str());
        let are_of_one = keys.quantum.verifier().name() == keys.origin() && of_clock == format!("{origin}{CLOCK}");
        if kinds != [Algorithm::Ed25519, Algorithm::Ed25519Cosignature, Algorithm::MlDsa44] || !are_of_one {
            return Err(KeysError::Three);
        }
        Ok(keys)
    }

    /// The secrets, a line each.
    #[must_use]
    pub fn to_secret_text(&self) -> String {
        [&self.log, &self.clock, &self.quantum].map(|key| key.to_secret_text() + "\n").concat()
    }

    /// A policy (c2sp.org/tlog-policy) that trusts them: either key may sign for the log, and the clock says when. `witnesses`
    /// are more lines of it, with the quorum; without them it asks for none.
    #[must_use]
    pub fn policy(&self, witnesses: Option<&str>) -> String {
        let [log, clock, quantum] = self.verifiers();
        let witnesses = witnesses.unwrap_or("quorum none\n");
        format!("log {log}\nlog {quantum}\nwitness clock {clock}\n{witnesses}")
    }

    /// The name of the log.
    #[must_use]
    pub fn origin(&self) -> &KeyName {
        self.log.verifier().name()
    }

    /// What everybody may know of them.
    #[must_use]
    pub fn verifiers(&self) -> [&VerifierKey; 3] {
        [&self.log, &self.clock, &self.quantum].map(SigningKey::verifier)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_they_were_written_and_no_others_are() {
        let keys = Keys::new("docket.example/log", &[[1; 32], [2; 32], [3; 32]]).unwrap();
        let text = keys.to_secret_text();
        let read = Keys::parse(&text).unwrap();
        assert_eq!(read.verifiers(), keys.verifiers());
        assert!(docket_evidence::policy::Policy::parse(keys.policy(None).as_bytes()).is_ok());
        let lines: Vec<&str> = text.lines().collect();
        assert!(matches!(Keys::parse(&lines[..2].join("\n")), Err(KeysError::Three)));
        let turned: Vec<&str> = lines.iter().rev().copied().collect();
        assert!(matches!(Keys::parse(&turned.join("\n")), Err(KeysError::Three)));
        let other = Keys::new("docket.example/other", &[[1; 32], [2; 32], [3; 32]]).unwrap().to_secret_text();
        let mixed = [lines[0], other.lines().nth(1).unwrap(), lines[2]].join("\n");
        assert!(matches!(Keys::parse(&mixed), Err(KeysError::Three)));
        assert!(matches!(Keys::parse(&text.replacen("PRIVATE", "PUBLIC", 1)), Err(KeysError::Line { line: 1, .. })));
        assert!(matches!(Keys::new("a b", &[[1; 32], [2; 32], [3; 32]]), Err(KeysError::Name(_))));
    }
}
