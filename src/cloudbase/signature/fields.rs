//! The members of a request's body, as they are signed: every one as the text
//! it was sent as, so that a number or an array keeps its spelling.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::value::RawValue;

/// Why a body cannot be signed. Two members whose names are signed alike (`a` and `A`) are one too many: what is read
/// might be the other than what is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the body is not a JSON object whose members have names of their own")]
pub struct Error;

/// Members of a body by their names in lower case, percent-encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fields(BTreeMap<String, Field>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// What the string says, without quotes and escapes.
    Text(String),
    /// Anything else, as it was sent.
    Json(String),
    Null,
}

/// What the old SDKs add to the body after they have signed it.
const UNSIGNED: [&str; 3] = ["authorization", "sdk_version", "sessiontoken"];

impl Fields {
    /// Reads the body of a request.
    ///
    /// # Errors
    /// It is no JSON object, or two of its members are signed under one name.
    pub fn of_body(body: &[u8]) -> Result<Self, Error> {
        let members: BTreeMap<String, &RawValue> =
            serde_json::from_slice(body).map_err(|_| Error)?;
        let mut fields = BTreeMap::new();
        for (name, raw) in members {
            let name = encoded(name.to_lowercase().trim());
            if fields.insert(name, Field::of_raw(raw)?).is_some() {
                return Err(Error);
            }
        }
        Ok(Self(fields))
    }

    /// A member that is a string.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.0.get(name) {
            Some(Field::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The names of those that have a text to sign, as `SignedParams` lists them.
    pub fn names(&self) -> Vec<&str> {
        let filled = self.iter().filter(|(_, field)| !field.trimmed().is_empty());
        filled.map(|(name, _)| name).collect()
    }

    /// By name.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Field)> {
        self.0.iter().map(|(name, field)| (name.as_str(), field))
    }

    /// Those that the SDKs sign, by name.
    pub(super) fn signed(&self) -> impl Iterator<Item = (&str, &Field)> {
        self.iter().filter(|(name, _)| !may_be_unsigned(name))
    }
}

/// Whether a member of this name is taken although no signature covers it.
pub(super) fn may_be_unsigned(name: &str) -> bool {
    UNSIGNED.contains(&name)
}

impl Field {
    fn of_raw(raw: &RawValue) -> Result<Self, Error> {
        let text = raw.get();
        Ok(match text.as_bytes().first() {
            Some(b'"') => Field::Text(serde_json::from_str(text).map_err(|_| Error)?),
            _ if text == "null" => Field::Null,
            _ => Field::Json(text.to_owned()),
        })
    }

    /// As TC3 signs it; an empty text is not signed.
    pub(super) fn trimmed(&self) -> &str {
        match self {
            Field::Text(text) | Field::Json(text) => text.trim_matches(is_space),
            Field::Null => "null",
        }
    }

    /// As q-sign signs it.
    pub(super) fn plain(&self) -> &str {
        match self {
            Field::Text(text) | Field::Json(text) => text,
            Field::Null => "",
        }
    }
}

/// What JavaScript's `trim` takes off.
pub(super) fn is_space(c: char) -> bool {
    c == '\u{feff}' || (c.is_whitespace() && c != '\u{85}')
}

/// All but letters, digits and `-_.~` as `%XX`.
pub(in crate::cloudbase) fn encoded(text: &str) -> String {
    const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'_')
        .remove(b'.')
        .remove(b'~');
    utf8_percent_encode(text, RESERVED).to_string()
}
