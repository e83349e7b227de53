//! Reads of more than one request can give.

use std::sync::Arc;

use cloudbase_graphql::cloudbase::Protocol;
use cloudbase_graphql::data::{Document, Filter, Pattern, Test, Value};
use cloudbase_graphql::store::{Find, Store};

use super::Cloud;
use crate::store::words::{doc, fields, find, path, test, things};

/// 5,000 documents: `n` goes round in 100, `code` is the number, `free` is even or odd.
async fn filled() -> Cloud {
    let cloud = Cloud::over(Protocol::Rest).await;
    let documents = (0..5_000).map(|number| {
        doc(&format!(
            r#"{{"_id":"d{number:04}","n":{},"code":{number},"free":{}}}"#,
            number % 100,
            number % 2,
        ))
    });
    cloud
        .stored
        .insert(&things(), documents.collect())
        .await
        .unwrap();
    cloud
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_of_many_pages_are_those_of_the_embedded_store() {
    let cloud = filled().await;
    let even = || test("free", Test::Eq(Value::Int(0)));
    // The database cannot say this one, so rows come that are not of the list.
    let pattern = Pattern::new("7$").unwrap();
    let wider = Filter::Field(path("_id"), Test::Matches(pattern));
    let lists = [
        (Filter::all(), "", 0, u64::MAX),
        (Filter::all(), "-n,code", 0, 2_500),
        (even(), "n", 700, 1_500),
        (even(), "-code", 2_100, 1_000),
        (Filter::all(), "n", 3_999, 5),
        (Filter::all(), "", 4_999, 10),
        (Filter::all(), "", 6_000, 10),
        (wider.clone(), "-n", 0, u64::MAX),
        (wider, "n", 120, 30),
    ];
    for (filter, by, skip, limit) in lists {
        let list = Find {
            skip,
            limit,
            projection: fields(&["code"]),
            ..find(filter, by)
        };
        let told = format!("{list:?}");
        let expected = cloud.stored.find(&things(), &list).await.unwrap();
        let found = cloud.store.find(&things(), &list).await.unwrap();
        let codes = |list: &[Arc<Document>]| -> Vec<Value> {
            list.iter()
                .map(|it| it.get("code").unwrap().clone())
                .collect()
        };
        assert_eq!(codes(&found), codes(&expected), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_thousand_ids_are_asked_for_in_parts() {
    let cloud = filled().await;
    let ids = (0..3_000).map(|number| Value::string(format!("d{:04}", number * 2)));
    let among = test("_id", Test::In(ids.collect()));
    let list = Find {
        skip: 10,
        limit: 4_000,
        ..find(among.clone(), "-code")
    };
    let before = cloud.client.statistics().requests;
    let expected = cloud.stored.find(&things(), &list).await.unwrap();
    let found = cloud.store.find(&things(), &list).await.unwrap();
    assert_eq!(found.len(), expected.len());
    assert!(
        found
            .iter()
            .zip(&expected)
            .all(|(a, b)| a.fields() == b.fields())
    );
    // 500 of them in each.
    assert_eq!(cloud.client.statistics().requests - before, 6);
    assert_eq!(cloud.store.count(&things(), &among).await.unwrap(), 2_500);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_with_many_documents_leave_room_for_others() {
    let cloud = filled().await;
    let keys: Vec<Value> = (0..120).map(Value::Int).collect();
    for (by, skip, limit) in [
        ("code", 0, 3),
        ("-code", 20, 15),
        ("n,-code", 0, 60),
        ("free,code", 1, 1),
    ] {
        let list = Find {
            skip,
            limit,
            ..find(Filter::all(), by)
        };
        let ask = async |store: &dyn Store| {
            let lists = store
                .find_per_key(&things(), &path("n"), &keys, &list)
                .await;
            let ids = |list: &Vec<Arc<Document>>| crate::store::words::ids(list);
            lists.unwrap().iter().map(ids).collect::<Vec<_>>()
        };
        let expected = ask(cloud.stored.as_ref()).await;
        assert_eq!(
            ask(cloud.store.as_ref()).await,
            expected,
            "{by} {skip} {limit}"
        );
    }
    let at = path("n");
    let (things, all) = (things(), Filter::all());
    let counts = cloud.store.count_per_key(&things, &at, &keys, &all);
    let counts = counts.await.unwrap();
    assert_eq!((counts[0], counts[99], counts[100]), (50, 50, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relation_to_a_list_is_one_request() {
    let cloud = filled().await;
    let keys: Vec<Value> = (0..10).map(Value::Int).collect();
    let list = Find {
        limit: 5,
        ..find(Filter::all(), "code")
    };
    let before = cloud.client.statistics().requests;
    let found = cloud
        .store
        .find_per_key(&things(), &path("n"), &keys, &list)
        .await
        .unwrap();
    assert!(found.iter().all(|list| list.len() == 5));
    assert_eq!(cloud.client.statistics().requests - before, 1);
}
