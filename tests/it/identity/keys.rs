//! When keys are fetched, and what holds while they cannot be.

use cloudbase_graphql::identity::TokenError;
use futures_util::FutureExt;
use futures_util::future::join_all;
use serde_json::json;

use super::issuer::{Issuer, entry};
use super::{HEADER, Hand, claims, good, judge, signed, with};
use crate::harness::NOW;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// A token that is good for a week.
fn lasting() -> String {
    signed(HEADER, &with("exp", json!(NOW / 1000 + 604_800)), 0)
}

fn by_key(kid: &str, key: usize) -> String {
    let header = format!(r#"{{"alg":"RS256","kid":"{kid}"}}"#);
    signed(&header, &claims().to_string(), key)
}

fn is_unavailable(judged: &Result<impl Sized, TokenError>) -> bool {
    matches!(judged, Err(TokenError::Unavailable { .. }))
}

#[tokio::test]
async fn a_hundred_who_come_at_once_are_one_request() {
    let (issuer, clock) = (Issuer::start().await, Hand::new());
    let (judge, token) = (judge(&issuer, &clock), good());
    assert_eq!(issuer.certs_asked(), 0, "nobody is asked before");
    let judged = join_all((0..100).map(|_| judge.verify(&token))).await;
    assert!(judged.iter().all(Result::is_ok));
    assert_eq!(issuer.certs_asked(), 1);
}

#[tokio::test]
async fn who_gives_up_takes_the_keys_from_nobody() {
    let (issuer, clock) = (Issuer::start().await, Hand::new());
    let (judge, token) = (judge(&issuer, &clock), good());
    let mut first = judge.verify(&token).boxed();
    assert!((&mut first).now_or_never().is_none(), "it waits for keys");
    drop(first);
    assert!(judge.verify(&token).await.is_ok());
    assert_eq!(issuer.certs_asked(), 1);
}

#[tokio::test]
async fn invented_keys_are_looked_for_once_a_minute() {
    let (issuer, clock) = (Issuer::start().await, Hand::new());
    let judge = judge(&issuer, &clock);
    assert!(judge.verify(&good()).await.is_ok());
    for minute in 1..=3 {
        clock.pass(MINUTE);
        for invented in 0..20 {
            let token = by_key(&format!("k{minute}-{invented}"), 0);
            assert_eq!(judge.verify(&token).await, Err(TokenError::UnknownKey));
        }
        assert_eq!(issuer.certs_asked(), 1 + minute);
    }
    assert!(judge.verify(&good()).await.is_ok());
}

#[tokio::test]
async fn keys_that_are_changed_are_followed() {
    let (issuer, clock) = (Issuer::start().await, Hand::new());
    let judge = judge(&issuer, &clock);
    assert!(judge.verify(&good()).await.is_ok());
    // The next key is published besides the old one, then alone.
    issuer.publish(&[entry("k0", 0), entry("k1", 1)]);
    clock.pass(MINUTE);
    assert!(judge.verify(&by_key("k1", 1)).await.is_ok());
    assert!(judge.verify(&good()).await.is_ok());
    issuer.publish(&[entry("k1", 1)]);
    assert!(judge.verify(&good()).await.is_ok(), "for an hour at most");
    clock.pass(HOUR);
    assert_eq!(judge.verify(&good()).await, Err(TokenError::UnknownKey));
    assert!(judge.verify(&by_key("k1", 1)).await.is_ok());
    assert_eq!(issuer.certs_asked(), 3);
}

#[tokio::test]
async fn without_keys_nobody_is_anybody_and_nobody_is_refused_for_good() {
    let (issuer, clock) = (Issuer::start().await, Hand::new());
    let judge = judge(&issuer, &clock);
    issuer.answer_certs(500, String::new());
    let refused = judge.verify(&good()).await.expect_err("there are no keys");
    let pause = refused.retry_after().expect("it may be otherwise later");
    assert!(pause.as_millis() <= 1000, "{pause:?}");
    for _ in 0..10 {
        assert!(is_unavailable(&judge.verify(&good()).await));
    }
    assert_eq!(issuer.certs_asked(), 1, "it is not pestered");
    issuer.publish(&[entry("k0", 0)]);
    clock.pass(1000);
    assert!(judge.verify(&good()).await.is_ok());
}

#[tokio::test]
async fn old_keys_are_used_for_a_day_while_nobody_answers() {
    let (issuer, clock) = (Issuer::start().await, Hand::new());
    let (judge, token) = (judge(&issuer, &clock), lasting());
    assert!(judge.verify(&token).await.is_ok());
    issuer.answer_certs(502, String::new());
    for hour in 1..24 {
        clock.pass(HOUR);
        for _ in 0..5 {
            assert!(judge.verify(&token).await.is_ok(), "after {hour} hours");
        }
        assert_eq!(issuer.certs_asked(), 1 + hour);
    }
    assert!(
        is_unavailable(&judge.verify(&by_key("k9", 0)).await),
        "nobody knows whether there is such a key"
    );
    clock.pass(HOUR);
    assert!(is_unavailable(&judge.verify(&token).await));
    issuer.publish(&[entry("k0", 0)]);
    clock.pass(MINUTE);
    assert!(judge.verify(&token).await.is_ok());
}

#[tokio::test]
async fn an_answer_that_is_no_key_set_is_none() {
    let many: Vec<_> = (0..33).map(|at| entry(&format!("k{at}"), 0)).collect();
    let elsewhere = Issuer::start().await;
    let redirect = format!("{}/auth/v1/certs", elsewhere.url());
    for (status, body) in [
        (200, "<html>".to_owned()),
        (200, json!({"keys": []}).to_string()),
        (200, json!({ "keys": many }).to_string()),
        (200, json!({"keys": [entry("k0", 2)]}).to_string()),
        (
            200,
            json!({"keys": [entry("k0", 0)], "more": "x".repeat(65_536)}).to_string(),
        ),
        (302, redirect),
        (404, json!({"keys": [entry("k0", 0)]}).to_string()),
    ] {
        let (issuer, clock) = (Issuer::start().await, Hand::new());
        let told = body.chars().take(80).collect::<String>();
        issuer.answer_certs(status, body);
        let judged = judge(&issuer, &clock).verify(&good()).await;
        assert!(is_unavailable(&judged), "{status} {told}");
    }
    assert_eq!(elsewhere.certs_asked(), 0, "redirects are not followed");
}
