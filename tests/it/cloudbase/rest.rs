//! What REST alone has: conditions too long for an address, and removing in one step.

use cloudbase_graphql::cloudbase::Protocol;
use cloudbase_graphql::cloudbase::database::{Alteration, Altered, Find, MAX_IN};
use cloudbase_graphql::data::{Object, Value};

use super::reach::{Reached, by_id, object, outside, texts, todos, within};

#[tokio::test]
async fn a_document_is_removed_and_told_in_one_step() {
    let cloud = Reached::over(Protocol::Rest).await;
    let database = &cloud.database;
    let documents = [
        r#"{"_id":{"$oid":"0123456789abcdef01234567"},"n":1}"#,
        r#"{"_id":1,"n":2}"#,
    ];
    cloud.insert(&documents).await;
    assert!(database.alters(&Alteration::Remove));
    let remove = |query| {
        let query = object(query);
        async move {
            let removed = database.alter(outside(), todos(), &query, &Alteration::Remove);
            removed.await.unwrap()
        }
    };
    assert_eq!(remove(r#"{"n":3}"#).await, None);
    let removed = remove(r#"{"n":{"$lt":2}}"#).await;
    assert_eq!(removed, Some(Altered::Before(object(documents[0]))));
    assert_eq!(cloud.all().await, [r#"{"_id":1,"n":2}"#]);
}

#[tokio::test]
async fn a_document_is_altered_within_a_transaction() {
    let cloud = Reached::over(Protocol::Rest).await;
    let database = &cloud.database;
    cloud.insert(&[r#"{"_id":"a","n":1}"#]).await;
    let transaction = database.begin(None).await.unwrap();
    let (query, update) = (object(r#"{"n":1}"#), object(r#"{"$inc":{"n":1}}"#));
    let alteration = Alteration::Update(update);
    let inside = within(&transaction);
    let altered = database.alter(&inside, todos(), &query, &alteration);
    let before = Altered::Before(object(r#"{"_id":"a","n":1}"#));
    assert_eq!(altered.await.unwrap(), Some(before));
    assert_eq!(cloud.all().await, [r#"{"_id":"a","n":1}"#]);
    database.commit(&transaction, None).await.unwrap();
    assert_eq!(cloud.all().await, [r#"{"_id":"a","n":2}"#]);
}

/// In an address, these would take about 40 KB.
fn many_ids() -> Vec<Value> {
    (0..MAX_IN)
        .map(|n| Value::string(format!("{n:032}-{}", "长".repeat(9))))
        .collect()
}

#[tokio::test]
async fn a_long_condition_finds_what_a_short_one_does() {
    let cloud = Reached::over(Protocol::Rest).await;
    let database = &cloud.database;
    let document = |id: &Value| Object::from_iter([("_id", id.clone()), ("n", Value::Int(1))]);
    let documents: Vec<Object> = many_ids().iter().map(document).collect();
    database
        .insert(outside(), todos(), &documents)
        .await
        .unwrap();
    let among = Object::from_iter([("$in", Value::Array(many_ids()))]);
    let query = Object::from_iter([("_id", Value::Object(among))]);
    let count = database.count(outside(), todos(), &query).await.unwrap();
    assert_eq!(count, documents.len() as u64);
    let none = [query.clone(), object(r#"{"n":2}"#)]
        .into_iter()
        .flatten()
        .collect();
    assert_eq!(database.count(outside(), todos(), &none).await.unwrap(), 0);
    let transaction = database.begin(None).await.unwrap();
    for context in [outside().clone(), within(&transaction)] {
        let all = database
            .find(&context, &by_id(query.clone()))
            .await
            .unwrap();
        assert_eq!(all, documents);
        let page = Find {
            skip: 3,
            limit: 2,
            projection: Some(Vec::new()),
            ..by_id(query.clone())
        };
        let page = texts(&database.find(&context, &page).await.unwrap());
        assert_eq!(page.len(), 2);
        assert!(
            page[0].starts_with(&format!(r#"{{"_id":"{:032}-"#, 3)),
            "{page:?}"
        );
        assert!(!page[0].contains(r#""n""#), "{page:?}");
    }
}
