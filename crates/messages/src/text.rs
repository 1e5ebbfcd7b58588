//! Free text: bounded, and never empty.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a text is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidText {
    /// Nothing in it that shows.
    #[error("the text is empty")]
    Empty,
    /// Over the limit.
    #[error("the text has {given} characters; at most {limit} are allowed")]
    TooLong {
        /// How many characters came.
        given: usize,
        /// How many may come.
        limit: usize,
    },
    /// U+0000, which SQL text cannot hold.
    #[error("the text contains the character U+0000, which cannot be stored")]
    Nul,
}

/// What others sent as an error repeats it: not all of a megabyte.
#[must_use]
pub fn shorten(text: &str) -> Cow<'_, str> {
    const SHOWN: usize = 64;
    match text.char_indices().nth(SHOWN) {
        None => Cow::Borrowed(text),
        Some((end, _)) => Cow::Owned(format!("{}…", text.get(..end).unwrap_or_default())),
    }
}

pub(crate) fn check(text: &str, limit: usize) -> Result<(), InvalidText> {
    if text.trim().is_empty() {
        return Err(InvalidText::Empty);
    }
    if text.contains('\0') {
        return Err(InvalidText::Nul);
    }
    // A character is at least one byte, so most texts need no counting.
    if text.len() > limit {
        let given = text.chars().count();
        if given > limit {
            return Err(InvalidText::TooLong { given, limit });
        }
    }
    Ok(())
}

/// Whether anything in a text shows.
#[must_use]
pub fn is_visible(text: &str) -> bool {
    text.chars().any(|c| !(c.is_whitespace() || c.is_control() || is_ignorable(c)))
}

/// Characters that show nothing by themselves: those that Unicode calls default-ignorable
/// (`DerivedCoreProperties.txt`), the annotations between lines, and the blank pattern of Braille.
fn is_ignorable(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

macro_rules! bounded_text {
    ($(#[$doc:meta])* $name:ident, $limit:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The most characters that it may have.
            pub const LIMIT: usize = $limit;

            /// Parses it; the only way in, but for what the log holds.
            ///
            /// # Errors
            /// [`InvalidText`] when nothing in it shows, it is too long, or cannot be stored.
            pub fn parse(text: impl Into<String>) -> Result<Self, InvalidText> {
                let text = Self::try_from(text.into())?;
                if is_visible(&text.0) { Ok(text) } else { Err(InvalidText::Empty) }
            }

            /// The text itself.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        /// Free text is personal: it is not shown where a value happens to be printed.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "<{} bytes of text>", self.0.len())
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidText;

            /// What the log holds was taken in once, also where nothing in it shows.
            fn try_from(text: String) -> Result<Self, InvalidText> {
                check(&text, Self::LIMIT).map(|()| Self(text))
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }
    };
}

bounded_text!(
    /// One line of text, such as a subject: at most 500 characters.
    Line, 500
);
bounded_text!(
    /// Free text, such as a message or a description: at most 50,000 characters.
    Text, 50_000
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_long_is_cut_and_says_so() {
        assert_eq!(shorten(&"ä".repeat(64)), "ä".repeat(64));
        assert_eq!(shorten(&"ä".repeat(65)), format!("{}…", "ä".repeat(64)));
    }

    #[test]
    fn a_text_is_bounded_in_characters_not_bytes() {
        assert!(Line::parse("é".repeat(500)).is_ok());
        assert_eq!(Line::parse("é".repeat(501)), Err(InvalidText::TooLong { given: 501, limit: 500 }));
    }

    #[test]
    fn a_text_that_sql_cannot_hold_is_refused() {
        assert_eq!(Text::parse("a\0b"), Err(InvalidText::Nul));
        assert_eq!(Text::parse("  \n"), Err(InvalidText::Empty));
        assert_eq!(Text::parse("\u{200b}\u{feff}"), Err(InvalidText::Empty));
    }
}
