//! Documents that do not fit the model: what an error costs, and where it is said to be.

use serde_json::{Value as Json, json};

use crate::harness::TestApp;

const MODEL: &str = r#"
extend schema @role(name: "admin")
type Thing @collection(name: "things", permission: READONLY) @grant(role: "admin", read: true, create: true) {
  id: ID!
  name: String!
  count: Int
  size: Float
  flag: Boolean
  at: DateTime
  epoch: DateTime @field(as: EPOCH_MS)
  big: Long
  kind: Kind
  file: FileID
  any: JSON
  place: GeoPoint
  words: [String!]
  holes: [String]
  part: Part
  parts: [Part!]
  needed: [Part!]!
}
enum Kind { A B }
type Part { label: String! weight: Int inner: Inner }
type Inner { must: Int! }
"#;

async fn app(document: &str) -> TestApp {
    TestApp::new(
        MODEL,
        &[
            ("things", r#"{"_id":"ok","name":"fine","needed":[]}"#),
            ("things", document),
        ],
    )
    .await
}

/// `(the document's fields, selection, value of the thing, errors)`.
const CASES: &[(&str, &str, &str, &[&str])] = &[
    // A place that may be null takes the loss.
    (
        r#""name":"n","count":"x""#,
        "name count",
        r#"{"name":"n","count":null}"#,
        &["INVALID_DOCUMENT thing.count"],
    ),
    (
        r#""name":"n","c":1"#,
        "name c: count",
        r#"{"name":"n","c":null}"#,
        &[],
    ),
    (
        r#""name":"n","count":3000000000"#,
        "count",
        r#"{"count":null}"#,
        &["INVALID_DOCUMENT thing.count"],
    ),
    (r#""name":"n","count":7.0"#, "count", r#"{"count":7}"#, &[]),
    (
        r#""name":"n","count":7.5"#,
        "count",
        r#"{"count":null}"#,
        &["INVALID_DOCUMENT thing.count"],
    ),
    (r#""name":"n","size":7"#, "size", r#"{"size":7}"#, &[]),
    (
        r#""name":"n","flag":1"#,
        "flag",
        r#"{"flag":null}"#,
        &["INVALID_DOCUMENT thing.flag"],
    ),
    (
        r#""name":"n","at":"2026-01-01""#,
        "at",
        r#"{"at":null}"#,
        &["INVALID_DOCUMENT thing.at"],
    ),
    (
        r#""name":"n","at":{"$date":1}"#,
        "at",
        r#"{"at":"1970-01-01T00:00:00.001Z"}"#,
        &[],
    ),
    (
        r#""name":"n","epoch":1.0"#,
        "epoch",
        r#"{"epoch":"1970-01-01T00:00:00.001Z"}"#,
        &[],
    ),
    (
        r#""name":"n","epoch":{"$date":1}"#,
        "epoch",
        r#"{"epoch":null}"#,
        &["INVALID_DOCUMENT thing.epoch"],
    ),
    (
        r#""name":"n","big":{"$numberLong":"9007199254740993"}"#,
        "big",
        r#"{"big":"9007199254740993"}"#,
        &[],
    ),
    (
        r#""name":"n","kind":"C""#,
        "kind",
        r#"{"kind":null}"#,
        &["INVALID_DOCUMENT thing.kind"],
    ),
    (
        r#""name":"n","file":"http://x/y""#,
        "file",
        r#"{"file":null}"#,
        &["INVALID_DOCUMENT thing.file"],
    ),
    (
        r#""name":"n","any":{"a":[1,null,{"$date":0}],"b":{"c":true}}"#,
        "any",
        r#"{"any":{"a":[1,null,"1970-01-01T00:00:00.000Z"],"b":{"c":true}}}"#,
        &[],
    ),
    (
        r#""name":"n","place":{"type":"Point","coordinates":["a","b"]}"#,
        "place { longitude }",
        r#"{"place":null}"#,
        &["INVALID_DOCUMENT thing.place"],
    ),
    // A null that may not be there moves up to the nearest that may.
    (
        r#""count":1"#,
        "count name",
        "null",
        &["INVALID_DOCUMENT thing.name"],
    ),
    (
        r#""name":null"#,
        "name",
        "null",
        &["INVALID_DOCUMENT thing.name"],
    ),
    (
        r#""name":"n","part":{"weight":1}"#,
        "name part { weight label }",
        r#"{"name":"n","part":null}"#,
        &["INVALID_DOCUMENT thing.part.label"],
    ),
    (
        r#""name":"n","part":{"label":"l","inner":{}}"#,
        "part { label inner { must } }",
        r#"{"part":{"label":"l","inner":null}}"#,
        &["INVALID_DOCUMENT thing.part.inner.must"],
    ),
    (
        r#""name":"n","part":[]"#,
        "part { label }",
        r#"{"part":null}"#,
        &["INVALID_DOCUMENT thing.part"],
    ),
    // Through lists, with the index.
    (
        r#""name":"n","words":["a",1]"#,
        "words",
        r#"{"words":null}"#,
        &["INVALID_DOCUMENT thing.words.1"],
    ),
    (
        r#""name":"n","words":["a",null]"#,
        "words",
        r#"{"words":null}"#,
        &["INVALID_DOCUMENT thing.words.1"],
    ),
    (
        r#""name":"n","words":"a""#,
        "words",
        r#"{"words":null}"#,
        &["INVALID_DOCUMENT thing.words"],
    ),
    (
        r#""name":"n","holes":["a",null,1]"#,
        "holes",
        r#"{"holes":["a",null,null]}"#,
        &["INVALID_DOCUMENT thing.holes.2"],
    ),
    (
        r#""name":"n","parts":[{"label":"a"},{}]"#,
        "parts { label }",
        r#"{"parts":null}"#,
        &["INVALID_DOCUMENT thing.parts.1.label"],
    ),
    (
        r#""name":"n","parts":[{"label":"a"},7]"#,
        "parts { label }",
        r#"{"parts":null}"#,
        &["INVALID_DOCUMENT thing.parts.1"],
    ),
    (
        r#""name":"n","needed":[{}]"#,
        "needed { label }",
        "null",
        &["INVALID_DOCUMENT thing.needed.0.label"],
    ),
    (
        r#""name":"n""#,
        "needed { label }",
        "null",
        &["INVALID_DOCUMENT thing.needed"],
    ),
    // What was not selected costs nothing.
    (
        r#""name":"n","count":"x","parts":7"#,
        "name",
        r#"{"name":"n"}"#,
        &[],
    ),
    // Several errors, each at its place, by alias.
    (
        r#""name":"n","count":"x","flag":"y""#,
        "a: count name b: flag",
        r#"{"a":null,"name":"n","b":null}"#,
        &["INVALID_DOCUMENT thing.a", "INVALID_DOCUMENT thing.b"],
    ),
];

#[tokio::test]
async fn an_error_costs_its_own_place() {
    for (fields, selection, value, errors) in CASES {
        let app = app(&format!(r#"{{"_id":"x",{fields}}}"#)).await;
        let admin = app.caller("openid:someone").await;
        let answer = admin
            .query(&format!("{{ thing(id: \"x\") {{ {selection} }} }}"))
            .await;
        let value: Json = serde_json::from_str(value).unwrap();
        assert_eq!(
            answer.json["data"]["thing"], value,
            "{fields} {selection}: {}",
            answer.text
        );
        assert_eq!(
            answer.errors(),
            *errors,
            "{fields} {selection}: {}",
            answer.text
        );
        for error in answer.json["errors"].as_array().into_iter().flatten() {
            assert_eq!(error["extensions"]["id"], "x");
            assert!(error["locations"][0]["column"].is_number());
        }
    }
}

#[tokio::test]
async fn a_broken_document_never_costs_the_list() {
    let app = app(r#"{"_id":"x","name":7,"needed":[]}"#).await;
    let someone = app.caller("openid:someone").await;
    let answer = someone
        .query("{ things { nodes { id name } edges { cursor node { name } } totalCount } }")
        .await;
    let things = &answer.json["data"]["things"];
    assert_eq!(things["nodes"], json!([{"id": "ok", "name": "fine"}, null]));
    assert_eq!(things["edges"][1]["node"], Json::Null);
    assert_eq!(things["totalCount"], 2);
    assert_eq!(
        answer.errors(),
        [
            "INVALID_DOCUMENT things.nodes.1.name",
            "INVALID_DOCUMENT things.edges.1.node.name"
        ]
    );
    let extensions = &answer.json["errors"][0]["extensions"];
    assert_eq!(extensions["id"], "x");
    assert_eq!(extensions["field"], "Thing.name");
}

#[tokio::test]
async fn the_number_of_errors_is_bounded() {
    let app = TestApp::new(MODEL, &[]).await;
    let broken: Vec<String> = (0..150)
        .map(|n| format!(r#"{{"_id":"x{n}","name":7}}"#))
        .collect();
    app.insert("things", broken.iter().map(String::as_str))
        .await;
    let someone = app.caller("openid:someone").await;
    let answer = someone
        .query("{ things(first: 500) { nodes { name } } }")
        .await;
    assert_eq!(answer.errors().len(), 100);
    assert_eq!(answer.json["extensions"]["errorsOmitted"], 50);
}
