//! Requests and answers against those that were recorded between the unmodified web SDK 3.7.0 and a local server, whose
//! answers were written by hand (`rest.jsonl`).

use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value as Json;
use serde_json::value::RawValue;

use super::{collection, command, read, transaction, write};
use crate::cloudbase::Code;
use crate::cloudbase::answer;
use crate::cloudbase::client::{Answer, Authentication, Host, Method, Request};
use crate::cloudbase::database::{Alteration, Context, Find, MAX_ROWS, TransactionId};
use crate::data::ejson::{self, Mode};
use crate::data::{CollectionName, Direction, DocId, Object, ObjectId, Value};

#[derive(Debug, Deserialize)]
struct Recorded {
    from: String,
    exchanges: Vec<Exchange>,
}

#[derive(Debug, Deserialize)]
struct Exchange {
    method: String,
    path: String,
    query: String,
    body: Json,
    status: u16,
    answer: Box<RawValue>,
}

fn recorded() -> Vec<Recorded> {
    let lines = include_str!("../../../tests/it/emulator/fixtures/rest.jsonl").lines();
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

fn todos() -> CollectionName {
    CollectionName::parse("todos").expect("a name")
}

fn inside() -> Context {
    Context {
        transaction: Some(TransactionId("tx-1".to_owned())),
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

/// EJSON in one spelling, whatever the order of members.
fn spelled(json: &str) -> Json {
    let value = ejson::parse_value(json).expect(json);
    let text = ejson::value_to_string(&value, Mode::Relaxed);
    serde_json::from_str(&text).expect("JSON")
}

/// The parameters of a query, decoded.
fn parameters(query: &str) -> Vec<(String, Json)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let mut parameters: Vec<(String, Json)> = pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').expect(pair);
            let decoded = percent_encoding::percent_decode_str(value).decode_utf8();
            let text = decoded.expect("UTF-8").into_owned();
            let value = match ejson::parse_value(&text) {
                Ok(_) => spelled(&text),
                Err(_) => Json::String(text),
            };
            (name.to_owned(), value)
        })
        .collect();
    parameters.sort_by(|(a, _), (b, _)| a.cmp(b));
    parameters
}

fn method(request: &Request) -> &'static str {
    match request.method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Patch => "PATCH",
        Method::Delete => "DELETE",
    }
}

fn body(request: &Request) -> Json {
    match std::str::from_utf8(&request.body).expect("UTF-8") {
        "" => Json::Null,
        text => spelled(text),
    }
}

/// The web SDK says `{_id: {$eq: id}}` within transactions and `{_id: id}` outside.
fn recorded_body(exchange: &Exchange) -> Json {
    let text = exchange.body.to_string();
    spelled(&text.replace(r#"{"$eq":"a"}"#, r#""a""#))
}

#[test]
fn requests_are_those_of_the_sdk() {
    let outside = Context::default();
    let query = Find {
        order: vec![("n".to_owned(), Direction::Descending)],
        skip: 1,
        limit: 2,
        projection: Some(vec!["n".to_owned()]),
        ..find(r#"{"n":{"$gt":1},"at":{"$lt":{"$date":0}}}"#)
    };
    let add = object(
        r#"{"title":"t","n":1,"due":{"$date":0},"loc":{"type":"Point","coordinates":[1,2]},"at":{"$date":{"offset":0}}}"#,
    );
    let (a, set) = (DocId::string("a"), object(r#"{"$set":{"b":1}}"#));
    let tx = TransactionId("tx-1".to_owned());
    for (from, at, request) in [
        ("rest-query", 0, read::find(&outside, &query)),
        (
            "rest-count",
            0,
            read::count(&todos(), &object(r#"{"n":1}"#)),
        ),
        ("rest-add", 0, write::insert(&outside, &todos(), &[add])),
        (
            "rest-doc-update",
            0,
            write::update(&outside, &todos(), &a, &set),
        ),
        ("rest-doc-remove", 0, write::remove(&outside, &todos(), &a)),
        ("rest-create-collection", 0, collection::create(&todos())),
        ("rest-transaction", 0, transaction::begin()),
        (
            "rest-transaction",
            1,
            write::insert(&inside(), &todos(), &[object(r#"{"_id":"a","n":1}"#)]),
        ),
        (
            "rest-transaction",
            3,
            write::update(&inside(), &todos(), &a, &object(r#"{"$inc":{"n":1}}"#)),
        ),
        (
            "rest-transaction",
            5,
            write::remove(&inside(), &todos(), &a),
        ),
        ("rest-transaction", 6, transaction::commit(&tx)),
    ] {
        let expected = exchange(from, at);
        let (path, query) = request
            .target
            .split_once('?')
            .unwrap_or((&request.target, ""));
        assert_eq!(method(&request), expected.method, "{from}");
        assert_eq!(path, expected.path, "{from}");
        assert_eq!(parameters(query), parameters(&expected.query), "{from}");
        assert_eq!(body(&request), recorded_body(&expected), "{from}");
        assert_eq!(
            (request.host, request.authentication),
            (Host::Gateway, Authentication::ApiKey)
        );
    }
}

#[test]
fn an_aggregation_has_a_limit() {
    let stages = [
        r#"{"$match":{"a":{"$gt":1}}}"#,
        r#"{"$group":{"_id":"$b","n":{"$sum":1}}}"#,
    ];
    let stages = stages.map(object);
    let recorded = recorded_body(&exchange("rest-aggregate", 0));
    let limited = |limit: u64| {
        let mut body = recorded.clone();
        let stages = body["pipeline"].as_array_mut().expect("stages");
        stages.push(serde_json::json!({ "$limit": limit }));
        body
    };
    assert_eq!(body(&read::aggregate(&todos(), &stages)), limited(MAX_ROWS));
    let own = [stages.as_slice(), &[object(r#"{"$limit":7}"#)]].concat();
    assert_eq!(body(&read::aggregate(&todos(), &own)), limited(7));
}

#[test]
fn a_long_condition_goes_in_a_body() {
    let ids: Vec<String> = (0..500).map(|n| format!("\"{n:032x}\"")).collect();
    let query = format!(r#"{{"_id":{{"$in":[{}]}}}}"#, ids.join(","));
    let find = Find {
        order: vec![
            ("z".to_owned(), Direction::Descending),
            ("_id".to_owned(), Direction::Ascending),
        ],
        skip: 3,
        limit: 5,
        projection: Some(vec!["n".to_owned()]),
        ..find(&query)
    };
    let outside = read::find(&Context::default(), &find);
    let told = String::from_utf8(outside.body.to_vec()).expect("UTF-8");
    assert!(
        outside.target.ends_with("/documents/aggregations"),
        "{}",
        outside.target
    );
    assert!(
        told.starts_with(r#"{"pipeline":[{"$match":{"_id":{"$in":["0000"#),
        "{told}"
    );
    let rest = r#"]}}},{"$sort":{"z":-1,"_id":1}},{"$skip":3},{"$limit":5},{"$project":{"n":1}}]}"#;
    assert!(told.ends_with(rest), "{told}");

    let within = read::find(&inside(), &find);
    let told = String::from_utf8(within.body.to_vec()).expect("UTF-8");
    assert!(within.target.ends_with("/commands"), "{}", within.target);
    assert!(
        told.starts_with(r#"{"commands":[{"find":"todos","filter":{"_id":{"$in":["#),
        "{told}"
    );
    let rest = r#"]}},"sort":{"z":-1,"_id":1},"projection":{"n":1},"skip":3,"limit":5,"batchSize":5}],"transactionId":"tx-1"}"#;
    assert!(told.ends_with(rest), "{told}");

    let counted = read::count(&todos(), &find.query);
    let told = String::from_utf8(counted.body.to_vec()).expect("UTF-8");
    assert!(told.ends_with(r#"]}}},{"$count":"total"}]}"#), "{told}");
    for request in [outside, within, counted] {
        assert!(request.repeatable && request.target.len() < 200);
    }
}

#[test]
fn only_what_changes_nothing_is_repeatable() {
    let (context, id, tx) = (inside(), DocId::Int(1), TransactionId("tx".to_owned()));
    let (query, update) = (
        object("{}"),
        Alteration::Update(object(r#"{"$set":{"a":1}}"#)),
    );
    for (request, repeatable) in [
        (read::find(&context, &find("{}")), true),
        (read::count(&todos(), &query), true),
        (read::aggregate(&todos(), &[]), true),
        (transaction::begin(), true),
        (transaction::abort(&tx), true),
        (transaction::commit(&tx), false),
        (write::insert(&context, &todos(), &[]), false),
        (write::update(&context, &todos(), &id, &query), false),
        (write::remove(&context, &todos(), &id), false),
        (command::alter(&context, &todos(), &query, &update), false),
        (
            command::alter(&context, &todos(), &query, &Alteration::Remove),
            false,
        ),
        (collection::create(&todos()), false),
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
    let read_row = r#"{"_id":"a","n":2,"at":{"$date":"1970-01-01T00:00:00.000Z"}}"#;
    assert_eq!(rows("rest-query"), read_row);
    assert_eq!(rows("rest-doc-get"), r#"{"_id":"a","n":2}"#);
    assert_eq!(rows("rest-aggregate"), r#"{"_id":"x","n":4}"#);
    assert_eq!(rows("rest-run-commands"), r#"{"_id":"a"}"#);
    assert_eq!(
        read::read_count(&answer_of("rest-count", 0)).expect("a count"),
        3
    );
    write::read_inserted(&answer_of("rest-add", 0), 1).expect("inserted");
    assert!(write::read_inserted(&answer_of("rest-add", 0), 2).is_err());
    assert!(write::read_updated(&answer_of("rest-doc-update", 0)).expect("updated"));
    assert!(!write::read_updated(&answer_of("rest-doc-set", 0)).expect("not there"));
    assert!(write::read_removed(&answer_of("rest-doc-remove", 0)).expect("removed"));
    collection::read_created(&answer_of("rest-create-collection", 0)).expect("created");
    let begun = answer::read_begun(&answer_of("rest-transaction", 0)).expect("begun");
    assert_eq!(begun, TransactionId("tx-1".to_owned()));
    answer::read_ended(&answer_of("rest-transaction", 6)).expect("committed");
    let error = read::read_list(&answer_of("rest-error", 0)).expect_err("a refusal");
    assert_eq!(error.code(), Some(Code::DatabaseCollectionNotExist));
}

#[test]
fn a_document_that_is_not_there_is_no_error() {
    let body = serde_json::json!({"code": "DOCUMENT_NOT_FOUND", "message": "no"});
    let absent = answer(404, &body);
    assert!(!write::read_updated(&absent).expect("told"));
    assert!(!write::read_removed(&absent).expect("told"));
}

#[test]
fn the_count_of_an_aggregation_is_its_row() {
    for (list, expected) in [
        ("[]", Some(0)),
        (r#"[{"total":{"$numberInt":"7"}}]"#, Some(7)),
        (r#"[{"total":"7"}]"#, None),
        ("{}", None),
    ] {
        let body: Json = serde_json::from_str(&format!(r#"{{"list":{list}}}"#)).expect("JSON");
        assert_eq!(
            read::read_count(&answer(200, &body)).ok(),
            expected,
            "{list}"
        );
    }
}

#[test]
fn no_recorded_answer_panics_any_reader() {
    let recorded = recorded();
    let exchanges: Vec<&Exchange> = recorded.iter().flat_map(|it| &it.exchanges).collect();
    assert!(exchanges.len() > 15);
    for exchange in exchanges {
        for status in [exchange.status, 500] {
            let answer = answer(status, exchange.answer.get());
            let _ = read::read_list(&answer);
            let _ = read::read_count(&answer);
            let _ = write::read_inserted(&answer, 1);
            let _ = write::read_updated(&answer);
            let _ = write::read_removed(&answer);
            let _ = command::read_altered(&answer);
            let _ = answer::read_begun(&answer);
            let _ = collection::read_created(&answer);
        }
    }
}

#[test]
fn ids_and_transactions_are_told_as_they_are() {
    let hex = "0123456789abcdef01234567";
    for (id, expected) in [
        (DocId::string("a/b?c&d=e#f"), r#"{"_id":"a/b?c&d=e#f"}"#),
        (DocId::string("中文\u{0}\""), r#"{"_id":"中文\u0000\""}"#),
        (DocId::string(".."), r#"{"_id":".."}"#),
        (DocId::Int(12), r#"{"_id":{"$numberInt":"12"}}"#),
        (DocId::string("12"), r#"{"_id":"12"}"#),
        (
            DocId::ObjectId(ObjectId::parse(hex).expect("an id")),
            r#"{"_id":{"$oid":"0123456789abcdef01234567"}}"#,
        ),
    ] {
        let request = write::remove(&Context::default(), &todos(), &id);
        let expected = format!(r#"{{"query":{expected},"multi":false}}"#);
        assert_eq!(request.body, expected);
    }
    let request = transaction::commit(&TransactionId("a/../b?".to_owned()));
    assert!(
        request
            .target
            .ends_with("/transactions/a%2F..%2Fb%3F/commit")
    );
    let query = Object::from_iter([("名", Value::string("a b+&"))]);
    let request = read::count(&todos(), &query);
    let encoded = "?count=true&query=%7B%22%E5%90%8D%22%3A%22a%20b%2B%26%22%7D";
    assert!(request.target.ends_with(encoded), "{}", request.target);
}
