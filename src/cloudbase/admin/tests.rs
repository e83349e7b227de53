//! Requests and answers against those that were recorded between the unmodified Node SDK 3.18.3 and a local server,
//! whose answers were written by hand (`admin.jsonl`).

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use serde_json::value::RawValue;

use super::envelope::{Call, Sender};
use super::{collection, read, transaction, write};
use crate::cloudbase::answer;
use crate::cloudbase::client::{Answer, Authentication, Host, Method, Request};
use crate::cloudbase::database::{Context, Find, MAX_ROWS, TransactionId};
use crate::cloudbase::{Code, Error};
use crate::data::ejson::{self, Mode};
use crate::data::{CollectionName, Direction, DocId, Object};

#[derive(Debug, Deserialize)]
struct Recorded {
    from: String,
    exchanges: Vec<Exchange>,
}

#[derive(Debug, Deserialize)]
struct Exchange {
    body: Json,
    status: u16,
    answer: Box<RawValue>,
}

fn recorded() -> Vec<Recorded> {
    let lines = include_str!("../../../tests/it/emulator/fixtures/admin.jsonl").lines();
    lines
        .map(|line| serde_json::from_str(line).expect("a recorded conversation"))
        .collect()
}

fn exchange(from: &str, at: usize) -> Exchange {
    let mut recorded = recorded().into_iter();
    let mut found = recorded.find(|it| it.from == from).expect(from);
    found.exchanges.swap_remove(at)
}

fn answer(status: u16, body: impl std::fmt::Display) -> Answer {
    Answer {
        status,
        body: Bytes::from(body.to_string()),
    }
}

fn answer_of(from: &str, at: usize) -> Answer {
    let exchange = exchange(from, at);
    answer(exchange.status, exchange.answer)
}

fn object(text: &str) -> Object {
    ejson::parse_object(text).expect(text)
}

fn named(name: &str) -> CollectionName {
    CollectionName::parse(name).expect(name)
}

fn todos() -> CollectionName {
    named("todos")
}

fn inside() -> Context {
    Context {
        transaction: Some(TransactionId("tx-0003".to_owned())),
        deadline: None,
    }
}

fn find(query: &str) -> Find {
    Find {
        collection: todos(),
        query: object(query),
        order: Vec::new(),
        skip: 0,
        limit: 100,
        projection: None,
    }
}

const SENDER: Sender<'_> = Sender {
    env: "demo-env-1a2b3c",
    session_token: None,
    now: 0x1a_202f_5341,
    number: 0x25,
};

fn sent(call: Call<impl Serialize>) -> Request {
    SENDER.request(call)
}

fn body(request: &Request) -> Json {
    serde_json::from_slice(&request.body).expect("JSON")
}

/// Texts of EJSON are compared as they are: to the byte.
#[test]
fn requests_are_those_of_the_sdk() {
    let (outside, inside) = (Context::default(), inside());
    let (todo_1, set) = (DocId::string("todo-1"), object(r#"{"$set":{"a":1}}"#));
    let (a1, todos) = (DocId::string("a1"), todos());
    let tx = TransactionId("tx-0003".to_owned());
    let within = Find {
        limit: 5,
        ..find(r#"{"n":{"$gt":1}}"#)
    };
    for (from, at, request) in [
        (
            "query-empty-where",
            0,
            sent(read::find(&outside, &find("{}"))),
        ),
        (
            "count",
            0,
            sent(read::count(&todos, &object(r#"{"done":true}"#))),
        ),
        ("create-collection", 0, sent(collection::create(&todos))),
        (
            "doc-create",
            0,
            sent(write::insert(
                &outside,
                &todos,
                &[object(r#"{"a":1,"_id":"todo-9"}"#)],
            )),
        ),
        (
            "doc-update",
            0,
            sent(write::update(
                &outside,
                &todos,
                &todo_1,
                &object(r#"{"$set":{"title":"new"},"$inc":{"n":1}}"#),
            )),
        ),
        (
            "doc-update-missing",
            0,
            sent(write::update(
                &outside,
                &todos,
                &DocId::string("nope"),
                &set,
            )),
        ),
        (
            "doc-remove",
            0,
            sent(write::remove(&outside, &todos, &todo_1)),
        ),
        (
            "update-and-return",
            0,
            sent(write::alter(
                &outside,
                &todos,
                &object(r#"{"a":1}"#),
                &object(r#"{"$set":{"a":2}}"#),
            )),
        ),
        ("transaction-doc-ops", 0, sent(transaction::begin())),
        (
            "transaction-doc-ops",
            2,
            sent(write::insert(
                &inside,
                &todos,
                &[object(r#"{"n":2}"#), object(r#"{"n":3}"#)],
            )),
        ),
        ("transaction-doc-ops", 5, sent(read::find(&inside, &within))),
        (
            "transaction-doc-ops",
            6,
            sent(write::update(
                &inside,
                &todos,
                &a1,
                &object(r#"{"$inc":{"n":1}}"#),
            )),
        ),
        (
            "transaction-doc-ops",
            8,
            sent(write::alter(
                &inside,
                &todos,
                &object(r#"{"n":2}"#),
                &object(r#"{"$set":{"n":3}}"#),
            )),
        ),
        (
            "transaction-doc-ops",
            9,
            sent(write::remove(&inside, &todos, &a1)),
        ),
        ("transaction-doc-ops", 12, sent(transaction::commit(&tx))),
        (
            "transaction-rollback",
            1,
            sent(transaction::abort(&TransactionId("tx-0002".to_owned()))),
        ),
    ] {
        assert_eq!(body(&request), exchange(from, at).body, "{from}");
        assert_eq!(
            request.target,
            "/admin?env=demo-env-1a2b3c&seqId=1a202f5341_25"
        );
        assert_eq!((request.method, request.host), (Method::Post, Host::Admin));
        assert_eq!(request.authentication, Authentication::Admin);
    }
}

#[test]
fn a_list_is_asked_for_as_the_sdk_does() {
    let recorded = exchange("query-where", 0).body;
    let text = |name: &str| recorded[name].as_str().expect(name).to_owned();
    let direction = |value: &_| match *value {
        crate::data::Value::Int(1) => Direction::Ascending,
        _ => Direction::Descending,
    };
    let order = object(&text("order"));
    let order = order
        .iter()
        .map(|(name, value)| (name.to_string(), direction(value)));
    let find = Find {
        order: order.collect(),
        skip: recorded["offset"].as_u64().expect("an offset"),
        limit: recorded["limit"].as_u64().expect("a limit"),
        projection: Some(
            object(&text("projection"))
                .iter()
                .map(|(name, _)| name.to_string())
                .collect(),
        ),
        ..find(&text("query"))
    };
    assert!(find.order.len() > 1 || find.skip > 0);
    assert_eq!(
        body(&sent(read::find(&Context::default(), &find))),
        recorded
    );
}

#[test]
fn stages_are_texts_as_the_sdk_writes_them() {
    for (from, collection) in [
        ("aggregate-all-stages", "x"),
        ("aggregate-lookup-pipeline", "orders"),
        ("aggregate-raw", "x"),
        ("aggregate", "orders"),
    ] {
        let mut recorded = exchange(from, 0).body;
        let stages = recorded["stages"].as_array_mut().expect("stages");
        let stage = |stage: &Json| {
            let (key, value) = (&stage["stageKey"], stage["stageValue"].as_str());
            let value = ejson::parse_value(value.expect("a text")).expect("EJSON");
            Object::from_iter([(key.as_str().expect("a name"), value)])
        };
        let pipeline: Vec<Object> = stages.iter().map(stage).collect();
        if from != "aggregate-all-stages" {
            let limit = MAX_ROWS.to_string();
            stages.push(serde_json::json!({"stageKey": "$limit", "stageValue": limit}));
        }
        let request = sent(read::aggregate(&named(collection), &pipeline));
        assert_eq!(body(&request), recorded, "{from}");
    }
    let own = [object(r#"{"$limit":7}"#)];
    let request = sent(read::aggregate(&todos(), &own));
    let stages = serde_json::json!([{"stageKey": "$limit", "stageValue": "7"}]);
    assert_eq!(body(&request)["stages"], stages);
}

#[test]
fn a_session_token_goes_in_the_body() {
    let sender = Sender {
        session_token: Some("ExampleSessionToken"),
        ..SENDER
    };
    let request = sender.request(read::count(&todos(), &object("{}")));
    let mut recorded = exchange("auth-session-token", 0).body;
    recorded["query"] = "{}".into();
    assert_eq!(body(&request), recorded);
}

#[test]
fn only_what_changes_nothing_is_repeatable() {
    let (context, id, tx) = (inside(), DocId::Int(1), TransactionId("tx".to_owned()));
    let (query, todos) = (object("{}"), todos());
    for (request, repeatable) in [
        (sent(read::find(&context, &find("{}"))), true),
        (sent(read::count(&todos, &query)), true),
        (sent(read::aggregate(&todos, &[])), true),
        (sent(transaction::begin()), true),
        (sent(transaction::abort(&tx)), true),
        (sent(transaction::commit(&tx)), false),
        (sent(write::insert(&context, &todos, &[])), false),
        (sent(write::update(&context, &todos, &id, &query)), false),
        (sent(write::remove(&context, &todos, &id)), false),
        (sent(write::alter(&context, &todos, &query, &query)), false),
        (sent(collection::create(&todos)), false),
    ] {
        assert_eq!(request.repeatable, repeatable, "{:?}", request.label);
    }
}

#[test]
fn recorded_answers_are_read() {
    let rows = |from| {
        let rows = read::read_list(&answer_of(from, 0)).expect(from);
        let texts = rows
            .iter()
            .map(|row| ejson::object_to_string(row, Mode::Relaxed));
        texts.collect::<String>()
    };
    assert_eq!(rows("doc-get-missing"), "");
    assert_eq!(rows("doc-get-numeric-id"), r#"{"_id":42}"#);
    assert_eq!(
        rows("aggregate"),
        r#"{"uid":"u1","total":12.5}{"uid":"u2","total":3}"#
    );
    let relaxed = rows("doc-get-relaxed-response");
    assert!(
        relaxed.contains(r#""due2":{"$date":"2024-01-02T03:04:05.678Z"}"#),
        "{relaxed}"
    );
    assert!(
        relaxed.contains(r#""oid":{"$oid":"0123456789abcdef01234567"}"#),
        "{relaxed}"
    );
    assert_eq!(
        read::read_count(&answer_of("count", 0)).expect("a count"),
        7
    );
    write::read_inserted(&answer_of("insert-one", 0), 1).expect("inserted");
    assert!(write::read_inserted(&answer_of("insert-one", 0), 2).is_err());
    assert!(write::read_removed(&answer_of("doc-remove", 0)).expect("removed"));
    let after = write::read_altered(&answer_of("update-and-return", 0)).expect("altered");
    assert_eq!(after, Some(object(r#"{"_id":"x","a":2}"#)));
    let none = write::read_altered(&answer_of("update-and-return-missing", 0));
    assert_eq!(none.expect("nothing altered"), None);
    collection::read_created(&answer_of("create-collection", 0)).expect("created");
    let begun = answer::read_begun(&answer_of("transaction-start-commit", 0));
    assert_eq!(begun.expect("begun"), TransactionId("tx-0001".to_owned()));
    answer::read_ended(&answer_of("transaction-start-commit", 1)).expect("committed");
}

#[test]
fn whether_there_was_a_document_is_told_or_not() {
    for (data, expected) in [
        (r#"{"updated":1}"#, Some(Some(true))),
        (r#"{"updated":0,"matched":1}"#, Some(Some(true))),
        (
            r#"{"updated":0,"matched":0,"upsert_id":null}"#,
            Some(Some(false)),
        ),
        (r#"{"updated":0}"#, Some(None)),
        ("{}", None),
        (r#"{"updated":"1"}"#, None),
        ("null", None),
    ] {
        let answer = answer(200, format!(r#"{{"requestId":"r","data":{data}}}"#));
        assert_eq!(write::read_updated(&answer).ok(), expected, "{data}");
    }
}

#[test]
fn recorded_refusals_are_read() {
    for (from, at, code) in [
        (
            "error-collection-not-exist",
            0,
            Code::DatabaseCollectionNotExist,
        ),
        ("error-http-status", 0, Code::SysErr),
        ("update-no-where", 0, Code::InvalidParam),
        ("transaction-expired", 2, Code::DatabaseTransactionFail),
        (
            "transaction-run-conflict-retry",
            2,
            Code::DatabaseTransactionConflict,
        ),
    ] {
        let answer = answer_of(from, at);
        let error = read::read_list(&answer).expect_err(from);
        assert_eq!(error.code(), Some(code), "{from}");
        let error = answer::read_ended(&answer).expect_err(from);
        assert_eq!(error.code(), Some(code), "{from}");
    }
    let exists = collection::read_created(&answer_of("create-collection-exists", 0));
    let code = exists.expect_err("it is there").code();
    assert_eq!(code, Some(Code::DatabaseCollectionAlreadyExist));
}

#[test]
fn no_recorded_answer_panics_any_reader() {
    let recorded = recorded();
    let exchanges: Vec<&Exchange> = recorded.iter().flat_map(|it| &it.exchanges).collect();
    assert!(exchanges.len() > 100);
    for exchange in exchanges {
        let answer = answer(exchange.status, exchange.answer.get());
        let _ = read::read_list(&answer);
        let _ = read::read_count(&answer);
        let _ = write::read_inserted(&answer, 1);
        let _ = write::read_updated(&answer);
        let _ = write::read_removed(&answer);
        let _ = write::read_altered(&answer);
        let _ = answer::read_begun(&answer);
        let _ = collection::read_created(&answer);
    }
    let one_changed_none_told = answer(200, r#"{"data":{"updated":1,"doc":null}}"#);
    let told = write::read_altered(&one_changed_none_told);
    assert!(matches!(told, Err(Error::Malformed(_))), "{told:?}");
}
