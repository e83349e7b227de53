//! `_openid` is the database's to write, and `set` by clients.

use super::*;

const MINE: &str = r#"{"_id":"mine","_openid":"alice","n":1}"#;
const THEIRS: &str = r#"{"_id":"theirs","_openid":"bob","n":1}"#;

#[tokio::test]
async fn nobody_gives_documents_away() {
    for (tag, rule) in [
        ("READONLY", None),
        ("PRIVATE", None),
        ("CUSTOM", Some(r#"{"read":true,"write":true}"#)),
    ] {
        let database = environment(tag, rule).await;
        fill(&database, "things", &[MINE]).await;
        let alice = session(&database, user("alice"));
        for fields in [
            r#"{"_openid":"bob"}"#,
            r#"{"_openid":"alice"}"#,
            r#"{"_openid":"{openid}"}"#,
        ] {
            assert_eq!(
                outcome(alice.add(fields).await.map(|_| 1)),
                "denied",
                "{fields}"
            );
            let set = alice.set(r#"{"_id":"mine"}"#, fields).await;
            assert_eq!(outcome(set.map(|_| 1)), "denied", "{fields}");
        }
        for operators in [
            r#"{"$set":{"_openid":"bob"}}"#,
            r#"{"$set":{"_openid":"alice"}}"#,
            r#"{"$set":{"_openid.x":1}}"#,
            r#"{"$unset":{"_openid":""}}"#,
            r#"{"$rename":{"_openid":"x"}}"#,
            r#"{"$rename":{"n":"_openid"}}"#,
            r#"{"$max":{"_openid":"zoe"}}"#,
            r#"{"$inc":{"_openid":1}}"#,
            r#"{"$push":{"_openid":1}}"#,
            r#"{"$currentDate":{"_openid":true}}"#,
            r#"{"$setOnInsert":{"_openid":"bob"}}"#,
        ] {
            let changed = alice.update(r#"{"_id":"mine"}"#, operators).await;
            assert_eq!(outcome(changed.map(|_| 1)), "denied", "{tag}: {operators}");
        }
        let kept = admin(&database).show("{}").await.unwrap();
        assert_eq!(kept, MINE, "{tag}");
    }
}

#[tokio::test]
async fn set_replaces_ones_own_document_or_makes_one() {
    for tag in ["READONLY", "PRIVATE"] {
        let database = environment(tag, None).await;
        fill(&database, "things", &[MINE, THEIRS]).await;
        let alice = session(&database, user("alice"));
        let replaced = alice.set(r#"{"_id":"mine"}"#, r#"{"a":1}"#).await.unwrap();
        assert_eq!((replaced.updated, replaced.upserted), (1, None));
        let made = alice
            .set(r#"{"_id":"new"}"#, r#"{"by":"{openid}"}"#)
            .await
            .unwrap();
        assert_eq!(made.upserted, Some(DocId::string("new")));
        let refused = alice
            .set(r#"{"_id":"theirs"}"#, r#"{"a":1}"#)
            .await
            .unwrap_err();
        assert_eq!(refused.code, Code::DatabaseDuplicateWrite);
        let stored = [
            r#"{"_id":"mine","a":1,"_openid":"alice"}"#,
            r#"{"_id":"new","by":"alice","_openid":"alice"}"#,
            THEIRS,
        ];
        assert_eq!(admin(&database).show("{}").await.unwrap(), stored.join(" "));
    }
}

#[tokio::test]
async fn what_an_update_inserts_is_its_senders() {
    let database = environment("PRIVATE", None).await;
    let alice = session(&database, user("alice"));
    let mut upsert = update("{}", r#"{"$set":{"n":1}}"#);
    upsert.upsert = true;
    alice
        .change(r#"{"_id":"x","_openid":"bob"}"#, upsert)
        .await
        .unwrap();
    let stored = admin(&database).show("{}").await.unwrap();
    assert!(
        stored.contains(r#""_openid":"alice""#) && !stored.contains("bob"),
        "{stored}"
    );
}

#[tokio::test]
async fn whole_documents_are_not_for_rules_and_not_for_everybody() {
    let open = Some(r#"{"read":true,"write":true}"#);
    for (tag, rule) in [("CUSTOM", open), ("ADMINWRITE", None), ("ADMINONLY", None)] {
        let database = environment(tag, rule).await;
        fill(&database, "things", &[MINE]).await;
        let alice = session(&database, user("alice"));
        for condition in [r#"{"_id":"mine"}"#, r#"{"_id":"new"}"#] {
            let set = alice.set(condition, r#"{"a":1}"#).await;
            assert_eq!(outcome(set.map(|_| 1)), "denied", "{tag}");
        }
        let set = admin(&database).set(r#"{"_id":"new"}"#, r#"{"a":1}"#).await;
        assert_eq!(set.unwrap().upserted, Some(DocId::string("new")));
    }
}
