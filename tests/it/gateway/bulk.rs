//! Writing all documents that match.

use cloudbase_graphql::data::update::{Elements, Op};
use cloudbase_graphql::data::{Filter, Test, Update};

use super::notes::world;
use super::world::{Actor, inc, is, not, path, set, test, value};

async fn update(actor: &Actor, filter: Filter, at_most: u64, ops: Vec<Op>) -> String {
    let request = actor.bulk("notes", filter, at_most);
    match actor.session.update_many(&request, &Update { ops }).await {
        Ok(result) => format!("{}/{}", result.matched, result.modified),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn a_filter_that_constrains_nothing_must_be_meant() {
    let world = world().await;
    let root = world.as_("openid:root").await;
    let title = || test("title", Test::Exists(true));
    let none = Filter::none;
    let nothing = [
        Filter::all(),
        Filter::And(vec![Filter::all(), Filter::And(vec![])]),
        Filter::Or(vec![title(), Filter::all()]),
        not(none()),
        not(not(Filter::all())),
        Filter::Or(vec![none(), not(Filter::And(vec![title(), none()]))]),
        test("title", Test::NotIn(vec![])),
        not(test("title", Test::In(vec![]))),
        not(test("tags", Test::HasSome(vec![]))),
        test("_id", Test::Exists(true)),
        not(test("parts", Test::Some(Box::new(none())))),
    ];
    for filter in nothing {
        let said = update(&root, filter.clone(), 10, vec![set("title", "\"x\"")]).await;
        assert_eq!(
            said, "where: constrains nothing; say `all: true` if every document is meant",
            "{filter:?}"
        );
    }
    let mut request = root.bulk("notes", Filter::all(), 10);
    request.all = true;
    let all = Update {
        ops: vec![set("title", "\"x\"")],
    };
    assert_eq!(
        root.session
            .update_many(&request, &all)
            .await
            .unwrap()
            .matched,
        4
    );
    assert_eq!(
        update(&root, Filter::none(), 10, vec![set("title", "\"x\"")]).await,
        "0/0"
    );
}

#[tokio::test]
async fn more_than_meant_is_nothing() {
    let world = world().await;
    let root = world.as_("openid:root").await;
    let all = || test("title", Test::Exists(true));
    let ops = || vec![set("title", "\"x\"")];
    let said = update(&root, all(), 3, ops()).await;
    assert!(
        said.starts_with("more than 3 documents match, nothing was written"),
        "{said}"
    );
    assert!(world.audit.entries().is_empty());
    assert_eq!(
        update(&root, all(), 0, ops()).await,
        "atMost: from 1 to 1000"
    );
    assert_eq!(
        update(&root, all(), 1001, ops()).await,
        "atMost: from 1 to 1000"
    );
    assert_eq!(update(&root, all(), 4, ops()).await, "4/4");
    let request = root.bulk("notes", all(), 3);
    root.session
        .delete_many(&request)
        .await
        .expect_err("four match");
    let request = root.bulk("notes", all(), 4);
    let result = root.session.delete_many(&request).await.expect("deleted");
    assert_eq!((result.matched, result.modified), (4, 4));
}

#[tokio::test]
async fn decisions_narrow_and_refuse() {
    let world = world().await;
    let alice = world.as_("openid:alice").await;
    let any = || test("title", Test::Exists(true));
    assert_eq!(
        update(&alice, any(), 10, vec![set("title", "\"x\"")]).await,
        "2/2"
    );
    assert_eq!(
        update(&alice, any(), 10, vec![set("score", "1")]).await,
        "update of Note.score is not allowed"
    );
    assert_eq!(
        update(&alice, any(), 10, vec![inc("ghost", "1")]).await,
        "read of Note.ghost is not allowed"
    );
    let root = world.as_("openid:root").await;
    // Root writes everything except the owners' own fields.
    assert_eq!(
        update(&root, any(), 10, vec![set("score", "8")]).await,
        "4/4"
    );
    assert_eq!(
        update(&root, any(), 10, vec![set("secret", "\"x\"")]).await,
        "0/0"
    );
}

#[tokio::test]
async fn a_guard_that_one_document_breaks_refuses_all() {
    let world = world().await;
    let root = world.as_("openid:root").await;
    let any = || test("title", Test::Exists(true));
    assert_eq!(
        update(&root, any(), 10, vec![inc("stock", "-1")]).await,
        "inc.stock: would fall below 0"
    );
    assert!(world.audit.entries().is_empty());
    assert_eq!(
        update(
            &root,
            test("stock", Test::Gt(value("0"))),
            10,
            vec![inc("stock", "-1")]
        )
        .await,
        "3/3"
    );
    let pull = Op::Pull(path("tags"), Elements::Equal(vec![value("\"a\"")]));
    let said = update(&root, any(), 10, vec![pull]).await;
    assert_eq!(
        said,
        "pull.tags: a list that must keep some items is pulled from one document at a time"
    );
}

#[tokio::test]
async fn modified_counts_what_is_different_now() {
    let world = super::world::World::new(
        r#"type T @collection(name: "ts", permission: PRIVATE) { id: ID! n: Int }"#,
        &[
            ("ts", r#"{"_id":"a","_openid":"me","n":1}"#),
            ("ts", r#"{"_id":"b","_openid":"me","n":2}"#),
        ],
    )
    .await;
    let me = world.as_("openid:me").await;
    let request = me.bulk("ts", not(is("n", "0")), 10);
    let result = me
        .session
        .update_many(
            &request,
            &Update {
                ops: vec![set("n", "1")],
            },
        )
        .await
        .unwrap();
    assert_eq!((result.matched, result.modified), (2, 1));
}
