//! Snapshots, conflicts, locks and the end of transactions.

use super::*;
use crate::emulator::database::Kind;

const OVER: &str = "[ResourceUnavailable.TransactionNotExist] Transaction does not exist on the server, transaction must be commit or abort in 30 seconds. Please check your request, but if the problem persists, contact us.";
const CONFLICT: &str = "[ResourceUnavailable.TransactionConflict] Transaction is conflict, maybe resource operated by others. Please check your request, but if the problem persists, contact us.";
const BUSY: &str = "[ResourceUnavailable.TransactionBusy] Transaction is busy. Please check your request, but if the problem persists, contact us.";

const A: &str = r#"{"_id":"a","n":1}"#;
const B: &str = r#"{"_id":"b","n":1}"#;
const ADD_1: &str = r#"{"$inc":{"n":1}}"#;

async fn filled() -> Arc<Database> {
    let database = database().await;
    things(&database).add(&[A, B]).await.unwrap();
    database
}

/// That a transaction is no more.
async fn assert_over(database: &Database, transaction: &TransactionId) {
    let things = things(database).within(transaction);
    let outcomes = [
        things.update("{}", ADD_1).await.unwrap_err(),
        things.add(&["{}"]).await.unwrap_err(),
        things.remove("{}").await.unwrap_err(),
        database
            .find(&list(select("things", "{}")), Some(transaction))
            .await
            .unwrap_err(),
        database.commit(transaction).await.unwrap_err(),
        database.abort(transaction).await.unwrap_err(),
    ];
    for failure in outcomes {
        let expected = (Code::DatabaseTransactionFail, OVER);
        assert_eq!((failure.code, failure.message.as_str()), expected);
    }
}

fn assert_conflict<T: std::fmt::Debug>(outcome: Result<T>) {
    let failure = outcome.unwrap_err();
    let expected = (Code::DatabaseTransactionConflict, CONFLICT);
    assert_eq!((failure.code, failure.message.as_str()), expected);
}

#[tokio::test]
async fn writes_are_seen_inside_at_once_and_outside_with_the_commit() {
    let database = filled().await;
    let mut commits = database.commits();
    let transaction = begin(&database);
    let (outside, inside) = (things(&database), things(&database).within(&transaction));
    let before = outside.show("{}").await;
    inside.update(r#"{"_id":"a"}"#, ADD_1).await.unwrap();
    inside.update(r#"{"_id":"a"}"#, ADD_1).await.unwrap();
    assert_eq!(inside.remove(r#"{"_id":"b"}"#).await.unwrap(), 1);
    inside.add(&[r#"{"_id":"c","n":1}"#]).await.unwrap();
    inside
        .replace(r#"{"_id":"c"}"#, r#"{"n":9}"#)
        .await
        .unwrap();
    inside.add(&[r#"{"_id":"d"}"#]).await.unwrap();
    inside.remove(r#"{"_id":"d"}"#).await.unwrap();
    let after = r#"{"_id":"a","n":3} {"_id":"c","n":9}"#;
    assert_eq!(inside.show("{}").await, after);
    assert_eq!(
        inside.show(r#"{"n":{"$gt":3}}"#).await,
        r#"{"_id":"c","n":9}"#
    );
    assert_eq!(outside.show("{}").await, before);
    assert!(commits.try_recv().is_err());
    database.commit(&transaction).await.unwrap();
    assert_eq!(outside.show("{}").await, after);
    let commit = commits.recv().await.unwrap();
    let told: Vec<(Kind, String)> = commit
        .written
        .iter()
        .map(|written| (written.kind, written.id().to_string()))
        .collect();
    let expected = [(Kind::Update, "a"), (Kind::Remove, "b"), (Kind::Add, "c")];
    assert_eq!(told, expected.map(|(kind, id)| (kind, id.to_owned())));
    assert_over(&database, &transaction).await;
}

#[tokio::test]
async fn a_removed_document_may_be_made_anew() {
    let database = filled().await;
    let transaction = begin(&database);
    let inside = things(&database).within(&transaction);
    inside.remove(r#"{"_id":"a"}"#).await.unwrap();
    inside.add(&[r#"{"_id":"a","new":true}"#]).await.unwrap();
    database.commit(&transaction).await.unwrap();
    assert_eq!(
        things(&database).show(r#"{"_id":"a"}"#).await,
        r#"{"_id":"a","new":true}"#
    );
}

#[tokio::test]
async fn an_abort_leaves_no_trace() {
    let database = filled().await;
    let transaction = begin(&database);
    things(&database)
        .within(&transaction)
        .remove("{}")
        .await
        .unwrap();
    database.abort(&transaction).await.unwrap();
    assert_eq!(things(&database).show("{}").await, format!("{A} {B}"));
    things(&database).update("{}", ADD_1).await.unwrap();
    assert_over(&database, &transaction).await;
    assert_over(&database, &TransactionId("unknown".into())).await;
}

#[tokio::test]
async fn reads_show_the_moment_of_the_first_operation() {
    let database = filled().await;
    let transaction = begin(&database);
    let (outside, inside) = (things(&database), things(&database).within(&transaction));
    outside.update(r#"{"_id":"b"}"#, ADD_1).await.unwrap();
    let shown = inside.show("{}").await;
    assert_eq!(
        shown, r#"{"_id":"a","n":1} {"_id":"b","n":2}"#,
        "not that of begin"
    );
    for _ in 0..2 {
        outside.update("{}", ADD_1).await.unwrap();
    }
    outside.remove(r#"{"_id":"a"}"#).await.unwrap();
    outside.add(&[r#"{"_id":"aa","n":1}"#]).await.unwrap();
    outside.add(&[r#"{"_id":"a","n":0}"#]).await.unwrap();
    assert_eq!(inside.show("{}").await, shown);
    assert_eq!(inside.show(r#"{"n":1}"#).await, A);
    assert_eq!(inside.show(r#"{"n":{"$gt":2}}"#).await, "");
    let first = Find {
        limit: 1,
        skip: 1,
        ..list(select("things", "{}"))
    };
    let found = database.find(&first, Some(&transaction)).await.unwrap();
    assert_eq!(
        found.iter().map(text).collect::<String>(),
        r#"{"_id":"b","n":2}"#
    );
}

#[tokio::test]
async fn whoever_comes_second_conflicts() {
    let database = filled().await;
    // Changed, replaced, removed or added since the snapshot.
    let outside = things(&database);
    let acts = ["update", "remove", "add"];
    for act in acts {
        let transaction = begin(&database);
        let inside = things(&database).within(&transaction);
        inside.show("{}").await;
        match act {
            "update" => drop(outside.update(r#"{"_id":"a"}"#, ADD_1).await.unwrap()),
            "remove" => drop(outside.remove(r#"{"_id":"a"}"#).await.unwrap()),
            _ => drop(outside.add(&[A]).await.unwrap()),
        }
        match act {
            "add" => assert_conflict(inside.add(&[A]).await),
            _ => assert_conflict(inside.update(r#"{"_id":"a"}"#, ADD_1).await),
        }
        assert_over(&database, &transaction).await;
    }
    // Held by another transaction, which goes on.
    let (one, two) = (begin(&database), begin(&database));
    let (first, second) = (outside.within(&one), outside.within(&two));
    first.show("{}").await;
    second.update(r#"{"_id":"a"}"#, ADD_1).await.unwrap();
    assert_conflict(first.remove(r#"{"_id":"a"}"#).await);
    second.update(r#"{"_id":"a"}"#, ADD_1).await.unwrap();
    database.commit(&two).await.unwrap();
    assert_over(&database, &one).await;
}

#[tokio::test]
async fn an_id_that_the_snapshot_shows_is_a_duplicate() {
    let database = filled().await;
    let transaction = begin(&database);
    let inside = things(&database).within(&transaction);
    inside.add(&[r#"{"_id":"c"}"#]).await.unwrap();
    for taken in [A, r#"{"_id":"c"}"#] {
        assert_eq!(
            code(inside.add(&["{}", taken]).await),
            Code::DatabaseDuplicateWrite
        );
    }
    database.commit(&transaction).await.unwrap();
    assert_eq!(database.count(&select("things", "{}")).await.unwrap(), 3);
}

#[tokio::test]
async fn two_may_each_write_what_the_other_reads() {
    let database = filled().await;
    let (one, two) = (begin(&database), begin(&database));
    let (first, second) = (
        things(&database).within(&one),
        things(&database).within(&two),
    );
    first.show(r#"{"_id":"a"}"#).await;
    second.show(r#"{"_id":"b"}"#).await;
    first
        .replace(r#"{"_id":"b"}"#, r#"{"by":1}"#)
        .await
        .unwrap();
    second
        .replace(r#"{"_id":"a"}"#, r#"{"by":2}"#)
        .await
        .unwrap();
    database.commit(&one).await.unwrap();
    database.commit(&two).await.unwrap();
    assert_eq!(
        things(&database).show("{}").await,
        r#"{"_id":"a","by":2} {"_id":"b","by":1}"#
    );
}

#[tokio::test]
async fn a_plain_write_waits_for_the_transaction() {
    let database = filled().await;
    for commits in [true, false] {
        let transaction = begin(&database);
        let inside = things(&database).within(&transaction);
        inside
            .update(r#"{"_id":"a"}"#, r#"{"$inc":{"n":100}}"#)
            .await
            .unwrap();
        let waiting = things(&database).update("{}", ADD_1);
        let end = async {
            // Whoever touches another document need not wait.
            things(&database)
                .update(r#"{"_id":"b"}"#, ADD_1)
                .await
                .unwrap();
            match commits {
                true => database.commit(&transaction).await.unwrap(),
                false => database.abort(&transaction).await.unwrap(),
            }
        };
        let (waited, ()) = tokio::join!(waiting, end);
        assert_eq!(waited.unwrap().updated, 2);
    }
    let expected = r#"{"_id":"a","n":103} {"_id":"b","n":5}"#;
    assert_eq!(things(&database).show("{}").await, expected);
}

#[tokio::test]
async fn a_plain_write_does_not_wait_for_ever() {
    let limits = TransactionLimits {
        busy_wait: Duration::from_millis(20),
        ..LIMITS
    };
    let database = database_with(limits).await;
    let transaction = begin(&database);
    things(&database)
        .within(&transaction)
        .add(&[A])
        .await
        .unwrap();
    let busy = things(&database).add(&[A]).await.unwrap_err();
    let expected = (Code::DatabaseTransactionFail, BUSY);
    assert_eq!((busy.code, busy.message.as_str()), expected);
    database.commit(&transaction).await.unwrap();
    assert_eq!(
        code(things(&database).add(&[A]).await),
        Code::DatabaseDuplicateWrite
    );
}

#[tokio::test]
async fn a_life_ends_by_itself_and_frees_its_documents() {
    let limits = TransactionLimits {
        // Long enough for one write.
        life: Duration::from_secs(1),
        ..LIMITS
    };
    let database = database_with(limits).await;
    things(&database).add(&[A]).await.unwrap();
    let transaction = begin(&database);
    things(&database)
        .within(&transaction)
        .remove("{}")
        .await
        .unwrap();
    // Nobody ever asks for the transaction again; this waits for its document.
    things(&database).update("{}", ADD_1).await.unwrap();
    assert_over(&database, &transaction).await;
    assert_eq!(things(&database).show("{}").await, r#"{"_id":"a","n":2}"#);
}

#[tokio::test]
async fn open_transactions_are_counted() {
    let database = filled().await;
    let open: Vec<TransactionId> = (0..100).map(|_| begin(&database)).collect();
    assert_eq!(
        code(database.begin(Identity::Admin)),
        Code::DatabaseTransactionFail
    );
    database.abort(&open[0]).await.unwrap();
    let another = begin(&database);
    assert!(open.iter().all(|id| *id != another));
    database.close().await;
    assert_over(&database, &another).await;
}

#[tokio::test]
async fn a_collection_that_is_dropped_meanwhile_is_a_conflict() {
    let database = filled().await;
    for again in [false, true] {
        if again {
            database.create_collection(&name("things")).await.unwrap();
            things(&database).add(&[A]).await.unwrap();
        }
        let transaction = begin(&database);
        things(&database)
            .within(&transaction)
            .update("{}", ADD_1)
            .await
            .unwrap();
        database.drop_collection(&name("things")).await.unwrap();
        if again {
            database.create_collection(&name("things")).await.unwrap();
        }
        assert_conflict(database.commit(&transaction).await);
    }
    assert_eq!(things(&database).show("{}").await, "");
}
