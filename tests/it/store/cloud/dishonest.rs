//! What the store makes of answers that an honest database seldom gives.

use super::fake::{Answer, Fake, lost, object, refused, things};
use cloudbase_graphql::cloudbase::database::Altered;
use cloudbase_graphql::cloudbase::{Code, Protocol};
use cloudbase_graphql::data::update::Op;
use cloudbase_graphql::data::{
    DocId, Document, Filter, Order, OrderKey, Path, Test, Update, Value,
};
use cloudbase_graphql::store::{Error, Find, Projection, Store};

fn n_is(value: i64) -> Filter {
    Filter::field(&Path::field("n"), Test::Eq(Value::Int(value)))
}

fn list(filter: Filter) -> Find {
    Find {
        filter,
        order: Order {
            keys: vec![OrderKey::ascending(Path::field("code"))],
        },
        after: None,
        skip: 0,
        limit: 10,
        projection: Projection::Fields([].into()),
    }
}

fn add() -> Update {
    Update {
        ops: vec![Op::Inc(Path::field("n"), Value::Int(1))],
    }
}

fn a() -> DocId {
    DocId::string("a")
}

fn ids<'a>(documents: impl IntoIterator<Item = &'a std::sync::Arc<Document>>) -> String {
    let ids = documents.into_iter().map(|it| it.id().to_string());
    ids.collect::<Vec<_>>().join(" ")
}

fn is_unknown(error: &Error) -> bool {
    matches!(error, Error::OutcomeUnknown(_))
}

#[tokio::test]
async fn rows_that_the_filter_does_not_match_are_left_out() {
    let rows: &[&str] = &[
        r#"{"_id":"a","n":1,"kind":"k"}"#,
        r#"{"_id":"b","n":2,"kind":"k"}"#,
        r#"{"_id":"c","kind":"k"}"#,
        r#"{"_id":"d","n":1,"kind":"x"}"#,
    ];
    let (fake, store) =
        Fake::new(Protocol::Rest, vec![Answer::Rows(rows), Answer::Rows(rows)]).store(1_000);
    let found = store.find(&things(), &list(n_is(1))).await.expect("rows");
    assert_eq!(ids(&found), "a d");
    let keys = [Value::string("k"), Value::string("y")];
    let path = Path::field("kind");
    let found = store
        .find_per_key(&things(), &path, &keys, &list(n_is(1)))
        .await;
    let found = found.expect("rows");
    assert_eq!(
        (ids(&found[0]), ids(&found[1])),
        ("a".to_owned(), String::new())
    );
    // What the matcher looks at is read, whatever is asked for.
    let finds = fake.finds.lock().expect("no panic");
    let read = |at: usize| finds[at].projection.clone().expect("some fields").join(" ");
    assert_eq!(
        (read(0), read(1)),
        ("code n".to_owned(), "code kind n".to_owned())
    );
}

#[tokio::test]
async fn a_document_comes_once_though_it_moves_between_pages() {
    let answers = vec![
        Answer::Rows(&[r#"{"_id":"a","code":1}"#, r#"{"_id":"b","code":2}"#]),
        Answer::Rows(&[r#"{"_id":"a","code":3}"#, r#"{"_id":"c","code":4}"#]),
        Answer::Rows(&[]),
    ];
    let (fake, store) = Fake::new(Protocol::Rest, answers).store(2);
    let found = store
        .find(&things(), &list(Filter::all()))
        .await
        .expect("rows");
    assert_eq!(ids(&found), "a b c");
    assert_eq!(fake.asked(), "find find find");
}

#[tokio::test]
async fn the_same_page_for_ever_is_an_error() {
    let page: &[&str] = &[r#"{"_id":"a","code":[1]}"#, r#"{"_id":"b","code":[2]}"#];
    let answers = vec![Answer::Rows(page), Answer::Rows(page)];
    let (_, store) = Fake::new(Protocol::Rest, answers).store(2);
    let error = store
        .find(&things(), &list(Filter::all()))
        .await
        .expect_err("no end");
    assert!(matches!(error, Error::Failed(_)), "{error}");
}

#[tokio::test]
async fn a_document_with_an_id_of_another_type_costs_nobody_the_list() {
    let answers = vec![
        Answer::Rows(&[r#"{"_id":1.5}"#, r#"{"_id":2.5}"#]),
        Answer::Rows(&[r#"{"_id":"a","code":1}"#, r#"{"_id":{"x":1},"code":2}"#]),
        Answer::Rows(&[r#"{"_id":"b","code":3}"#]),
    ];
    let (fake, store) = Fake::new(Protocol::Rest, answers).store(2);
    let found = store
        .find(&things(), &list(Filter::all()))
        .await
        .expect("the others");
    assert_eq!(ids(&found), "a b");
    let finds = fake.finds.lock().expect("no panic");
    let skipped: Vec<u64> = finds.iter().map(|find| find.skip).collect();
    assert_eq!(skipped, [0, 2, 1]);
}

#[tokio::test]
async fn groups_are_dealt_to_the_keys() {
    let groups: &[&str] = &[
        r#"{"_id":"k","n":{"$numberDouble":"2"}}"#,
        r#"{"_id":null,"n":3}"#,
        r#"{"_id":"other","n":4}"#,
    ];
    let (_, store) = Fake::new(Protocol::Rest, vec![Answer::Rows(groups)]).store(1_000);
    let keys = [Value::Null, Value::string("k"), Value::string("k")];
    let path = Path::field("kind");
    let counts = store
        .count_per_key(&things(), &path, &keys, &Filter::all())
        .await;
    assert_eq!(counts.expect("groups"), [3, 2, 2]);
}

#[tokio::test]
async fn nothing_altered_is_no_denial_where_somebody_wrote_in_between() {
    let answers = vec![
        Answer::Rows(&[r#"{"_id":"a","n":1}"#]),
        Answer::Altered(None),
        Answer::Rows(&[r#"{"_id":"a","n":5}"#]),
        Answer::Altered(Some(Altered::After(object(r#"{"_id":"a","n":6}"#)))),
    ];
    let (fake, store) = Fake::new(Protocol::Admin, answers).store(1_000);
    let updated = store
        .update_one(&things(), &a(), &Filter::all(), &add())
        .await;
    let updated = updated.expect("an answer").expect("it is there");
    assert_eq!(updated.before.get("n"), Some(&Value::Int(5)));
    assert_eq!(updated.after.get("n"), Some(&Value::Int(6)));
    assert_eq!(fake.asked(), "find alter find alter");
}

#[tokio::test]
async fn what_others_wrote_beside_the_update_was_so_before() {
    let answers = vec![
        Answer::Rows(&[r#"{"_id":"a","n":1,"x":1}"#]),
        Answer::Altered(Some(Altered::After(object(r#"{"_id":"a","n":2,"x":9}"#)))),
    ];
    let (_, store) = Fake::new(Protocol::Admin, answers).store(1_000);
    let updated = store
        .update_one(&things(), &a(), &Filter::all(), &add())
        .await;
    let updated = updated.expect("an answer").expect("it is there");
    assert_eq!(
        updated.before.fields(),
        &object(r#"{"_id":"a","n":1,"x":9}"#)
    );
}

#[tokio::test]
async fn what_cannot_be_told_apart_is_written_in_a_transaction() {
    let row: &[&str] = &[r#"{"_id":"a","n":1}"#];
    let mut answers = Vec::new();
    for _ in 0..3 {
        answers.extend([Answer::Rows(row), Answer::Altered(None)]);
    }
    // The number of updated documents does not matter.
    answers.extend([Answer::Rows(row), Answer::Flag(false)]);
    let (fake, store) = Fake::new(Protocol::Admin, answers).store(1_000);
    let updated = store.update_one(&things(), &a(), &n_is(1), &add()).await;
    assert!(updated.expect("an answer").is_some());
    assert!(
        fake.asked().ends_with("begin find update commit"),
        "{}",
        fake.asked()
    );
}

#[tokio::test]
async fn a_lost_answer_is_neither_repeated_nor_told() {
    let answers = vec![
        Answer::Fails(lost()),
        Answer::Altered(Some(Altered::Before(object(r#"{"_id":"a","n":1}"#)))),
    ];
    let (fake, store) = Fake::new(Protocol::Rest, answers).store(1_000);
    let mut changes = store.changes().expect("a feed");
    let error = store
        .update_one(&things(), &a(), &Filter::all(), &add())
        .await;
    assert!(is_unknown(&error.expect_err("lost")));
    assert_eq!(fake.asked(), "alter");
    let updated = store
        .update_one(&things(), &a(), &Filter::all(), &add())
        .await;
    assert!(updated.expect("an answer").is_some());
    assert_eq!(changes.recv().await.expect("a change").sequence, 2);
}

#[tokio::test]
async fn conflicts_are_tried_again_a_few_times() {
    for (conflicts, succeeds) in [(3, true), (4, false)] {
        let conflict = || Answer::Fails(refused(Code::DatabaseTransactionConflict));
        let mut answers: Vec<Answer> = (0..conflicts).map(|_| conflict()).collect();
        answers.push(Answer::Altered(None));
        let (_, store) = Fake::new(Protocol::Rest, answers).store(1_000);
        let updated = store
            .update_one(&things(), &a(), &Filter::all(), &add())
            .await;
        assert_eq!(updated.is_ok(), succeeds, "{updated:?}");
    }
}

#[tokio::test]
async fn a_failure_within_a_transaction_is_certain() {
    let row: &[&str] = &[r#"{"_id":"a","n":1}"#];
    let answers = vec![
        Answer::Rows(row),
        Answer::Fails(lost()),
        Answer::Rows(row),
        Answer::Flag(true),
    ];
    let (fake, store) = Fake::new(Protocol::Admin, answers).store(1_000);
    let deleted = store.delete_one(&things(), &a(), &n_is(1)).await;
    assert!(deleted.expect("an answer").is_some());
    assert_eq!(
        fake.asked(),
        "begin find remove abort begin find remove commit"
    );
}

#[tokio::test]
async fn a_lost_insert_is_looked_for() {
    let mine: &[&str] = &[r#"{"_id":"a","n":1}"#];
    let others: &[&str] = &[r#"{"_id":"a","n":2}"#];
    let failed = || Answer::Fails(refused(Code::DatabaseRequestFailed));
    let duplicate = || Answer::Fails(refused(Code::DatabaseDuplicateWrite));
    let cases = [
        (vec![Answer::Fails(lost()), Answer::Rows(mine)], "stored"),
        (vec![Answer::Fails(lost()), Answer::Rows(others)], "unknown"),
        (
            vec![Answer::Fails(lost()), Answer::Rows(&[]), Answer::Flag(true)],
            "stored",
        ),
        // The first was carried out yet.
        (
            vec![
                Answer::Fails(lost()),
                Answer::Rows(&[]),
                duplicate(),
                Answer::Rows(mine),
            ],
            "stored",
        ),
        // Another unique index.
        (
            vec![
                Answer::Fails(lost()),
                Answer::Rows(&[]),
                duplicate(),
                Answer::Rows(&[]),
            ],
            "duplicate",
        ),
        (
            vec![
                Answer::Fails(lost()),
                Answer::Rows(&[]),
                Answer::Fails(lost()),
                Answer::Rows(&[]),
            ],
            "unknown",
        ),
        // An answer that says nothing, twice.
        (
            vec![failed(), Answer::Rows(&[]), failed(), Answer::Rows(&[])],
            "failed",
        ),
        (
            vec![Answer::Fails(lost()), Answer::Fails(lost())],
            "unknown",
        ),
    ];
    for (answers, expected) in cases {
        let told = format!("{answers:?}");
        let (_, store) = Fake::new(Protocol::Rest, answers).store(1_000);
        let document = Document::from_object(object(mine[0])).expect("it has an _id");
        let outcome = match store.insert(&things(), vec![document]).await {
            Ok(_) => "stored",
            Err(Error::Duplicate { .. }) => "duplicate",
            Err(Error::Failed(_)) => "failed",
            Err(error) if is_unknown(&error) => "unknown",
            Err(error) => panic!("{told}: {error}"),
        };
        assert_eq!(outcome, expected, "{told}");
    }
}

#[tokio::test]
async fn a_cloud_without_a_collection_answers_all_the_same() {
    let missing = refused(Code::DatabaseCollectionNotExist);
    for (failure, is_ready) in [(missing, true), (refused(Code::InvalidEnv), false)] {
        let fake = Fake::new(Protocol::Rest, vec![Answer::Fails(failure)]);
        let (_, store) = fake.store(1_000);
        assert_eq!(store.ready().await.is_ok(), is_ready);
    }
}
