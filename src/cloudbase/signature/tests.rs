//! Signatures against those the official SDKs made (`signatures.jsonl`: requests recorded between unmodified SDKs and
//! a local server, with made-up secrets).

use std::collections::BTreeMap;

use serde::Deserialize;

use super::tc3::Head;
use super::{Fields, q_sign, same, tc3};

const SECRETS: [(&str, &str); 2] = [
    (
        "AKIDEXAMPLEEXAMPLEEXAMPLEEXAMPLE0001",
        "ExampleSecretKeyNotRealNotRealXX",
    ),
    ("AKIDFROMENV", "SecretFromEnv"),
];

/// A request as it was recorded.
#[derive(Debug, Deserialize)]
struct Recorded {
    from: String,
    path: String,
    query: String,
    headers: BTreeMap<String, String>,
    body: String,
}

impl Recorded {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

fn recorded() -> Vec<Recorded> {
    let lines = include_str!("../../../tests/it/emulator/fixtures/signatures.jsonl").lines();
    lines
        .map(|line| serde_json::from_str(line).expect("a recorded request"))
        .collect()
}

fn secret_key(id: &str) -> &'static str {
    let known = SECRETS.iter().find(|(known, _)| *known == id);
    known.expect("a recorded secret").1
}

/// The signature that was sent and the one that is computed here.
fn given_and_computed(request: &Recorded) -> (String, String) {
    let fields = Fields::of_body(request.body.as_bytes()).expect("an object");
    match tc3::Authorization::parse(request.header("authorization")) {
        Some(authorization) => tc3_signatures(request, &authorization, &fields),
        None => {
            let text = fields.text("authorization").expect("a signature");
            let authorization = q_sign::Authorization::parse(text).expect("q-sign");
            let headers = q_sign::HEADERS.map(|name| request.header(name));
            let key = secret_key(authorization.secret_id);
            let computed = q_sign::sign(key, authorization.key_time, headers, &fields);
            (authorization.signature.to_owned(), computed)
        }
    }
}

fn tc3_signatures(
    request: &Recorded,
    authorization: &tc3::Authorization<'_>,
    fields: &Fields,
) -> (String, String) {
    let key = secret_key(authorization.secret_id);
    let cloud_api = request.path == "/";
    let host = request.header("host");
    let value = |name: &str| match name {
        "host" if cloud_api => host.split(':').next().expect("a host"),
        name => request.header(name),
    };
    let names = authorization.signed_headers.iter();
    let headers: Vec<(&str, &str)> = names.map(|name| (*name, value(name))).collect();
    let head = Head {
        host,
        path: &request.path,
        query: &request.query,
        headers: &headers,
    };
    let stamp = |name| request.header(name).parse().expect("a timestamp");
    let computed = if cloud_api {
        let body = request.body.as_bytes();
        tc3::sign_cloud_api(key, stamp("x-tc-timestamp"), "POST", head, body)
    } else {
        let names = &authorization.signed_params;
        tc3::sign_admin(key, stamp("x-timestamp"), head, fields, names)
            .expect("everything is signed")
    };
    (authorization.signature.to_owned(), computed)
}

#[test]
fn every_recorded_signature_is_computed() {
    let recorded = recorded();
    assert_eq!(recorded.len(), 138);
    for request in &recorded {
        let (given, computed) = given_and_computed(request);
        assert_eq!(computed, given, "{}", request.from);
        assert!(same(&computed, &given));
    }
}

#[test]
fn a_changed_request_has_another_signature() {
    for request in recorded() {
        let (_, before) = given_and_computed(&request);
        let changed = Recorded {
            body: request.body.replacen("todos", "todoz", 1),
            ..request
        };
        if changed.body.contains("todoz") {
            let (given, computed) = given_and_computed(&changed);
            assert_ne!(computed, given, "{}", changed.from);
            assert!(!same(&computed, &before), "{}", changed.from);
        }
    }
}

#[test]
fn what_is_signed_of_a_body() {
    let cases = [
        (r#"{"b":"x","A":1.50}"#, "&a=1.50\r\n&b=x\r\n"),
        (r#"{"a":"","b":"  ","c":"\ufeff y\n"}"#, "&c=y\r\n"),
        (
            r#"{"a":false,"b":[1, 2],"c":null}"#,
            "&a=false\r\n&b=[1, 2]\r\n&c=null\r\n",
        ),
        (
            r#"{"a b*":"\u6587\"","$x":"1"}"#,
            "&%24x=1\r\n&a%20b%2A=文\"\r\n",
        ),
    ];
    for (body, expected) in cases {
        let fields = Fields::of_body(body.as_bytes()).expect(body);
        let fields = fields
            .iter()
            .filter(|(_, field)| !field.trimmed().is_empty());
        let payload: String = fields
            .map(|(name, field)| format!("&{name}={}\r\n", field.trimmed()))
            .collect();
        assert_eq!(payload, expected, "{body}");
    }
    for body in [
        "",
        "[]",
        "1",
        "{\"a\":}",
        r#"{"a":"\ud800"}"#,
        // Of two members of one name, another might be read than was signed.
        r#"{"collectionName":"secrets","collectionname":"todos"}"#,
        r#"{"action":"a","action ":"b"}"#,
    ] {
        assert!(Fields::of_body(body.as_bytes()).is_err(), "{body}");
    }
}

#[test]
fn a_member_that_no_signature_covers_is_noticed() {
    let head = Head {
        host: "h",
        path: "/admin",
        query: "",
        headers: &[],
    };
    for (body, covered) in [
        (r#"{"action":"a"}"#, true),
        (r#"{"action":"a","sdk_version":"1","empty":""}"#, true),
        (r#"{"action":"a","more":"x"}"#, false),
    ] {
        let fields = Fields::of_body(body.as_bytes()).expect(body);
        let signature = tc3::sign_admin("key", 0, head, &fields, &["action"]);
        assert_eq!(signature.is_some(), covered, "{body}");
    }
}

#[test]
fn texts_that_are_no_authorization() {
    for text in [
        "",
        "Bearer x",
        "TC3-HMAC-SHA256",
        "TC3-HMAC-SHA256 Credential=a/b",
    ] {
        assert_eq!(tc3::Authorization::parse(text), None, "{text}");
    }
    for text in [
        "",
        "q-ak=a&q-key-time=1;2&q-signature=x",
        "q-sign-algorithm=md5",
    ] {
        assert_eq!(q_sign::Authorization::parse(text), None, "{text}");
    }
}
