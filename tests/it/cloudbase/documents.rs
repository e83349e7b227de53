//! What holds over both protocols: each call, refusals by their codes, transactions, ids of every kind.

use cloudbase_graphql::cloudbase::database::{Alteration, Altered, Find};
use cloudbase_graphql::cloudbase::{Code, Error, Protocol};
use cloudbase_graphql::data::{CollectionName, Direction, DocId, Object, ObjectId, Value};

use super::reach::{PROTOCOLS, Reached, by_id, object, outside, texts, todos, within};

const HEX: &str = "0123456789abcdef01234567";

#[tokio::test]
async fn a_list_has_its_order_its_page_and_its_fields() {
    for protocol in PROTOCOLS {
        let cloud = Reached::over(protocol).await;
        let rows = (0..9).map(|n| format!(r#"{{"_id":"{n}","n":{},"m":{n},"x":"y"}}"#, n % 3));
        let rows: Vec<String> = rows.collect();
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        cloud.insert(&rows).await;
        let find = Find {
            order: vec![
                ("n".to_owned(), Direction::Descending),
                ("_id".to_owned(), Direction::Ascending),
            ],
            skip: 1,
            limit: 3,
            projection: Some(vec!["m".to_owned()]),
            ..by_id(object(r#"{"m":{"$lt":8}}"#))
        };
        let found = cloud.database.find(outside(), &find).await.unwrap();
        let expected = [
            r#"{"_id":"5","m":5}"#,
            r#"{"_id":"1","m":1}"#,
            r#"{"_id":"4","m":4}"#,
        ];
        assert_eq!(texts(&found), expected, "{protocol:?}");

        let ids_alone = Find {
            limit: 1,
            projection: Some(Vec::new()),
            ..by_id(object("{}"))
        };
        let found = cloud.database.find(outside(), &ids_alone).await.unwrap();
        assert_eq!(texts(&found), [r#"{"_id":"0"}"#], "{protocol:?}");
        let none = Find { limit: 0, ..find };
        assert!(
            cloud
                .database
                .find(outside(), &none)
                .await
                .unwrap()
                .is_empty()
        );

        let count = |query| {
            let (database, query) = (cloud.database.clone(), object(query));
            async move { database.count(outside(), todos(), &query).await.unwrap() }
        };
        assert_eq!(count("{}").await, 9, "{protocol:?}");
        assert_eq!(count(r#"{"n":2}"#).await, 3, "{protocol:?}");
        assert_eq!(count(r#"{"n":7}"#).await, 0, "{protocol:?}");
    }
}

#[tokio::test]
async fn more_rows_come_than_without_a_limit() {
    for protocol in PROTOCOLS {
        let cloud = Reached::over(protocol).await;
        let rows: Vec<Object> = (0..150)
            .map(|n| Object::from_iter([("_id", Value::Int(n)), ("k", Value::Int(n))]))
            .collect();
        cloud
            .database
            .insert(outside(), todos(), &rows)
            .await
            .unwrap();
        assert_eq!(cloud.all().await.len(), 150, "{protocol:?}");
        let pipeline = [
            object(r#"{"$group":{"_id":"$k","n":{"$sum":1}}}"#),
            object(r#"{"$sort":{"_id":-1}}"#),
        ];
        let rows = cloud.database.aggregate(outside(), todos(), &pipeline);
        let rows = rows.await.unwrap();
        assert_eq!(rows.len(), 150, "{protocol:?}");
        assert_eq!(texts(&rows[..1]), [r#"{"_id":149,"n":1}"#], "{protocol:?}");
        let counted = [
            object(r#"{"$match":{"k":{"$gte":100}}}"#),
            object(r#"{"$count":"n"}"#),
        ];
        let rows = cloud.database.aggregate(outside(), todos(), &counted);
        assert_eq!(texts(&rows.await.unwrap()), [r#"{"n":50}"#], "{protocol:?}");
    }
}

#[tokio::test]
async fn values_come_back_as_they_were_written() {
    let document = r#"{"_id":"a","int":{"$numberInt":"1"},"long":{"$numberLong":"9007199254740993"},"double":{"$numberDouble":"1.0"},"nan":{"$numberDouble":"NaN"},"zero":{"$numberDouble":"-0.0"},"date":{"$date":{"$numberLong":"-5"}},"bin":{"$binary":{"base64":"AAEC","subType":"80"}},"null":null,"text":"“\u0000”","deep":{"list":[[],{}]}}"#;
    for protocol in PROTOCOLS {
        let cloud = Reached::over(protocol).await;
        cloud.insert(&[document]).await;
        let found = cloud.database.find(outside(), &by_id(object("{}"))).await;
        assert_eq!(found.unwrap(), [object(document)], "{protocol:?}");
    }
}

/// Ids that are easily taken for another, or for a part of an address.
fn odd_ids() -> Vec<DocId> {
    let long = "长".repeat(341);
    let texts = [
        "12",
        "a/b?c&d=e#f%2F",
        "..",
        " ",
        "订单 1",
        "\"}",
        "remove",
        &long,
    ];
    let mut ids: Vec<DocId> = texts.into_iter().map(DocId::string).collect();
    ids.extend([DocId::Int(12), DocId::Int(-3_000_000_000)]);
    ids.push(DocId::ObjectId(ObjectId::parse(HEX).unwrap()));
    ids
}

fn document(id: &DocId) -> Object {
    Object::from_iter([("_id", id.to_value()), ("n", Value::Int(0))])
}

#[tokio::test]
async fn documents_are_read_updated_and_removed_by_ids_of_every_kind() {
    for protocol in PROTOCOLS {
        for inside in [false, true] {
            let cloud = Reached::over(protocol).await;
            let database = &cloud.database;
            let documents: Vec<Object> = odd_ids().iter().map(document).collect();
            database
                .insert(outside(), todos(), &documents)
                .await
                .unwrap();
            let transaction = database.begin(None).await.unwrap();
            let context = match inside {
                true => within(&transaction),
                false => outside().clone(),
            };
            let changed = object(r#"{"$inc":{"n":1}}"#);
            let unchanged = object(r#"{"$set":{"n":1}}"#);
            for id in odd_ids() {
                let one = by_id(Object::from_iter([("_id", id.to_value())]));
                let found = database.find(&context, &one).await.unwrap();
                assert_eq!(found, [document(&id)], "{protocol:?} {id:?}");
                let update = |update| database.update(&context, todos(), &id, update);
                assert!(update(&changed).await.unwrap(), "{protocol:?} {id:?}");
                // There is one, though nothing becomes of it.
                assert!(update(&unchanged).await.unwrap(), "{protocol:?} {id:?}");
                let found = database.find(&context, &one).await.unwrap();
                assert_eq!(
                    found[0].get("n"),
                    Some(&Value::Int(1)),
                    "{protocol:?} {id:?}"
                );
                let remove = || database.remove(&context, todos(), &id);
                assert!(remove().await.unwrap(), "{protocol:?} {id:?}");
                assert!(!remove().await.unwrap(), "{protocol:?} {id:?}");
                assert!(!update(&changed).await.unwrap(), "{protocol:?} {id:?}");
            }
            assert_eq!(cloud.all().await.is_empty(), !inside, "{protocol:?}");
            database.commit(&transaction, None).await.unwrap();
            assert!(cloud.all().await.is_empty(), "{protocol:?}");
        }
    }
}

#[tokio::test]
async fn a_list_tells_ids_as_they_are() {
    for protocol in PROTOCOLS {
        let cloud = Reached::over(protocol).await;
        let documents: Vec<Object> = odd_ids().iter().map(document).collect();
        cloud
            .database
            .insert(outside(), todos(), &documents)
            .await
            .unwrap();
        let found = cloud
            .database
            .find(outside(), &by_id(object("{}")))
            .await
            .unwrap();
        assert_eq!(found.len(), documents.len());
        for document in &documents {
            assert!(found.contains(document), "{protocol:?} {document:?}");
        }
    }
}

#[tokio::test]
async fn the_first_that_matches_is_altered_in_one_step() {
    for protocol in PROTOCOLS {
        let cloud = Reached::over(protocol).await;
        let database = &cloud.database;
        cloud.insert(&[r#"{"_id":"a","n":1,"s":"x"}"#]).await;
        let update = Alteration::Update(object(r#"{"$inc":{"n":1}}"#));
        let alter = |query| {
            let (query, update) = (object(query), &update);
            async move {
                database
                    .alter(outside(), todos(), &query, update)
                    .await
                    .unwrap()
            }
        };
        assert!(database.alters(&update));
        let expected = match protocol {
            Protocol::Rest => Altered::Before(object(r#"{"_id":"a","n":1,"s":"x"}"#)),
            Protocol::Admin => Altered::After(object(r#"{"_id":"a","n":2,"s":"x"}"#)),
        };
        assert_eq!(
            alter(r#"{"_id":"a","n":1}"#).await,
            Some(expected),
            "{protocol:?}"
        );
        assert_eq!(alter(r#"{"_id":"a","n":1}"#).await, None, "{protocol:?}");
        assert_eq!(
            cloud.all().await,
            [r#"{"_id":"a","n":2,"s":"x"}"#],
            "{protocol:?}"
        );
    }
}

#[tokio::test]
async fn a_refusal_is_told_by_its_code() {
    for protocol in PROTOCOLS {
        let cloud = Reached::over(protocol).await;
        let database = &cloud.database;
        let nowhere = CollectionName::parse("nowhere").unwrap();
        let find = Find {
            collection: nowhere.clone(),
            ..by_id(object("{}"))
        };
        let one = [object(r#"{"_id":"a"}"#)];
        let codes = [
            database.find(outside(), &find).await.map(drop),
            database
                .count(outside(), &nowhere, &object("{}"))
                .await
                .map(drop),
            database.aggregate(outside(), &nowhere, &[]).await.map(drop),
            database.insert(outside(), &nowhere, &one).await,
        ];
        for error in codes {
            let code = error.unwrap_err().code();
            assert_eq!(code, Some(Code::DatabaseCollectionNotExist), "{protocol:?}");
        }
        cloud.insert(&[r#"{"_id":"a"}"#]).await;
        let twice = database.insert(outside(), todos(), &one).await.unwrap_err();
        let duplicate = match protocol {
            Protocol::Rest => Code::DatabaseDuplicateWrite,
            Protocol::Admin => Code::DatabaseRequestFailed,
        };
        assert_eq!(twice.code(), Some(duplicate), "{protocol:?}");
        assert!(twice.to_string().contains("E11000"), "{twice}");
        let exists = database.create_collection(todos()).await.unwrap_err();
        assert_eq!(
            exists.code(),
            Some(Code::DatabaseCollectionAlreadyExist),
            "{protocol:?}"
        );
        let wrong = by_id(object(r#"{"n":{"$nonsense":1}}"#));
        let wrong = database.find(outside(), &wrong).await.unwrap_err();
        assert!(matches!(wrong, Error::Refused(_)), "{protocol:?}: {wrong}");
    }
}

#[tokio::test]
async fn a_transaction_is_seen_at_once_or_not_at_all() {
    for protocol in PROTOCOLS {
        let cloud = Reached::over(protocol).await;
        let database = &cloud.database;
        cloud.insert(&[r#"{"_id":"a","n":1}"#]).await;
        for commits in [false, true] {
            let transaction = database.begin(None).await.unwrap();
            let inside = within(&transaction);
            let added = [object(r#"{"_id":"b"}"#)];
            database.insert(&inside, todos(), &added).await.unwrap();
            let update = object(r#"{"$set":{"n":2}}"#);
            let a = DocId::string("a");
            assert!(
                database
                    .update(&inside, todos(), &a, &update)
                    .await
                    .unwrap()
            );
            let own = cloud.found(&inside, "{}").await;
            assert_eq!(
                own,
                [r#"{"_id":"a","n":2}"#, r#"{"_id":"b"}"#],
                "{protocol:?}"
            );
            assert_eq!(cloud.all().await, [r#"{"_id":"a","n":1}"#], "{protocol:?}");
            match commits {
                true => database.commit(&transaction, None).await.unwrap(),
                false => database.abort(&transaction, None).await.unwrap(),
            }
            let over = database.commit(&transaction, None).await.unwrap_err();
            assert_eq!(
                over.code(),
                Some(Code::DatabaseTransactionFail),
                "{protocol:?}"
            );
        }
        let expected = [r#"{"_id":"a","n":2}"#, r#"{"_id":"b"}"#];
        assert_eq!(cloud.all().await, expected, "{protocol:?}");
    }
}

#[tokio::test]
async fn of_two_transactions_that_change_one_document_one_fails() {
    for protocol in PROTOCOLS {
        let cloud = Reached::over(protocol).await;
        let database = &cloud.database;
        cloud.insert(&[r#"{"_id":"a","n":1}"#]).await;
        let (a, update) = (DocId::string("a"), object(r#"{"$inc":{"n":1}}"#));
        let first = database.begin(None).await.unwrap();
        let second = database.begin(None).await.unwrap();
        for transaction in [&first, &second] {
            assert_eq!(cloud.found(&within(transaction), "{}").await.len(), 1);
        }
        let done = database.update(&within(&first), todos(), &a, &update).await;
        assert!(done.unwrap(), "{protocol:?}");
        database.commit(&first, None).await.unwrap();
        let late = database
            .update(&within(&second), todos(), &a, &update)
            .await;
        let code = late.unwrap_err().code();
        assert_eq!(
            code,
            Some(Code::DatabaseTransactionConflict),
            "{protocol:?}"
        );
        assert_eq!(cloud.all().await, [r#"{"_id":"a","n":2}"#], "{protocol:?}");
    }
}

#[tokio::test]
async fn what_may_have_been_done_is_not_done_again() {
    for protocol in PROTOCOLS {
        let cloud = Reached::over(protocol).await;
        let database = &cloud.database;
        cloud.insert(&[r#"{"_id":"a","n":1}"#]).await;
        let (a, update) = (DocId::string("a"), object(r#"{"$inc":{"n":1}}"#));
        let transaction = database.begin(None).await.unwrap();
        let added = [object(r#"{"_id":"b"}"#)];
        database
            .insert(&within(&transaction), todos(), &added)
            .await
            .unwrap();
        let lost = r#"{"reset":"after","times":1}"#;

        cloud.fault(lost).await;
        let updated = database.update(outside(), todos(), &a, &update).await;
        assert!(
            matches!(updated, Err(Error::Lost(_))),
            "{protocol:?}: {updated:?}"
        );
        cloud.fault(lost).await;
        let removed = database
            .remove(outside(), todos(), &DocId::string("z"))
            .await;
        assert!(
            matches!(removed, Err(Error::Lost(_))),
            "{protocol:?}: {removed:?}"
        );
        cloud.fault(lost).await;
        let inserted = database
            .insert(outside(), todos(), &[object(r#"{"_id":"c"}"#)])
            .await;
        assert!(
            matches!(inserted, Err(Error::Lost(_))),
            "{protocol:?}: {inserted:?}"
        );
        cloud.fault(lost).await;
        let alteration = Alteration::Update(update);
        let all = object(r#"{"_id":"a"}"#);
        let altered = database.alter(outside(), todos(), &all, &alteration).await;
        assert!(
            matches!(altered, Err(Error::Lost(_))),
            "{protocol:?}: {altered:?}"
        );
        cloud.fault(lost).await;
        let committed = database.commit(&transaction, None).await;
        assert!(
            matches!(committed, Err(Error::Lost(_))),
            "{protocol:?}: {committed:?}"
        );

        // A read is done again.
        cloud.fault(lost).await;
        let expected = [r#"{"_id":"a","n":3}"#, r#"{"_id":"b"}"#, r#"{"_id":"c"}"#];
        assert_eq!(cloud.all().await, expected, "{protocol:?}");
    }
}
