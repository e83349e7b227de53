//! Values in and out: what is written is read back as it was given.

use serde_json::{Value as Json, json};

use crate::harness::TestApp;

const MODEL: &str = r#"
extend schema @role(name: "admin")
type Thing @collection(name: "things", permission: ADMINONLY) @grant(role: "admin", read: true, write: true) {
  id: ID!
  text: String
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
  renamed: String @field(name: "stored_name")
  part: Part
  parts: [Part!]
}
enum Kind { A B }
type Part { label: String! at: DateTime place: GeoPoint tags: [String!] }
"#;

async fn app() -> TestApp {
    TestApp::new(MODEL, &[]).await
}

/// `(member, selection, given, read back)`; `=` for the same.
const CASES: &[(&str, &str, &str, &str)] = &[
    ("text", "", r#""a\"b\\c\n\u0001 中文 😀""#, "="),
    ("text", "", r#""""#, "="),
    ("count", "", "-2147483648", "="),
    ("size", "", "1e300", "="),
    ("size", "", "3", "3.0"),
    ("flag", "", "false", "="),
    (
        "at",
        "",
        r#""2026-01-01T08:00:00+08:00""#,
        r#""2026-01-01T00:00:00.000Z""#,
    ),
    ("at", "", r#""1969-12-31T23:59:59.999Z""#, "="),
    ("epoch", "", r#""2026-01-01T00:00:00.123Z""#, "="),
    ("big", "", "9007199254740993", r#""9007199254740993""#),
    ("big", "", r#""-9223372036854775808""#, "="),
    ("kind", "", r#""B""#, "="),
    ("file", "", r#""cloud://env.bucket/a/b.png""#, "="),
    (
        "any",
        "",
        r#"{"b":[1,2.5,null,true,"x",{"y":{}}],"a":0}"#,
        "=",
    ),
    ("any", "", "null", "="),
    (
        "place",
        "{ longitude latitude }",
        r#"{"longitude":121.5,"latitude":-31.25}"#,
        "=",
    ),
    ("words", "", r#"["a","b"]"#, "="),
    ("words", "", "[]", "="),
    ("words", "", r#""single""#, r#"["single"]"#),
    ("renamed", "", r#""x""#, "="),
    (
        "part",
        "{ label at place { latitude } tags }",
        r#"{"label":"l","at":"2026-01-01T00:00:00Z","place":{"longitude":1,"latitude":2},"tags":["t"]}"#,
        r#"{"label":"l","at":"2026-01-01T00:00:00.000Z","place":{"latitude":2.0},"tags":["t"]}"#,
    ),
    (
        "parts",
        "{ label at }",
        r#"[{"label":"a"},{"label":"b","at":null}]"#,
        r#"[{"label":"a","at":null},{"label":"b","at":null}]"#,
    ),
];

#[tokio::test]
async fn what_is_written_is_read_back() {
    let app = app().await;
    let admin = app.staff(&["admin"]);
    for (member, selection, given, back) in CASES {
        let given: Json = serde_json::from_str(given).unwrap();
        let back: Json = if *back == "=" {
            given.clone()
        } else {
            serde_json::from_str(back).unwrap()
        };
        let query = format!(
            "mutation($i: ThingCreate!) {{ createThing(input: $i) {{ id thing {{ {member} {selection} }} }} }}"
        );
        let created = admin
            .query_with(&query, json!({"i": {*member: given}}))
            .await;
        assert_eq!(
            created.data()["createThing"]["thing"][*member],
            back,
            "{member}"
        );
        let id = &created.data()["createThing"]["id"];
        let read = admin
            .query(&format!("{{ thing(id: {id}) {{ {member} {selection} }} }}"))
            .await;
        assert_eq!(read.data()["thing"][*member], back, "{member}");
        let query = format!(
            "mutation($id: ID!, $s: ThingSet) {{ updateThing(id: $id, set: $s) {{ thing {{ {member} {selection} }} }} }}"
        );
        let updated = admin
            .query_with(&query, json!({"id": id, "s": {*member: given}}))
            .await;
        assert_eq!(
            updated.data()["updateThing"]["thing"][*member],
            back,
            "{member}"
        );
    }
}

#[tokio::test]
async fn json_literals_may_have_variables_inside() {
    let app = app().await;
    let admin = app.staff(&["admin"]);
    let created = admin
        .query_with(
            "mutation($x: Int, $y: JSON) { createThing(input: {any: {a: [$x, {b: $y}], c: \"d\"}}) { thing { any } } }",
            json!({"x": 1, "y": {"z": null}}),
        )
        .await;
    assert_eq!(
        created.data()["createThing"]["thing"]["any"],
        json!({"a": [1, {"b": {"z": null}}], "c": "d"})
    );
    for bad in ["{_: ENUM}", "{a: $no}"] {
        let answer = admin
            .query(&format!(
                "mutation {{ createThing(input: {{any: {bad}}}) {{ id }} }}"
            ))
            .await;
        assert!(answer.json.get("data").is_none(), "{}", answer.text);
    }
    for name in ["", "$set", "a.b"] {
        let answer = admin
            .query_with(
                "mutation($y: JSON) { createThing(input: {any: $y}) { id } }",
                json!({"y": {name: 1}}),
            )
            .await;
        assert_eq!(answer.errors(), ["BAD_USER_INPUT"], "{}", answer.text);
    }
}

#[tokio::test]
async fn times_kept_as_numbers_are_found_as_times() {
    let app = app().await;
    app.insert("things", [r#"{"_id":"t","epoch":1767225600123}"#])
        .await;
    let admin = app.staff(&["admin"]);
    for (filter, found) in [
        ("{epoch: {eq: \"2026-01-01T00:00:00.123Z\"}}", 1),
        ("{epoch: {gt: \"2026-01-01T00:00:00Z\"}}", 1),
        ("{epoch: {lt: \"2026-01-01T00:00:00Z\"}}", 0),
    ] {
        let answer = admin
            .query(&format!("{{ things(where: {filter}) {{ totalCount }} }}"))
            .await;
        assert_eq!(answer.data()["things"]["totalCount"], found, "{filter}");
    }
}

#[tokio::test]
async fn patterns_are_for_staff() {
    let app = TestApp::shop().await;
    let query = "{ users(where: {nickname: {matches: \"^A.*$\"}}) { nodes { id } } }";
    // The operator is not offered by default, to anybody.
    for caller in ["openid:demo-admin", "openid:demo-alice"] {
        let answer = app.caller(caller).await.query(query).await;
        assert_eq!(answer.errors(), ["GRAPHQL_VALIDATION_FAILED"]);
    }
}
