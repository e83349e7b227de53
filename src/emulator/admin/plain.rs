//! Actions of the older generation, where they differ from the newer: documents as plain JSON.

use super::asked::Asked;
use super::documents::{change, data, find, id_value, insert, rows, texts};
use crate::data::{Object, Value, ejson};
use crate::emulator::failure::Result;
use crate::emulator::wire::{self, number};

/// One document; the web SDK sends several as a list.
pub(super) async fn add(asked: &Asked<'_>) -> Result<Object> {
    if matches!(asked.members.get("data"), Some(Value::Array(_))) {
        return insert(asked).await;
    }
    let ids = asked
        .session
        .insert(&asked.collection()?, vec![asked.document()?], None)
        .await?;
    let id = ids.first().map_or(Value::Null, id_value);
    Ok(data([("_id", id)]))
}

pub(super) async fn query(asked: &Asked<'_>) -> Result<Object> {
    let find = find(asked)?;
    let (counted, limit, offset) = (find.selection.clone(), find.limit, find.skip);
    let list = asked
        .session
        .find(find, asked.transaction().as_ref())
        .await?;
    let total = asked.session.count(counted).await?;
    let list = list
        .iter()
        .map(|document| Value::Object(wire::plain(document)));
    let mut answer = data([("list", Value::Array(list.collect()))]);
    answer.insert("TotalCount", number(total));
    answer.insert("Limit", number(limit));
    answer.insert("Offset", number(offset));
    Ok(answer)
}

/// An inserted document's id is called otherwise when the update was of one document by its id.
pub(super) async fn update(asked: &Asked<'_>) -> Result<Object> {
    let modified = asked.session.modify(change(asked)?, None).await?;
    let name = match asked.text("queryType") {
        Some("DOC") => "upserted_id",
        _ => "upsert_id",
    };
    let mut members = Object::from_iter([("updated", number(modified.updated))]);
    if let Some(id) = &modified.upserted {
        members.insert(name, id_value(id));
    }
    Ok(Object::from_iter([("data", Value::Object(members))]))
}

/// The list is a text of a list of texts.
pub(super) async fn aggregate(asked: &Asked<'_>) -> Result<Object> {
    let list = texts(&rows(asked).await?);
    let text = ejson::value_to_string(&list, ejson::Mode::Relaxed);
    Ok(data([("list", Value::string(text))]))
}
