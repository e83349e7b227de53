//! Relations: who may follow them, how often the store is asked.

use cloudbase_graphql::data::{Filter, Value};
use cloudbase_graphql::gateway::{List, Result, Total};
use cloudbase_graphql::model::RelationIx;

use super::notes::world;
use super::world::{Actor, ids, is, value};

async fn to_one(actor: &Actor, to: &str, keys: &[&str]) -> String {
    let to = actor.field("notes", to);
    let keys = keys.iter().map(|key| value(key)).collect();
    let select = actor.all("notes");
    let found = actor
        .session
        .to_one(actor.collection("notes"), to, keys, &select)
        .await;
    let found = found.expect("documents");
    let id = |it: &Option<_>| {
        it.as_ref().map_or(
            "-".to_owned(),
            |it: &cloudbase_graphql::gateway::Visible| it.id().to_string(),
        )
    };
    found.iter().map(id).collect::<Vec<_>>().join(" ")
}

async fn to_many(actor: &Actor, to: &str, keys: &[&str], filter: Filter) -> Result<Vec<List>> {
    let mut request = actor.request("notes", filter);
    request.total = Total::Count;
    let keys: Vec<Value> = keys.iter().map(|key| value(key)).collect();
    actor
        .session
        .to_many(&request, actor.field("notes", to), keys)
        .await
}

fn all_ids(lists: &[List]) -> String {
    let each = |list: &List| format!("[{}]{}", ids(list), list.total.expect("asked for"));
    lists.iter().map(each).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn targets_that_are_hidden_are_like_none() {
    let world = world().await;
    let alice = world.as_("openid:alice").await;
    assert_eq!(
        to_one(
            &alice,
            "id",
            &["\"n1\"", "\"n3\"", "\"nx\"", "null", "\"n1\""]
        )
        .await,
        "n1 - - - n1"
    );
    let lists = to_many(
        &alice,
        "openid",
        &["\"alice\"", "\"bob\"", "null", "\"alice\""],
        Filter::all(),
    )
    .await;
    assert_eq!(all_ids(&lists.unwrap()), "[n1 n4]2 [n2]1 []0 [n1 n4]2");
}

#[tokio::test]
async fn of_several_targets_the_lowest_id_is_the_one() {
    let world = world().await;
    let root = world.as_("openid:root").await;
    assert_eq!(
        to_one(&root, "openid", &["\"bob\"", "\"alice\""]).await,
        "n2 n1"
    );
}

#[tokio::test]
async fn looking_by_a_field_needs_read_on_it() {
    let world = world().await;
    let alice = world.as_("openid:alice").await;
    // `score` is nobody's but the staff's, `secret` is each owner's.
    assert_eq!(to_one(&alice, "score", &["5", "7"]).await, "- -");
    assert_eq!(
        to_one(&alice, "secret", &["\"s1\"", "\"s2\"", "\"s3\""]).await,
        "n1 - -"
    );
    let error = to_many(&alice, "score", &["5"], Filter::all())
        .await
        .expect_err("unreadable");
    assert_eq!(error.to_string(), "read of Note.score is not allowed");
    let lists = to_many(
        &alice,
        "secret",
        &["\"s1\"", "\"s2\"", "\"s3\""],
        Filter::all(),
    )
    .await;
    assert_eq!(all_ids(&lists.unwrap()), "[n1]1 []0 []0");
    let error = to_many(&alice, "openid", &["\"bob\""], is("score", "7"))
        .await
        .expect_err("unreadable");
    assert_eq!(error.to_string(), "read of Note.score is not allowed");
    let lists = to_many(
        &alice,
        "openid",
        &["\"bob\""],
        super::world::not(is("secret", "\"x\"")),
    )
    .await;
    assert_eq!(all_ids(&lists.unwrap()), "[]0");
}

#[tokio::test]
async fn a_relation_is_allowed_to_readers_of_both_ends() {
    let world = world().await;
    // latest, notes, bySecret, byScore
    for (principal, expected) in [
        ("openid:alice", [true, true, true, false]),
        ("openid:root", [true, true, true, true]),
    ] {
        let actor = world.as_(principal).await;
        let authors = actor.collection("authors");
        for (at, expected) in expected.into_iter().enumerate() {
            let allowed = actor
                .session
                .relation_allowed(authors, RelationIx(at))
                .await;
            assert_eq!(allowed.unwrap(), expected, "{principal} {at}");
        }
    }
}

#[tokio::test]
async fn a_level_is_one_read_and_repeated_keys_none() {
    let world = world().await;
    let root = world.as_("openid:root").await;
    let reads = || root.session.trace().reads;
    to_one(&root, "id", &["\"n1\"", "\"n2\"", "\"n1\""]).await;
    assert_eq!(reads(), 1);
    to_one(&root, "id", &["\"n2\"", "\"n1\""]).await;
    assert_eq!(reads(), 1, "both are known");
    to_one(&root, "id", &["\"n2\"", "\"n4\""]).await;
    assert_eq!(reads(), 2);
    to_one(&root, "id", &["null"]).await;
    assert_eq!(reads(), 2, "null is not looked for");
    to_many(&root, "openid", &["\"alice\"", "\"bob\""], Filter::all())
        .await
        .unwrap();
    assert_eq!(reads(), 4, "one read and one count");
    to_many(&root, "openid", &["null"], Filter::all())
        .await
        .unwrap();
    assert_eq!(reads(), 4);
}

#[tokio::test]
async fn loads_that_are_polled_together_are_one_read() {
    let world = world().await;
    let root = world.as_("openid:root").await;
    let one = to_one(&root, "id", &["\"n1\"", "\"n2\""]);
    let other = to_one(&root, "id", &["\"n2\"", "\"n3\""]);
    let (one, other) = tokio::join!(one, other);
    assert_eq!((one.as_str(), other.as_str()), ("n1 n2", "n2 n3"));
    assert_eq!(root.session.trace().reads, 1);
}

#[tokio::test]
async fn a_write_makes_the_session_look_again() {
    let world = world().await;
    let root = world.as_("openid:root").await;
    assert_eq!(to_one(&root, "id", &["\"n1\""]).await, "n1");
    root.delete("notes", "n1", None).await.expect("deleted");
    assert_eq!(to_one(&root, "id", &["\"n1\""]).await, "-");
}

#[tokio::test]
async fn limits_of_to_many() {
    let world = world().await;
    let root = world.as_("openid:root").await;
    let to = root.field("notes", "openid");
    let mut request = root.request("notes", Filter::all());
    request.page.first = Some(500);
    let keys = |count: i64| (0..count).map(Value::Int).collect::<Vec<_>>();
    assert_eq!(
        root.session
            .to_many(&request, to, keys(20))
            .await
            .expect("10,000")
            .len(),
        20
    );
    let error = root
        .session
        .to_many(&request, to, keys(21))
        .await
        .expect_err("10,500");
    assert!(error.to_string().contains("more than 10000"), "{error}");

    request.page.first = Some(1);
    let lists = root
        .session
        .to_many(&request, to, vec![value("\"alice\"")])
        .await
        .expect("a list");
    assert!(lists[0].has_next_page);
    request.page.after = Some(lists[0].cursor(0));
    let lists = root
        .session
        .to_many(&request, to, vec![value("\"alice\"")])
        .await
        .expect("a list");
    assert_eq!(ids(&lists[0]), "n4");
    let error = root
        .session
        .to_many(&request, to, keys(2))
        .await
        .expect_err("two parents");
    assert_eq!(super::world::kind(&error), "bad input");
}
