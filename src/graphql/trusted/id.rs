//! What a document is asked for by: the SHA-256 of its text.

use std::fmt;

use ring::digest::{SHA256, SHA256_OUTPUT_LEN, digest};

/// `sha256:` and 64 hexadecimal digits, as the draft of persisted documents (GraphQL over HTTP) has it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct DocumentId([u8; SHA256_OUTPUT_LEN]);

const PREFIX: &str = "sha256:";

impl DocumentId {
    pub fn of(text: &str) -> Self {
        let mut hash = [0; SHA256_OUTPUT_LEN];
        hash.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
        Self(hash)
    }

    /// With its prefix.
    pub fn parse(text: &str) -> Option<Self> {
        Self::from_hex(text.strip_prefix(PREFIX)?)
    }

    /// The digits alone, as Apollo's clients send them.
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits: &[u8; 2 * SHA256_OUTPUT_LEN] = text.as_bytes().try_into().ok()?;
        let mut hash = [0; SHA256_OUTPUT_LEN];
        for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Some(Self(hash))
    }
}

fn digit(letter: u8) -> Option<u8> {
    match letter {
        b'0'..=b'9' => Some(letter - b'0'),
        b'a'..=b'f' => Some(letter - b'a' + 10),
        b'A'..=b'F' => Some(letter - b'A' + 10),
        _ => None,
    }
}

impl fmt::Display for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PREFIX)?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As `printf '{ __typename }' | sha256sum` has it.
    const HASH: &str = "7f56e67dd21ab3f30d1ff8b7bed08893f0a0db86449836189b361dd1e56ddb4b";

    #[test]
    fn the_hash_is_that_of_the_text() {
        let id = DocumentId::of("{ __typename }");
        assert_eq!(id.to_string(), format!("sha256:{HASH}"));
        assert_eq!(DocumentId::from_hex(HASH), Some(id));
        assert_eq!(DocumentId::from_hex(&HASH.to_uppercase()), Some(id));
    }

    #[test]
    fn anything_else_is_no_id() {
        for text in [
            HASH.to_owned(),
            format!("sha512:{HASH}"),
            format!("sha256:{HASH}0"),
            format!("sha256:{}", &HASH[1..]),
            format!("sha256:g{}", &HASH[1..]),
            format!("sha256:é{}", &HASH[2..]),
            "sha256:".to_owned(),
            String::new(),
        ] {
            assert_eq!(DocumentId::parse(&text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(text in ".*") {
            let id = DocumentId::of(&text);
            prop_assert_eq!(DocumentId::parse(&id.to_string()), Some(id));
        }
    }
}
