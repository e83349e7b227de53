//! JSON web tokens signed with RS256; no other algorithm is known here.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rsa::pkcs1v15::{Signature, SigningKey, VerifyingKey};
use rsa::sha2::Sha256;
use rsa::signature::{SignatureEncoding, Signer, Verifier};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Longer texts are no tokens.
const MAX_LEN: usize = 8 * 1024;

/// A text of the form of a token. Nothing of it is proved.
#[derive(Debug)]
pub(super) struct Jwt<'a> {
    header: Header,
    /// What the signature is over.
    signed: &'a str,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Header {
    alg: String,
    typ: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<String>,
}

/// Whether a text begins as every token does, with a JSON object in base64.
pub(super) fn is_meant(text: &str) -> bool {
    text.starts_with("eyJ")
}

impl<'a> Jwt<'a> {
    /// `None` if the text is nothing of the kind.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
        (text.len() <= MAX_LEN).then_some(())?;
        Some(Self {
            header: serde_json::from_slice(&decoded(header)?).ok()?,
            signed,
            payload: decoded(payload)?,
            signature: decoded(signature)?,
        })
    }

    /// The key that it says it is signed with.
    pub(super) fn kid(&self) -> Option<&str> {
        self.header.kid.as_deref()
    }

    /// What it claims, if it is signed with this key.
    pub(super) fn verified<C: DeserializeOwned>(&self, key: &VerifyingKey<Sha256>) -> Option<C> {
        let signature = Signature::try_from(self.signature.as_slice()).ok()?;
        let good =
            self.header.alg == "RS256" && key.verify(self.signed.as_bytes(), &signature).is_ok();
        good.then(|| self.unverified()).flatten()
    }

    /// What anybody may have written into it.
    pub(super) fn unverified<C: DeserializeOwned>(&self) -> Option<C> {
        serde_json::from_slice(&self.payload).ok()
    }
}

/// A token of these claims.
pub(super) fn sign(claims: &impl Serialize, kid: &str, key: &SigningKey<Sha256>) -> String {
    let encoded = |json: Vec<u8>| URL_SAFE_NO_PAD.encode(json);
    let header = Header {
        alg: "RS256".to_owned(),
        typ: Some("JWT".to_owned()),
        kid: Some(kid.to_owned()),
    };
    let header = serde_json::to_vec(&header).expect("a header is JSON");
    let payload = serde_json::to_vec(claims).expect("claims are JSON");
    let signed = format!("{}.{}", encoded(header), encoded(payload));
    let signature = key.sign(signed.as_bytes()).to_vec();
    format!("{signed}.{}", encoded(signature))
}
