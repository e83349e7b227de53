//! Whether staff are still signed in.

use cloudbase_graphql::data::{Principal, User};
use cloudbase_graphql::gateway::{Proof, Vouch, Vouched};
use futures_util::future::join_all;

use super::issuer::Issuer;
use super::{Hand, judge};
use crate::harness::NOW;

const MINUTE: i64 = 60_000;

fn user() -> User {
    Principal::uid("u1").to_user()
}

#[tokio::test]
async fn an_answer_holds_for_a_minute() {
    let (issuer, clock) = (Issuer::start().await, Hand::new());
    let (judge, user, proof) = (judge(&issuer, &clock), user(), Proof::new("t1"));
    let until = Ok(Vouched::Until(NOW + MINUTE));
    let asked = join_all((0..100).map(|_| judge.vouch(&user, &proof))).await;
    assert!(asked.iter().all(|vouched| *vouched == until));
    assert_eq!(issuer.introspections_asked(), 1);
    let other = Proof::new("t2");
    assert_eq!(judge.vouch(&user, &other).await, until);
    assert_eq!(issuer.introspections_asked(), 2, "each token by itself");

    issuer.answer_introspection(200, "{}");
    clock.pass(MINUTE - 1);
    assert_eq!(judge.vouch(&user, &proof).await, until);
    clock.pass(1);
    assert_eq!(judge.vouch(&user, &proof).await, Ok(Vouched::SignedOut));
    assert_eq!(judge.vouch(&user, &proof).await, Ok(Vouched::SignedOut));
    assert_eq!(issuer.introspections_asked(), 3);
}

#[tokio::test]
async fn who_is_somebody_else_is_signed_out() {
    let (issuer, clock) = (Issuer::start().await, Hand::new());
    let judge = judge(&issuer, &clock);
    issuer.answer_introspection(200, r#"{"sub":"u2","scope":""}"#);
    let vouched = judge.vouch(&user(), &Proof::new("t")).await;
    assert_eq!(vouched, Ok(Vouched::SignedOut));
}

#[tokio::test]
async fn while_nobody_answers_nobody_vouches() {
    let (issuer, clock) = (Issuer::start().await, Hand::new());
    let (judge, user, proof) = (judge(&issuer, &clock), user(), Proof::new("t"));
    issuer.answer_introspection(500, "");
    for _ in 0..10 {
        assert!(judge.vouch(&user, &proof).await.is_err());
    }
    assert_eq!(issuer.introspections_asked(), 1, "it is not pestered");
    clock.pass(1000);
    issuer.answer_introspection(200, r#"{"sub":"u1"}"#);
    let until = Vouched::Until(NOW + 1000 + MINUTE);
    assert_eq!(judge.vouch(&user, &proof).await, Ok(until));
}
