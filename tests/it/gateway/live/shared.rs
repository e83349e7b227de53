//! Lists whose decisions depend on the caller alone.

use cloudbase_graphql::data::{Filter, Test};
use cloudbase_graphql::live;
use futures_util::FutureExt as _;

use super::super::notes::{SEED, world};
use super::super::world::{World, is, set, shown, test};
use super::{Watched, anew, by, fill, got, ids, next, seen, settles, single};

const PLAIN: &str =
    r#"type T @collection(name: "ts", permission: READONLY) { id: ID! n: Int other: String }"#;

#[tokio::test]
async fn a_list_begins_with_what_a_query_gives_and_follows() {
    let world = world().await;
    let notes = Watched::new("notes", Filter::all());
    let alice = world.as_("openid:alice").await;
    let mut view = notes.watch(&alice).await.unwrap();
    assert_eq!(
        seen(&alice, "notes", view.documents()),
        notes.listed(&alice).await.unwrap()
    );
    // Bob shows his third note, gives it to alice, hides the second and takes it away.
    world
        .change("notes", "n3", vec![set("public", "true")])
        .await;
    assert_eq!(next(&mut view).await, "n1 n2 n3 n4");
    let secret = alice.field("notes", "secret");
    assert_eq!(shown(&view.documents()[2], secret), "denied");
    world
        .change("notes", "n3", vec![set("_openid", "\"alice\"")])
        .await;
    assert_eq!(next(&mut view).await, "n1 n2 n3 n4");
    assert_eq!(shown(&view.documents()[2], secret), "\"s3\"");
    world
        .change("notes", "n2", vec![set("public", "false")])
        .await;
    assert_eq!(next(&mut view).await, "n1 n3 n4");
    world.remove("notes", "n2").await;
    world.remove("notes", "n1").await;
    settles(&mut view, "n3 n4").await;
}

#[tokio::test]
async fn documents_that_did_not_change_are_the_same() {
    let world = world().await;
    let alice = world.as_("openid:alice").await;
    let notes = Watched::new("notes", Filter::all());
    let mut view = notes.watch(&alice).await.unwrap();
    let before = view.documents().to_vec();
    world
        .change("notes", "n2", vec![set("title", "\"new\"")])
        .await;
    assert_eq!(next(&mut view).await, "n1 n2 n4");
    let same: Vec<bool> = before
        .iter()
        .zip(view.documents())
        .map(|(old, new)| old.is_same(new))
        .collect();
    assert_eq!(same, [true, false, true]);
}

#[tokio::test]
async fn callers_of_equal_decisions_share_a_watch_and_others_do_not() {
    let mut seed = SEED.to_vec();
    seed.push((
        "roles",
        r#"{"_id":"openid:rita","roles":["owner"],"status":"ACTIVE"}"#,
    ));
    let world = World::new(super::super::notes::SCHEMA, &seed).await;
    let notes = Watched::new("notes", Filter::all());
    let mut views = Vec::new();
    for (who, watches) in [
        ("openid:root", 1),
        ("openid:rita", 1),
        ("openid:alice", 2),
        ("openid:bob", 3),
    ] {
        let actor = world.as_(who).await;
        views.push((who, notes.watch(&actor).await.unwrap()));
        assert_eq!(world.gateway.live().watches(), watches, "{who}");
    }
    // One list, each with their own eyes: rita's note of the same id has a secret that only she may read.
    world
        .change("notes", "n3", vec![set("_openid", "\"rita\"")])
        .await;
    for (who, view) in &mut views {
        let actor = world.as_(who).await;
        let expected = notes.listed(&actor).await.unwrap();
        while seen(&actor, "notes", view.documents()) != expected {
            next(view).await;
        }
    }
}

#[tokio::test]
async fn a_limited_list_is_filled_up() {
    let world = World::new(PLAIN, &[]).await;
    fill(&world, "ts", "t", 5).await;
    let actor = world.as_("openid:x").await;
    let list = Watched {
        order: by("_id", true),
        first: Some(2),
        ..Watched::new("ts", Filter::all())
    };
    let mut view = list.watch(&actor).await.unwrap();
    assert_eq!(ids(view.documents()), "t4 t3");
    world.remove("ts", "t4").await;
    assert_eq!(next(&mut view).await, "t3 t2");
    world.put("ts", r#"{"_id":"t9"}"#).await;
    assert_eq!(next(&mut view).await, "t9 t3");
}

#[tokio::test]
async fn no_documents_at_all_are_a_list_too() {
    let world = World::new(PLAIN, &[]).await;
    fill(&world, "ts", "t", 3).await;
    let actor = world.as_("openid:x").await;
    let list = Watched {
        first: Some(0),
        ..Watched::new("ts", Filter::all())
    };
    let mut view = list.watch(&actor).await.unwrap();
    let mut witness = Watched::new("ts", Filter::all())
        .watch(&actor)
        .await
        .unwrap();
    world.put("ts", r#"{"_id":"t9"}"#).await;
    settles(&mut witness, "t0 t1 t2 t9").await;
    assert_eq!(ids(view.documents()), "");
    while let Some(changed) = view.changed().now_or_never() {
        assert_eq!(ids(changed.unwrap()), "");
    }
}

#[tokio::test]
async fn a_list_that_is_not_limited_may_not_grow_too_long() {
    let world = World::new(PLAIN, &[]).await;
    fill(&world, "ts", "t", 3).await;
    let world = world.live(live::Config {
        max_documents: 3,
        ..live::Config::default()
    });
    let actor = world.as_("openid:x").await;
    let all = Watched::new("ts", Filter::all());
    let mut view = all.watch(&actor).await.unwrap();
    world.put("ts", r#"{"_id":"t9"}"#).await;
    let too_long = "more than 3 documents match: narrow the condition, or ask for the `first` ones";
    assert_eq!(next(&mut view).await, too_long);
    assert_eq!(all.watch(&actor).await.unwrap_err().to_string(), too_long);
    let first = Watched {
        first: Some(4),
        ..all
    };
    let view = first.watch(&actor).await.unwrap();
    assert_eq!(ids(view.documents()), "t0 t1 t2 t9");
}

#[tokio::test]
async fn one_document_is_the_one_that_a_text_spells() {
    let seed = [
        ("ts", r#"{"_id":7,"n":1}"#),
        ("ts", r#"{"_id":"70","n":2}"#),
    ];
    let world = World::new(PLAIN, &seed).await;
    let actor = world.as_("openid:x").await;
    let mut view = actor
        .session
        .watch(&single(&actor, "ts", "7"))
        .await
        .unwrap();
    let n = actor.field("ts", "n");
    assert_eq!(shown(&view.documents()[0], n), "1");
    world.put("ts", r#"{"_id":"7","n":3}"#).await;
    next(&mut view).await;
    assert_eq!(shown(&view.documents()[0], n), "3", "a string goes first");
    world.remove("ts", "7").await;
    next(&mut view).await;
    assert_eq!(shown(&view.documents()[0], n), "1");
}

#[tokio::test]
async fn one_document_comes_and_goes_as_it_may_be_seen() {
    let world = world().await;
    let alice = world.as_("openid:alice").await;
    let mut view = alice
        .session
        .watch(&single(&alice, "notes", "n3"))
        .await
        .unwrap();
    assert_eq!(ids(view.documents()), "");
    world
        .change("notes", "n3", vec![set("public", "true")])
        .await;
    assert_eq!(next(&mut view).await, "n3");
    assert_eq!(
        seen(&alice, "notes", view.documents()),
        got(&alice, "notes", "n3").await.unwrap()
    );
    world
        .change("notes", "n3", vec![set("public", "null")])
        .await;
    assert_eq!(next(&mut view).await, "");
}

#[tokio::test]
async fn a_condition_on_a_guarded_field_finds_only_those_who_may_read_it() {
    let world = world().await;
    let alice = world.as_("openid:alice").await;
    // Bob's second note is hers to see, its secret is not.
    let guess = test("secret", Test::StartsWith("s".to_owned()));
    let mut view = Watched::new("notes", guess).watch(&alice).await.unwrap();
    assert_eq!(ids(view.documents()), "n1 n4");
    world
        .change("notes", "n2", vec![set("secret", "\"s9\"")])
        .await;
    world
        .change("notes", "n4", vec![set("secret", "\"x\"")])
        .await;
    settles(&mut view, "n1").await;
}

#[tokio::test]
async fn a_future_that_is_dropped_loses_nothing() {
    let world = World::new(PLAIN, &[]).await;
    let actor = world.as_("openid:x").await;
    let list = Watched::new("ts", is("n", "1"));
    let mut view = list.watch(&actor).await.unwrap();
    for number in 0..20 {
        let _ = view.changed().now_or_never();
        world
            .put("ts", &format!(r#"{{"_id":"t{number:02}","n":1}}"#))
            .await;
        let _ = view.changed().now_or_never();
    }
    let expected: Vec<String> = (0..20).map(|number| format!("t{number:02}")).collect();
    settles(&mut view, &expected.join(" ")).await;
}

#[tokio::test]
async fn a_gateway_that_is_drained_ends_its_views() {
    let world = World::new(PLAIN, &[]).await;
    let actor = world.as_("openid:x").await;
    let list = Watched::new("ts", Filter::all());
    let mut view = list.watch(&actor).await.unwrap();
    world.gateway.drain().await;
    let over = "the database is not available, try again";
    assert_eq!(next(&mut view).await, over);
    assert_eq!(
        list.watch(&anew(&actor)).await.unwrap_err().to_string(),
        over
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_while_a_document_is_hidden_is_never_seen() {
    let world = world().await;
    let alice = world.as_("openid:alice").await;
    let title = alice.field("notes", "title");
    let limited = Watched {
        order: by("title", false),
        first: Some(2),
        ..Watched::new("notes", Filter::all())
    };
    let mut views = Vec::new();
    for watched in [&Watched::new("notes", Filter::all()), &limited] {
        views.push(watched.watch(&alice).await.unwrap());
    }
    let one = single(&alice, "notes", "n3");
    views.push(alice.session.watch(&one).await.unwrap());
    let hide = || vec![set("public", "false"), set("title", "\"0 hidden\"")];
    let show = |text| vec![set("public", "true"), set("title", text)];
    let writes = async {
        for _ in 0..100 {
            world.change("notes", "n3", hide()).await;
            world.change("notes", "n3", show("\"1 shown\"")).await;
        }
        world.change("notes", "n3", show("\"9 done\"")).await;
    };
    let reads = views.into_iter().map(|mut view| async move {
        loop {
            let titles = view.documents().iter().map(|it| shown(it, title));
            let titles: Vec<String> = titles.collect();
            assert!(!titles.contains(&"\"0 hidden\"".to_owned()), "{titles:?}");
            if titles.contains(&"\"9 done\"".to_owned()) {
                break ids(view.documents());
            }
            next(&mut view).await;
        }
    });
    let (_, shown) = tokio::join!(writes, futures_util::future::join_all(reads));
    assert_eq!(shown, ["n1 n2 n3 n4", "n3 n4", "n3"]);
}
