//! Reading lists, and counting.
//!
//! Both are asked for by an address. A condition can be longer than an address may be (a list of ids is), and is then
//! asked for in a body: as an aggregation, whose answer is documented as that of a list is, or, within a transaction,
//! where there are no aggregations, as a native command.

use serde::Serialize;

use super::call::{Ejson, documents, get, send, text};
use crate::cloudbase::answer::{Members, malformed};
use crate::cloudbase::client::{Answer, Label, Method, Request};
use crate::cloudbase::database::{Context, Find, MAX_ROWS, TransactionId};
use crate::cloudbase::error::Result;
use crate::data::{CollectionName, Direction, Object, Value};

/// The longest address that is sent, in bytes. Servers and proxies take 8 KB for a request's first line, or for all of
/// its headers; nobody documents what the gateway and those in front of it take.
const MAX_TARGET: usize = 4_000;

pub(super) fn find(context: &Context, find: &Find) -> Request {
    let listed = listed(context.transaction.as_ref(), find);
    if listed.target.len() <= MAX_TARGET {
        return listed;
    }
    match &context.transaction {
        None => aggregated(find),
        Some(transaction) => commanded(transaction, find),
    }
}

fn listed(transaction: Option<&TransactionId>, find: &Find) -> Request {
    #[derive(Serialize)]
    struct Key<'a> {
        field: &'a str,
        direction: &'static str,
    }
    let key = |(field, direction): &(String, Direction)| {
        let direction = match direction {
            Direction::Ascending => "asc",
            Direction::Descending => "desc",
        };
        serde_json::to_string(&Key { field, direction }).expect("texts are JSON")
    };
    let keys: Vec<String> = find.order.iter().map(key).collect();
    let order = (!keys.is_empty()).then(|| format!("[{}]", keys.join(",")));
    let projection = find
        .projection
        .as_deref()
        .map(|names| serde_json::to_string(&Shown(names)).expect("names and numbers are JSON"));
    let parameters = [
        ("query", Some(text(&find.query))),
        ("order", order),
        ("projection", projection),
        ("offset", Some(find.skip.to_string())),
        ("limit", Some(find.limit.to_string())),
        ("transactionId", transaction.map(|id| id.0.clone())),
    ];
    let parameters = parameters.into_iter();
    let parameters: Vec<(&str, String)> = parameters
        .filter_map(|(name, value)| Some((name, value?)))
        .collect();
    let path = documents(&find.collection);
    get(&path, &parameters, Label::on("find", &find.collection))
}

/// The names of fields as a projection: `{"a":1}`.
#[derive(Clone, Copy, Debug)]
struct Shown<'a>(&'a [String]);

impl Serialize for Shown<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // A projection of nothing would be one of everything.
        let id = self.0.is_empty().then_some("_id");
        let names = self.0.iter().map(String::as_str).chain(id);
        serializer.collect_map(names.map(|name| (name, 1)))
    }
}

/// The order of a native command: `{"a":-1}`.
#[derive(Clone, Copy, Debug)]
struct Sort<'a>(&'a [(String, Direction)]);

impl Serialize for Sort<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let key = |(field, direction): &'_ (String, Direction)| match direction {
            Direction::Ascending => (field.clone(), 1),
            Direction::Descending => (field.clone(), -1),
        };
        serializer.collect_map(self.0.iter().map(key))
    }
}

/// A stage of an aggregation as a condition and a page need it.
#[derive(Debug, Serialize)]
enum Stage<'a> {
    #[serde(rename = "$match")]
    Match(Ejson<'a>),
    #[serde(rename = "$sort")]
    Sort(Sort<'a>),
    #[serde(rename = "$skip")]
    Skip(u64),
    #[serde(rename = "$limit")]
    Limit(u64),
    #[serde(rename = "$project")]
    Project(Shown<'a>),
    #[serde(rename = "$count")]
    Count(&'static str),
}

fn aggregated(find: &Find) -> Request {
    let mut stages = vec![Stage::Match(Ejson(&find.query))];
    if !find.order.is_empty() {
        stages.push(Stage::Sort(Sort(&find.order)));
    }
    if find.skip > 0 {
        stages.push(Stage::Skip(find.skip));
    }
    stages.push(Stage::Limit(find.limit));
    if let Some(names) = &find.projection {
        stages.push(Stage::Project(Shown(names)));
    }
    pipeline("find", &find.collection, &stages)
}

fn pipeline(
    operation: &'static str,
    collection: &CollectionName,
    pipeline: &[impl Serialize],
) -> Request {
    #[derive(Serialize)]
    struct Body<'a, S> {
        pipeline: &'a [S],
    }
    let target = format!("{}/aggregations", documents(collection));
    let label = Label::on(operation, collection);
    Request {
        repeatable: true,
        ..send(Method::Post, target, &Body { pipeline }, label)
    }
}

fn commanded(transaction: &TransactionId, find: &Find) -> Request {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Command<'a> {
        find: &'a str,
        filter: Ejson<'a>,
        sort: Sort<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        projection: Option<Shown<'a>>,
        skip: u64,
        limit: u64,
        /// Without it the native command answers the first 101 documents and keeps the rest for later.
        batch_size: u64,
    }
    let command = Command {
        find: find.collection.as_str(),
        filter: Ejson(&find.query),
        sort: Sort(&find.order),
        projection: find.projection.as_deref().map(Shown),
        skip: find.skip,
        limit: find.limit,
        batch_size: find.limit,
    };
    let label = Label::on("find", &find.collection);
    Request {
        repeatable: true,
        ..super::command::request(Some(transaction), &command, label)
    }
}

pub(super) fn read_list(answer: &Answer) -> Result<Vec<Object>> {
    Members::of(answer)?.documents("list")
}

pub(super) fn count(collection: &CollectionName, query: &Object) -> Request {
    let parameters = [("count", "true".to_owned()), ("query", text(query))];
    let label = Label::on("count", collection);
    let listed = get(&documents(collection), &parameters, label);
    if listed.target.len() <= MAX_TARGET {
        return listed;
    }
    let stages = [Stage::Match(Ejson(query)), Stage::Count("total")];
    pipeline("count", collection, &stages)
}

/// A total, or the one row of an aggregation; that of nothing has no row.
pub(super) fn read_count(answer: &Answer) -> Result<u64> {
    let members = Members::of(answer)?;
    if let Some(total) = members.count("total")? {
        return Ok(total);
    }
    match members.documents("list")?.first() {
        None => Ok(0),
        Some(row) => {
            let total = row.get("total").and_then(Value::as_count);
            total.ok_or_else(|| malformed("list.0.total", "a whole number"))
        }
    }
}

/// An aggregation; its rows are at most [`MAX_ROWS`], since what an aggregation without a limit answers is not documented.
pub(super) fn aggregate(collection: &CollectionName, stages: &[Object]) -> Request {
    let limit = Object::from_iter([("$limit", Value::Int(MAX_ROWS.cast_signed()))]);
    let limited = stages.last().is_some_and(|last| last.contains("$limit"));
    let stages = stages.iter().chain((!limited).then_some(&limit));
    let stages: Vec<Ejson<'_>> = stages.map(Ejson).collect();
    pipeline("aggregate", collection, &stages)
}
