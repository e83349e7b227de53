//! Which tokens prove whom. Keys are real, and made anew in each run.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cloudbase_graphql::data::LoginType;
use cloudbase_graphql::identity::TokenError;
use proptest::prelude::*;
use ring::hmac;
use rsa::pkcs8::{EncodePublicKey, LineEnding};
use serde_json::{Value as Json, json};

use super::issuer::{Issuer, entry, private_key};
use super::{HEADER, Hand, claims, good, judge, signed, with};
use crate::harness::NOW;

/// A token that says HS256, with the public key as the secret: what a judge believes who lets the token choose.
fn with_public_key_as_secret() -> String {
    let header = r#"{"alg":"HS256","typ":"JWT","kid":"k0"}"#;
    let text = [header, &claims().to_string()].map(|text| URL_SAFE_NO_PAD.encode(text));
    let text = text.join(".");
    let public = private_key(0).to_public_key();
    let pem = public.to_public_key_pem(LineEnding::LF).expect("a key");
    let secret = hmac::Key::new(hmac::HMAC_SHA256, pem.as_bytes());
    let signature = hmac::sign(&secret, text.as_bytes());
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn unsigned() -> String {
    let header = r#"{"alg":"none","kid":"k0"}"#;
    let text = [header, &claims().to_string()].map(|text| URL_SAFE_NO_PAD.encode(text));
    format!("{}.", text.join("."))
}

fn named(header: &str) -> String {
    signed(header, &claims().to_string(), 0)
}

fn of(name: &str, value: Json) -> String {
    signed(HEADER, &with(name, value), 0)
}

#[tokio::test]
async fn a_good_token_names_its_user() {
    let (issuer, clock) = (Issuer::start().await, Hand::new());
    let token = good();
    let credential = judge(&issuer, &clock).verify(&token).await;
    let credential = credential.expect("a good token");
    let user = credential.user.expect("a user");
    assert_eq!(user.principal.as_str(), "uid:u1");
    assert_eq!((user.uid.as_deref(), user.openid), (Some("u1"), None));
    assert_eq!(user.login_type, LoginType::Email);
    assert_eq!(credential.until, Some(NOW + 7_200_000), "without leeway");
    let proof = credential.proof.expect("what proved it");
    assert_eq!(proof.expose(), token);
}

#[tokio::test]
async fn an_anonymous_user_is_one() {
    let (issuer, clock) = (Issuer::start().await, Hand::new());
    let judge = judge(&issuer, &clock);
    for token in [
        of("scope", json!("anonymous")),
        of("is_anonymous", json!(true)),
        of("provider", json!("anonymous")),
    ] {
        let user = judge.verify(&token).await.expect("good").user;
        assert_eq!(user.expect("a user").login_type, LoginType::Anonymous);
    }
}

#[tokio::test]
async fn whatever_is_not_as_it_should_be_is_refused() {
    let (issuer, clock) = (Issuer::start().await, Hand::new());
    issuer.publish(&[entry("k0", 0), entry("weak", 2)]);
    let judge = judge(&issuer, &clock);
    let seconds = NOW / 1000;
    let twice = claims().to_string().replacen('{', r#"{"sub":"admin","#, 1);
    let padded = format!("{}=", good());
    let algorithm = TokenError::Algorithm;
    let administrator = TokenError::Administrator;
    for (what, token, why) in [
        ("none", unsigned(), algorithm),
        ("HS256", with_public_key_as_secret(), algorithm),
        ("RS384", named(r#"{"alg":"RS384","kid":"k0"}"#), algorithm),
        ("no kid", named(r#"{"alg":"RS256"}"#), algorithm),
        (
            "crit",
            named(r#"{"alg":"RS256","kid":"k0","crit":["b64"]}"#),
            algorithm,
        ),
        (
            "unknown kid",
            named(r#"{"alg":"RS256","kid":"k9"}"#),
            TokenError::UnknownKey,
        ),
        (
            "weak key",
            signed(r#"{"alg":"RS256","kid":"weak"}"#, &claims().to_string(), 2),
            TokenError::UnknownKey,
        ),
        (
            "another's key",
            signed(HEADER, &claims().to_string(), 1),
            TokenError::Signature,
        ),
        (
            "expired",
            of("exp", json!(seconds - 60)),
            TokenError::Expired,
        ),
        (
            "milliseconds",
            of("exp", json!(NOW + 1000)),
            TokenError::Claim("exp"),
        ),
        (
            "a text for a time",
            of("exp", json!("9999999999")),
            TokenError::Claim("exp"),
        ),
        (
            "not yet",
            of("nbf", json!(seconds + 61)),
            TokenError::NotYet,
        ),
        (
            "of the future",
            of("iat", json!(seconds + 61)),
            TokenError::NotYet,
        ),
        ("aud", of("aud", json!("other")), TokenError::Audience),
        (
            "iss",
            of("iss", json!("https://evil.example")),
            TokenError::Issuer,
        ),
        ("no sub", of("sub", Json::Null), TokenError::Claim("sub")),
        (
            "administrator",
            of("scope", json!("client_credentials")),
            administrator,
        ),
        (
            "administrator",
            of("sub", json!("administrator")),
            administrator,
        ),
        (
            "of the environment",
            of("sub", json!("shop")),
            administrator,
        ),
        (
            "duplicates",
            signed(HEADER, &twice, 0),
            TokenError::Duplicate,
        ),
        ("no object", signed(HEADER, "[]", 0), TokenError::Malformed),
        (
            "too long",
            of("name", json!("x".repeat(8192))),
            TokenError::TooLong { max: 8192 },
        ),
        (
            "four segments",
            format!("{}.e30", good()),
            TokenError::Malformed,
        ),
        ("padding", padded, TokenError::Malformed),
        ("space", format!(" {}", good()), TokenError::Malformed),
        ("line break", format!("{}\n", good()), TokenError::Malformed),
        ("nothing", String::new(), TokenError::Malformed),
    ] {
        let refused = judge.verify(&token).await;
        assert_eq!(refused.expect_err(what), why, "{what}");
    }
    assert!(judge.verify(&good()).await.is_ok(), "the judge is well");
    assert_eq!(issuer.certs_asked(), 1);
}

#[tokio::test]
async fn within_the_leeway_a_late_token_is_good_for_the_rest_of_it() {
    let (issuer, clock) = (Issuer::start().await, Hand::new());
    let judge = judge(&issuer, &clock);
    let token = good();
    clock.pass(7_200_000 + 59_999);
    let credential = judge.verify(&token).await.expect("just in time");
    assert_eq!(credential.until, Some(NOW + 7_260_000));
    clock.pass(1);
    assert_eq!(judge.verify(&token).await, Err(TokenError::Expired));
}

/// What may be done to a token.
#[derive(Clone, Debug)]
enum Mutation {
    Replace(usize, char),
    Insert(usize, char),
    Remove(usize),
    Swap(usize, usize),
    Cut(usize),
}

impl Mutation {
    fn apply(&self, token: &str) -> String {
        let mut letters: Vec<char> = token.chars().collect();
        let len = letters.len();
        match *self {
            Mutation::Replace(at, letter) => letters[at % len] = letter,
            Mutation::Insert(at, letter) => letters.insert(at % (len + 1), letter),
            Mutation::Remove(at) => drop(letters.remove(at % len)),
            Mutation::Swap(one, other) => letters.swap(one % len, other % len),
            Mutation::Cut(at) => letters.truncate(at % len),
        }
        letters.into_iter().collect()
    }
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let letters = "ABZabz059-_.=+/ \n\u{e9}";
    let letter = prop::sample::select(letters.chars().collect::<Vec<_>>());
    let at = any::<usize>;
    prop_oneof![
        4 => (at(), letter.clone()).prop_map(|(at, letter)| Mutation::Replace(at, letter)),
        1 => (at(), letter).prop_map(|(at, letter)| Mutation::Insert(at, letter)),
        1 => at().prop_map(Mutation::Remove),
        1 => (at(), at()).prop_map(|(one, other)| Mutation::Swap(one, other)),
        1 => at().prop_map(Mutation::Cut),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_other_text_than_the_token_is_one(mutations in prop::collection::vec(mutation(), 1..3)) {
        static TOKEN: LazyLock<String> = LazyLock::new(good);
        thread_local! {
            static WORLD: (tokio::runtime::Runtime, Issuer, std::sync::Arc<cloudbase_graphql::identity::Tokens>) = {
                let runtime = tokio::runtime::Runtime::new().expect("a runtime");
                let issuer = runtime.block_on(Issuer::start());
                let judge = judge(&issuer, &Hand::new());
                (runtime, issuer, judge)
            };
        }
        let other = mutations.iter().fold(TOKEN.clone(), |token, mutation| match token.is_empty() {
            true => token,
            false => mutation.apply(&token),
        });
        WORLD.with(|(runtime, issuer, judge)| {
            let judged = runtime.block_on(judge.verify(&other));
            prop_assert_eq!(judged.is_ok(), other == *TOKEN, "{:?}", other);
            prop_assert!(issuer.certs_asked() <= 1);
            Ok(())
        })?;
    }
}
