//! What both protocols' answers have in common: JSON objects whose members are texts, numbers and documents.
//!
//! Documents are EJSON, in place or as a text; both are taken everywhere. Whatever is not as it should be is
//! [`Error::Malformed`], and its text names where, never what: it may be logged.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::client::Answer;
use super::database::TransactionId;
use super::error::{Error, Result};
use super::refusal;
use crate::data::{Object, Value, ejson};

/// The members of an object. One that is null counts as not there.
#[derive(Debug, Default)]
pub(super) struct Members<'a>(BTreeMap<String, &'a RawValue>);

impl<'a> Members<'a> {
    /// The members of an answer.
    ///
    /// # Errors
    ///
    /// `Refused` by the status, or by a member `code`; `Malformed` if it is no object.
    pub(super) fn of(answer: &'a Answer) -> Result<Self> {
        const NO_CONTENT: u16 = 204;
        let members: Option<Self> = serde_json::from_slice(&answer.body).ok().map(Self);
        if let Some(refusal) = refusal::read(answer.status, members.as_ref()) {
            return Err(Error::Refused(refusal));
        }
        match members {
            Some(members) => Ok(members),
            None if answer.status == NO_CONTENT => Ok(Self::default()),
            None => Err(Error::Malformed("it is no JSON object".to_owned())),
        }
    }

    /// The members of a member.
    pub(super) fn object(&self, name: &str) -> Result<Self> {
        let raw = self.get(name).ok_or_else(|| malformed(name, "an object"))?;
        serde_json::from_str(raw.get())
            .map(Self)
            .map_err(|_| malformed(name, "an object"))
    }

    /// A member that is a text.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        serde_json::from_str(self.get(name)?.get()).ok()
    }

    /// A member that is a text or a number, as text.
    pub(super) fn word(&self, name: &str) -> Option<String> {
        let number = |raw: &RawValue| {
            let digits = raw
                .get()
                .starts_with(|c: char| c == '-' || c.is_ascii_digit());
            digits.then(|| raw.get().to_owned())
        };
        self.text(name).or_else(|| number(self.get(name)?))
    }

    /// How many; `None`: it is not said.
    pub(super) fn count(&self, name: &str) -> Result<Option<u64>> {
        self.get(name).map(|raw| count(raw, name)).transpose()
    }

    pub(super) fn required_count(&self, name: &str) -> Result<u64> {
        self.count(name)?
            .ok_or_else(|| malformed(name, "a whole number"))
    }

    /// How many items a list has; `None`: there is none.
    pub(super) fn length(&self, name: &str) -> Result<Option<usize>> {
        let items = self.get(name).map(|raw| items(raw, name)).transpose()?;
        Ok(items.map(|items| items.len()))
    }

    /// The items of a list that are objects with these members.
    pub(super) fn items<T: DeserializeOwned>(&self, name: &str) -> Result<Vec<T>> {
        let raw = self.get(name).ok_or_else(|| malformed(name, "a list"))?;
        serde_json::from_str(raw.get()).map_err(|_| malformed(name, "a list of objects"))
    }

    /// The documents of a list. Of a list of lists (one for each command) those of the first.
    pub(super) fn documents(&self, name: &str) -> Result<Vec<Object>> {
        let rows = self.rows(name)?;
        let document = |(at, row)| {
            let document = document(row, &format!("{name}.{at}"))?;
            document.ok_or_else(|| malformed(&format!("{name}.{at}"), "a document"))
        };
        rows.into_iter().enumerate().map(document).collect()
    }

    /// The first document of a list, as of [`Members::documents`]; `None`: there is none, or it is null.
    pub(super) fn first_document(&self, name: &str) -> Result<Option<Object>> {
        match self.rows(name)?.first() {
            Some(row) => document(row, name),
            None => Ok(None),
        }
    }

    /// One document; `None`: it is null, or not there.
    pub(super) fn document(&self, name: &str) -> Result<Option<Object>> {
        match self.get(name) {
            Some(raw) => document(raw, name),
            None => Ok(None),
        }
    }

    fn rows(&self, name: &str) -> Result<Vec<&'a RawValue>> {
        let raw = self.get(name).ok_or_else(|| malformed(name, "a list"))?;
        let rows = items(raw, name)?;
        match rows.first() {
            Some(first) if first.get().starts_with('[') => items(first, name),
            _ => Ok(rows),
        }
    }

    fn get(&self, name: &str) -> Option<&'a RawValue> {
        let raw = self.0.get(name).copied();
        raw.filter(|raw| raw.get() != "null")
    }
}

fn items<'a>(raw: &'a RawValue, name: &str) -> Result<Vec<&'a RawValue>> {
    serde_json::from_str(raw.get()).map_err(|_| malformed(name, "a list"))
}

/// A number of the protocol: plain, or as EJSON writes numbers.
fn count(raw: &RawValue, name: &str) -> Result<u64> {
    let value = ejson::parse_value(raw.get()).ok();
    let count = value.as_ref().and_then(Value::as_count);
    count.ok_or_else(|| malformed(name, "a whole number"))
}

/// EJSON, or a text of it; `None`: null.
fn document(raw: &RawValue, at: &str) -> Result<Option<Object>> {
    let text = raw.get();
    if !text.starts_with('"') {
        return parsed(text, at);
    }
    let inner: String =
        serde_json::from_str(text).map_err(|_| malformed(at, "a document as a text"))?;
    parsed(&inner, at)
}

fn parsed(text: &str, at: &str) -> Result<Option<Object>> {
    match ejson::parse_value(text) {
        Ok(Value::Object(object)) => Ok(Some(object)),
        Ok(Value::Null) => Ok(None),
        Ok(_) => Err(malformed(at, "a document")),
        // What it is may not be told, only where.
        Err(error) => Err(malformed(&format!("{at}.{}", error.path), "EJSON")),
    }
}

/// The answer to the beginning of a transaction.
pub(super) fn read_begun(answer: &Answer) -> Result<TransactionId> {
    let id = Members::of(answer)?.text("transactionId");
    let id = id.filter(|id| !id.is_empty());
    id.map(TransactionId)
        .ok_or_else(|| malformed("transactionId", "a text"))
}

/// The answer to the end of one, whichever that is.
pub(super) fn read_ended(answer: &Answer) -> Result<()> {
    Members::of(answer).map(drop)
}

/// The answer has something else at this place.
pub(super) fn malformed(at: &str, needed: &str) -> Error {
    Error::Malformed(format!("`{at}` is not {needed}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(body: &str) -> Answer {
        Answer {
            status: 200,
            body: bytes::Bytes::copy_from_slice(body.as_bytes()),
        }
    }

    #[test]
    fn documents_come_in_place_or_as_texts() {
        for (body, expected) in [
            (r#"{"list":[]}"#, ""),
            (r#"{"list":[[]]}"#, ""),
            (r#"{"list":[{"_id":1}]}"#, r#"{"_id":1}"#),
            (
                r#"{"list":["{\"_id\":{\"$numberInt\":\"1\"}}"]}"#,
                r#"{"_id":1}"#,
            ),
            (
                r#"{"list":[[{"_id":"a"},{"_id":"b"}],[{"_id":"c"}]]}"#,
                r#"{"_id":"a"}{"_id":"b"}"#,
            ),
            (
                r#"{"list":[["{\"d\":{\"$date\":0}}"]]}"#,
                r#"{"d":{"$date":"1970-01-01T00:00:00.000Z"}}"#,
            ),
        ] {
            let answer = answer(body);
            let found = Members::of(&answer).and_then(|members| members.documents("list"));
            let texts = found.expect(body).iter().map(relaxed).collect::<String>();
            assert_eq!(texts, expected, "{body}");
        }
    }

    fn relaxed(object: &Object) -> String {
        ejson::object_to_string(object, ejson::Mode::Relaxed)
    }

    #[test]
    fn a_document_as_deep_as_one_may_be_is_read() {
        let levels = ejson::MAX_DEPTH - 1;
        let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(levels), "]".repeat(levels));
        let in_place = answer(&format!(r#"{{"list":[{deep}]}}"#));
        let members = Members::of(&in_place).expect("an object");
        assert_eq!(members.documents("list").expect("one document").len(), 1);
        let deeper = answer(&format!(r#"{{"list":[{{"b":{deep}}}]}}"#));
        let members = Members::of(&deeper).expect("an object");
        assert!(matches!(
            members.documents("list"),
            Err(Error::Malformed(_))
        ));
    }

    #[test]
    fn what_is_not_as_it_should_be_is_malformed_and_not_shown() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        for body in [
            r#"{"list":{}}"#,
            r#"{"list":null}"#,
            r#"{"list":[null]}"#,
            r#"{"list":["secret"]}"#,
            r#"{"list":["\ud800 secret"]}"#,
            r#"{"list":[1]}"#,
            r#"{"list":[["secret"]]}"#,
            r#"{"list":["[\"secret\"]"]}"#,
            r#"{"list":[{"a":[{"$numberInt":"secret"}]}]}"#,
            r#"{"list":[{"a":{"$oid":"secret"}}]}"#,
            &format!(r#"{{"list":[{deep}]}}"#),
            &format!(r#"{{"list":[{{"a":{deep}}}]}}"#),
        ] {
            let answer = answer(body);
            let members = Members::of(&answer).expect("an object");
            let error = members.documents("list").expect_err(body);
            assert!(matches!(error, Error::Malformed(_)), "{error}");
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }

    #[test]
    fn counts_are_plain_or_ejson() {
        for (text, expected) in [
            ("3", Some(3)),
            ("3.0", Some(3)),
            (r#"{"$numberInt":"3"}"#, Some(3)),
            (r#"{"$numberLong":"3000000000"}"#, Some(3_000_000_000)),
            (r#"{"$numberDouble":"4.0"}"#, Some(4)),
            ("-1", None),
            ("1.5", None),
            ("1e300", None),
            (r#"{"$numberDouble":"NaN"}"#, None),
            (r#""3""#, None),
            ("[]", None),
        ] {
            let answer = answer(&format!(r#"{{"total":{text}}}"#));
            let members = Members::of(&answer).expect("an object");
            assert_eq!(members.required_count("total").ok(), expected, "{text}");
        }
    }

    #[test]
    fn an_answer_is_an_object() {
        for body in [
            "",
            "<html>",
            "[]",
            "null",
            "1",
            "{",
            "{\"a\":}",
            "\u{feff}{}",
        ] {
            let answer = answer(body);
            assert!(
                matches!(Members::of(&answer), Err(Error::Malformed(_))),
                "{body}"
            );
        }
        let empty = Answer {
            status: 204,
            ..answer("")
        };
        assert!(Members::of(&empty).is_ok());
    }
}
