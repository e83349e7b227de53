//! What a caller may see, as that changes.

use cloudbase_graphql::graphql::End;
use serde_json::json;

use super::subscriber::{credential, live_list};
use crate::harness::{NOW, TestApp};

fn role(principal: &str, role: &str, more: &str) -> String {
    let times = r#""createdAt":{"$date":1735689600000},"updatedAt":{"$date":1735689600000}"#;
    format!(r#"{{"_id":"{principal}","roles":["{role}"],"status":"ACTIVE",{more}{times}}}"#)
}

#[tokio::test]
async fn each_sees_a_document_come_and_go_by_their_own_rules() {
    let app = TestApp::shop().await;
    let query = live_list("orders", "status");
    let mut alice = app.subscribe("openid:demo-alice", &query).await;
    let mut bob = app.subscribe("openid:demo-bob", &query).await;
    let mut support = app.subscribe("openid:demo-support", &query).await;
    assert_eq!(alice.told().await, "SNAPSHOT +o1@0 +o2@1 +o3@2");
    assert_eq!(bob.told().await, "SNAPSHOT +o4@0");
    assert_eq!(support.told().await, "SNAPSHOT +o1@0 +o3@1 +o4@2");
    app.set("orders", "o1", "_openid", r#""demo-bob""#).await;
    assert_eq!(alice.told().await, "CHANGE -o1");
    assert_eq!(bob.told().await, "CHANGE +o1@0");
    // Support sees no closed orders; whose they are makes no difference to what support sees of them.
    app.set("orders", "o1", "status", r#""CLOSED""#).await;
    assert_eq!(bob.told().await, "CHANGE ~o1@0");
    assert_eq!(support.told().await, "CHANGE -o1");
    app.set("orders", "o2", "status", r#""PAID""#).await;
    assert_eq!(alice.told().await, "CHANGE ~o2@0");
    assert_eq!(support.told().await, "CHANGE +o2@0");
}

#[tokio::test]
async fn a_role_that_is_taken_takes_what_it_showed() {
    let app = TestApp::shop().await;
    let query = live_list("orders", "orderNo");
    let mut support = app.subscribe("openid:demo-support", &query).await;
    assert_eq!(support.told().await, "SNAPSHOT +o1@0 +o3@1 +o4@2");
    app.set("roles", "openid:demo-support", "status", r#""DISABLED""#)
        .await;
    let told = support.next().await;
    assert_eq!(told.brief(), "CHANGE -o1 -o3 -o4");
    assert!(
        !told.text().contains("\"N"),
        "more than ids: {}",
        told.text()
    );
    // Still subscribed, as a customer: the rule shows them their own orders.
    app.set("orders", "o4", "_openid", r#""demo-support""#)
        .await;
    assert_eq!(support.told().await, "CHANGE +o4@0");
    app.set("roles", "openid:demo-support", "status", r#""ACTIVE""#)
        .await;
    assert_eq!(support.told().await, "CHANGE +o1@0 +o3@1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_written_after_a_role_was_taken_is_not_shown() {
    let app = TestApp::shop().await;
    for turn in 0..50 {
        let query = live_list("orders", "remark");
        let mut support = app.subscribe("openid:demo-support", &query).await;
        support.next().await;
        app.set("roles", "openid:demo-support", "status", r#""DISABLED""#)
            .await;
        let secret = format!("secret {turn}.");
        app.set("orders", "o1", "remark", &format!("{secret:?}"))
            .await;
        // What was written before may still come first.
        while !support.list.is_empty() {
            let told = support.next().await;
            assert!(!told.text().contains(&secret), "{}", told.text());
        }
        app.set("roles", "openid:demo-support", "status", r#""ACTIVE""#)
            .await;
    }
}

#[tokio::test]
async fn a_role_that_is_given_shows_more() {
    let app = TestApp::shop().await;
    let query = live_list("orders", "orderNo");
    let mut newcomer = app.subscribe("openid:demo-new", &query).await;
    assert_eq!(newcomer.told().await, "SNAPSHOT");
    app.insert("roles", [role("openid:demo-new", "support", "").as_str()])
        .await;
    assert_eq!(newcomer.told().await, "CHANGE +o1@0 +o3@1 +o4@2");
}

#[tokio::test]
async fn fields_appear_and_leave_with_the_role() {
    let app = TestApp::shop().await;
    let query = live_list("users", "nickname phone");
    let mut support = app.subscribe("openid:demo-support", &query).await;
    let told = support.next().await;
    assert_eq!(told.node("u1")["phone"], json!(null));
    assert!(!told.text().contains("1380000"), "{}", told.text());
    let denied = json!([{"field": "User.phone", "count": 4}]);
    assert_eq!(told.json["extensions"]["denied"], denied);
    app.set("roles", "openid:demo-support", "roles", r#"["admin"]"#)
        .await;
    let told = support.next().await;
    assert_eq!(told.brief(), "CHANGE ~u1@0 ~u2@1");
    assert_eq!(told.node("u1")["phone"], json!("13800000001"));
    app.set("roles", "openid:demo-support", "roles", r#"["support"]"#)
        .await;
    let told = support.next().await;
    assert_eq!(told.brief(), "CHANGE ~u1@0 ~u2@1");
    assert!(!told.text().contains("1380000"), "{}", told.text());
}

#[tokio::test]
async fn a_role_ends_when_it_is_said_to() {
    let app = TestApp::shop().await;
    let until = format!(r#""expiresAt":{{"$date":{}}},"#, NOW + 40);
    app.insert(
        "roles",
        [role("openid:demo-new", "support", &until).as_str()],
    )
    .await;
    let mut newcomer = app
        .subscribe("openid:demo-new", &live_list("orders", ""))
        .await;
    assert_eq!(newcomer.told().await, "SNAPSHOT +o1@0 +o3@1 +o4@2");
    app.clock.advance(40);
    assert_eq!(newcomer.told().await, "CHANGE -o1 -o3 -o4");
}

#[tokio::test]
async fn who_may_see_nothing_any_more_is_told_so_and_it_ends() {
    let app = TestApp::shop().await;
    let mut admin = app
        .subscribe("openid:demo-admin", &live_list("roles", "status"))
        .await;
    assert_eq!(admin.list.len(), 0);
    admin.next().await;
    assert_eq!(admin.list.len(), 4);
    app.set("roles", "openid:demo-admin", "roles", "[]").await;
    let told = admin.next().await;
    let gone =
        "CHANGE -openid:demo-admin -openid:demo-operator -openid:demo-owner -openid:demo-support";
    assert_eq!(told.brief(), gone);
    assert!(!told.text().contains("ACTIVE"), "{}", told.text());
    assert_eq!(admin.end().await, End::Forbidden);
}

#[tokio::test]
async fn a_new_credential_is_followed_in_place() {
    let app = TestApp::shop().await;
    let query = live_list("orders", "remark");
    let mut alice = app.subscribe("openid:demo-alice", &query).await;
    assert_eq!(alice.told().await, "SNAPSHOT +o1@0 +o2@1 +o3@2");
    // The same user for longer: nothing is different.
    alice
        .credential
        .send_replace(credential("openid:demo-alice", Some(NOW + 60_000)));
    app.set("orders", "o3", "remark", r#""hello""#).await;
    assert_eq!(alice.told().await, "CHANGE ~o3@2");
    alice
        .credential
        .send_replace(credential("openid:demo-bob", None));
    assert_eq!(alice.told().await, "CHANGE -o1 -o2 -o3 +o4@0");
    app.set("orders", "o1", "remark", r#""not for bob""#).await;
    app.set("orders", "o4", "remark", r#""for bob""#).await;
    assert_eq!(alice.told().await, "CHANGE ~o4@0");
}

#[tokio::test]
async fn what_waits_is_not_handed_out_to_somebody_else() {
    let app = TestApp::shop().await;
    let query = live_list("orders", "remark");
    let mut alice = app.subscribe("openid:demo-alice", &query).await;
    let mut other = app.subscribe("openid:demo-alice", &query).await;
    alice.next().await;
    other.next().await;
    app.set("orders", "o1", "remark", r#""for alice""#).await;
    // Now it waits for both.
    other.next().await;
    assert!(alice.subscription.has_pending());
    alice
        .credential
        .send_replace(credential("openid:demo-bob", None));
    let told = alice.next().await;
    assert_eq!(told.brief(), "CHANGE -o1 -o2 -o3 +o4@0");
    assert!(!told.text().contains("for alice"), "{}", told.text());
}

#[tokio::test]
async fn an_expired_token_takes_everything() {
    let app = TestApp::shop().await;
    let proved = credential("openid:demo-alice", Some(NOW + 40));
    let mut alice = app
        .subscribe_with(proved, &live_list("orders", "orderNo"))
        .await;
    assert_eq!(alice.told().await, "SNAPSHOT +o1@0 +o2@1 +o3@2");
    app.clock.advance(39);
    app.set("orders", "o1", "orderNo", r#""N9""#).await;
    assert_eq!(alice.told().await, "CHANGE ~o1@0");
    app.clock.advance(1);
    assert_eq!(alice.told().await, "CHANGE -o1 -o2 -o3");
    assert_eq!(alice.end().await, End::Unauthenticated);
}

#[tokio::test]
async fn where_nothing_was_seen_nothing_leaves() {
    let app = TestApp::shop().await;
    let proved = credential("openid:demo-new", Some(NOW + 40));
    let mut nobody = app
        .subscribe_with(proved.clone(), &live_list("orders", ""))
        .await;
    let mut silent = app.subscribe_with(proved, &live_list("orders", "")).await;
    assert_eq!(nobody.told().await, "SNAPSHOT");
    app.clock.advance(40);
    assert_eq!(nobody.end().await, End::Unauthenticated);
    // Nor where the end comes before the beginning.
    assert_eq!(silent.end().await, End::Unauthenticated);
}
