//! A regular expression, compiled once.

use std::fmt;

use regex::{Regex, RegexBuilder};

/// A regular expression in the syntax of the `regex` crate: no look-around, no
/// back-references, linear time. Two patterns are equal if their texts are.
#[derive(Clone)]
pub struct Pattern {
    regex: Regex,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a regular expression: {reason}")]
pub struct PatternError {
    pub text: String,
    pub reason: String,
}

impl Pattern {
    /// The longest text of a pattern, in bytes.
    pub const MAX_LEN: usize = 1024;

    /// Memory a compiled pattern may take, in bytes; bounded repetitions of
    /// repetitions would otherwise ask for gigabytes.
    const MAX_COMPILED: usize = 1 << 20;

    pub fn new(text: &str) -> Result<Self, PatternError> {
        if text.len() > Self::MAX_LEN {
            let shown: String = text.chars().take(32).collect();
            return Err(PatternError {
                text: format!("{shown}…"),
                reason: format!("it is longer than {} bytes", Self::MAX_LEN),
            });
        }
        RegexBuilder::new(text)
            .size_limit(Self::MAX_COMPILED)
            .dfa_size_limit(Self::MAX_COMPILED)
            .build()
            .map(|regex| Self { regex })
            .map_err(|error| PatternError {
                text: text.to_owned(),
                reason: one_line(&error),
            })
    }

    pub fn as_str(&self) -> &str {
        self.regex.as_str()
    }

    /// Whether the pattern is found anywhere in the text.
    pub fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}

/// The syntax error itself, without the drawing of where it is.
fn one_line(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default().trim();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Pattern {}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pattern").field(&self.as_str()).finish()
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_anywhere() {
        let pattern = Pattern::new("b+c").expect("a valid pattern");
        assert!(pattern.is_match("abbcd"));
        assert!(!pattern.is_match("ac"));
        assert_eq!(pattern, Pattern::new("b+c").expect("a valid pattern"));
    }

    #[test]
    fn refuses_what_it_cannot_bound() {
        let cases = [
            ("(", "unclosed group"),
            ("(?=a)", "look-around"),
            ("((a{1000}){1000}){1000}", "size limit"),
        ];
        for (text, reason) in cases {
            let error = Pattern::new(text).expect_err(text);
            assert!(error.reason.contains(reason), "{error}");
        }
        assert!(Pattern::new(&"a".repeat(1025)).is_err());
    }
}
