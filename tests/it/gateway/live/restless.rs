//! Lists whose decisions depend on the time or on other documents.

use std::sync::Arc;
use std::time::Duration;

use cloudbase_graphql::data::{Caller, Filter, Principal};
use cloudbase_graphql::gateway::WatchRequest;
use cloudbase_graphql::live;
use futures_util::FutureExt as _;

use super::super::fickle::Fickle;
use super::super::world::{Actor, NOW, World, is, set, shown};
use super::{Watched, fill, ids, next, seen, settles, single};

const SCHEMA: &str = r#"
type Post @collection(name: "posts", permission: CUSTOM) @rule(read: "doc.from <= now") {
  id: ID!
  from: Float
  body: String
  draft: String @rule(read: "doc.until > now")
  until: Float
}
type Sale @collection(name: "sales", permission: CUSTOM) @rule(read: "now < 1767225600500") { id: ID! }
type Room @collection(name: "rooms", permission: CUSTOM)
  @rule(read: "get(`database.members.${auth.openid}`).active == true") {
  id: ID!
  name: String
  key: String @rule(read: "get(`database.members.${auth.openid}`).level > 1")
}
type Member @collection(name: "members", permission: ADMINONLY) { id: ID! active: Boolean level: Int }
type Chat @collection(name: "chats", permission: ADMINONLY) { id: ID! members: [String!] }
type Message @collection(name: "messages", permission: CUSTOM)
  @rule(read: "auth.openid in get(`database.chats.${doc.chat}`).members") {
  id: ID!
  chat: String!
  body: String
}
type Plain @collection(name: "plains", permission: READONLY) { id: ID! n: Int }
"#;

const SEED: &[(&str, &str)] = &[
    (
        "posts",
        r#"{"_id":"p1","from":1767225599000,"draft":"d1","until":1767225600500}"#,
    ),
    (
        "posts",
        r#"{"_id":"p2","from":1767225600500,"draft":"d2","until":1767225600400}"#,
    ),
    (
        "posts",
        r#"{"_id":"p3","from":"soon","draft":"d3","until":1767225600500}"#,
    ),
    ("members", r#"{"_id":"ann","active":true,"level":2}"#),
    ("members", r#"{"_id":"ben","active":true,"level":1}"#),
    ("rooms", r#"{"_id":"r1","name":"one","key":"k1"}"#),
    ("chats", r#"{"_id":"c1","members":["ann","ben"]}"#),
    ("chats", r#"{"_id":"c2","members":["ben"]}"#),
    ("messages", r#"{"_id":"m1","chat":"c1","body":"hi"}"#),
    ("messages", r#"{"_id":"m2","chat":"c2","body":"psst"}"#),
    ("plains", r#"{"_id":"x"}"#),
];

/// A world in which nothing is looked at again by itself, but what depends on the time.
async fn world() -> World {
    World::new(SCHEMA, SEED).await.live(patient())
}

fn patient() -> live::Config {
    live::Config {
        recheck_interval: Duration::from_secs(3600),
        ..live::Config::default()
    }
}

fn all(collection: &'static str) -> Watched {
    Watched::new(collection, Filter::all())
}

#[tokio::test]
async fn documents_and_fields_come_and_go_as_time_passes() {
    let world = world().await;
    let ann = world.as_("openid:ann").await;
    let mut view = all("posts").watch(&ann).await.unwrap();
    let draft = ann.field("posts", "draft");
    assert_eq!(ids(view.documents()), "p1");
    assert_eq!(shown(&view.documents()[0], draft), "\"d1\"");
    world.clock.set(NOW + 499);
    next(&mut view).await;
    assert_eq!(ids(view.documents()), "p1");
    world.clock.set(NOW + 500);
    settles(&mut view, "p1 p2").await;
    assert_eq!(shown(&view.documents()[0], draft), "denied");
    assert_eq!(
        seen(&ann, "posts", view.documents()),
        all("posts").listed(&ann).await.unwrap()
    );
}

#[tokio::test]
async fn a_list_that_may_not_be_read_any_more_ends() {
    let world = world().await;
    let ann = world.as_("openid:ann").await;
    fill(&world, "sales", "s", 2).await;
    let mut list = all("sales").watch(&ann).await.unwrap();
    let request = single(&ann, "sales", "s0");
    let mut one = ann.session.watch(&request).await.unwrap();
    assert_eq!(ids(list.documents()), "s0 s1");
    assert_eq!(ids(one.documents()), "s0");
    world.clock.set(NOW + 500);
    settles(&mut list, "read of Sale is not allowed").await;
    settles(&mut one, "read of Sale is not allowed").await;
}

#[tokio::test]
async fn a_commit_to_a_document_that_a_rule_asks_for_is_heard() {
    let world = world().await;
    let ann = world.as_("openid:ann").await;
    let mut view = all("rooms").watch(&ann).await.unwrap();
    let key = ann.field("rooms", "key");
    assert_eq!(shown(&view.documents()[0], key), "\"k1\"");
    world
        .change("members", "ann", vec![set("level", "1")])
        .await;
    assert_eq!(next(&mut view).await, "r1");
    assert_eq!(shown(&view.documents()[0], key), "denied");
    world.put("rooms", r#"{"_id":"r2"}"#).await;
    assert_eq!(next(&mut view).await, "r1 r2");
    world.remove("members", "ann").await;
    assert_eq!(next(&mut view).await, "read of Room is not allowed");
}

#[tokio::test]
async fn a_document_that_leads_elsewhere_now_leaves() {
    let world = world().await;
    let ann = world.as_("openid:ann").await;
    let chat = Watched::new("messages", is("chat", "\"c1\""));
    let mut view = chat.watch(&ann).await.unwrap();
    let mut one = ann
        .session
        .watch(&single(&ann, "messages", "m1"))
        .await
        .unwrap();
    let mut other = ann
        .session
        .watch(&single(&ann, "messages", "m2"))
        .await
        .unwrap();
    assert_eq!(
        [
            ids(view.documents()),
            ids(one.documents()),
            ids(other.documents())
        ],
        ["m1", "m1", ""]
    );
    world
        .change("messages", "m1", vec![set("chat", "\"c2\"")])
        .await;
    settles(&mut view, "").await;
    settles(&mut one, "").await;
    world
        .change("messages", "m2", vec![set("chat", "\"c1\"")])
        .await;
    settles(&mut view, "m2").await;
    settles(&mut other, "m2").await;
    world
        .change("chats", "c1", vec![set("members", r#"["ben"]"#)])
        .await;
    settles(&mut other, "").await;
    settles(&mut view, "read of Message is not allowed").await;
}

#[tokio::test]
async fn what_a_rule_asks_for_is_looked_at_again_by_itself() {
    let world = World::new(SCHEMA, SEED).await;
    // A store that tells nothing, and is not asked for changes either.
    let gateway = world.over(
        Arc::new(Fickle::silent(Arc::clone(&world.store))),
        live::Config {
            recheck_interval: Duration::from_millis(50),
            poll_interval: Duration::from_secs(3600),
            ..live::Config::default()
        },
    );
    let caller = Caller::user(Principal::openid("ann").to_user());
    let ann = Actor {
        session: gateway.session(Arc::new(caller)),
    };
    let mut view = all("rooms").watch(&ann).await.unwrap();
    world
        .change("members", "ann", vec![set("active", "false")])
        .await;
    settles(&mut view, "read of Room is not allowed").await;
}

#[tokio::test]
async fn documents_that_did_not_change_are_the_same() {
    let world = world().await;
    let ann = world.as_("openid:ann").await;
    let mut view = all("rooms").watch(&ann).await.unwrap();
    let before = view.documents().to_vec();
    world.put("rooms", r#"{"_id":"r2"}"#).await;
    assert_eq!(next(&mut view).await, "r1 r2");
    assert!(view.documents()[0].is_same(&before[0]));
    world
        .change("members", "ann", vec![set("level", "1")])
        .await;
    assert_eq!(next(&mut view).await, "r1 r2");
    assert!(
        !view.documents()[0].is_same(&before[0]),
        "its key is hidden"
    );
}

#[tokio::test]
async fn a_list_that_is_not_limited_may_not_grow_too_long() {
    let world = World::new(SCHEMA, SEED).await.live(live::Config {
        max_documents: 3,
        ..patient()
    });
    fill(&world, "rooms", "x", 2).await;
    let ann = world.as_("openid:ann").await;
    let mut view = all("rooms").watch(&ann).await.unwrap();
    let some = Watched {
        first: Some(2),
        ..all("rooms")
    };
    let mut two = some.watch(&ann).await.unwrap();
    assert_eq!(ids(view.documents()), "r1 x0 x1");
    assert_eq!(ids(two.documents()), "r1 x0");
    world.put("rooms", r#"{"_id":"a"}"#).await;
    let too_long = "more than 3 documents match: narrow the condition, or ask for the `first` ones";
    settles(&mut view, too_long).await;
    settles(&mut two, "a r1").await;
    let again = all("rooms").watch(&ann).await;
    assert_eq!(again.unwrap_err().to_string(), too_long);
}

#[tokio::test]
async fn more_documents_than_a_page_has_are_watched() {
    let world = world().await;
    fill(&world, "rooms", "x", 600).await;
    let ann = world.as_("openid:ann").await;
    let view = all("rooms").watch(&ann).await.unwrap();
    assert_eq!(view.documents().len(), 601);
}

#[tokio::test]
async fn a_store_that_is_away_for_a_while_ends_nothing() {
    let world = World::new(SCHEMA, SEED).await;
    let store = Arc::new(Fickle::over(Arc::clone(&world.store)));
    let gateway = world.over(Arc::clone(&store) as _, patient());
    let caller = Caller::user(Principal::openid("ann").to_user());
    let ann = Actor {
        session: gateway.session(Arc::new(caller)),
    };
    let mut view = all("rooms").watch(&ann).await.unwrap();
    store.set_away(true);
    world.put("rooms", r#"{"_id":"r2"}"#).await;
    let refused = all("rooms").watch(&ann).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the database is not available, try again"
    );
    // Long enough for a look in vain.
    let waited = tokio::time::timeout(Duration::from_millis(1500), view.changed()).await;
    assert!(waited.is_err(), "there is nothing to tell");
    assert_eq!(ids(view.documents()), "r1");
    store.set_away(false);
    assert_eq!(next(&mut view).await, "r1 r2");
}

#[tokio::test]
async fn a_future_that_is_dropped_loses_nothing() {
    let world = world().await;
    let ann = world.as_("openid:ann").await;
    let mut view = all("rooms").watch(&ann).await.unwrap();
    world.put("rooms", r#"{"_id":"r2"}"#).await;
    // The commit is heard, and the look it calls for is never waited for.
    for _ in 0..200 {
        if let Some(changed) = view.changed().now_or_never() {
            changed.unwrap();
        }
        tokio::task::yield_now().await;
    }
    settles(&mut view, "r1 r2").await;
}

#[tokio::test]
async fn a_view_tells_when_its_relations_may_show_something_else() {
    let world = world().await;
    let ann = world.as_("openid:ann").await;
    let watch = async |also: &str| {
        let request = WatchRequest::List {
            collection: ann.collection("plains"),
            filter: Filter::all(),
            order: Default::default(),
            first: None,
            select: ann.all("plains"),
            also: vec![ann.collection(also)],
        };
        ann.session.watch(&request).await.unwrap()
    };
    // By time, by a commit to what a rule asks for, and not at all.
    let mut timed = watch("posts").await;
    let mut asking = watch("messages").await;
    let mut calm = watch("members").await;
    let before = timed.documents().to_vec();
    assert_eq!(next(&mut timed).await, "x");
    assert!(timed.documents()[0].is_same(&before[0]));
    world
        .change("chats", "c1", vec![set("members", "[]")])
        .await;
    assert_eq!(next(&mut asking).await, "x");
    assert!(calm.changed().now_or_never().is_none());
    // The list itself is followed all the same.
    world.put("plains", r#"{"_id":"y"}"#).await;
    for view in [&mut timed, &mut asking, &mut calm] {
        settles(view, "x y").await;
    }
}

#[tokio::test]
async fn a_gateway_that_is_drained_ends_its_views() {
    let world = world().await;
    let ann = world.as_("openid:ann").await;
    let mut view = all("rooms").watch(&ann).await.unwrap();
    world.gateway.drain().await;
    assert_eq!(
        next(&mut view).await,
        "the database is not available, try again"
    );
}
