//! Values that would mean something else to the database, refusals in unknown words, and lists that are slow to read.

use std::sync::Arc;
use std::time::Duration;

use cloudbase_graphql::cloudbase::{Error as CloudError, Protocol, Refusal};
use cloudbase_graphql::data::update::Op;
use cloudbase_graphql::data::{DocId, Document, Filter, Object, Path, Update, Value};
use cloudbase_graphql::store::{Error, Store};
use serde_json::json;

use super::Cloud;
use super::fake::{Answer, Fake, object, things};
use crate::store::words::{self, doc, find, inc};

/// Objects that are an operator, and values of other types, in the database's language.
fn lookalikes() -> Vec<Value> {
    let member = |name: &str, value: Value| Value::Object(Object::from_iter([(name, value)]));
    let id = || member("$oid", Value::string("5f0000000000000000000001"));
    vec![
        id(),
        member("$date", Value::string("2026-01-01T00:00:00Z")),
        member("$numberInt", Value::string("5")),
        member("$set", member("role", Value::string("admin"))),
        Value::Array(vec![member("inner", id())]),
    ]
}

#[tokio::test]
async fn no_object_becomes_an_operator_or_another_type() {
    for protocol in [Protocol::Rest, Protocol::Admin] {
        for value in lookalikes() {
            let rows = Answer::Rows(&[r#"{"_id":"a","free":1}"#]);
            let (fake, store) = Fake::new(protocol, vec![rows]).store(10);
            let mut fields = object(r#"{"_id":"b"}"#);
            fields.insert("free", value.clone());
            let new = Document::from_object(fields).expect("an id");
            let inserted = store.insert(&things(), vec![new]).await;
            assert!(matches!(inserted, Err(Error::Failed(_))), "{value:?}");
            assert_eq!(fake.asked(), "");
            let update = Update {
                ops: vec![Op::Set(Path::field("free"), value.clone())],
            };
            let updated = store
                .update_one(&things(), &DocId::string("a"), &Filter::all(), &update)
                .await;
            assert!(matches!(updated, Err(Error::Failed(_))), "{value:?}");
            assert_eq!(fake.asked(), "begin find abort");
        }
    }
}

#[tokio::test]
async fn a_refusal_in_unknown_words_is_no_proof_that_nothing_was_written() {
    let refused = || {
        Answer::Fails(CloudError::Refused(Refusal {
            code: None,
            word: "A_PROXY_GAVE_UP".to_owned(),
            message: "no".to_owned(),
            request_id: None,
        }))
    };
    let add = inc("n", 1);
    let id = DocId::string("a");
    let (fake, store) = Fake::new(Protocol::Rest, vec![refused()]).store(10);
    let error = store
        .update_one(&things(), &id, &Filter::all(), &add)
        .await
        .unwrap_err();
    let told = error.to_string();
    assert!(told.contains("not known whether"), "{told}");
    assert_eq!(fake.asked(), "alter");
}

#[tokio::test]
async fn a_list_that_is_slow_to_read_does_not_keep_writes_waiting() {
    let cloud = Cloud::over(Protocol::Rest).await;
    let a = doc(r#"{"_id":"a","n":1}"#);
    cloud.store.insert(&words::things(), vec![a]).await.unwrap();
    let base = "/v1/database/instances/(default)/databases/(default)";
    let slow = |path: &str, ms: u64| json!({ "latency_ms": ms, "times": 1, "path": format!("{base}{path}") });
    cloud.fault(slow("/commands", 500)).await;
    cloud
        .fault(slow("/collections/things/documents", 20_000))
        .await;
    let store = Arc::clone(&cloud.store);
    let id = words::id("a");
    let (collection, all, add) = (words::things(), Filter::all(), inc("n", 1));
    let list = find(Filter::all(), "");
    let write = store.update_one(&collection, &id, &all, &add);
    let read = async {
        // Once the write is under way, there is no quiet moment to read in.
        tokio::time::sleep(Duration::from_millis(100)).await;
        store.snapshot(&collection, &list).await
    };
    let (written, read) = tokio::join!(write, read);
    written.unwrap();
    let error = read.expect_err("it gave way to those who write");
    assert!(matches!(error, Error::Unavailable { .. }), "{error}");
    store
        .update_one(&collection, &id, &all, &add)
        .await
        .unwrap();
    assert_eq!(
        store.snapshot(&collection, &list).await.unwrap().sequence,
        3
    );
}
