//! What cannot be asked for cannot be watched: the refusals are those of a query, word for word.

use cloudbase_graphql::data::{Filter, Test};
use cloudbase_graphql::gateway::Error;

use super::super::notes;
use super::super::world::{World, is, not, test};
use super::{Watched, by, got, single};

/// Decisions here depend on the time, or on other documents.
const RESTLESS: &str = r#"
type Post @collection(name: "posts", permission: CUSTOM) @rule(read: "doc.from <= now") {
  id: ID!
  from: Float
  body: String
  draft: String @rule(read: "doc.until > now")
  until: Float
  ghost: Int @rule(read: false)
}
type Room @collection(name: "rooms", permission: CUSTOM)
  @rule(read: "get(`database.members.${auth.openid}`).active == true") {
  id: ID!
  name: String
  ghost: Int @rule(read: false)
}
type Member @collection(name: "members", permission: ADMINONLY) { id: ID! active: Boolean }
type Past @collection(name: "pasts", permission: CUSTOM) @rule(read: "now < 1000") { id: ID! }
"#;

const MEMBERS: &[(&str, &str)] = &[
    ("members", r#"{"_id":"alice","active":true}"#),
    ("rooms", r#"{"_id":"r1","name":"one"}"#),
    ("posts", r#"{"_id":"p1","from":1,"body":"b"}"#),
];

fn questions(collection: &'static str, guarded: &str, ghost: &str) -> Vec<Watched> {
    let all = || Watched::new(collection, Filter::all());
    let filters = [
        is(guarded, "\"x\""),
        is(ghost, "1"),
        is("no-such-field", "1"),
        not(is(ghost, "1")),
        is("_id", "\"n1\"").or(test(ghost, Test::Exists(true))),
        Filter::all(),
    ];
    let orders = [
        by(guarded, false),
        by(ghost, true),
        by("no-such-field", false),
        by("_id", true),
    ];
    let sizes = [None, Some(500), Some(501), Some(u64::MAX)];
    let by_filter = filters
        .into_iter()
        .map(|filter| Watched { filter, ..all() });
    let by_order = orders.into_iter().map(|order| Watched { order, ..all() });
    let by_size = sizes.into_iter().map(|first| Watched { first, ..all() });
    by_filter.chain(by_order).chain(by_size).collect()
}

async fn compare(world: &World, who: &str, questions: Vec<Watched>) -> usize {
    let actor = world.as_(who).await;
    let mut refused = 0;
    for question in questions {
        let watched = question
            .watch(&actor)
            .await
            .map(|view| super::seen(&actor, question.collection, view.documents()));
        let listed = question.listed(&actor).await;
        refused += usize::from(listed.is_err());
        let text = |result: Result<String, _>| match result {
            Ok(seen) => seen,
            Err(error) => format!("refused: {error}"),
        };
        assert_eq!(text(watched), text(listed), "{who}: {question:?}");
    }
    refused
}

#[tokio::test]
async fn a_watch_is_refused_as_a_query_is() {
    let world = notes::world().await;
    for (who, refusals) in [
        ("-", 14),
        ("openid:alice", 9),
        ("openid:root", 9),
        ("openid:clara", 9),
    ] {
        let refused = compare(&world, who, questions("notes", "secret", "ghost")).await;
        assert_eq!(refused, refusals, "{who}");
    }
    let staff = vec![Watched::new("roles", Filter::all())];
    assert_eq!(compare(&world, "openid:alice", staff.clone()).await, 1);
    assert_eq!(compare(&world, "openid:root", staff).await, 0);
}

#[tokio::test]
async fn also_where_it_is_asked_for_again_and_again() {
    let world = World::new(RESTLESS, MEMBERS).await;
    for (who, posts, rooms) in [("-", 14, 14), ("openid:alice", 9, 8), ("openid:eve", 9, 14)] {
        let refused = compare(&world, who, questions("posts", "draft", "ghost")).await;
        assert_eq!(refused, posts, "{who}");
        let refused = compare(&world, who, questions("rooms", "name", "ghost")).await;
        assert_eq!(refused, rooms, "{who}");
        let never = vec![Watched::new("pasts", Filter::all())];
        assert_eq!(compare(&world, who, never).await, 1, "{who}");
    }
}

#[tokio::test]
async fn one_document_is_refused_as_a_query_for_it_is() {
    let (notes, restless) = (notes::world().await, World::new(RESTLESS, MEMBERS).await);
    let cases = [
        (&notes, "notes", "n3"),
        (&notes, "roles", "openid:root"),
        (&restless, "posts", "p1"),
        (&restless, "rooms", "r1"),
        (&restless, "pasts", "x"),
        (&restless, "members", "alice"),
    ];
    for (world, collection, id) in cases {
        for who in ["-", "openid:alice", "openid:eve"] {
            let actor = world.as_(who).await;
            let request = single(&actor, collection, id);
            let watched = actor.session.watch(&request).await;
            let watched = watched.map(|view| super::seen(&actor, collection, view.documents()));
            let asked = got(&actor, collection, id).await;
            let text = |result: Result<String, Error>| result.map_err(|error| error.to_string());
            assert_eq!(text(watched), text(asked), "{who} {collection} {id}");
        }
    }
}
