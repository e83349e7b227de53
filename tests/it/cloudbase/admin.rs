//! What `/admin` alone has: signatures, and ids whose type it does not tell.

use cloudbase_graphql::cloudbase::database::{Alteration, Altered};
use cloudbase_graphql::cloudbase::{Code, Error, Protocol, Secret};
use cloudbase_graphql::data::{DocId, Object, ObjectId, Value};
use cloudbase_graphql::emulator::Config;

use super::reach::{Reached, by_id, key_pair, object, outside, texts, todos, within};

#[tokio::test]
async fn a_key_pair_signs() {
    let mut believes = Config::default();
    let pair = key_pair(None).key_pair.unwrap();
    let secret = pair.key.expose().to_owned();
    believes.identity.secrets.insert(pair.id, secret);
    for token in [None, Some("a temporary pair's")] {
        let cloud = Reached::with(Protocol::Admin, key_pair(token), believes.clone()).await;
        cloud.insert(&[r#"{"_id":"a","text":" “文” "}"#]).await;
        assert_eq!(cloud.all().await, [r#"{"_id":"a","text":" “文” "}"#]);
    }
}

#[tokio::test]
async fn what_it_cannot_do_it_says() {
    let cloud = Reached::over(Protocol::Admin).await;
    let database = &cloud.database;
    assert!(!database.alters(&Alteration::Remove));
    let all = object("{}");
    let removed = database.alter(outside(), todos(), &all, &Alteration::Remove);
    assert!(matches!(removed.await, Err(Error::Unable(_))));
}

fn oid(number: i64) -> ObjectId {
    ObjectId::parse(&format!("{number:024x}")).unwrap()
}

#[tokio::test]
async fn object_ids_are_told_from_texts_that_look_like_them() {
    let cloud = Reached::over(Protocol::Admin).await;
    let database = &cloud.database;
    let id = |n: i64| match n % 2 {
        0 => DocId::ObjectId(oid(n)),
        _ => DocId::string(oid(n).to_string()),
    };
    let document = |n| Object::from_iter([("_id", id(n).to_value()), ("n", Value::Int(n))]);
    // More than one question for their types may be about.
    let documents: Vec<Object> = (0..700).map(document).collect();
    database
        .insert(outside(), todos(), &documents)
        .await
        .unwrap();
    let transaction = database.begin(None).await.unwrap();
    for context in [outside().clone(), within(&transaction)] {
        let mut found = database.find(&context, &by_id(object("{}"))).await.unwrap();
        found.sort_by_key(|row| match row.get("n") {
            Some(Value::Int(n)) => *n,
            other => panic!("{other:?}"),
        });
        assert_eq!(found, documents);
    }
    // Who pages by id goes on from the last one, which is of one type.
    let after = object(&format!(r#"{{"_id":{{"$gt":{{"$oid":"{}"}}}}}}"#, oid(690)));
    let found = database.find(outside(), &by_id(after)).await.unwrap();
    let expected: Vec<Object> = [692, 694, 696, 698].map(document).to_vec();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn an_altered_document_has_its_id() {
    let cloud = Reached::over(Protocol::Admin).await;
    let database = &cloud.database;
    let hex = oid(7);
    cloud
        .insert(&[&format!(r#"{{"_id":{{"$oid":"{hex}"}},"n":1}}"#)])
        .await;
    let update = Alteration::Update(object(r#"{"$inc":{"n":1}}"#));
    for (query, n) in [
        (format!(r#"{{"_id":{{"$oid":"{hex}"}}}}"#), 2),
        (r#"{"n":2}"#.to_owned(), 3),
    ] {
        let after = object(&format!(r#"{{"_id":{{"$oid":"{hex}"}},"n":{n}}}"#));
        let query = object(&query);
        let altered = database.alter(outside(), todos(), &query, &update);
        assert_eq!(altered.await.unwrap(), Some(Altered::After(after)));
    }
    // It is altered, and then nobody tells which id it has.
    cloud
        .fault(r#"{"code":"DATABASE_PERMISSION_DENIED","action":"database.getDocument","times":1}"#)
        .await;
    let query = object(r#"{"n":3}"#);
    let altered = database.alter(outside(), todos(), &query, &update);
    assert!(matches!(altered.await, Err(Error::Lost(_))));
    let found = cloud.found(outside(), r#"{"n":4}"#).await;
    assert_eq!(found, [format!(r#"{{"_id":{{"$oid":"{hex}"}},"n":4}}"#)]);
}

#[tokio::test]
async fn object_ids_elsewhere_come_as_texts() {
    let cloud = Reached::over(Protocol::Admin).await;
    let hex = oid(9);
    cloud
        .insert(&[&format!(r#"{{"_id":"a","ref":{{"$oid":"{hex}"}}}}"#)])
        .await;
    // They are found by what they are, and told as what they are not.
    let query = format!(r#"{{"ref":{{"$oid":"{hex}"}}}}"#);
    let told = cloud.found(outside(), &query).await;
    assert_eq!(told, [format!(r#"{{"_id":"a","ref":"{hex}"}}"#)]);
    let pipeline = [object(r#"{"$group":{"_id":"$ref"}}"#)];
    let rows = cloud.database.aggregate(outside(), todos(), &pipeline);
    assert_eq!(
        texts(&rows.await.unwrap()),
        [format!(r#"{{"_id":"{hex}"}}"#)]
    );
}

#[tokio::test]
async fn a_key_that_is_wrong_is_refused() {
    let mut believes = Config::default();
    believes.identity.api_keys.push("right".to_owned());
    let right = cloudbase_graphql::cloudbase::Credentials {
        api_key: Some(Secret::new("right")),
        key_pair: None,
    };
    let cloud = Reached::with(Protocol::Admin, right, believes).await;
    let wrong = Reached::reach(&cloud.served, Protocol::Admin, key_pair(None));
    let refused = wrong
        .find(outside(), &by_id(object("{}")))
        .await
        .unwrap_err();
    let code = refused.code();
    assert!(
        matches!(
            code,
            Some(Code::SignParamInvalid | Code::InvalidCredentials)
        ),
        "{refused}"
    );
}
