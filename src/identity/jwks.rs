//! The keys of an environment as it publishes them (a JSON web key set), and what one of them has signed.

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde_json::Value;

use super::jwt::MAX_KID;

/// The most keys of a set. The cloud publishes two.
const MAX_KEYS: usize = 32;

/// How long the modulus may be, in bits.
const MIN_BITS: usize = 2048;
const MAX_BITS: usize = 8192;

/// The longest exponent, in bytes; all that is common is three bytes long.
const MAX_EXPONENT: usize = 4;

/// A public RSA key.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Key {
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

/// Keys by their names.
pub(super) type KeySet = HashMap<String, Arc<Key>>;

impl Key {
    /// Whether this is its signature over the text, by RS256.
    pub(super) fn has_signed(&self, text: &[u8], signature: &[u8]) -> bool {
        let key = RsaPublicKeyComponents {
            n: &self.modulus,
            e: &self.exponent,
        };
        key.verify(&RSA_PKCS1_2048_8192_SHA256, text, signature)
            .is_ok()
    }

    /// The key of an entry, unless it is for something else, or weak.
    fn of(entry: &Value) -> Option<Self> {
        let text = |name: &str| entry.get(name).and_then(Value::as_str);
        let says = |name: &str, expected: &str| match entry.get(name) {
            None | Some(Value::Null) => true,
            Some(value) => value.as_str() == Some(expected),
        };
        let is_for_us = text("kty") == Some("RSA") && says("use", "sig") && says("alg", "RS256");
        is_for_us.then_some(())?;
        let key = Self {
            modulus: number(text("n")?)?,
            exponent: number(text("e")?)?,
        };
        let is_odd = key.exponent.last().is_some_and(|last| last % 2 == 1);
        let is_strong = (MIN_BITS..=MAX_BITS).contains(&bits(&key.modulus));
        let fits = (2..=MAX_EXPONENT).contains(&key.exponent.len());
        (is_strong && is_odd && fits).then_some(key)
    }
}

/// The keys of a set that tokens may be signed with.
///
/// # Errors
/// What is wrong with it: it is no set, has too many keys, or none that can be used.
pub(super) fn parse(text: &[u8]) -> Result<KeySet, &'static str> {
    let set: Value = serde_json::from_slice(text).map_err(|_| "it is not JSON")?;
    let entries = set.get("keys").and_then(Value::as_array);
    let entries = entries.ok_or("it has no list of `keys`")?;
    if entries.len() > MAX_KEYS {
        return Err("it has too many keys");
    }
    let name = |entry: &Value| Some(entry.get("kid")?.as_str()?.to_owned());
    let mut keys = KeySet::new();
    for entry in entries {
        let kid = name(entry).filter(|kid| (1..=MAX_KID).contains(&kid.len()));
        if let (Some(kid), Some(key)) = (kid, Key::of(entry)) {
            keys.insert(kid, Arc::new(key));
        }
    }
    // Of two keys with one name nobody knows which is meant.
    let mut names: Vec<String> = entries.iter().filter_map(name).collect();
    names.sort_unstable();
    for pair in names.windows(2).filter(|pair| pair[0] == pair[1]) {
        keys.remove(&pair[0]);
    }
    match keys.is_empty() {
        true => Err("it has no key for RS256 with at least 2048 bits"),
        false => Ok(keys),
    }
}

/// A whole number, the highest byte first and not 0.
fn number(text: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    (zeros < bytes.len()).then(|| bytes[zeros..].to_vec())
}

fn bits(number: &[u8]) -> usize {
    let high = number.first().map_or(0, |high| high.leading_zeros());
    number.len() * 8 - usize::try_from(high).unwrap_or(8)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn modulus(bits: usize) -> String {
        let mut bytes = vec![0xff; bits.div_ceil(8)];
        bytes[0] = 0xff_u8 >> (bits.div_ceil(8) * 8 - bits);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn good(kid: &str) -> Value {
        json!({"kty": "RSA", "kid": kid, "use": "sig", "alg": "RS256", "n": modulus(2048), "e": "AQAB"})
    }

    fn names(set: &Value) -> Result<Vec<String>, &'static str> {
        let keys = parse(set.to_string().as_bytes())?;
        let mut names: Vec<String> = keys.into_keys().collect();
        names.sort();
        Ok(names)
    }

    #[test]
    fn keys_for_something_else_and_weak_ones_are_left_out() {
        let with = |member: &str, value: Value| {
            let mut entry = good("odd");
            entry[member] = value;
            entry
        };
        for (entry, taken) in [
            (good("odd"), true),
            (with("use", Value::Null), true),
            (with("alg", Value::Null), true),
            (with("use", json!("enc")), false),
            (with("use", json!(1)), false),
            (with("alg", json!("RS384")), false),
            (with("alg", json!("HS256")), false),
            (with("kty", json!("oct")), false),
            (with("kty", Value::Null), false),
            (with("n", json!(modulus(2047))), false),
            (with("n", json!(modulus(1024))), false),
            (with("n", json!(modulus(4096))), true),
            (with("n", json!(modulus(8193))), false),
            (with("n", json!("AAAA")), false),
            (with("n", json!("not base64!")), false),
            (with("e", json!("AQ")), false),
            (with("e", json!("AQAA")), false),
            (with("e", json!("AQAAAAAB")), false),
            (with("kid", json!("")), false),
            (with("kid", json!(7)), false),
            (json!("odd"), false),
        ] {
            let set = json!({"keys": [good("plain"), entry]});
            let expected = match taken {
                true => &["odd", "plain"][..],
                false => &["plain"],
            };
            assert_eq!(
                names(&set).as_deref(),
                Ok(&expected
                    .iter()
                    .map(|&name| name.to_owned())
                    .collect::<Vec<_>>()[..]),
                "{entry}"
            );
        }
    }

    #[test]
    fn of_two_keys_with_one_name_none_is_taken() {
        let set = json!({"keys": [good("a"), good("b"), good("a")]});
        assert_eq!(names(&set), Ok(vec!["b".to_owned()]));
    }

    #[test]
    fn what_is_no_set_is_refused() {
        let many: Vec<Value> = (0..=MAX_KEYS).map(|at| good(&at.to_string())).collect();
        for set in [
            json!({}),
            json!([]),
            json!({"keys": {}}),
            json!({"keys": []}),
            json!({"keys": many}),
        ] {
            assert!(names(&set).is_err(), "{set}");
        }
        assert!(parse(b"<html>").is_err());
    }
}
