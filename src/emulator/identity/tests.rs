//! Who is who, and who is refused.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rsa::pkcs1::{EncodeRsaPrivateKey, LineEnding};
use rsa::pkcs1v15::SigningKey;
use rsa::rand_core::OsRng;
use serde::Deserialize;
use serde_json::json;

use super::*;

const NOW: i64 = 1_800_000_000_000;

/// A clock that tests move.
#[derive(Debug)]
struct Hand(AtomicI64);

impl Clock for Hand {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

fn identities(config: Config) -> (Identities, Arc<Hand>) {
    let hand = Arc::new(Hand(AtomicI64::new(NOW)));
    let clock = Arc::clone(&hand) as Arc<dyn Clock>;
    (
        Identities::new(config, Some("env-1".to_owned()), clock),
        hand,
    )
}

fn uid(identity: &Identity) -> Option<&str> {
    match identity {
        Identity::Admin => None,
        Identity::Client(caller) => caller.signed_in()?.uid.as_deref(),
    }
}

fn refused(identities: &Identities, token: &str) -> Code {
    let judged = identities.of_token(Some(token));
    judged.expect_err("the token is refused").code
}

#[test]
fn without_configured_keys_every_key_is_an_administrator_but_no_token_is() {
    let (open, _) = identities(Config::default());
    assert_eq!(open.of_token(Some("any.thing.here")), Ok(Identity::Admin));
    let nobody = Identity::Client(Caller::none());
    assert_eq!(open.of_token(None), Ok(nobody.clone()));
    assert_eq!(open.of_token(Some("")), Ok(nobody));
    let tokens = open
        .sign_in_anonymously("device-1", "env-1")
        .expect("signed in");
    let refresh = tokens.refresh_token.expect("a refresh token");
    assert_eq!(refused(&open, &refresh), Code::InvalidCredentials);
}

#[test]
fn configured_keys_are_the_only_ones() {
    let (strict, _) = identities(Config {
        api_keys: vec!["key-1".to_owned()],
        publishable_keys: vec!["eyJpub".to_owned()],
        ..Config::default()
    });
    assert_eq!(strict.of_token(Some("key-1")), Ok(Identity::Admin));
    assert_eq!(refused(&strict, "key-2"), Code::InvalidCredentials);
    let anonymous = strict.of_token(Some("eyJpub")).expect("known");
    let Identity::Client(caller) = anonymous else {
        panic!("a publishable key is no administrator's");
    };
    assert_eq!(caller.owner(), None);
    let login_type = caller.signed_in().map(|user| user.login_type.clone());
    assert_eq!(login_type, Some(LoginType::Anonymous));
}

/// Whoever says one of them wants the door closed, not one of its wings.
#[test]
fn a_secret_alone_believes_no_key_and_a_key_alone_no_signature() {
    let secrets = BTreeMap::from([("id".to_owned(), "key".to_owned())]);
    let (by_secret, _) = identities(Config {
        secrets,
        ..Config::default()
    });
    assert_eq!(refused(&by_secret, "any"), Code::InvalidCredentials);
    let ticket = by_secret.sign_in_with_ticket("k/@@/x.y.z", "env-1");
    assert!(matches!(ticket, Err(Refusal::Grant(told)) if told.contains("no key")));
    let (by_key, _) = identities(Config {
        api_keys: vec!["key-1".to_owned()],
        ..Config::default()
    });
    let signature =
        "TC3-HMAC-SHA256 Credential=x/2026-11-22/tcb/tc3_request, SignedHeaders=host, Signature=00";
    let mut headers = HeaderMap::new();
    headers.insert("authorization", signature.parse().expect("a header"));
    let request = Signed {
        path: "/admin",
        query: "",
        headers: &headers,
        body: b"{}",
    };
    let judged = by_key.of_signed(request).map_err(|refused| refused.code);
    assert_eq!(judged, Err(Code::InvalidCredentials));
    assert!(by_key.of_cloud_api(request).is_err());
    assert!(by_key.sign_in_with_secret("id", "key", "env-1").is_err());
}

#[test]
fn a_device_is_one_anonymous_user() {
    let (identities, _) = identities(Config::default());
    let sign_in = |device| identities.sign_in_anonymously(device, "env-1");
    let first = sign_in("device-1").expect("signed in");
    let again = sign_in("device-1").expect("signed in");
    let other = sign_in("device-2").expect("signed in");
    assert_eq!(first.sub, again.sub);
    assert_ne!(first.sub, other.sub);
    let identity = identities
        .of_token(Some(&first.access_token))
        .expect("good");
    assert_eq!(uid(&identity), Some(first.sub.as_str()));
    assert!(matches!(sign_in(""), Err(Refusal::Argument(_))));
    assert!(matches!(
        sign_in(&"x".repeat(129)),
        Err(Refusal::Argument(_))
    ));
}

#[test]
fn tokens_end_and_are_renewed_once() {
    let (identities, hand) = identities(Config {
        access_token_life: Duration::from_secs(60),
        refresh_token_life: Duration::from_secs(600),
        ..Config::default()
    });
    let tokens = identities
        .sign_in_anonymously("d", "env-1")
        .expect("signed in");
    hand.0.store(NOW + 59_999, Ordering::SeqCst);
    identities
        .of_token(Some(&tokens.access_token))
        .expect("still good");
    hand.0.store(NOW + 60_000, Ordering::SeqCst);
    assert_eq!(
        refused(&identities, &tokens.access_token),
        Code::AccessTokenExpired
    );
    let refresh_token = tokens.refresh_token.expect("a refresh token");
    let next = identities
        .refresh(&refresh_token, "env-1")
        .expect("renewed");
    assert_eq!(next.sub, tokens.sub);
    identities.of_token(Some(&next.access_token)).expect("good");
    let used = identities.refresh(&refresh_token, "env-1");
    assert!(matches!(used, Err(Refusal::Grant(_))), "{used:?}");
    hand.0.store(NOW + 600_000, Ordering::SeqCst);
    let over = identities.refresh(&next.refresh_token.expect("the next one"), "env-1");
    assert!(matches!(over, Err(Refusal::Grant(_))), "{over:?}");
}

#[test]
fn a_login_that_is_over_opens_nothing() {
    let (identities, _) = identities(Config::default());
    let tokens = identities
        .sign_in_anonymously("d", "env-1")
        .expect("signed in");
    identities
        .sign_out(&tokens.access_token)
        .expect("signed out");
    assert_eq!(
        refused(&identities, &tokens.access_token),
        Code::CheckLoginFailed
    );
    assert!(
        identities
            .refresh(&tokens.refresh_token.expect("one"), "env-1")
            .is_err()
    );
    assert_eq!(identities.introspect(&tokens.access_token), None);
}

#[test]
fn forged_tokens_are_refused() {
    let (identities, _) = identities(Config::default());
    let (foreign, _) = self::identities(Config::default());
    let token = |identities: &Identities| {
        let tokens = identities
            .sign_in_anonymously("d", "env-1")
            .expect("signed in");
        tokens.access_token
    };
    let good = token(&identities);
    let parts: Vec<&str> = good.split('.').collect();
    let [header, payload, signature] = parts[..] else {
        panic!("three parts");
    };
    let encoded = |json: serde_json::Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let header_json = URL_SAFE_NO_PAD.decode(header).expect("base64");
    let header_json: serde_json::Value = serde_json::from_slice(&header_json).expect("JSON");
    let with_alg = |alg: &str| {
        let mut header = header_json.clone();
        header["alg"] = alg.into();
        encoded(header)
    };
    let other_payload = encoded(json!({"sub": "administrator"}));
    for forged in [
        token(&foreign),
        format!("{header}.{other_payload}.{signature}"),
        format!("{header}.{payload}."),
        format!("{header}.{payload}"),
        format!("{header}.{payload}.{}", signature.to_uppercase()),
        format!("{}.{payload}.", with_alg("none")),
        format!("{}.{payload}.{signature}", with_alg("HS256")),
        format!(
            "{}.{payload}.{signature}",
            encoded(json!({"alg": "RS256", "kid": "other"}))
        ),
        format!("{}.{payload}.{signature}", &header[..header.len() - 2]),
        format!("eyJ{}", "x".repeat(10_000)),
    ] {
        assert_eq!(
            refused(&identities, &forged),
            Code::InvalidCredentials,
            "{forged}"
        );
    }
    identities
        .of_token(Some(&good))
        .expect("the true one is good");
}

#[test]
fn tokens_are_verified_with_the_published_key() {
    let (identities, _) = identities(Config::default());
    let tokens = identities
        .sign_in_anonymously("d", "env-1")
        .expect("signed in");
    let keys = identities.public_keys();
    let key = &keys["keys"][0];
    let number = |name: &str| {
        let text = key[name].as_str().expect("a number");
        rsa::BigUint::from_bytes_be(&URL_SAFE_NO_PAD.decode(text).expect("base64"))
    };
    let public = rsa::RsaPublicKey::new(number("n"), number("e")).expect("a key");
    let token = jwt::Jwt::parse(&tokens.access_token).expect("a token");
    assert_eq!(token.kid(), key["kid"].as_str());
    let claims: serde_json::Value = token
        .verified(&rsa::pkcs1v15::VerifyingKey::new(public))
        .expect("verified");
    assert_eq!(claims["aud"], "env-1");
    assert_eq!(claims["iss"], "https://env-1.api.tcloudbasegateway.com");
    assert_eq!(claims["sub"], tokens.sub);
    assert_eq!(claims["exp"], NOW / 1000 + 7200);
    assert_eq!(claims["scope"], "anonymous");
}

#[test]
fn users_sign_in_with_their_password() {
    let file = r#"{"users":[{"uid":"u1","username":"ann","password":"secret"},
        {"openid":"o2","username":"bob","password":"secret2"},{"uid":"u3","username":"eve"}]}"#;
    let (identities, _) = identities(Config {
        users: User::parse_file(file).expect("a good file"),
        ..Config::default()
    });
    let identity = |name: &str, password: &str| {
        let tokens = identities.sign_in(name, password, "env-1")?;
        let judged = identities.of_token(Some(&tokens.access_token));
        Ok::<_, Refusal>(judged.expect("a good token"))
    };
    assert_eq!(uid(&identity("ann", "secret").expect("known")), Some("u1"));
    let Ok(Identity::Client(bob)) = identity("bob", "secret2") else {
        panic!("bob is known");
    };
    let bob = bob.signed_in().expect("signed in").clone();
    assert_eq!((bob.openid.as_deref(), bob.uid), (Some("o2"), None));
    for (name, password) in [("ann", "secret2"), ("ann", ""), ("eve", ""), ("tom", "x")] {
        assert_eq!(identity(name, password), Err(Refusal::Password), "{name}");
    }
}

#[test]
fn tickets_are_verified_with_the_configured_key() {
    let private = rsa::RsaPrivateKey::new(&mut OsRng, 1024).expect("a key");
    let pem = private.to_pkcs1_pem(LineEnding::LF).expect("PEM");
    let file = json!({"private_key_id": "k1", "private_key": pem.as_str(), "env_id": "env-1"});
    let (strict, hand) = identities(Config {
        custom_login: Some(TicketKey::parse_file(&file.to_string()).expect("a good file")),
        ..Config::default()
    });
    let (open, _) = identities(Config::default());
    let key = SigningKey::new(private);
    let ticket = |id: &str, env: &str, uid: &str, exp: i64| {
        let claims = json!({"uid": uid, "env": env, "exp": exp, "iat": NOW, "refresh": 5000});
        format!("{id}/@@/{}", jwt::sign(&claims, "unused", &key))
    };
    let good = ticket("k1", "env-1", "user-1", NOW + 1);
    let tokens = strict
        .sign_in_with_ticket(&good, "env-1")
        .expect("signed in");
    let identity = strict.of_token(Some(&tokens.access_token)).expect("good");
    assert_eq!(uid(&identity), Some("user-1"));
    hand.0.store(NOW + 5000, Ordering::SeqCst);
    assert_eq!(
        refused(&strict, &tokens.access_token),
        Code::AccessTokenExpired
    );
    hand.0.store(NOW, Ordering::SeqCst);

    let forged = ticket("k1", "env-1", "user-2", NOW + 1);
    let signature = good.rsplit('.').next().expect("a signature");
    let forged = format!("{}.{signature}", forged.rsplit_once('.').expect("parts").0);
    for (bad, also_when_open) in [
        (ticket("k2", "env-1", "user-1", NOW + 1), false),
        (forged, false),
        (ticket("k1", "env-2", "user-1", NOW + 1), true),
        (ticket("k1", "env-1", "user-1", NOW), true),
        (ticket("k1", "env-1", "u 1!", NOW + 1), true),
        ("k1".to_owned(), true),
        ("k1/@@/x.y.z".to_owned(), true),
    ] {
        let judged = strict.sign_in_with_ticket(&bad, "env-1");
        assert!(
            matches!(judged, Err(Refusal::Grant(_))),
            "{bad}: {judged:?}"
        );
        let judged = open.sign_in_with_ticket(&bad, "env-1");
        assert_eq!(judged.is_err(), also_when_open, "{bad}: {judged:?}");
    }
}

#[test]
fn no_token_outlives_its_login() {
    let (identities, hand) = identities(Config {
        refresh_token_life: Duration::from_secs(10),
        ..Config::default()
    });
    let tokens = identities
        .sign_in_anonymously("device-1", "env-1")
        .expect("signed in");
    hand.0.store(NOW + 4000, Ordering::SeqCst);
    let refresh = tokens.refresh_token.expect("a refresh token");
    let next = identities.refresh(&refresh, "env-1").expect("refreshed");
    hand.0.store(NOW + 9000, Ordering::SeqCst);
    assert!(identities.of_token(Some(&next.access_token)).is_ok());
    hand.0.store(NOW + 10_000, Ordering::SeqCst);
    for token in [&tokens.access_token, &next.access_token] {
        assert_eq!(refused(&identities, token), Code::AccessTokenExpired);
    }
}

#[test]
fn socket_signatures_are_good_for_a_minute() {
    let (identities, hand) = identities(Config::default());
    let signature = identities.sign_socket(&Identity::Admin);
    assert_eq!(identities.of_socket(&signature), Ok(Identity::Admin));
    assert_eq!(identities.of_socket(&signature), Ok(Identity::Admin));
    let (unknown, expired) = (SignatureError::Unknown, SignatureError::Expired);
    assert_eq!(identities.of_socket("sign-1"), Err(unknown));
    hand.0.store(NOW + 60_000, Ordering::SeqCst);
    assert_eq!(identities.of_socket(&signature), Err(expired));
}

/// A request as official SDKs sent it.
#[derive(Deserialize)]
struct Recorded {
    from: String,
    path: String,
    query: String,
    headers: BTreeMap<String, String>,
    body: String,
}

#[test]
fn signed_requests_of_the_sdks_are_verified() {
    let secrets = BTreeMap::from([
        (
            "AKIDEXAMPLEEXAMPLEEXAMPLEEXAMPLE0001",
            "ExampleSecretKeyNotRealNotRealXX",
        ),
        ("AKIDFROMENV", "SecretFromEnv"),
    ]);
    let secrets: BTreeMap<String, String> = secrets
        .into_iter()
        .map(|(id, key)| (id.to_owned(), key.to_owned()))
        .collect();
    let (strict, hand) = identities(Config {
        secrets: secrets.clone(),
        ..Config::default()
    });
    let wrong = secrets.keys().map(|id| (id.clone(), "wrong".to_owned()));
    let (other, _) = identities(Config {
        secrets: wrong.collect(),
        ..Config::default()
    });
    let (aged, _) = identities(Config {
        secrets,
        check_signature_age: true,
        ..Config::default()
    });
    let (open, _) = identities(Config::default());
    hand.0.store(0, Ordering::SeqCst);
    let lines = include_str!("../../../tests/it/emulator/fixtures/signatures.jsonl").lines();
    for line in lines {
        let request: Recorded = serde_json::from_str(line).expect("a recorded request");
        let headers = headers(&request.headers);
        let judge = |identities: &Identities| {
            let signed = Signed {
                path: &request.path,
                query: &request.query,
                headers: &headers,
                body: request.body.as_bytes(),
            };
            match request.path.as_str() {
                "/" => identities.of_cloud_api(signed).map(|()| Identity::Admin),
                _ => identities.of_signed(signed),
            }
        };
        assert_eq!(judge(&strict), Ok(Identity::Admin), "{}", request.from);
        assert_eq!(judge(&open), Ok(Identity::Admin), "{}", request.from);
        for identities in [&other, &aged] {
            let code = judge(identities).expect_err("refused").code;
            assert_eq!(code, Code::SignParamInvalid, "{}", request.from);
        }
    }
}

fn headers(texts: &BTreeMap<String, String>) -> HeaderMap {
    let header = |(name, value): (&String, &String)| {
        let name = HeaderName::try_from(name.as_str()).expect("a name");
        (name, HeaderValue::from_str(value).expect("a value"))
    };
    texts.iter().map(header).collect()
}

#[test]
fn unsigned_requests_to_admin_have_no_identity() {
    let (identities, _) = identities(Config::default());
    for (authorization, body, code) in [
        (None, "{}", Code::MissingCredentials),
        (Some("Basic eDp5"), "{}", Code::MissingCredentials),
        (None, "[", Code::InvalidParam),
        (Some("Bearer eyJx"), "{}", Code::InvalidCredentials),
    ] {
        let mut headers = HeaderMap::new();
        if let Some(text) = authorization {
            headers.insert("authorization", HeaderValue::from_static(text));
        }
        let judged = identities.of_signed(Signed {
            path: "/admin",
            query: "",
            headers: &headers,
            body: body.as_bytes(),
        });
        assert_eq!(judged.expect_err("refused").code, code, "{authorization:?}");
    }
}
