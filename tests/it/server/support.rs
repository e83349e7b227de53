//! A refusal has a code, and staff are told what it stands for.

use axum::Router;
use axum::body::Body;
use axum::http::header;
use cloudbase_graphql::server::router;
use serde_json::{Value as Json, json};

use super::{Answer, dev, post, request, send};
use crate::harness::TestApp;

const ALICE: &str = "dev:openid:demo-alice";
const SUPPORT: &str = "dev:openid:demo-support";

/// Refused for the field that it compares, which nothing but a grant to `admin` allows.
const COST: &str = r#"query Bargains { items(where: {cost: {gt: 4711}}) { totalCount } }"#;

async fn shop() -> Router {
    router(TestApp::shop().await.executor, dev())
}

async fn ask(app: &Router, token: &str, accept: &str, operation: &str) -> Answer {
    let body = json!({"query": operation, "operationName": "Bargains"});
    let mut request = post().header(header::ACCEPT, accept);
    if !token.is_empty() {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let request = request.body(Body::from(body.to_string()));
    send(app, request.expect("a request")).await
}

/// The codes of the errors of an answer.
async fn codes(app: &Router, token: &str, operation: &str) -> Vec<Json> {
    let answer = ask(app, token, "application/json", operation).await.json();
    let errors = answer["errors"].as_array().expect("errors").iter();
    let codes = errors.map(|error| {
        let extensions = &error["extensions"];
        assert_eq!(extensions["code"], "FORBIDDEN", "{error}");
        extensions["support"].clone()
    });
    codes.collect()
}

async fn code(app: &Router, token: &str, operation: &str) -> String {
    let codes = codes(app, token, operation).await;
    codes[0].as_str().expect("a code").to_owned()
}

async fn look_up(app: &Router, token: &str, code: &str) -> Answer {
    let mut request = request("GET", &format!("/support/{code}"));
    if !token.is_empty() {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    send(app, request.body(Body::empty()).expect("a request")).await
}

#[tokio::test]
async fn staff_learn_who_was_refused_what_and_which_role_would_be_enough() {
    let app = shop().await;
    let code = code(&app, ALICE, COST).await;
    assert_eq!(code.len(), 12, "{code}");
    let answer = look_up(&app, SUPPORT, &code.to_lowercase()).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    let case = answer.json();
    assert_eq!(case["support"], code.as_str());
    assert_eq!(case["at"], "2026-01-01T00:00:00.000Z");
    assert_eq!(case["principal"], "openid:demo-alice");
    assert_eq!(case["operationName"], "Bargains");
    let refusal = &case["refusals"][0];
    for (member, value) in [
        ("path", "items"),
        ("operation", "read"),
        ("coordinate", "Item.cost"),
        ("message", "read of Item.cost is not allowed"),
    ] {
        assert_eq!(refusal[member], value, "{case}");
    }
    assert_eq!(refusal["permission"]["on"], "Item.cost");
    assert_eq!(refusal["permission"]["decision"], "DENY");
    assert_eq!(refusal["permission"]["enough"], json!(["admin"]));
    // Neither the operation nor what it compares with.
    let text = String::from_utf8_lossy(&answer.body);
    assert!(
        !text.contains("4711") && !text.contains("totalCount"),
        "{text}"
    );
    assert!(
        case["document"]
            .as_str()
            .expect("a hash")
            .starts_with("sha256:")
    );
}

#[tokio::test]
async fn nobody_else_learns_anything() {
    let app = shop().await;
    let code = code(&app, ALICE, COST).await;
    for token in [ALICE, "dev:openid:demo-bob", "dev:anonymous:guest"] {
        let there = look_up(&app, token, &code).await;
        let not_there = look_up(&app, token, "000000000000").await;
        assert_eq!(there.status, 403, "{token}");
        assert_eq!(
            (there.status, there.body),
            (not_there.status, not_there.body)
        );
    }
    for code in [&code, "000000000000"] {
        let answer = look_up(&app, "", code).await;
        assert_eq!(answer.status, 401);
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    for code in ["000000000000", "0", "%F0%9F%92%A5%F0%9F%92%A5%F0%9F%92%A5"] {
        assert_eq!(look_up(&app, SUPPORT, code).await.status, 404, "{code}");
    }
}

#[tokio::test]
async fn it_is_asked_for_as_the_api_is() {
    let app = shop().await;
    for (header, value, status) in [
        ("origin", "https://evil.example", 403),
        ("sec-fetch-site", "cross-site", 403),
        ("host", "evil.example", 421),
    ] {
        let mut request = request("GET", "/support/000000000000")
            .header(header::AUTHORIZATION, format!("Bearer {SUPPORT}"))
            .body(Body::empty())
            .expect("a request");
        let name = header::HeaderName::from_static(header);
        request
            .headers_mut()
            .insert(name, value.parse().expect("a value"));
        assert_eq!(send(&app, request).await.status, status, "{header}");
    }
}

#[tokio::test]
async fn each_answer_to_somebody_without_a_role_has_a_code_of_its_own() {
    let app = shop().await;
    let twice = "query Bargains { a: items(where: {cost: {gt: 1}}) { totalCount } b: items(where: {cost: {gt: 2}}) { totalCount } }";
    let codes_of_one = codes(&app, ALICE, twice).await;
    assert_eq!(codes_of_one.len(), 2);
    assert_eq!(codes_of_one[0], codes_of_one[1]);
    let first = code(&app, ALICE, COST).await;
    let second = code(&app, "dev:openid:demo-bob", COST).await;
    assert_ne!(first, second);
    let case = look_up(&app, SUPPORT, &second).await.json();
    assert_eq!(case["principal"], "openid:demo-bob");
    // Staff ask for `x-explain: permissions`.
    assert_eq!(codes(&app, SUPPORT, COST).await, [Json::Null]);
}

#[tokio::test]
async fn refusals_that_are_events_have_one_too() {
    let app = shop().await;
    for operation in [
        COST,
        "subscription Bargains { items(where: {cost: {gt: 4711}}) { kind } }",
    ] {
        let answer = ask(&app, ALICE, "text/event-stream", operation).await;
        let text = String::from_utf8_lossy(&answer.body);
        let data = text.lines().find_map(|line| line.strip_prefix("data: "));
        let event: Json = serde_json::from_str(data.expect("an event")).expect("JSON");
        let code = event["errors"][0]["extensions"]["support"].as_str();
        let code = code.unwrap_or_else(|| panic!("{event}"));
        let case = look_up(&app, SUPPORT, code).await.json();
        assert_eq!(case["refusals"][0]["coordinate"], "Item.cost", "{case}");
    }
}
