//! Documents that are asked for by the hash of their text, over each way there is to ask.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use cloudbase_graphql::data::Role;
use cloudbase_graphql::graphql::{
    self, Allowance, DocumentId, DocumentMode, Executor, Limits, Trusted,
};
use cloudbase_graphql::server::router;
use http_body_util::BodyExt;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode as encode};
use serde_json::{Value as Json, json};
use tower::ServiceExt;

use super::{Answer, MODEL, dev, post, request, send};
use crate::harness::TestApp;

const ALICE: &str = "Bearer dev:openid:alice";
const EDITOR: &str = "Bearer dev:openid:editor";

const ME: &str = "query Me { me { principal } }\n";
const WRITE: &str =
    "mutation Write($text: String!) { createNote(input: {text: $text}) { note { text } } }";
const NOTES: &str = "subscription { notes { kind nodes { text } } }";
const REGISTERED: [&str; 3] = [ME, WRITE, NOTES];

/// Nobody registered it.
const OTHER: &str = "{ __typename }";

/// A server that has registered documents. Guests may send anything, users registered texts, editors ids.
async fn app(automatic: bool) -> Router {
    let editor = r#"{"_id": "openid:editor", "roles": ["editor"], "status": "ACTIVE"}"#;
    let stored = TestApp::new(MODEL, &[("roles", editor)]).await;
    let level = |documents| Allowance {
        documents,
        ..Allowance::default()
    };
    let limits = Limits {
        // Permissions are no limits: they hold where those are only measured.
        mode: graphql::admission::Mode::Measure,
        user: level(DocumentMode::Trusted),
        roles: [(Role::new("editor"), level(DocumentMode::Strict))].into(),
        ..Limits::default()
    };
    let config = graphql::Config {
        limits,
        trusted: Trusted::of(REGISTERED),
        automatic,
        ..graphql::Config::default()
    };
    let executor = Executor::new(Arc::clone(stored.executor.gateway()), config);
    router(Arc::new(executor.expect("a model")), dev())
}

fn id(text: &str) -> String {
    DocumentId::of(text).to_string()
}

/// As Apollo's clients name a document.
fn persisted(text: &str) -> Json {
    let hash = id(text);
    json!({"persistedQuery": {"version": 1, "sha256Hash": hash.trim_start_matches("sha256:")}})
}

fn posted(token: &str, body: &Json) -> Request<Body> {
    let mut ask = post();
    if !token.is_empty() {
        ask = ask.header(header::AUTHORIZATION, token);
    }
    ask.body(Body::from(body.to_string())).expect("a request")
}

fn got(token: &str, parameters: &[(&str, &str)], accept: &str) -> Request<Body> {
    let pair = |(name, value): &(&str, &str)| format!("{name}={}", encode(value, NON_ALPHANUMERIC));
    let pairs: Vec<String> = parameters.iter().map(pair).collect();
    let uri = format!("/graphql?{}", pairs.join("&"));
    let ask = request("GET", &uri)
        .header(header::AUTHORIZATION, token)
        .header(header::ACCEPT, accept);
    ask.body(Body::empty()).expect("a request")
}

const JSON: &str = "application/json";
const GRAPHQL: &str = "application/graphql-response+json";

fn principal(answer: &Answer) -> Json {
    assert_eq!(answer.status, 200);
    answer.json()["data"]["me"]["principal"].clone()
}

#[tokio::test]
async fn a_document_is_asked_for_by_its_id() {
    let app = app(false).await;
    let extensions = persisted(ME).to_string();
    for ask in [
        posted(EDITOR, &json!({"documentId": id(ME)})),
        posted(EDITOR, &json!({"documentId": id(ME.trim()), "query": null})),
        posted(EDITOR, &json!({"documentId": id(ME), "query": ME})),
        posted(EDITOR, &json!({"extensions": persisted(ME)})),
        posted(
            EDITOR,
            &json!({"documentId": id(ME), "extensions": persisted(ME)}),
        ),
        posted(
            EDITOR,
            &json!({"documentId": id(ME), "operationName": "Me"}),
        ),
        got(EDITOR, &[("documentId", &id(ME))], JSON),
        got(EDITOR, &[("documentId", &id(ME)), ("query", "")], GRAPHQL),
        got(EDITOR, &[("extensions", &extensions)], JSON),
    ] {
        let shown = format!("{ask:?}");
        let answer = send(&app, ask).await;
        assert_eq!(principal(&answer), "openid:editor", "{shown}");
    }
    let variables = json!({"text": "hello"});
    let write = json!({"documentId": id(WRITE), "variables": variables});
    let written = send(&app, posted(ALICE, &write)).await;
    assert_eq!(
        written.json()["data"]["createNote"]["note"]["text"],
        "hello"
    );
}

#[tokio::test]
async fn a_mutation_by_get_is_405_by_its_id_too() {
    let app = app(false).await;
    let parameters = [
        ("documentId", &*id(WRITE)),
        ("variables", r#"{"text":"a"}"#),
    ];
    let answer = send(&app, got(EDITOR, &parameters, JSON)).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn an_unknown_id_and_a_wrong_one_are_told() {
    let app = app(false).await;
    let unknown = json!({"documentId": id(OTHER)});
    let wrong = json!({"documentId": id(ME), "query": OTHER});
    for token in ["", ALICE, EDITOR] {
        for (body, code) in [
            (&unknown, "PERSISTED_QUERY_NOT_FOUND"),
            (&wrong, "BAD_USER_INPUT"),
        ] {
            let answer = send(&app, posted(token, body)).await;
            assert_eq!((answer.status, &*answer.error().0), (StatusCode::OK, code));
            let mut ask = posted(token, body);
            let accept = header::HeaderValue::from_static(GRAPHQL);
            ask.headers_mut().insert(header::ACCEPT, accept);
            let answer = send(&app, ask).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST);
            assert_eq!(answer.error().0, code);
        }
    }
    // What Apollo's clients look for.
    let answer = send(&app, posted("", &json!({"extensions": persisted(OTHER)}))).await;
    assert_eq!(answer.error().1, "PersistedQueryNotFound");
}

#[tokio::test]
async fn what_is_no_id_is_no_request() {
    let app = app(false).await;
    let hash = "0".repeat(64);
    for body in [
        json!({"documentId": hash}),
        json!({"documentId": 1}),
        json!({"documentId": "sha256:0", "query": ME}),
        json!({"extensions": {"persistedQuery": 1}, "query": ME}),
        json!({"extensions": {"persistedQuery": {"version": 2, "sha256Hash": hash}}}),
        json!({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0"}}}),
        json!({"documentId": id(ME), "extensions": persisted(OTHER)}),
        json!({"extensions": {"persistedQuery": null}}),
    ] {
        let answer = send(&app, posted("", &body)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        assert_eq!(answer.error().0, "BAD_USER_INPUT", "{body}");
    }
}

#[tokio::test]
async fn each_level_has_the_documents_that_it_may_ask_for() {
    let app = app(true).await;
    let introspection = "{ __schema { queryType { name } } }";
    let nonsense = "{ nothing }";
    for (text, guest, user, editor) in [
        (ME, true, true, false),
        (OTHER, true, false, false),
        (introspection, true, false, false),
        (nonsense, true, false, false),
        ("{", true, false, false),
    ] {
        for (token, may) in [("", guest), (ALICE, user), (EDITOR, editor)] {
            let answer = send(&app, posted(token, &json!({"query": text}))).await;
            let code = answer.json()["errors"][0]["extensions"]["code"].clone();
            assert_eq!(code != "FORBIDDEN", may, "{token} {text} {}", answer.json());
            if !may {
                let (_, message) = answer.error();
                assert!(message.contains("`documentId`"), "{message}");
            }
        }
    }
}

#[tokio::test]
async fn what_clients_register_is_for_those_who_may_send_anything() {
    let by_id = json!({"extensions": persisted(OTHER)});
    let with_text = json!({"extensions": persisted(OTHER), "query": OTHER});
    let alone = json!({"query": OTHER});
    let code = |answer: &Answer| answer.json()["errors"][0]["extensions"]["code"].clone();
    for (automatic, kept) in [
        (true, Json::Null),
        (false, json!("PERSISTED_QUERY_NOT_FOUND")),
    ] {
        let app = app(automatic).await;
        let ask = async |token, body| code(&send(&app, posted(token, body)).await);
        assert_eq!(ask("", &by_id).await, "PERSISTED_QUERY_NOT_FOUND");
        assert_eq!(ask("", &with_text).await, Json::Null);
        assert_eq!(ask("", &by_id).await, kept);
        for token in [ALICE, EDITOR] {
            assert_eq!(ask(token, &by_id).await, "PERSISTED_QUERY_NOT_FOUND");
            assert_eq!(ask(token, &with_text).await, "FORBIDDEN");
            assert_eq!(ask(token, &alone).await, "FORBIDDEN");
        }
    }
}

#[tokio::test]
async fn what_does_not_fit_is_not_remembered() {
    let app = app(true).await;
    let text = "{ nothing }";
    let with_text = json!({"extensions": persisted(text), "query": text});
    let answer = send(&app, posted("", &with_text)).await;
    assert_eq!(answer.error().0, "GRAPHQL_VALIDATION_FAILED");
    let by_id = json!({"extensions": persisted(text)});
    let answer = send(&app, posted("", &by_id)).await;
    assert_eq!(answer.error().0, "PERSISTED_QUERY_NOT_FOUND");
}

#[tokio::test]
async fn a_stream_is_opened_by_its_id_and_by_no_text() {
    const STREAM: &str = "text/event-stream";
    let app = app(false).await;
    let refused = send(&app, got(EDITOR, &[("query", NOTES)], STREAM)).await;
    let text = String::from_utf8_lossy(&refused.body).into_owned();
    assert!(text.contains(r#""code":"FORBIDDEN""#), "{text}");

    let ask = got(EDITOR, &[("documentId", &id(NOTES))], STREAM);
    let response = app.clone().oneshot(ask).await.expect("infallible");
    let mut stream = response.into_body();
    let mut told = async |end: &str| {
        let mut text = String::new();
        while !text.contains(end) {
            let frame = tokio::time::timeout(std::time::Duration::from_secs(20), stream.frame());
            let frame = frame.await.expect("in time").expect("more");
            let data = frame.expect("no error").into_data().expect("data");
            text.push_str(std::str::from_utf8(&data).expect("text"));
        }
    };
    told("SNAPSHOT").await;
    let write = json!({"documentId": id(WRITE), "variables": {"text": "seen"}});
    let written = send(&app, posted(ALICE, &write)).await;
    assert_eq!(written.status, 200);
    told("seen").await;
}
