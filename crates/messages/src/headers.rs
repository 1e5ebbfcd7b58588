//! The headers of a command: `Docket-Command-Id` and its companions. Their names are read in any case, as the libraries
//! of some languages change it on the way; what begins with `Docket-` and is none of them is refused, since its
//! sender meant something by it.

use crate::{Rejection, RejectionCode, shorten};

/// The headers of a command, as they came.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Headers {
    /// `Docket-Command-Id`.
    pub command_id: Option<String>,
    /// `Docket-On-Behalf-Of`.
    pub on_behalf_of: Option<String>,
    /// `Docket-Expect-Version`.
    pub expect_version: Option<String>,
    /// `Docket-Occurred-At`.
    pub occurred_at: Option<String>,
    /// Why the command cannot be taken in, if that is so.
    pub refused: Option<Rejection>,
}

impl Headers {
    /// The sender's id of a command.
    pub const COMMAND_ID: &str = "Docket-Command-Id";
    /// On whose behalf.
    pub const ON_BEHALF_OF: &str = "Docket-On-Behalf-Of";
    /// The version that the case is expected to have.
    pub const EXPECT_VERSION: &str = "Docket-Expect-Version";
    /// When it happened.
    pub const OCCURRED_AT: &str = "Docket-Occurred-At";

    const ALL: [&str; 4] = [Self::COMMAND_ID, Self::ON_BEHALF_OF, Self::EXPECT_VERSION, Self::OCCURRED_AT];
    const PREFIX: &str = "Docket-";

    /// Reads names and values, in any order. Of headers that are not Docket's nothing is kept.
    #[must_use]
    pub fn read<'h>(pairs: impl IntoIterator<Item = (&'h str, &'h str)>) -> Self {
        let mut headers = Self::default();
        for (name, value) in pairs {
            if let Err(rejection) = headers.take(name, value) {
                headers.refused.get_or_insert(rejection);
            }
        }
        headers
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), Rejection> {
        let is_docket_s = name.get(..Self::PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(Self::PREFIX));
        if !is_docket_s {
            return Ok(());
        }
        let known = Self::ALL.into_iter().find(|known| known.eq_ignore_ascii_case(name));
        let (known, place) = match known {
            Some(known @ Self::COMMAND_ID) => (known, &mut self.command_id),
            Some(known @ Self::ON_BEHALF_OF) => (known, &mut self.on_behalf_of),
            Some(known @ Self::EXPECT_VERSION) => (known, &mut self.expect_version),
            Some(known @ Self::OCCURRED_AT) => (known, &mut self.occurred_at),
            Some(_) | None => return Err(unknown(name)),
        };
        match place {
            Some(before) if before != value => {
                let message = format!("the header `{known}` is there twice, with two values; send it once");
                Err(Rejection::new(RejectionCode::BadRequest, message).at(known))
            }
            place => {
                *place = Some(value.to_owned());
                Ok(())
            }
        }
    }
}

fn unknown(name: &str) -> Rejection {
    let name = shorten(name);
    let lower = name.to_ascii_lowercase();
    let likeness = |known: &str| strsim::jaro_winkler(&known.to_ascii_lowercase(), &lower);
    let nearest = Headers::ALL.into_iter().max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
    let hint = nearest.map_or_else(String::new, |nearest| format!("; did you mean `{nearest}`?"));
    let message = format!("there is no header `{name}`{hint} Known are: {}", Headers::ALL.join(", "));
    Rejection::new(RejectionCode::BadRequest, message).at(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(pairs: &[(&str, &str)]) -> (String, String) {
        let rejection = Headers::read(pairs.iter().copied()).refused.expect("a rejection");
        assert_eq!(rejection.code, RejectionCode::BadRequest);
        (rejection.path.unwrap_or_default(), rejection.message)
    }

    #[test]
    fn a_header_is_known_in_any_case() {
        let pairs = [("docket-command-id", "c-1"), ("DOCKET-OCCURRED-AT", "now"), ("traceparent", "00"), ("X", "y")];
        let headers = Headers::read(pairs);
        assert_eq!((headers.command_id.as_deref(), headers.occurred_at.as_deref()), (Some("c-1"), Some("now")));
        assert_eq!((headers.on_behalf_of, headers.expect_version, headers.refused), (None, None, None));
    }

    #[test]
    fn an_unknown_header_of_docket_is_refused_and_the_nearest_known_one_named() {
        let (path, message) = refused(&[("Docket-Command-Id", "c-1"), ("docket-ocurred-at", "now")]);
        assert_eq!(path, "docket-ocurred-at");
        assert!(message.contains("did you mean `Docket-Occurred-At`?"), "{message}");
        for (name, nearest) in [
            ("Docket-Expected-Version", "Docket-Expect-Version"),
            ("Docket-Behalf-Of", "Docket-On-Behalf-Of"),
            ("Docket-CommandId", "Docket-Command-Id"),
        ] {
            let (_, message) = refused(&[(name, "x")]);
            assert!(message.contains(&format!("did you mean `{nearest}`?")), "{message}");
        }
        assert!(refused(&[(&format!("Docket-{}", "x".repeat(1 << 20)), "x")]).1.len() < 400);
    }

    #[test]
    fn a_header_that_is_there_twice_has_to_say_the_same() {
        let (path, message) = refused(&[("Docket-Command-Id", "c-1"), ("docket-command-id", "c-2")]);
        assert_eq!(path, "Docket-Command-Id");
        assert!(message.contains("twice"), "{message}");
        let same = Headers::read([("Docket-Command-Id", "c-1"), ("docket-command-id", "c-1")]);
        assert_eq!((same.command_id.as_deref(), same.refused), (Some("c-1"), None));
    }
}
