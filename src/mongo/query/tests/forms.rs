//! Every form in which the official SDKs write conditions: `forms.jsonl`, captured from `@cloudbase/node-sdk` 3.18.3
//! and `tcb-admin-node` 1.23.0. (Server dates are resolved before a condition is read.)

use super::{Query, object};

/// Forms that say nothing a database could do: bare values as branches, a remainder lost on the way, text search.
const REFUSED: [&str; 5] = [
    r#"{"$or":[{"$numberInt":"1"},{"$numberInt":"2"}]}"#,
    r#"{"$or":[1,2]}"#,
    r#"{"a":{"$mod":4}}"#,
    r#"{"a":{"$elemMatch":{"v":{"$mod":4}}}}"#,
    r#"{"$search":"x","$language":"en","$caseSensitive":true,"$diacriticSensitive":false}"#,
];

#[test]
fn all_are_read() {
    for text in include_str!("forms.jsonl").lines() {
        let read = Query::parse(&object(text));
        assert_eq!(read.is_err(), REFUSED.contains(&text), "{text}: {read:?}");
    }
}
