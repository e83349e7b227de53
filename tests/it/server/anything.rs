//! Whatever bytes come: an answer with a status that fits, and no panic.

use axum::Router;
use axum::body::Body;
use axum::http::StatusCode;
use proptest::prelude::*;
use tokio::runtime::Runtime;

use super::{Answer, app, dev, post, request, send};

/// Bodies from noise to nearly right.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let noise = proptest::collection::vec(any::<u8>(), 0..200);
    let text = "\\PC{0,80}".prop_map(String::into_bytes);
    let member = prop_oneof![
        Just("\"query\"".to_owned()),
        Just("\"variables\"".to_owned()),
        Just("\"operationName\"".to_owned()),
        Just("\"extensions\"".to_owned()),
    ];
    let value = prop_oneof![
        Just("null".to_owned()),
        Just("{}".to_owned()),
        Just("[1]".to_owned()),
        Just("1e999".to_owned()),
        Just("\"{ notes { totalCount } }\"".to_owned()),
        Just("\"query($a: Int) { notes(first: $a) { totalCount } }\"".to_owned()),
        Just("{\"a\": {\"b\": [null, -1, \"\\ud83d\"]}}".to_owned()),
        "[ -~]{0,20}".prop_map(|text| format!("{text:?}")),
    ];
    let object = proptest::collection::vec((member, value), 0..5).prop_map(|members| {
        let members = members
            .iter()
            .map(|(name, value)| format!("{name}: {value}"));
        format!("{{{}}}", members.collect::<Vec<_>>().join(", ")).into_bytes()
    });
    prop_oneof![noise, text, object]
}

fn well_answered(answer: &Answer) -> Result<(), TestCaseError> {
    let fits = [StatusCode::OK, StatusCode::BAD_REQUEST].contains(&answer.status);
    prop_assert!(fits, "{:?}", answer);
    let json = answer.json();
    prop_assert!(json.get("data").is_some() || json["errors"].is_array());
    Ok(())
}

fn ask(runtime: &Runtime, app: &Router, request: axum::http::Request<Body>) -> Answer {
    runtime.block_on(send(app, request))
}

#[test]
fn any_body_is_answered() {
    let runtime = Runtime::new().expect("a runtime");
    let app = runtime.block_on(app(dev()));
    proptest!(ProptestConfig::with_cases(300), |(body in body())| {
        let request = post().body(Body::from(body)).expect("a request");
        well_answered(&ask(&runtime, &app, request))?;
    });
}

#[test]
fn any_query_string_is_answered() {
    let runtime = Runtime::new().expect("a runtime");
    let app = runtime.block_on(app(dev()));
    let pair = ("(query|variables|operationName|x)", "[!$-;=?-~]{0,40}");
    let pairs = proptest::collection::vec(pair, 0..4);
    proptest!(ProptestConfig::with_cases(300), |(pairs in pairs)| {
        let query: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let uri = format!("/graphql?{}", query.join("&"));
        let request = request("GET", &uri).body(Body::empty());
        // What is no URI never gets here.
        if let Ok(request) = request {
            well_answered(&ask(&runtime, &app, request))?;
        }
    });
}
