//! Answers that are lost, and others in the way: no write is carried out twice, and none is told of that may not be.

use cloudbase_graphql::cloudbase::Protocol;
use cloudbase_graphql::data::{Filter, Value};
use cloudbase_graphql::store::{Error, Store};
use serde_json::{Value as Json, json};

use super::Cloud;
use crate::store::words::{doc, docs, find, id, ids, inc, things};

const PROTOCOLS: [Protocol; 2] = [Protocol::Rest, Protocol::Admin];

/// The moments in which a connection breaks, and whether the request was carried out by then.
const MOMENTS: [(&str, bool); 3] = [("before", false), ("after", true), ("midway", true)];

const BASE: &str = "/v1/database/instances/(default)/databases/(default)";

/// The connection of the next such request breaks.
fn broken(protocol: Protocol, moment: &str, request: Request) -> Json {
    let (action, path) = match request {
        Request::Insert => ("database.insertDocument", "/collections/things/documents"),
        Request::Alter => ("database.modifyAndReturnDoc", "/commands"),
        Request::Commit => ("database.commitTransaction", "/transactions/"),
    };
    match protocol {
        Protocol::Rest => json!({ "reset": moment, "times": 1, "path": format!("{BASE}{path}") }),
        Protocol::Admin => json!({ "reset": moment, "times": 1, "action": action }),
    }
}

#[derive(Clone, Copy)]
enum Request {
    Insert,
    Alter,
    Commit,
}

async fn stored(cloud: &Cloud) -> String {
    let all = find(Filter::all(), "");
    ids(&cloud.stored.find(&things(), &all).await.unwrap())
}

/// What a number is in the cloud.
async fn number(cloud: &Cloud) -> Option<Value> {
    let one = find(Filter::id(&id("a")), "");
    let found = cloud.stored.find(&things(), &one).await.unwrap();
    found.first()?.get("n").cloned()
}

async fn with_a(cloud: &Cloud) {
    let a = doc(r#"{"_id":"a","n":1}"#);
    cloud.store.insert(&things(), vec![a]).await.unwrap();
}

/// May have been carried out, says the error.
fn is_unknown(error: &Error) -> bool {
    matches!(error, Error::OutcomeUnknown(_))
}

#[tokio::test]
async fn inserts_are_found_by_their_ids() {
    for protocol in PROTOCOLS {
        for (moment, _) in MOMENTS {
            let cloud = Cloud::over(protocol).await;
            let mut changes = cloud.store.changes().unwrap();
            cloud.fault(broken(protocol, moment, Request::Insert)).await;
            with_a(&cloud).await;
            let told = format!("{protocol:?} {moment}");
            assert_eq!(stored(&cloud).await, "a", "{told}");
            assert_eq!(changes.recv().await.unwrap().sequence, 1, "{told}");
            assert!(changes.try_recv().is_err(), "{told}");
        }
    }
}

#[tokio::test]
async fn inserts_of_several_are_found_by_their_ids() {
    for protocol in PROTOCOLS {
        for (moment, _) in MOMENTS {
            let cloud = Cloud::over(protocol).await;
            cloud.fault(broken(protocol, moment, Request::Commit)).await;
            let batch = docs([r#"{"_id":"a"}"#, r#"{"_id":"b","code":1}"#]);
            let inserted = cloud.store.insert(&things(), batch).await.unwrap();
            assert_eq!(ids(&inserted), "a b");
            assert_eq!(stored(&cloud).await, "a b", "{protocol:?} {moment}");
        }
    }
}

#[tokio::test]
async fn an_update_whose_answer_is_lost_is_not_repeated() {
    for protocol in PROTOCOLS {
        for (moment, done) in MOMENTS {
            let cloud = Cloud::over(protocol).await;
            update_with_a_fault(&cloud, broken(protocol, moment, Request::Alter), done).await;
            let cloud = Cloud::in_transactions(protocol).await;
            update_with_a_fault(&cloud, broken(protocol, moment, Request::Commit), done).await;
        }
    }
}

async fn update_with_a_fault(cloud: &Cloud, fault: Json, done: bool) {
    let told = fault.to_string();
    let mut changes = cloud.store.changes().unwrap();
    with_a(cloud).await;
    cloud.fault(fault).await;
    let add = || async {
        let all = Filter::all();
        cloud
            .store
            .update_one(&things(), &id("a"), &all, &inc("n", 10))
            .await
    };
    let error = add().await.unwrap_err();
    assert!(is_unknown(&error), "{told}: {error}");
    let is = if done { 11 } else { 1 };
    assert_eq!(number(cloud).await, Some(Value::Int(is)), "{told}");
    add().await.unwrap();
    assert_eq!(number(cloud).await, Some(Value::Int(is + 10)), "{told}");
    // Nothing is told of the first, but that there is something to be told of.
    assert_eq!(changes.recv().await.unwrap().sequence, 1, "{told}");
    assert_eq!(changes.recv().await.unwrap().sequence, 3, "{told}");
}

#[tokio::test]
async fn a_delete_whose_answer_is_lost_is_not_repeated() {
    for protocol in PROTOCOLS {
        let cloud = Cloud::over(protocol).await;
        with_a(&cloud).await;
        let request = match protocol {
            Protocol::Rest => Request::Alter,
            Protocol::Admin => Request::Commit,
        };
        cloud.fault(broken(protocol, "after", request)).await;
        let (things, a, all) = (things(), id("a"), Filter::all());
        let delete = || cloud.store.delete_one(&things, &a, &all);
        assert!(is_unknown(&delete().await.unwrap_err()), "{protocol:?}");
        assert!(delete().await.unwrap().is_none(), "{protocol:?}");
    }
}

#[tokio::test]
async fn others_in_the_way_are_waited_for() {
    for protocol in PROTOCOLS {
        for (times, succeeds) in [(3, true), (4, false)] {
            let cloud = Cloud::in_transactions(protocol).await;
            with_a(&cloud).await;
            cloud.fault(conflicts(protocol, times)).await;
            let (things, a, all) = (things(), id("a"), Filter::all());
            let more = inc("n", 1);
            let add = || cloud.store.update_one(&things, &a, &all, &more);
            add().await.unwrap();
            let updated = add().await;
            assert_eq!(updated.is_ok(), succeeds, "{protocol:?} {updated:?}");
            let is = if succeeds { 3 } else { 2 };
            assert_eq!(number(&cloud).await, Some(Value::Int(is)), "{protocol:?}");
        }
    }
}

/// Commits that are refused so often, after one that is not.
fn conflicts(protocol: Protocol, times: u64) -> Json {
    let mut fault = json!({ "code": "DATABASE_TRANSACTION_CONFLICT", "times": times });
    match protocol {
        Protocol::Rest => {
            // Commits and aborts take turns.
            fault["every"] = 2.into();
            fault["path"] = format!("{BASE}/transactions/").into();
        }
        Protocol::Admin => {
            fault["after"] = 1.into();
            fault["action"] = "database.commitTransaction".into();
        }
    }
    fault
}
