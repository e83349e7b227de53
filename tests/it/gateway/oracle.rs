//! Nothing tells a value that the caller may not read. One test for each way to ask.

use cloudbase_graphql::data::update::{Elements, Op};
use cloudbase_graphql::data::{Direction, Filter, Order, OrderKey, Test};
use cloudbase_graphql::gateway::{PageRequest, Total};

use super::notes::world;
use super::world::{Actor, ids, inc, is, kind, not, path, said, set, test, value};

fn by(field: &str) -> Order {
    Order {
        keys: vec![OrderKey {
            path: path(field),
            direction: Direction::Ascending,
        }],
    }
}

#[tokio::test]
async fn a_filter_on_an_unreadable_field_is_forbidden_however_it_is_wrapped() {
    let world = world().await;
    let alice = world.as_("openid:alice").await;
    let guess = || is("score", "7");
    let wrapped = [
        guess(),
        not(guess()),
        not(not(guess())),
        Filter::And(vec![is("title", "\"two\""), guess()]),
        Filter::Or(vec![is("title", "\"two\""), guess()]),
        Filter::Or(vec![Filter::And(vec![not(Filter::Or(vec![guess()]))])]),
        test("score", Test::Exists(true)),
        test("score", Test::In(Vec::new())),
        test("score.deep.er", Test::Exists(false)),
        test("score", Test::Some(Box::new(is("x", "1")))),
    ];
    for filter in wrapped {
        let answer = alice.find("notes", filter.clone()).await;
        assert_eq!(answer, "read of Note.score is not allowed", "{filter:?}");
    }
    assert_eq!(
        alice.find("notes", is("ghost", "1")).await,
        "read of Note.ghost is not allowed"
    );
}

#[tokio::test]
async fn a_filter_on_a_field_nobody_declared_is_forbidden() {
    let world = world().await;
    let root = world.as_("openid:root").await;
    assert_eq!(
        root.find("notes", is("hidden", "1")).await,
        "read of Note.hidden is not allowed"
    );
}

#[tokio::test]
async fn a_filter_on_a_partly_readable_field_finds_only_where_it_is_readable() {
    let world = world().await;
    let alice = world.as_("openid:alice").await;
    let cases = [
        (is("secret", "\"s1\""), "n1"),
        (is("secret", "\"s2\""), ""),
        (is("secret", "\"s3\""), ""),
        (not(is("secret", "\"s2\"")), "n1 n4"),
        (not(is("secret", "\"s1\"")), "n4"),
        (test("secret", Test::Exists(true)), "n1 n4"),
        (
            Filter::Or(vec![is("secret", "\"s2\""), is("public", "true")]),
            "n1",
        ),
        (
            Filter::Or(vec![not(is("secret", "\"s2\"")), is("public", "true")]),
            "n1 n4",
        ),
        (
            not(Filter::And(vec![
                is("secret", "\"s2\""),
                is("public", "true"),
            ])),
            "n1 n4",
        ),
        (test("secret", Test::StartsWith("s".to_owned())), "n1 n4"),
    ];
    for (filter, expected) in cases {
        // `find` checks that the total says no more than the nodes.
        assert_eq!(
            alice.find("notes", filter.clone()).await,
            expected,
            "{filter:?}"
        );
    }
}

#[tokio::test]
async fn a_condition_inside_some_belongs_to_the_list_it_looks_into() {
    let world = world().await;
    let alice = world.as_("openid:alice").await;
    // `score` here is a member of the elements, not the note's.
    let filter = test("parts", Test::Some(Box::new(is("score", "7"))));
    assert_eq!(alice.find("notes", filter).await, "");
    let filter = test("parts", Test::Some(Box::new(is("name", "\"q\""))));
    assert_eq!(alice.find("notes", filter).await, "n2");
}

#[tokio::test]
async fn an_order_needs_read_on_every_document() {
    let world = world().await;
    let alice = world.as_("openid:alice").await;
    for field in ["score", "secret", "ghost", "hidden"] {
        let mut request = alice.request("notes", Filter::all());
        request.order = by(field);
        let error = alice.session.list(&request).await.expect_err(field);
        assert_eq!(
            error.to_string(),
            format!("read of Note.{field} is not allowed")
        );
        // Not even under a filter that leaves only readable ones.
        request.filter = is("_openid", "\"alice\"");
        alice.session.list(&request).await.expect_err(field);
    }
    let mut request = alice.request("notes", Filter::all());
    request.order = by("title");
    let list = alice
        .session
        .list(&request)
        .await
        .expect("an order by a readable field");
    assert_eq!(ids(&list), "n4 n1 n2");
}

#[tokio::test]
async fn a_total_counts_only_what_the_caller_sees() {
    let world = world().await;
    for (principal, expected) in [
        ("openid:alice", 3),
        ("openid:bob", 3),
        ("openid:carol", 2),
        ("openid:root", 4),
    ] {
        let actor = world.as_(principal).await;
        let mut request = actor.request("notes", Filter::all());
        request.page.first = Some(1);
        request.total = Total::Count;
        let list = actor.session.list(&request).await.expect("a list");
        assert_eq!(list.total, Some(expected), "{principal}");
    }
}

#[tokio::test]
async fn a_cursor_of_somebody_else_shows_no_more_than_an_own_one() {
    let world = world().await;
    let root = world.as_("openid:root").await;
    let mut request = root.request("notes", Filter::all());
    request.order = by("score");
    let list = root
        .session
        .list(&request)
        .await
        .expect("staff order by score");
    let foreign = list.cursor(0);
    let alice = world.as_("openid:alice").await;
    let mut request = alice.request("notes", Filter::all());
    request.page.after = Some(foreign);
    // A cursor of another order is refused, and the order itself is not hers to ask for.
    let error = alice
        .session
        .list(&request)
        .await
        .expect_err("another order");
    assert_eq!(kind(&error), "bad input");
    request.order = by("score");
    let error = alice
        .session
        .list(&request)
        .await
        .expect_err("an unreadable order");
    assert_eq!(kind(&error), "forbidden");

    let mut request = root.request("notes", Filter::all());
    request.page = PageRequest {
        first: Some(2),
        ..PageRequest::default()
    };
    let list = root.session.list(&request).await.expect("a page");
    let mut request = alice.request("notes", Filter::all());
    request.page.after = Some(list.cursor(1));
    let list = alice.session.list(&request).await.expect("her own page");
    assert_eq!(ids(&list), "n4", "n3 stays unseen");
}

#[tokio::test]
async fn a_lookup_by_a_unique_field_needs_read_on_it() {
    let world = world().await;
    let alice = world.as_("openid:alice").await;
    for (code, found) in [("c1", true), ("c2", false), ("c3", false), ("none", false)] {
        let result = alice
            .look_up("notes", "code", value(&format!("\"{code}\"")))
            .await;
        assert_eq!(result.expect(code).is_some(), found, "{code}");
    }
    let result = alice.look_up("notes", "slug", value("\"l2\"")).await;
    assert!(result.expect("a readable field").is_some());
    let result = alice.look_up("notes", "slug", value("\"l3\"")).await;
    assert!(result.expect("an invisible document").is_none());
    let error = alice
        .look_up("notes", "score", value("7"))
        .await
        .expect_err("unreadable");
    assert_eq!(error.to_string(), "read of Note.score is not allowed");
}

/// Answers to a right and a wrong guess about the same document.
async fn guesses(actor: &Actor, id: &str, field: &str, right: &str, wrong: &str) -> [String; 2] {
    let attempt = async |guess: &str| {
        let ops = vec![set("title", "\"x\"")];
        said(
            actor
                .update_if("notes", id, ops, Some(is(field, guess)))
                .await,
        )
    };
    [attempt(right).await, attempt(wrong).await]
}

#[tokio::test]
async fn an_if_needs_read_on_the_fields_it_names() {
    let world = world().await;
    let alice = world.as_("openid:alice").await;
    let [right, wrong] = guesses(&alice, "n1", "score", "5", "6").await;
    assert_eq!(right, "read of Note.score is not allowed");
    assert_eq!(right, wrong);
    // n2 is visible, its secret is not; n3 is invisible.
    for (id, right) in [("n2", "\"s2\""), ("n3", "\"s3\"")] {
        let [right, wrong] = guesses(&alice, id, "secret", right, "\"no\"").await;
        assert_eq!(right, wrong, "{id}");
    }
    let [right, wrong] = guesses(&alice, "n1", "secret", "\"s1\"", "\"no\"").await;
    assert_eq!(
        (right.as_str(), wrong.as_str()),
        ("ok", "the document does not match `if`")
    );
    let error = alice
        .delete("notes", "n1", Some(is("score", "5")))
        .await
        .expect_err("delete");
    assert_eq!(error.to_string(), "read of Note.score is not allowed");
}

#[tokio::test]
async fn who_may_write_but_not_read_cannot_probe_by_if_or_by_operators() {
    let world = world().await;
    // Clerks may update any note but read only what everybody reads.
    let clara = world.as_("openid:clara").await;
    let [right, wrong] = guesses(&clara, "n3", "title", "\"three\"", "\"no\"").await;
    assert_eq!(right, "no such Note");
    assert_eq!(right, wrong);
    for op in [
        inc("stock", "-1"),
        inc("stock", "1"),
        Op::Push(path("tags"), vec![value("\"z\"")]),
    ] {
        assert_eq!(
            said(clara.update("notes", "n3", vec![op.clone()]).await),
            "no such Note",
            "{op:?}"
        );
    }
    // The stored ratio is no number, which is not theirs to know.
    assert_eq!(
        said(clara.update("notes", "n3", vec![inc("ratio", "1")]).await),
        "no such Note"
    );
    // Writing without looking is theirs.
    let written = clara
        .update("notes", "n3", vec![set("title", "\"new\"")])
        .await
        .expect("an update");
    assert!(written.document.is_none(), "done, and not shown");
}

#[tokio::test]
async fn an_invisible_document_cannot_be_told_from_none() {
    let world = world().await;
    let alice = world.as_("openid:alice").await;
    let pull = || Op::Pull(path("tags"), Elements::Equal(vec![value("\"c\"")]));
    let updates = [
        vec![set("title", "\"x\"")],
        vec![set("score", "1"), set("title", "\"x\"")],
        vec![inc("stock", "-1")],
        vec![inc("stock", "11")],
        vec![pull()],
        vec![inc("title", "1")],
        vec![Op::Push(path("tags"), vec![value("\"x\""); 3])],
    ];
    for ops in updates {
        let hidden = said(alice.update("notes", "n3", ops.clone()).await);
        let absent = said(alice.update("notes", "nx", ops.clone()).await);
        assert_eq!(hidden, absent, "{ops:?}");
    }
    for condition in [
        None,
        Some(is("title", "\"three\"")),
        Some(is("secret", "\"s3\"")),
    ] {
        let hidden = said(alice.delete("notes", "n3", condition.clone()).await);
        let absent = said(alice.delete("notes", "nx", condition).await);
        assert_eq!(hidden, "no such Note");
        assert_eq!(hidden, absent);
    }
    assert!(alice.get("notes", "n3").await.expect("no error").is_none());
    assert!(world.stored("notes", "n3").await.is_some());
}

#[tokio::test]
async fn a_guard_on_an_unreadable_field_says_nothing() {
    let world = world().await;
    let alice = world.as_("openid:alice").await;
    let error = alice
        .update("notes", "n1", vec![inc("score", "1")])
        .await
        .expect_err("unwritable");
    assert_eq!(kind(&error), "forbidden");
    // Writable, but not readable.
    let error = alice
        .update("notes", "n1", vec![inc("ghost", "1")])
        .await
        .expect_err("unreadable");
    assert_eq!(error.to_string(), "read of Note.ghost is not allowed");
    assert_eq!(
        said(alice.update("notes", "n1", vec![set("ghost", "9")]).await),
        "ok"
    );
}

#[tokio::test]
async fn a_conflict_names_only_readable_fields() {
    let world = world().await;
    let alice = world.as_("openid:alice").await;
    let error = alice
        .create("notes", r#"{"title":"x","code":"c3"}"#)
        .await
        .expect_err("taken");
    assert_eq!(
        error.to_string(),
        "another Note has the same value in a unique index"
    );
    let error = alice
        .create("notes", r#"{"title":"x","slug":"l3"}"#)
        .await
        .expect_err("taken");
    assert_eq!(error.to_string(), "another Note has the same slug");
    let error = alice
        .update("notes", "n1", vec![set("code", "\"c3\"")])
        .await
        .expect_err("taken");
    assert_eq!(
        error.to_string(),
        "another Note has the same value in a unique index"
    );
    let root = world.as_("openid:root").await;
    let error = root
        .create("notes", r#"{"title":"x","code":"c3"}"#)
        .await
        .expect_err("taken");
    assert_eq!(error.to_string(), "another Note has the same code");
}

#[tokio::test]
async fn bulk_writes_reach_only_what_the_caller_sees_and_asks_for_by_readable_fields() {
    let world = world().await;
    let alice = world.as_("openid:alice").await;
    let update = cloudbase_graphql::data::Update {
        ops: vec![set("title", "\"b\"")],
    };
    let reach = async |actor: &Actor, filter: Filter| {
        let request = actor.bulk("notes", filter, 100);
        match actor.session.update_many(&request, &update).await {
            Ok(result) => format!("{} {}", result.matched, result.modified),
            Err(error) => error.to_string(),
        }
    };
    assert_eq!(
        reach(&alice, is("score", "5")).await,
        "read of Note.score is not allowed"
    );
    assert_eq!(reach(&alice, is("secret", "\"s3\"")).await, "0 0");
    assert_eq!(reach(&alice, not(is("secret", "\"s3\""))).await, "2 2");
    assert_eq!(reach(&alice, is("_id", "\"n3\"")).await, "0 0");
    let clara = world.as_("openid:clara").await;
    // Writes any note, sees the public ones; one has that title now, at this time.
    assert_eq!(reach(&clara, not(is("title", "\"x\""))).await, "2 1");
    let request = alice.bulk("notes", is("score", "5"), 1);
    let error = alice
        .session
        .delete_many(&request)
        .await
        .expect_err("unreadable");
    assert_eq!(error.to_string(), "read of Note.score is not allowed");
}

#[tokio::test]
async fn the_limit_of_a_bulk_write_counts_only_what_the_caller_may_write() {
    let world = world().await;
    let alice = world.as_("openid:alice").await;
    // All four have a title; two are hers to delete.
    let request = alice.bulk("notes", test("title", Test::Exists(true)), 2);
    let result = alice
        .session
        .delete_many(&request)
        .await
        .expect("within the limit");
    assert_eq!(result.matched, 2);
}
