//! The form of a token: three segments, and a header that leaves no choice.
//!
//! No library for JSON web tokens: those take the time from the machine and the algorithm from the token or from
//! options. Here the one algorithm is in the code, and the time is the gateway's.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::jwks::Key;
use super::{TokenError, unique};

/// The longest token, in bytes. The cloud's have about one KiB.
pub(super) const MAX_LEN: usize = 8 * 1024;

/// The longest name of a key, in bytes.
pub(super) const MAX_KID: usize = 256;

/// A text of the form of a token. Nothing of it is proved.
#[derive(Debug)]
pub(super) struct Jwt<'a> {
    kid: String,
    /// What the signature is over.
    signed: &'a str,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl<'a> Jwt<'a> {
    /// # Errors
    /// The text is nothing of the kind, or its header asks for anything but RS256 with a key that it names.
    pub(super) fn parse(text: &'a str) -> Result<Self, TokenError> {
        if text.len() > MAX_LEN {
            return Err(TokenError::TooLong { max: MAX_LEN });
        }
        let segments: Vec<&str> = text.splitn(4, '.').collect();
        let [header, payload, signature] = segments[..] else {
            return Err(TokenError::Malformed);
        };
        let signed = &text[..header.len() + 1 + payload.len()];
        Ok(Self {
            kid: kid(&decoded(header)?)?,
            signed,
            payload: decoded(payload)?,
            signature: decoded(signature)?,
        })
    }

    /// The name of the key that it says it is signed with.
    pub(super) fn kid(&self) -> &str {
        &self.kid
    }

    /// What was signed with this key.
    ///
    /// # Errors
    /// It was not.
    pub(super) fn verified(&self, key: &Key) -> Result<&[u8], TokenError> {
        match key.has_signed(self.signed.as_bytes(), &self.signature) {
            true => Ok(&self.payload),
            false => Err(TokenError::Signature),
        }
    }
}

/// Base64 for addresses, in the one way to write it: no padding, no spaces, no bits left over.
fn decoded(segment: &str) -> Result<Vec<u8>, TokenError> {
    let bytes = URL_SAFE_NO_PAD.decode(segment);
    bytes.map_err(|_| TokenError::Malformed)
}

/// The name of the key in a header that can be followed.
fn kid(header: &[u8]) -> Result<String, TokenError> {
    let header = unique::object(header)?;
    let is_rs256 = header.get("alg").and_then(Value::as_str) == Some("RS256");
    // `crit` names members that must be understood, and none of those is understood here.
    if !is_rs256 || header.contains_key("crit") {
        return Err(TokenError::Algorithm);
    }
    let kid = header.get("kid").and_then(Value::as_str);
    let kid = kid.filter(|kid| (1..=MAX_KID).contains(&kid.len()));
    kid.map(str::to_owned).ok_or(TokenError::Algorithm)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_header(header: &str) -> String {
        format!("{}.e30.c2ln", URL_SAFE_NO_PAD.encode(header))
    }

    #[test]
    fn a_header_leaves_no_choice() {
        let long = format!(r#"{{"alg":"RS256","kid":"{}"}}"#, "k".repeat(MAX_KID + 1));
        for (header, wrong) in [
            (r#"{"alg":"RS256","kid":"k"}"#, None),
            (
                r#"{"alg":"RS256","kid":"k","typ":"JWT","jku":"https://evil.example"}"#,
                None,
            ),
            (r#"{"alg":"none","kid":"k"}"#, Some(TokenError::Algorithm)),
            (r#"{"alg":"HS256","kid":"k"}"#, Some(TokenError::Algorithm)),
            (r#"{"alg":"RS384","kid":"k"}"#, Some(TokenError::Algorithm)),
            (r#"{"alg":"rs256","kid":"k"}"#, Some(TokenError::Algorithm)),
            (
                r#"{"alg":["RS256"],"kid":"k"}"#,
                Some(TokenError::Algorithm),
            ),
            (r#"{"kid":"k"}"#, Some(TokenError::Algorithm)),
            (r#"{"alg":"RS256"}"#, Some(TokenError::Algorithm)),
            (r#"{"alg":"RS256","kid":""}"#, Some(TokenError::Algorithm)),
            (r#"{"alg":"RS256","kid":1}"#, Some(TokenError::Algorithm)),
            (&long, Some(TokenError::Algorithm)),
            (
                r#"{"alg":"RS256","kid":"k","crit":["exp"]}"#,
                Some(TokenError::Algorithm),
            ),
            (
                r#"{"alg":"RS256","alg":"none","kid":"k"}"#,
                Some(TokenError::Duplicate),
            ),
            ("[]", Some(TokenError::Malformed)),
            ("", Some(TokenError::Malformed)),
        ] {
            let token = with_header(header);
            assert_eq!(Jwt::parse(&token).err(), wrong, "{header}");
        }
    }

    #[test]
    fn a_token_has_one_form() {
        let good = with_header(r#"{"alg":"RS256","kid":"k"}"#);
        let (rest, _) = good.rsplit_once('.').expect("dots");
        assert!(Jwt::parse(&good).is_ok());
        for text in [
            String::new(),
            "..".to_owned(),
            "a.b".to_owned(),
            rest.to_owned(),
            format!("{good}.e30"),
            format!("{good}."),
            format!(" {good}"),
            format!("{good}\n"),
            format!("{good}="),
            format!("{rest}.c2l-/"),
            // Bits that mean nothing are set.
            format!("{rest}.c2l"),
            format!("{rest}.c2名"),
        ] {
            let parsed = Jwt::parse(&text).err();
            assert_eq!(parsed, Some(TokenError::Malformed), "{text:?}");
        }
        let long = format!("{good}{}", "A".repeat(MAX_LEN));
        let too_long = TokenError::TooLong { max: MAX_LEN };
        assert_eq!(Jwt::parse(&long).err(), Some(too_long));
    }
}
