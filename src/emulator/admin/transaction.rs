//! Transactions: begun and ended the same in both generations; inside, the older one has actions of its own, whose
//! answers are texts of EJSON beside `requestId`.

use super::asked::Asked;
use super::documents::{find, id_value};
use crate::data::{Object, Value, ejson};
use crate::emulator::database::{MAX_ROWS, Modify, Remove, TransactionId, Write};
use crate::emulator::failure::{Failure, Result};
use crate::emulator::wire::{self, number};
use crate::mongo::Update;

pub(super) fn start(asked: &Asked<'_>) -> Result<Object> {
    let TransactionId(id) = asked.session.begin()?;
    Ok(Object::from_iter([("transactionId", Value::String(id))]))
}

pub(super) async fn commit(asked: &Asked<'_>) -> Result<Object> {
    asked.session.commit(&within(asked)?).await?;
    Ok(Object::new())
}

pub(super) async fn abort(asked: &Asked<'_>) -> Result<Object> {
    asked.session.abort(&within(asked)?).await?;
    Ok(Object::new())
}

pub(super) async fn insert(asked: &Asked<'_>) -> Result<Object> {
    let (collection, within) = (asked.collection()?, within(asked)?);
    let ids = asked
        .session
        .insert(&collection, vec![asked.document()?], Some(&within))
        .await?;
    let id = ids.first().map_or(Value::Null, id_value);
    Ok(Object::from_iter([
        ("inserted", text(&Value::Int(1))),
        ("ok", text(&Value::Double(1.0))),
        ("id", id),
    ]))
}

/// A document by its id. The web SDK also asks by conditions: for a list, which has a `limit`, and for how many there
/// are, which has none.
pub(super) async fn get(asked: &Asked<'_>) -> Result<Object> {
    let is_list = asked.members.contains("limit");
    let mut find = find(asked)?;
    if !is_list {
        find.limit = MAX_ROWS;
    }
    let list = asked.session.find(find, Some(&within(asked)?)).await?;
    let texts: Vec<String> = list.iter().map(wire::write).collect();
    let found = match texts.first() {
        _ if is_list => format!("[{}]", texts.join(",")),
        Some(first) => first.clone(),
        None => "null".to_owned(),
    };
    let mut answer = Object::from_iter([("data", Value::string(found))]);
    if !is_list {
        answer.insert("total", number(texts.len() as u64));
    }
    Ok(answer)
}

/// With `upsert` a document is set, without it those that are found are changed by operators: one, if asked by its id.
pub(super) async fn update(asked: &Asked<'_>) -> Result<Object> {
    let (data, upsert) = (asked.data()?, asked.flag("upsert"));
    let modify = Modify {
        selection: asked.selection_to_write()?,
        many: !upsert,
        write: if upsert {
            Write::Replace(data)
        } else {
            Write::Update(Update::parse(&data)?)
        },
        upsert,
    };
    let modified = asked.session.modify(modify, Some(&within(asked)?)).await?;
    let mut answer = Object::from_iter([("updated", text(&number(modified.updated)))]);
    if let Some(id) = &modified.upserted {
        let id = Object::from_iter([("_id", id_value(id))]);
        answer.insert("upserted", text(&Value::Array(vec![Value::Object(id)])));
    }
    Ok(answer)
}

pub(super) async fn delete(asked: &Asked<'_>) -> Result<Object> {
    let remove = Remove {
        selection: asked.selection_to_write()?,
        many: true,
    };
    let deleted = asked.session.remove(remove, Some(&within(asked)?)).await?;
    Ok(Object::from_iter([("deleted", text(&number(deleted)))]))
}

fn within(asked: &Asked<'_>) -> Result<TransactionId> {
    asked
        .transaction()
        .ok_or_else(|| Failure::invalid("`transactionId` is required"))
}

fn text(value: &Value) -> Value {
    Value::string(ejson::value_to_string(value, ejson::Mode::Canonical))
}
