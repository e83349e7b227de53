//! Documents as the socket tells them: plain JSON, which clients hand to their
//! app as `JSON.parse` reads it.
//!
//! A date is `{"$date": milliseconds}`, numbers are bare, an `ObjectId` is plain
//! text, a place is the GeoJSON it is stored as. What the cloud sends for dates
//! is known; for the rarer types it is a guess: bytes, and numbers that JSON has
//! no word for, are written as relaxed EJSON.

use crate::data::Document;
use crate::data::ejson::{self, Mode};
use crate::emulator::wire;

/// All fields of a document.
pub(super) fn document(document: &Document) -> String {
    ejson::object_to_string(&wire::told(document.fields()), Mode::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_plain_json() {
        let cases = [
            (
                r#"{"_id":{"$oid":"0123456789abcdef01234567"},"a":1}"#,
                r#"{"_id":"0123456789abcdef01234567","a":1}"#,
            ),
            (
                r#"{"_id":"d","at":{"$date":{"$numberLong":"1700000000000"}},"big":{"$numberLong":"9007199254740993"}}"#,
                r#"{"_id":"d","at":{"$date":1700000000000},"big":9007199254740993}"#,
            ),
            (
                r#"{"_id":"d","at":{"$date":-1},"l":[{"at":{"$date":1}},null,true,1.5]}"#,
                r#"{"_id":"d","at":{"$date":-1},"l":[{"at":{"$date":1}},null,true,1.5]}"#,
            ),
            (
                r#"{"_id":1,"loc":{"type":"Point","coordinates":[1,2]}}"#,
                r#"{"_id":1,"loc":{"type":"Point","coordinates":[1,2]}}"#,
            ),
            (
                r#"{"_id":"d","n":{"$numberDouble":"NaN"},"b":{"$binary":{"base64":"AQI=","subType":"00"}}}"#,
                r#"{"_id":"d","n":{"$numberDouble":"NaN"},"b":{"$binary":{"base64":"AQI=","subType":"00"}}}"#,
            ),
        ];
        for (stored, told) in cases {
            let fields = ejson::parse_object(stored).expect("EJSON");
            let stored = Document::from_object(fields).expect("an `_id`");
            assert_eq!(document(&stored), told);
        }
    }
}
