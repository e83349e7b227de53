//! Transactions of clients: judged inside as outside, and their beginner's alone.

use super::*;

#[tokio::test]
async fn a_transaction_is_its_beginners_alone() {
    let database = environment("READONLY", None).await;
    let alice = session(&database, user("alice"));
    let transaction = alice.begin().unwrap();
    for identity in [user("bob"), nobody(), Identity::Admin] {
        let other = session(&database, identity);
        let within = Some(&transaction);
        let things = name("things");
        let outcomes = [
            other.show_within("{}", within).await.map(|_| ()),
            other.insert(&things, vec![], within).await.map(|_| ()),
            other.modify(update("{}", "{}"), within).await.map(|_| ()),
            other.remove(remove("{}"), within).await.map(|_| ()),
            other.commit(&transaction).await,
            other.abort(&transaction).await,
        ];
        for outcome in outcomes {
            assert_eq!(outcome.unwrap_err().code, Code::DatabaseTransactionFail);
        }
    }
    let again = session(&database, user("alice"));
    again.commit(&transaction).await.unwrap();
}

#[tokio::test]
async fn what_is_done_inside_is_judged() {
    let database = environment("PRIVATE", None).await;
    let documents = [
        r#"{"_id":"a","_openid":"alice"}"#,
        r#"{"_id":"b","_openid":"bob"}"#,
    ];
    fill(&database, "things", &documents).await;
    let alice = session(&database, user("alice"));
    let transaction = alice.begin().unwrap();
    let within = Some(&transaction);
    assert_eq!(alice.show_within("{}", within).await.unwrap(), documents[0]);
    let done = alice
        .modify(update("{}", r#"{"$set":{"n":1}}"#), within)
        .await
        .unwrap();
    assert_eq!(done.updated, 1);
    assert_eq!(
        alice
            .remove(remove(r#"{"_id":"b"}"#), within)
            .await
            .unwrap(),
        0
    );
    let forged = vec![object(r#"{"_openid":"bob"}"#)];
    let refused = alice
        .insert(&name("things"), forged, within)
        .await
        .unwrap_err();
    assert_eq!(refused.code, Code::DatabasePermissionDenied);
    let added = vec![object(r#"{"_id":"c"}"#)];
    alice.insert(&name("things"), added, within).await.unwrap();
    let access = Access::parse("ADMINONLY", None).unwrap();
    database.set_access(&name("things"), access).await.unwrap();
    let refused = alice.show_within("{}", within).await.unwrap_err();
    assert_eq!(refused.code, Code::DatabasePermissionDenied);
    alice.commit(&transaction).await.unwrap();
    let stored = r#"{"_id":"a","_openid":"alice","n":1} {"_id":"b","_openid":"bob"} {"_id":"c","_openid":"alice"}"#;
    assert_eq!(admin(&database).show("{}").await.unwrap(), stored);
}
