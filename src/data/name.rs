//! Names checked once at the border.

use std::fmt;

use smol_str::SmolStr;

/// The name of a collection, as in the console: 1 to 64 characters, the first
/// a letter, then letters, digits, `_` and `-`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CollectionName(SmolStr);

impl CollectionName {
    /// The longest name, in characters.
    pub const MAX_LEN: usize = 64;

    /// `None` if the text is not a name.
    pub fn parse(text: &str) -> Option<Self> {
        let mut letters = text.chars();
        let first = letters.next()?;
        let fits = text.len() <= Self::MAX_LEN
            && first.is_ascii_alphabetic()
            && letters.all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        fits.then(|| Self(SmolStr::new(text)))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CollectionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
