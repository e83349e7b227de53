//! What is shown is never older than the call that asked for it: not to who joins others, nor to who waited.

use std::sync::Arc;
use std::thread;

use cloudbase_graphql::data::{CollectionName, DocId, Filter, Path, Update, ejson, update};
use cloudbase_graphql::store::Store;
use futures_util::FutureExt as _;
use tokio::runtime;

use super::subscriber::{credential, live_list};
use crate::harness::TestApp;

/// Sets a value while nothing else runs: no task has heard of it when this returns.
fn set_at_once(app: &TestApp, collection: &str, id: &str, path: &str, value: &str) {
    let (store, id) = (Arc::clone(&app.store), DocId::string(id));
    let collection = CollectionName::parse(collection).unwrap();
    let (path, value) = (
        Path::parse(path).unwrap(),
        ejson::parse_value(value).unwrap(),
    );
    let update = Update {
        ops: vec![update::Op::Set(path, value)],
    };
    let write = move || {
        let apart = runtime::Builder::new_current_thread().build().unwrap();
        let all = Filter::all();
        let write = store.update_one(&collection, &id, &all, &update);
        apart.block_on(write).unwrap().expect("it is there");
    };
    thread::spawn(write).join().unwrap();
}

#[tokio::test]
async fn who_joins_others_is_not_shown_what_was() {
    let app = TestApp::shop().await;
    let query = live_list("items", "stock");
    let mut first = app.subscribe("openid:demo-admin", &query).await;
    first.next().await;
    for stock in 100..110 {
        set_at_once(&app, "items", "i1", "stock", &stock.to_string());
        let mut next = app.subscribe("openid:demo-admin", &query).await;
        assert_eq!(next.next().await.node("i1")["stock"], stock);
    }
    // They all were one cohort.
    assert_eq!(app.executor.gateway().live().watches(), 1);
}

/// Another cohort, but the same watch.
#[tokio::test]
async fn who_shares_a_watch_is_not_shown_what_was() {
    let app = TestApp::shop().await;
    let mut first = app
        .subscribe("openid:demo-admin", &live_list("items", "stock"))
        .await;
    first.next().await;
    for stock in 100..110 {
        set_at_once(&app, "items", "i1", "stock", &stock.to_string());
        let query = live_list("items", &format!("as{stock}: stock"));
        let mut next = app.subscribe("openid:demo-admin", &query).await;
        assert_eq!(next.next().await.node("i1")[format!("as{stock}")], stock);
        assert_eq!(app.executor.gateway().live().watches(), 1);
    }
}

#[tokio::test]
async fn who_joins_others_is_not_shown_what_relations_led_to() {
    let app = TestApp::shop().await;
    let query = live_list("orders", "user { nickname }");
    let mut first = app.subscribe("openid:demo-admin", &query).await;
    first.next().await;
    for name in 0..10 {
        let name = format!("Alice {name}");
        set_at_once(&app, "users", "u1", "nickname", &format!("{name:?}"));
        let mut next = app.subscribe("openid:demo-admin", &query).await;
        assert_eq!(next.next().await.node("o1")["user"]["nickname"], name);
    }
}

#[tokio::test]
async fn who_moves_to_others_is_not_shown_what_was() {
    let app = TestApp::shop().await;
    let query = live_list("items", "stock");
    let mut admin = app.subscribe("openid:demo-admin", &query).await;
    admin.next().await;
    let mut mover = app.subscribe("openid:demo-alice", &query).await;
    mover.next().await;
    set_at_once(&app, "items", "i1", "stock", "100");
    mover
        .credential
        .send_replace(credential("openid:demo-admin", None));
    let told = mover.next().await;
    assert_eq!(told.brief(), "CHANGE ~i1@0 +i3@2");
    assert_eq!(told.node("i1")["stock"], 100);
}

/// An event waits, made for a role that is withdrawn before it is handed out.
#[tokio::test]
async fn nothing_is_handed_out_after_a_role_was_withdrawn() {
    let app = TestApp::shop().await;
    let query = live_list("orders", "remark");
    let mut support = app.subscribe("openid:demo-support", &query).await;
    let mut other = app.subscribe("openid:demo-support", &query).await;
    support.next().await;
    other.next().await;
    app.set("orders", "o1", "remark", r#""secret""#).await;
    other.next().await;
    assert!(support.subscription.has_pending());
    set_at_once(
        &app,
        "roles",
        "openid:demo-support",
        "status",
        r#""DISABLED""#,
    );
    // No task has counted that commit yet.
    let told = support.next().await;
    assert_eq!(told.brief(), "CHANGE -o1 -o3 -o4");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_commit_to_the_list_and_to_what_it_leads_to_is_one_event() {
    let app = TestApp::shop().await;
    let lead = "status user { orders(first: 1) { nodes { status } } }";
    let query = live_list(r#"orders(where: {id: {eq: "o1"}})"#, lead);
    let mut admin = app.subscribe("openid:demo-admin", &query).await;
    admin.next().await;
    for status in ["SHIPPED", "PAID"].repeat(60) {
        app.set("orders", "o1", "status", &format!("{status:?}"))
            .await;
        let told = admin.next().await;
        let node = told.node("o1");
        assert_eq!(node["status"], status);
        assert_eq!(node["user"]["orders"]["nodes"][0]["status"], status);
    }
    assert!(admin.subscription.next().now_or_never().is_none());
}

/// The role is back before the subscriber looks; what happened meanwhile is not theirs all the same.
#[tokio::test]
async fn what_happened_while_a_role_was_withdrawn_is_never_told() {
    let app = TestApp::shop().await;
    let query = live_list("orders", "remark");
    let mut support = app.subscribe("openid:demo-support", &query).await;
    let mut other = app.subscribe("openid:demo-operator", &query).await;
    support.next().await;
    other.next().await;
    let status = async |status| {
        app.set("roles", "openid:demo-support", "status", status)
            .await
    };
    for (meanwhile, waits) in [("\"secret\"", true), ("\"hidden\"", false)] {
        status("\"DISABLED\"").await;
        if waits {
            app.set("orders", "o1", "remark", meanwhile).await;
            other.next().await;
        } else {
            set_at_once(&app, "orders", "o1", "remark", meanwhile);
        }
        app.set("orders", "o1", "remark", "\"fine\"").await;
        status("\"ACTIVE\"").await;
        let told = support.next().await;
        assert!(!told.text().contains(meanwhile), "{}", told.text());
        assert_eq!(told.brief(), "CHANGE ~o1@0");
        app.set("orders", "o1", "remark", "\"known\"").await;
        assert_eq!(support.next().await.node("o1")["remark"], "known");
    }
}
