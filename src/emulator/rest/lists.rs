//! Reading lists: documents, how many there are, aggregations.

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::answer::{self, Refused, Text};
use super::call::Call;
use crate::data::{Filter, Object, Order, Value};
use crate::emulator::database::{Aggregate, Find, MAX_ROWS};
use crate::emulator::failure::{Failure, Result};
use crate::emulator::session::Session;
use crate::emulator::wire;
use crate::mongo::{self, Pipeline, Projection};

/// Documents that come back if nothing is said.
const LIMIT: u64 = 20;

#[derive(Debug, Serialize)]
struct List {
    offset: u64,
    limit: u64,
    list: Vec<Text>,
}

#[derive(Debug, Serialize)]
struct Total {
    total: u64,
}

/// The rows of an aggregation.
#[derive(Debug, Serialize)]
pub(super) struct Rows {
    list: Vec<Text>,
}

/// Documents, or with `count=true` how many there are.
pub(super) async fn read(call: Call) -> Result<Response, Refused> {
    let selection = call.select(&call.object("query")?)?;
    if call.parameter("count") == Some("true") {
        let total = call.session.count(selection).await?;
        return Ok(Json(Total { total }).into_response());
    }
    let asked = call.count("limit")?.filter(|limit| *limit > 0);
    let (offset, limit) = (
        call.count("offset")?.unwrap_or(0),
        asked.unwrap_or(LIMIT).min(MAX_ROWS),
    );
    let find = Find {
        selection,
        order: order(call.parameter("order"))?,
        skip: offset,
        limit,
        projection: projection(&call.object("projection")?)?,
    };
    let found = call
        .session
        .find(find, call.transaction()?.as_ref())
        .await?;
    let list = answer::documents(&found);
    let list = List {
        offset,
        limit,
        list,
    };
    Ok(Json(list).into_response())
}

pub(super) async fn aggregate(call: Call) -> answer::Result<Rows> {
    let aggregate = Aggregate {
        collection: call.collection()?,
        pipeline: pipeline(&call.session, &call.body.required_objects("pipeline")?)?,
        also: Filter::all(),
        limit: MAX_ROWS,
    };
    let rows = call.session.aggregate(aggregate).await?;
    let list = answer::documents(&rows);
    Ok(Json(Rows { list }))
}

/// Stages as the native language has them: objects of one member.
pub(super) fn pipeline(session: &Session, stages: &[&Object]) -> Result<Pipeline> {
    let stage = |stage: &&Object| {
        let mut members = stage.iter();
        match (members.next(), members.next()) {
            (Some((name, value)), None) => Ok((name.to_string(), value.clone())),
            _ => Err(Failure::invalid(
                "each stage of `pipeline` needs one member, its name",
            )),
        }
    };
    let stages: Vec<(String, Value)> = stages.iter().map(stage).collect::<Result<_>>()?;
    session.pipeline(&stages)
}

/// The fields that come back; `{}`: all.
pub(super) fn projection(fields: &Object) -> Result<Option<Projection>> {
    if fields.is_empty() {
        return Ok(None);
    }
    Ok(Some(Projection::parse(fields)?))
}

/// Reads `[{"field": "n", "direction": "desc"}]`.
fn order(text: Option<&str>) -> Result<Order> {
    let needs = || {
        Failure::invalid(r#"`order` needs a list of {"field": …, "direction": "asc" or "desc"}"#)
    };
    let Some(text) = text else {
        return Ok(Order::default());
    };
    let keys = wire::parse(text).map_err(|_| needs())?;
    let key = |key: &Value| {
        let key = key.as_object()?;
        let field = key.get("field")?.as_str()?;
        let direction = match key.get("direction").map(Value::as_str) {
            None | Some(Some("asc")) => 1,
            Some(Some("desc")) => -1,
            Some(_) => return None,
        };
        Some((field.to_owned(), Value::Int(direction)))
    };
    let keys: Option<Object> = keys.as_array().ok_or_else(needs)?.iter().map(key).collect();
    Ok(mongo::order(&keys.ok_or_else(needs)?)?)
}
