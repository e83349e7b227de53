//! Reading lists, counting, aggregations.

use serde::Serialize;

use super::envelope::{Call, data};
use crate::cloudbase::client::{Answer, Label};
use crate::cloudbase::database::{Context, Find, MAX_ROWS};
use crate::cloudbase::error::Result;
use crate::data::ejson::{self, Mode};
use crate::data::{CollectionName, Direction, Object, Value};

/// The documents of a condition, rather than one of an id.
pub(super) const WHERE: &str = "WHERE";

/// EJSON as a text.
pub(super) fn text(object: &Object) -> String {
    ejson::object_to_string(object, Mode::Canonical)
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Listed<'a> {
    collection_name: &'a str,
    query_type: &'static str,
    query: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    projection: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<u64>,
    limit: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_id: Option<&'a str>,
}

pub(super) fn find<'a>(context: &'a Context, find: &'a Find) -> Call<Listed<'a>> {
    let members = Listed {
        collection_name: find.collection.as_str(),
        query_type: WHERE,
        query: text(&find.query),
        order: (!find.order.is_empty()).then(|| text(&order(&find.order))),
        projection: find.projection.as_deref().map(|names| text(&shown(names))),
        offset: (find.skip > 0).then_some(find.skip),
        limit: find.limit,
        transaction_id: within(context),
    };
    Call {
        action: "database.getDocument",
        members,
        repeatable: true,
        label: Label::on("find", &find.collection),
    }
}

pub(super) fn within(context: &Context) -> Option<&str> {
    context.transaction.as_ref().map(|id| id.0.as_str())
}

fn order(keys: &[(String, Direction)]) -> Object {
    let mut order = Object::new();
    for (field, direction) in keys {
        let direction = match direction {
            Direction::Ascending => 1,
            Direction::Descending => -1,
        };
        // Of two keys of one name the first decides.
        order.get_or_insert(field, Value::Int(direction));
    }
    order
}

fn shown(names: &[String]) -> Object {
    // A projection of nothing would be one of everything.
    let id = names.is_empty().then_some("_id");
    let names = names.iter().map(String::as_str).chain(id);
    names.map(|name| (name, Value::Int(1))).collect()
}

pub(super) fn read_list(answer: &Answer) -> Result<Vec<Object>> {
    data(answer)?.documents("list")
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Counted<'a> {
    collection_name: &'a str,
    query_type: &'static str,
    query: String,
}

pub(super) fn count<'a>(collection: &'a CollectionName, query: &Object) -> Call<Counted<'a>> {
    Call {
        action: "database.calculateDocument",
        members: Counted {
            collection_name: collection.as_str(),
            query_type: WHERE,
            query: text(query),
        },
        repeatable: true,
        label: Label::on("count", collection),
    }
}

pub(super) fn read_count(answer: &Answer) -> Result<u64> {
    data(answer)?.required_count("total")
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Aggregated<'a> {
    collection_name: &'a str,
    stages: Vec<Stage>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Stage {
    stage_key: String,
    stage_value: String,
}

/// An aggregation; its rows are at most [`MAX_ROWS`], since without a limit of its own it answers some hundred.
pub(super) fn aggregate<'a>(
    collection: &'a CollectionName,
    pipeline: &[Object],
) -> Call<Aggregated<'a>> {
    let stage = |(name, argument): (&_, &Value)| Stage {
        stage_key: String::from(name),
        stage_value: argument_text(argument),
    };
    let members = pipeline.iter().flat_map(Object::iter);
    let mut stages: Vec<Stage> = members
        .map(|(name, value)| stage((name.as_str(), value)))
        .collect();
    if stages.last().is_none_or(|last| last.stage_key != "$limit") {
        stages.push(Stage {
            stage_key: "$limit".to_owned(),
            stage_value: MAX_ROWS.to_string(),
        });
    }
    Call {
        action: "database.aggregateDocuments",
        members: Aggregated {
            collection_name: collection.as_str(),
            stages,
        },
        repeatable: true,
        label: Label::on("aggregate", collection),
    }
}

/// As the SDK writes it: objects as canonical EJSON, other arguments as plain JSON (`10`, `"$lines"`).
fn argument_text(argument: &Value) -> String {
    let mode = match argument {
        Value::Object(_) => Mode::Canonical,
        _ => Mode::Relaxed,
    };
    ejson::value_to_string(argument, mode)
}
