//! The lanes of the inbox.

use docket_messages::{Digest, PrincipalName};

use crate::Namespace;

/// What one principal has submitted, handed out by a consumer of its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Lane {
    /// The token of the subject that says who submits. A user that may submit as anybody can put any token there.
    token: String,
}

impl Lane {
    /// The lane of a principal.
    #[must_use]
    pub fn of(principal: &PrincipalName) -> Self {
        Self { token: principal.to_string() }
    }

    /// The lane of a submission, by its path: the part of its subject below `docket.submit.`. None when the server
    /// would take the token for those of others: it publishes to wildcards as to anything else, but cannot hand out
    /// what is on them alone. None also for a token that is no text, in whose place the server shows U+FFFD, and for a
    /// path that has nothing but the token. None also for a path with the character U+007F: nats-server 2.15.1 keeps
    /// such a subject out of the index that consumers go by.
    pub(super) fn of_path(path: &str) -> Option<Self> {
        if path.contains('\u{7f}') {
            return None;
        }
        let (token, _) = path.split_once('.')?;
        (!["*", ">"].contains(&token) && !token.contains(char::REPLACEMENT_CHARACTER))
            .then(|| Self { token: token.to_owned() })
    }

    /// The durable consumer.
    #[must_use]
    pub fn consumer(&self) -> String {
        match PrincipalName::parse(&self.token) {
            Ok(name) => format!("principal-{name}"),
            // What may stand in a subject may not stand in the name of a consumer.
            Err(_) => format!("other-{}", Digest::of(&[self.token.as_bytes()])),
        }
    }

    /// The subjects of its submissions, those that are no commands included. It is one pattern: for several,
    /// nats-server 2.15.1 goes through all subjects in the inbox for each submission that it hands out, and anybody may
    /// make them many.
    pub(super) fn subjects(&self, names: &Namespace) -> String {
        names.submissions_of(&self.token)
    }
}

/// The part of a path that says who submits.
pub(super) fn token(path: &str) -> &str {
    path.split('.').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_principal_submits_is_in_its_lane() {
        let lane = Lane::of_path("webshop.case.intake").unwrap();
        assert_eq!(lane, Lane::of(&PrincipalName::parse("webshop").unwrap()));
        assert_eq!(lane.consumer(), "principal-webshop");
        assert_eq!(lane.subjects(&Namespace::default()), "docket.submit.webshop.>");
    }

    #[test]
    fn a_lane_has_a_name_whatever_the_token() {
        let consumers = ["Web/Shop.x", "web shop.x", "web\\shop.x"].map(|path| Lane::of_path(path).unwrap().consumer());
        for consumer in &consumers {
            assert!(consumer.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)), "{consumer}");
        }
        assert_ne!(consumers[0], consumers[1]);
    }

    #[test]
    fn what_would_stand_for_others_has_none() {
        for path in ["*.case.intake", ">", "a\u{fffd}.case.intake", "webshop", "webshop.case.in\u{7f}take"] {
            assert_eq!(Lane::of_path(path), None, "{path}");
        }
    }
}
