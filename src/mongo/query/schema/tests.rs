//! Schemas judged by documents.

use super::Schema;
use crate::data::ejson;

#[test]
fn documents_admitted_and_refused() {
    // schema, admitted, refused
    let cases = [
        ("{}", "{}", None),
        (r#"{"required":["a"]}"#, r#"{"a":null}"#, Some(r#"{"b":1}"#)),
        (
            r#"{"bsonType":"object","title":"t","description":"d"}"#,
            "{}",
            None,
        ),
        (
            r#"{"properties":{"a":{"bsonType":"int"}}}"#,
            r#"{"a":1}"#,
            Some(r#"{"a":1.5}"#),
        ),
        (
            r#"{"properties":{"a":{"bsonType":["string","null"]}}}"#,
            r#"{"a":null}"#,
            Some(r#"{"a":1}"#),
        ),
        (
            r#"{"properties":{"a":{"type":"boolean"}}}"#,
            r#"{"a":true}"#,
            Some(r#"{"a":1}"#),
        ),
        (
            r#"{"properties":{"a":{"type":"number"}}}"#,
            r#"{"a":1.5}"#,
            Some(r#"{"a":"1"}"#),
        ),
        (
            r#"{"properties":{"a":{"type":"object"}}}"#,
            r#"{"a":{}}"#,
            Some(r#"{"a":[]}"#),
        ),
        (
            r#"{"properties":{"a":{"minimum":1}}}"#,
            r#"{"a":1}"#,
            Some(r#"{"a":0.5}"#),
        ),
        (
            r#"{"properties":{"a":{"minimum":1,"exclusiveMinimum":true}}}"#,
            r#"{"a":1.5}"#,
            Some(r#"{"a":1}"#),
        ),
        (
            r#"{"properties":{"a":{"maximum":1}}}"#,
            r#"{"a":"text"}"#,
            Some(r#"{"a":2}"#),
        ),
        (
            r#"{"properties":{"a":{"maximum":1,"exclusiveMaximum":false}}}"#,
            r#"{"a":1}"#,
            Some(r#"{"a":1.1}"#),
        ),
        (
            r#"{"properties":{"a":{"multipleOf":2}}}"#,
            r#"{"a":4.0}"#,
            Some(r#"{"a":3}"#),
        ),
        (
            r#"{"properties":{"a":{"minLength":2,"maxLength":3}}}"#,
            r#"{"a":"中文"}"#,
            Some(r#"{"a":"中"}"#),
        ),
        (
            r#"{"properties":{"a":{"maxLength":1}}}"#,
            r#"{"a":"中"}"#,
            Some(r#"{"a":"ab"}"#),
        ),
        (
            r#"{"properties":{"a":{"pattern":"^x.z$"}}}"#,
            r#"{"a":"xyz"}"#,
            Some(r#"{"a":"xz"}"#),
        ),
        (
            r#"{"properties":{"a":{"enum":[1,{"b":1}]}}}"#,
            r#"{"a":{"b":1.0}}"#,
            Some(r#"{"a":{"b":2}}"#),
        ),
        (
            r#"{"properties":{"a":{"enum":[1,null]}}}"#,
            r#"{"a":1}"#,
            Some(r#"{"a":2}"#),
        ),
        (
            r#"{"properties":{"a":{"items":{"type":"string"}}}}"#,
            r#"{"a":["x"]}"#,
            Some(r#"{"a":["x",1]}"#),
        ),
        (
            r#"{"properties":{"a":{"items":[{"type":"string"}]}}}"#,
            r#"{"a":["x",1]}"#,
            Some(r#"{"a":[1]}"#),
        ),
        (
            r#"{"properties":{"a":{"items":[{}],"additionalItems":false}}}"#,
            r#"{"a":[]}"#,
            Some(r#"{"a":[1,2]}"#),
        ),
        (
            r#"{"properties":{"a":{"items":[{}],"additionalItems":{"type":"string"}}}}"#,
            r#"{"a":[1,"x"]}"#,
            Some(r#"{"a":[1,2]}"#),
        ),
        (
            r#"{"properties":{"a":{"minItems":1,"maxItems":2}}}"#,
            r#"{"a":[1]}"#,
            Some(r#"{"a":[]}"#),
        ),
        (
            r#"{"properties":{"a":{"uniqueItems":true}}}"#,
            r#"{"a":[1,"1"]}"#,
            Some(r#"{"a":[1,1.0]}"#),
        ),
        (
            r#"{"properties":{"a":{"uniqueItems":false}}}"#,
            r#"{"a":[1,1]}"#,
            None,
        ),
        (
            r#"{"properties":{"a":{"required":["b"]}}}"#,
            r#"{"a":{"b":1}}"#,
            Some(r#"{"a":{}}"#),
        ),
        (
            r#"{"properties":{"a":{}},"additionalProperties":false}"#,
            r#"{"a":1}"#,
            Some(r#"{"a":1,"b":2}"#),
        ),
        (
            r#"{"properties":{"a":{}},"additionalProperties":{"type":"string"}}"#,
            r#"{"a":1,"b":"x"}"#,
            Some(r#"{"b":2}"#),
        ),
        (
            r#"{"patternProperties":{"^x":{"type":"string"}},"additionalProperties":false}"#,
            r#"{"xa":"v"}"#,
            Some(r#"{"ya":"v"}"#),
        ),
        (
            r#"{"minProperties":1,"maxProperties":2}"#,
            r#"{"a":1}"#,
            Some("{}"),
        ),
        (
            r#"{"dependencies":{"a":["b"]}}"#,
            r#"{"b":1}"#,
            Some(r#"{"a":1}"#),
        ),
        (
            r#"{"dependencies":{"a":{"required":["b"]}}}"#,
            r#"{"a":1,"b":1}"#,
            Some(r#"{"a":1}"#),
        ),
        (
            r#"{"allOf":[{"required":["a"]},{"required":["b"]}]}"#,
            r#"{"a":1,"b":1}"#,
            Some(r#"{"a":1}"#),
        ),
        (
            r#"{"anyOf":[{"required":["a"]},{"required":["b"]}]}"#,
            r#"{"b":1}"#,
            Some(r#"{"c":1}"#),
        ),
        (
            r#"{"oneOf":[{"required":["a"]},{"required":["b"]}]}"#,
            r#"{"b":1}"#,
            Some(r#"{"a":1,"b":1}"#),
        ),
        (r#"{"not":{"required":["a"]}}"#, "{}", Some(r#"{"a":1}"#)),
        (
            r#"{"properties":{"a":{"not":{"type":"string"}}}}"#,
            r#"{"a":1}"#,
            Some(r#"{"a":"x"}"#),
        ),
    ];
    for (text, admitted, refused) in cases {
        let schema = Schema::parse(&ejson::parse_value(text).expect("EJSON"))
            .unwrap_or_else(|error| panic!("{text}: {error}"));
        let object = |text| ejson::parse_object(text).expect("EJSON");
        assert!(
            schema.admits(&object(admitted)),
            "{text} must admit {admitted}"
        );
        if let Some(refused) = refused {
            assert!(
                !schema.admits(&object(refused)),
                "{text} must refuse {refused}"
            );
        }
    }
}

#[test]
fn what_is_no_schema() {
    let cases = [
        "1",
        r#"{"type":"integer"}"#,
        r#"{"type":[]}"#,
        r#"{"bsonType":"text"}"#,
        r#"{"bsonType":16}"#,
        r#"{"$ref":"x"}"#,
        r#"{"required":[]}"#,
        r#"{"required":[1]}"#,
        r#"{"minimum":"1"}"#,
        r#"{"minimum":1,"exclusiveMinimum":2}"#,
        r#"{"minLength":-1}"#,
        r#"{"pattern":"("}"#,
        r#"{"allOf":[]}"#,
        r#"{"anyOf":[1]}"#,
        r#"{"not":1}"#,
        r#"{"multipleOf":0}"#,
        r#"{"properties":[]}"#,
        r#"{"items":1}"#,
        r#"{"uniqueItems":1}"#,
        r#"{"enum":[]}"#,
        r#"{"dependencies":{"a":1}}"#,
        r#"{"additionalProperties":1}"#,
    ];
    for text in cases {
        let value = ejson::parse_value(text).expect("EJSON");
        assert!(Schema::parse(&value).is_err(), "{text}");
    }
}
