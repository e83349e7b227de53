//! Reading and writing documents, without transactions.

use super::*;
use crate::data::{Direction, OrderKey, Path, Test, Value};
use crate::emulator::database::{Kind, Written};

#[tokio::test]
async fn generated_ids_lie_in_the_order_of_insertion() {
    let database = database().await;
    let many: Vec<Object> = (0..1001)
        .map(|n| object(&format!(r#"{{"n":{n}}}"#)))
        .collect();
    let ids = database.insert(&name("things"), many, None).await.unwrap();
    assert_eq!(ids.len(), 1001);
    assert!(ids.is_sorted());
    let hex = |id: &DocId| {
        let id = id.to_string();
        id.len() == 32 && id.chars().all(|c| c.is_ascii_hexdigit())
    };
    assert!(ids.iter().all(hex));
    let last = things(&database).add(&["{}"]).await.unwrap();
    assert!(last[0] > ids[1000], "although the clock stands still");
    let mut page = list(select("things", "{}"));
    page.skip = 998;
    page.limit = 3;
    let found = database.find(&page, None).await.unwrap();
    let numbers: Vec<Option<&Value>> = found.iter().map(|fields| fields.get("n")).collect();
    assert_eq!(
        numbers,
        [998, 999, 1000].map(Value::Int).each_ref().map(Some)
    );
}

#[tokio::test]
async fn ids_are_kept_as_they_are_given() {
    let database = database().await;
    let given = [
        r#"{"_id":"a"}"#,
        r#"{"_id":7}"#,
        r#"{"_id":1700000000000.0}"#,
        r#"{"_id":{"$oid":"0123456789abcdef01234567"}}"#,
    ];
    let ids = things(&database).add(&given).await.unwrap();
    let expected = [
        DocId::string("a"),
        DocId::Int(7),
        DocId::Int(1_700_000_000_000),
        DocId::spelled_by("0123456789abcdef01234567")[1].clone(),
    ];
    assert_eq!(ids, expected);
    for wrong in [
        r#"{"_id":null}"#,
        r#"{"_id":1.5}"#,
        r#"{"_id":[1]}"#,
        r#"{"_id":{"a":1}}"#,
    ] {
        let refused = things(&database).add(&[wrong]).await;
        assert_eq!(code(refused), Code::DatabaseRequestFailed, "{wrong}");
    }
}

#[tokio::test]
async fn a_batch_is_inserted_all_or_not_at_all() {
    let database = database().await;
    things(&database).add(&[r#"{"_id":"b"}"#]).await.unwrap();
    for batch in [
        [r#"{"_id":"a"}"#, r#"{"_id":"b"}"#],
        [r#"{"_id":"c"}"#, r#"{"_id":"c"}"#],
    ] {
        let duplicate = things(&database).add(&batch).await.unwrap_err();
        assert_eq!(duplicate.code, Code::DatabaseDuplicateWrite);
        assert_eq!(
            duplicate.clone().on_admin().code,
            Code::DatabaseRequestFailed
        );
        assert!(
            duplicate.message.contains("E11000 duplicate key error"),
            "{duplicate}"
        );
    }
    let refused = things(&database).add(&["{}", r#"{"$a":1}"#]).await;
    assert_eq!(code(refused), Code::DatabaseRequestFailed);
    assert_eq!(things(&database).show("{}").await, r#"{"_id":"b"}"#);
    assert_eq!(things(&database).add(&[]).await.unwrap(), []);
}

#[tokio::test]
async fn names_are_checked_at_any_depth() {
    let database = database().await;
    let refused = [
        r#"{"$a":1}"#,
        r#"{"a":{"$b":1}}"#,
        r#"{"a":[1,{"b":{"$c":1}}]}"#,
        r#"{"a":{"$regularExpression":{"pattern":"x","options":"","more":1}}}"#,
        r#"{"a":{"$regularExpression":{"pattern":"x","options":""},"b":1}}"#,
    ];
    for fields in refused {
        assert_eq!(
            code(things(&database).add(&[fields]).await),
            Code::DatabaseRequestFailed
        );
        let replaced = things(&database).replace(r#"{"_id":"x"}"#, fields).await;
        assert_eq!(code(replaced), Code::DatabaseRequestFailed, "{fields}");
    }
    let regex =
        r#"{"_id":"r","a":{"$regularExpression":{"pattern":"x","options":"i"}},"b.c":1,"key.":2}"#;
    things(&database).add(&[regex]).await.unwrap();
    assert_eq!(things(&database).show("{}").await, regex);
}

#[tokio::test]
async fn updates_count_what_matched_and_what_changed() {
    let database = database().await;
    let documents = [
        r#"{"_id":"a","n":1}"#,
        r#"{"_id":"b","n":2}"#,
        r#"{"_id":"c","n":2}"#,
    ];
    things(&database).add(&documents).await.unwrap();
    let modified = things(&database)
        .update(r#"{"n":{"$gte":1}}"#, r#"{"$set":{"n":2}}"#)
        .await;
    let modified = modified.unwrap();
    assert_eq!((modified.matched, modified.updated), (3, 1));
    assert!(modified.after.is_none() && modified.upserted.is_none());
    let mut first = update("{}", r#"{"$inc":{"n":5}}"#);
    first.many = false;
    let modified = database.modify(&first, None).await.unwrap();
    let after = modified.after.expect("the document");
    assert_eq!(text(after.fields()), r#"{"_id":"a","n":7}"#);
    let nothing = things(&database)
        .update(r#"{"n":100}"#, r#"{"$set":{"n":2}}"#)
        .await
        .unwrap();
    assert_eq!((nothing.matched, nothing.updated), (0, 0));
    let refused = things(&database)
        .update("{}", r#"{"$set":{"a":{"$b":1}}}"#)
        .await;
    assert_eq!(code(refused), Code::DatabaseRequestFailed);
    assert_eq!(things(&database).remove(r#"{"n":2}"#).await.unwrap(), 2);
    assert_eq!(things(&database).show("{}").await, r#"{"_id":"a","n":7}"#);
}

#[tokio::test]
async fn a_replacement_keeps_the_id_and_may_insert() {
    let database = database().await;
    let inserted = things(&database)
        .replace(r#"{"_id":7}"#, r#"{"a":1}"#)
        .await
        .unwrap();
    assert_eq!(
        (inserted.matched, inserted.upserted),
        (0, Some(DocId::Int(7)))
    );
    let replaced = things(&database)
        .replace(r#"{"_id":7}"#, r#"{"b":2}"#)
        .await
        .unwrap();
    assert_eq!(
        (replaced.matched, replaced.updated, replaced.upserted),
        (1, 1, None)
    );
    assert_eq!(things(&database).show("{}").await, r#"{"_id":7,"b":2}"#);
    let mut upsert = update(
        r#"{"kind":"x","n":{"$gt":1}}"#,
        r#"{"$set":{"a":1},"$setOnInsert":{"c":2}}"#,
    );
    upsert.upsert = true;
    let id = database
        .modify(&upsert, None)
        .await
        .unwrap()
        .upserted
        .expect("a new one");
    let expected = format!(r#"{{"_id":"{id}","kind":"x","a":1,"c":2}}"#);
    assert_eq!(things(&database).show(r#"{"kind":"x"}"#).await, expected);
}

#[tokio::test]
async fn whole_documents_keep_what_the_permission_adds() {
    let database = database().await;
    let mine = Filter::field(&Path::field("_openid"), Test::Eq(Value::string("me")));
    for fields in [r#"{"a":1}"#, r#"{"b":2}"#] {
        let mut set = replace(r#"{"_id":"x"}"#, fields);
        set.selection.also = mine.clone();
        database.modify(&set, None).await.unwrap();
    }
    assert_eq!(
        things(&database).show("{}").await,
        r#"{"_id":"x","b":2,"_openid":"me"}"#
    );
    let mut others = replace(r#"{"_id":"x"}"#, "{}");
    others.selection.also = Filter::field(&Path::field("_openid"), Test::Eq(Value::string("you")));
    assert_eq!(
        code(database.modify(&others, None).await),
        Code::DatabaseDuplicateWrite
    );
}

#[tokio::test]
async fn lists_are_ordered_and_cut_also_where_the_store_cannot() {
    let database = database().await;
    let documents = [
        r#"{"_id":"a","n":3}"#,
        r#"{"_id":"b","n":1}"#,
        r#"{"_id":"c","n":2}"#,
    ];
    things(&database).add(&documents).await.unwrap();
    let any_id = r#"{"_id":{"$regularExpression":{"pattern":".*","options":""}}}"#;
    for condition in ["{}", any_id] {
        let mut find = list(select("things", condition));
        find.order.keys = vec![OrderKey {
            path: Path::field("n"),
            direction: Direction::Descending,
        }];
        find.skip = 1;
        find.limit = 1;
        let found = database.find(&find, None).await.unwrap();
        assert_eq!(
            found.iter().map(text).collect::<String>(),
            documents[2],
            "{condition}"
        );
        let count = database.count(&select("things", condition)).await.unwrap();
        assert_eq!(count, 3, "{condition}");
    }
}

#[tokio::test]
async fn the_nearest_come_first() {
    let database = database().await;
    let point = |id: &str, longitude: f64| {
        format!(r#"{{"_id":"{id}","at":{{"type":"Point","coordinates":[{longitude},0]}}}}"#)
    };
    let documents = [
        point("far", 3.0),
        point("near", -1.0),
        point("mid", 2.0),
        point("off", 90.0),
    ];
    let documents: Vec<&str> = documents.iter().map(String::as_str).collect();
    things(&database).add(&documents).await.unwrap();
    let near = r#"{"at":{"$nearSphere":{"$geometry":{"type":"Point","coordinates":[0,0]},"$maxDistance":1000000}}}"#;
    let found = database
        .find(&list(select("things", near)), None)
        .await
        .unwrap();
    let ids: Vec<String> = found
        .iter()
        .map(|fields| fields.get("_id").unwrap().to_string())
        .collect();
    assert_eq!(ids.join(" ").replace('"', ""), "near mid far");
}

#[tokio::test]
async fn each_request_is_one_commit() {
    let database = database().await;
    let mut commits = database.commits();
    let things = things(&database);
    things
        .add(&[r#"{"_id":"a","n":1}"#, r#"{"_id":"b","n":1}"#])
        .await
        .unwrap();
    things.update("{}", r#"{"$inc":{"n":1}}"#).await.unwrap();
    things.update("{}", r#"{"$set":{"n":2}}"#).await.unwrap();
    things.replace(r#"{"_id":"a"}"#, "{}").await.unwrap();
    let (sequence, before) = database.snapshot(&select("things", "{}")).await.unwrap();
    assert_eq!(before.len(), 2);
    things.remove("{}").await.unwrap();
    let kinds = |written: &[Written]| written.iter().map(|w| w.kind).collect::<Vec<_>>();
    let mut last = 0;
    let mut shown = Vec::new();
    for expected in [
        vec![Kind::Add, Kind::Add],
        vec![Kind::Update, Kind::Update],
        vec![Kind::Replace],
        vec![Kind::Remove, Kind::Remove],
    ] {
        let commit = commits.recv().await.unwrap();
        assert_eq!(kinds(&commit.written), expected);
        assert!(commit.sequence > last);
        last = commit.sequence;
        shown.push(commit.sequence <= sequence);
    }
    assert_eq!(shown, [true, true, true, false]);
    assert!(
        commits.try_recv().is_err(),
        "what changes nothing is no commit"
    );
}

#[tokio::test]
async fn conditions_know_the_time() {
    let database = database().await;
    let document = r#"{"_id":"a","at":{"$date":"1970-01-01T00:00:01Z"}}"#;
    things(&database).add(&[document]).await.unwrap();
    let (now, later) = (
        r#"{"$expr":{"$eq":["$at","$$NOW"]}}"#,
        r#"{"$expr":{"$gt":["$at","$$NOW"]}}"#,
    );
    let transaction = begin(&database);
    let inside = things(&database).within(&transaction);
    inside
        .update("{}", r#"{"$set":{"seen":true}}"#)
        .await
        .unwrap();
    for things in [things(&database), inside] {
        assert!(things.show(now).await.starts_with(r#"{"_id":"a""#));
        assert_eq!(things.show(later).await, "");
    }
}
