//! The simple permissions, rules with `get()`, and who is an administrator.

use super::*;
use crate::data::LoginType;

/// What reading all, reading one's own (the caller's document is `mine`), creating, updating all and
/// removing all come to.
async fn outcomes(tag: &str, identity: Identity) -> String {
    let database = environment(tag, None).await;
    let documents = [
        r#"{"_id":"alices","_openid":"alice"}"#,
        r#"{"_id":"bobs","_openid":"bob"}"#,
        r#"{"_id":"nobodys"}"#,
    ];
    fill(&database, "things", &documents).await;
    let session = session(&database, identity);
    let all = session.select(&name("things"), &object("{}")).unwrap();
    let one = session
        .select(&name("things"), &object(r#"{"_id":"alices"}"#))
        .unwrap();
    let outcomes = [
        outcome(session.count(all.clone()).await),
        outcome(session.count(one).await),
        outcome(
            session
                .find(list(all), None)
                .await
                .map(|found| found.len() as u64),
        ),
        outcome(session.add("{}").await.map(|ids| ids.len() as u64)),
        outcome(
            session
                .update("{}", r#"{"$set":{"n":1}}"#)
                .await
                .map(|done| done.updated),
        ),
        outcome(session.delete("{}").await),
    ];
    outcomes.join(" ")
}

#[tokio::test]
async fn simple_permissions() {
    let denied = "denied denied denied denied denied denied";
    // Whoever creates one has another to update and to remove.
    let cases = [
        ("READONLY", user("alice"), "3 1 3 1 2 2"),
        (
            "READONLY",
            web("carol", LoginType::Anonymous),
            "3 1 3 1 1 1",
        ),
        ("READONLY", nobody(), denied),
        ("READONLY", Identity::Admin, "3 1 3 1 4 4"),
        ("PRIVATE", user("alice"), "1 1 1 1 2 2"),
        ("PRIVATE", user("bob"), "1 0 1 1 2 2"),
        ("PRIVATE", web("alice", LoginType::Email), "1 1 1 1 2 2"),
        ("PRIVATE", web("carol", LoginType::Anonymous), "0 0 0 1 1 1"),
        ("PRIVATE", nobody(), denied),
        ("PRIVATE", Identity::Admin, "3 1 3 1 4 4"),
        ("ADMINWRITE", user("alice"), "3 1 3 denied denied denied"),
        ("ADMINWRITE", nobody(), denied),
        ("ADMINWRITE", Identity::Admin, "3 1 3 1 4 4"),
        ("ADMINONLY", user("alice"), denied),
        ("ADMINONLY", nobody(), denied),
        ("ADMINONLY", Identity::Admin, "3 1 3 1 4 4"),
    ];
    for (tag, identity, expected) in cases {
        let found = outcomes(tag, identity.clone()).await;
        assert_eq!(found, expected, "{tag}: {identity:?}");
    }
}

#[tokio::test]
async fn new_collections_are_private() {
    let database = database_with(LIMITS).await;
    let alice = session(&database, user("alice"));
    alice.add(r#"{"_id":"a"}"#).await.unwrap();
    assert_eq!(
        alice.show("{}").await.unwrap(),
        r#"{"_id":"a","_openid":"alice"}"#
    );
    assert_eq!(
        session(&database, user("bob")).show("{}").await.unwrap(),
        ""
    );
}

#[tokio::test]
async fn collections_that_are_not_there_are_so_for_everybody() {
    let database = database_with(LIMITS).await;
    for identity in [Identity::Admin, user("alice"), nobody()] {
        let session = session(&database, identity);
        let refused = session.select(&name("missing"), &object("{}")).unwrap_err();
        assert_eq!(refused.code, Code::DatabaseCollectionNotExist);
        let refused = session
            .insert(&name("missing"), vec![Object::new()], None)
            .await;
        assert_eq!(refused.unwrap_err().code, Code::DatabaseCollectionNotExist);
    }
}

#[tokio::test]
async fn only_administrators_administer() {
    let database = database_with(LIMITS).await;
    assert!(admin(&database).administer().is_ok());
    for identity in [user("alice"), nobody()] {
        let refused = session(&database, identity).administer().unwrap_err();
        assert_eq!(refused.code, Code::PermissionDenied);
    }
}

#[tokio::test]
async fn rules_look_at_other_collections_without_their_permission() {
    let rule = r#"{"read":"get(`database.others.${auth.openid}`).role == 'reader'","write":"get('database.missing.x').a == 1"}"#;
    let database = environment("CUSTOM", Some(rule)).await;
    fill(
        &database,
        "others",
        &[r#"{"_id":"alice","role":"reader"}"#, r#"{"_id":"bob"}"#],
    )
    .await;
    fill(&database, "things", &["{}"]).await;
    let outcomes = async |openid: &str| {
        let session = session(&database, user(openid));
        let all = session.select(&name("things"), &object("{}")).unwrap();
        [
            outcome(session.count(all).await),
            outcome(session.delete("{}").await),
        ]
    };
    assert_eq!(outcomes("alice").await, ["1", "denied"]);
    assert_eq!(outcomes("bob").await, ["denied", "denied"]);
    assert_eq!(outcomes("carol").await, ["denied", "denied"]);
    let changed = update("{}", r#"{"$set":{"role":"reader"}}"#);
    let selection = select("others", r#"{"_id":"bob"}"#);
    database
        .modify(
            &Modify {
                selection,
                ..changed
            },
            None,
        )
        .await
        .unwrap();
    assert_eq!(outcomes("bob").await, ["1", "denied"]);
}

#[tokio::test]
async fn what_proves_nothing_opens_nothing() {
    let rule = r#"{"read":"doc.n > 10"}"#;
    let database = environment("CUSTOM", Some(rule)).await;
    fill(&database, "things", &[r#"{"n":1}"#, r#"{"n":11}"#]).await;
    let session = session(&database, user("alice"));
    let refused = [
        "{}",
        r#"{"n":{"$gt":9}}"#,
        r#"{"$or":[{"n":{"$gt":10}},{"m":1}]}"#,
        r#"{"$nor":[{"n":{"$lte":10}}]}"#,
        r#"{"n":{"$not":{"$lte":10}}}"#,
        r#"{"n":{"$exists":true}}"#,
        r#"{"n":{"$mod":[11,0]}}"#,
        r#"{"$or":[{"n":{"$gt":10}},{"n":{"$mod":[1,0]}}]}"#,
        r#"{"n":{"$elemMatch":{"$gt":10}}}"#,
    ];
    for condition in refused {
        let found = session.show(condition).await;
        assert_eq!(
            found.unwrap_err().code,
            Code::DatabasePermissionDenied,
            "{condition}"
        );
    }
    let shown = [
        r#"{"n":{"$gt":10}}"#,
        r#"{"$and":[{"n":{"$mod":[11,0]}},{"n":{"$gte":11}}]}"#,
        r#"{"$or":[{"n":{"$gt":10}},{"n":11}]}"#,
    ];
    for condition in shown {
        assert!(
            session.show(condition).await.unwrap().contains(r#""n":11"#),
            "{condition}"
        );
    }
}

#[tokio::test]
async fn placeholders_are_the_clients_own() {
    let database = environment(
        "CUSTOM",
        Some(r#"{"read":"doc.by == auth.openid","create":true}"#),
    )
    .await;
    let alice = session(&database, user("alice"));
    alice
        .add(r#"{"_id":"a","by":"{openid}","deep":[{"x":"{openid}"}]}"#)
        .await
        .unwrap();
    let stored = r#"{"_id":"a","by":"alice","deep":[{"x":"alice"}],"_openid":"alice"}"#;
    assert_eq!(alice.show(r#"{"by":"{openid}"}"#).await.unwrap(), stored);
    let bob = session(&database, user("bob"));
    assert_eq!(bob.show(r#"{"by":"{openid}"}"#).await.unwrap(), "");
    let admin = admin(&database);
    admin.add(r#"{"_id":"b","by":"{openid}"}"#).await.unwrap();
    let literally = admin.show(r#"{"by":"{openid}"}"#).await.unwrap();
    assert_eq!(literally, r#"{"_id":"b","by":"{openid}"}"#);
}

#[tokio::test]
async fn watches_are_reads_and_miss_nothing() {
    let database = environment("PRIVATE", None).await;
    fill(
        &database,
        "things",
        &[r#"{"_id":"a","_openid":"alice"}"#, r#"{"_id":"b"}"#],
    )
    .await;
    let alice = session(&database, user("alice"));
    let selection = || alice.select(&name("things"), &object("{}")).unwrap();
    let mut watched = alice.watch(selection()).await.unwrap();
    assert_eq!(watched.documents.len(), 1);
    assert!(
        !watched.selection.also.is_all(),
        "what comes later is judged, too"
    );
    alice.add(r#"{"_id":"c"}"#).await.unwrap();
    let commit = watched.commits.recv().await.unwrap();
    assert!(commit.sequence > watched.sequence);
    let access = Access::parse("ADMINONLY", None).unwrap();
    database.set_access(&name("things"), access).await.unwrap();
    let refused = alice.watch(selection()).await.unwrap_err();
    assert_eq!(refused.code, Code::DatabasePermissionDenied);
}

#[tokio::test]
async fn who_may_change_a_document_but_not_read_it_is_not_told_it() {
    let rule = |read: &str| format!(r#"{{"read":{read},"update":true}}"#);
    for (read, told) in [
        ("false", "denied"),
        (r#""doc.open == true""#, "denied"),
        ("true", "1"),
    ] {
        let database = environment("CUSTOM", Some(&rule(read))).await;
        fill(&database, "things", &[r#"{"_id":"a","n":1}"#]).await;
        let alice = session(&database, user("alice"));
        let modify = || Modify {
            selection: alice
                .select(&name("things"), &object(r#"{"_id":"a"}"#))
                .unwrap(),
            ..update("{}", r#"{"$inc":{"n":1}}"#)
        };
        let changed = alice.modify(modify(), None).await;
        assert_eq!(outcome(changed.map(|it| it.updated)), "1", "{read}");
        let shown = alice.modify_and_tell(modify(), None).await;
        assert_eq!(outcome(shown.map(|it| it.updated)), told, "{read}");
    }
}
