//! The database's native commands, of which `findAndModify` is the one that changes a document and tells what it was, in
//! one step.
//!
//! That a list of rows comes for each command is documented, what the row of a write looks like is not.

use serde::Serialize;

use super::call::{Ejson, address, send, within};
use crate::cloudbase::answer::{Members, malformed};
use crate::cloudbase::client::{Answer, Label, Method, Request};
use crate::cloudbase::database::{Alteration, Altered, Context, TransactionId};
use crate::cloudbase::error::Result;
use crate::data::{CollectionName, Object, Value};

/// A request with one command.
pub(super) fn request(
    transaction: Option<&TransactionId>,
    command: &impl Serialize,
    label: Label,
) -> Request {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Body<'a, C> {
        commands: [&'a C; 1],
        #[serde(skip_serializing_if = "Option::is_none")]
        transaction_id: Option<&'a str>,
    }
    let body = Body {
        commands: [command],
        transaction_id: within(transaction),
    };
    send(Method::Post, address("/commands"), &body, label)
}

/// Alters the first document that matches. It is asked for as it was: what a changed one is now can be computed from
/// that, but not the other way round.
pub(super) fn alter(
    context: &Context,
    collection: &CollectionName,
    query: &Object,
    alteration: &Alteration,
) -> Request {
    #[derive(Serialize)]
    struct Command<'a> {
        #[serde(rename = "findAndModify")]
        collection: &'a str,
        query: Ejson<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        update: Option<Ejson<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        remove: Option<bool>,
        #[serde(skip_serializing_if = "Option::is_none")]
        new: Option<bool>,
    }
    let (update, remove) = match alteration {
        Alteration::Update(update) => (Some(Ejson(update)), None),
        Alteration::Remove => (None, Some(true)),
    };
    let command = Command {
        collection: collection.as_str(),
        query: Ejson(query),
        update,
        remove,
        // The database refuses it beside `remove`, even false.
        new: update.map(|_| false),
    };
    let transaction = context.transaction.as_ref();
    request(transaction, &command, Label::on("alter", collection))
}

/// The row is the document, or the native answer around it: `{value, lastErrorObject, ok}`. Documents have an `_id`,
/// native answers have none.
pub(super) fn read_altered(answer: &Answer) -> Result<Option<Altered>> {
    let members = Members::of(answer)?;
    if members.length("list")? == Some(0) {
        return Err(malformed("list", "a list of one for each command"));
    }
    let Some(mut row) = members.first_document("list")? else {
        return Ok(None);
    };
    if row.contains("_id") {
        return Ok(Some(Altered::Before(row)));
    }
    match row.remove("value") {
        Some(Value::Object(before)) => Ok(Some(Altered::Before(before))),
        Some(Value::Null) => Ok(None),
        _ => Err(malformed(
            "list.0",
            "a document, nor the answer of `findAndModify`",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloudbase::error::Error;
    use crate::data::ejson;

    fn object(text: &str) -> Object {
        ejson::parse_object(text).expect(text)
    }

    fn todos() -> CollectionName {
        CollectionName::parse("todos").expect("a name")
    }

    fn inside() -> Context {
        Context {
            transaction: Some(TransactionId("tx-1".to_owned())),
            deadline: None,
        }
    }

    fn answer(body: String) -> Answer {
        Answer {
            status: 200,
            body: body.into(),
        }
    }

    #[test]
    fn find_and_modify_is_a_native_command() {
        let query = object(r#"{"_id":{"$oid":"0123456789abcdef01234567"},"n":1}"#);
        let update = Alteration::Update(object(r#"{"$inc":{"n":2}}"#));
        let text = |context: &Context, alteration| {
            let request = alter(context, &todos(), &query, alteration);
            String::from_utf8(request.body.to_vec()).expect("UTF-8")
        };
        assert_eq!(
            text(&Context::default(), &update),
            r#"{"commands":[{"findAndModify":"todos","query":{"_id":{"$oid":"0123456789abcdef01234567"},"n":{"$numberInt":"1"}},"update":{"$inc":{"n":{"$numberInt":"2"}}},"new":false}]}"#
        );
        assert_eq!(
            text(&inside(), &Alteration::Remove),
            r#"{"commands":[{"findAndModify":"todos","query":{"_id":{"$oid":"0123456789abcdef01234567"},"n":{"$numberInt":"1"}},"remove":true}],"transactionId":"tx-1"}"#
        );
    }

    #[test]
    fn the_row_of_find_and_modify_is_the_document_or_is_around_it() {
        let before = object(r#"{"_id":"a","value":1}"#);
        let before = Some(Altered::Before(before));
        for (row, expected) in [
            (
                r#"[{"_id":"a","value":{"$numberInt":"1"}}]"#,
                Some(before.clone()),
            ),
            (r#"["{\"_id\":\"a\",\"value\":1}"]"#, Some(before.clone())),
            (
                r#"[{"value":{"_id":"a","value":1},"ok":1}]"#,
                Some(before.clone()),
            ),
            (
                r#"[{"lastErrorObject":{"n":1},"value":{"_id":"a","value":1},"ok":{"$numberDouble":"1.0"}}]"#,
                Some(before),
            ),
            (
                r#"[{"lastErrorObject":{"n":0},"value":null,"ok":1}]"#,
                Some(None),
            ),
            ("[null]", Some(None)),
            ("[]", Some(None)),
            (r#"[{"ok":1}]"#, None),
            (r#"[{"value":1,"ok":1}]"#, None),
            ("[1]", None),
        ] {
            let body = format!(r#"{{"list":[{row}]}}"#);
            let found = read_altered(&answer(body)).ok();
            assert_eq!(found, expected, "{row}");
        }
        let nothing = answer(r#"{"list":[]}"#.to_owned());
        assert!(matches!(read_altered(&nothing), Err(Error::Malformed(_))));
    }
}
