//! Reading stages.

use smol_str::SmolStr;

use super::Pipeline;
use super::bucket::{AutoBuckets, Buckets};
use super::group::Group;
use super::lookup::Lookup;
use super::near::Near;
use super::shape::Shape;
use super::stage::Stage;
use super::unwind::Unwind;
use crate::data::{Direction, Object, Order, OrderKey, Path, Value, ejson};
use crate::mongo::kind::integer;
use crate::mongo::{self, Error, Expression, Query, Result};

/// The most stages of one pipeline, those nested in it not counted.
const MAX_STAGES: usize = 1_000;

/// Stages that would write, look at the server itself, or walk a graph.
const REFUSED: [&str; 6] = [
    "$out",
    "$merge",
    "$graphLookup",
    "$collStats",
    "$indexStats",
    "$currentOp",
];

pub(super) fn pipeline<'a>(
    stages: impl ExactSizeIterator<Item = (&'a str, &'a Value)>,
) -> Result<Pipeline> {
    if stages.len() > MAX_STAGES {
        return Err(Error::Malformed(format!(
            "a pipeline has {} stages, at most {MAX_STAGES} are allowed",
            stages.len()
        )));
    }
    let mut read = Vec::with_capacity(stages.len());
    for (name, argument) in stages {
        if name == "$geoNear" && !read.is_empty() {
            return Err(malformed(name, "must be the first stage"));
        }
        stage(name, argument, &mut read)?;
    }
    Ok(Pipeline { stages: read })
}

/// Reads a pipeline as an argument has it: `[{$match: {…}}, …]`.
pub(super) fn nested(stage: &str, argument: &Value) -> Result<Pipeline> {
    let stages = argument
        .as_array()
        .ok_or_else(|| needs(stage, "a pipeline as an array of stages", argument))?;
    let named: Result<Vec<(&str, &Value)>> = stages.iter().map(|value| one(stage, value)).collect();
    pipeline(named?.into_iter())
}

fn one<'a>(stage: &str, value: &'a Value) -> Result<(&'a str, &'a Value)> {
    let member = value.as_object().filter(|object| object.len() == 1);
    let (name, argument) = member
        .and_then(|object| object.iter().next())
        .ok_or_else(|| malformed(stage, "needs each stage as an object of one member"))?;
    Ok((name.as_str(), argument))
}

fn stage(name: &str, argument: &Value, read: &mut Vec<Stage>) -> Result<()> {
    let stage = match name {
        "$match" => Stage::Match(condition(name, argument)?),
        "$sort" => Stage::Sort(sort(argument)?),
        "$skip" => Stage::Skip(count(name, argument, 0)?),
        "$limit" => Stage::Limit(count(name, argument, 1)?),
        "$count" => Stage::Count(counted(argument)?),
        "$project" => Stage::Shape(Shape::project(argument)?),
        "$addFields" | "$set" => Stage::Shape(Shape::add_fields(name, argument)?),
        "$unset" => Stage::Shape(Shape::unset(argument)?),
        "$group" => Stage::Group(Group::parse(argument)?),
        "$sortByCount" => {
            read.push(Stage::Group(Group::counting(argument)?));
            let count = OrderKey {
                path: Path::field("count"),
                direction: Direction::Descending,
            };
            Stage::Sort(Order { keys: vec![count] })
        }
        "$unwind" => Stage::Unwind(Unwind::parse(argument)?),
        "$lookup" => Stage::Lookup(Box::new(Lookup::parse(argument)?)),
        "$geoNear" => Stage::Near(Box::new(Near::parse(argument)?)),
        "$sample" => Stage::Sample(sample(argument)?),
        "$replaceRoot" => Stage::ReplaceRoot(replace_root(argument)?),
        "$replaceWith" => Stage::ReplaceRoot(Expression::parse(argument)?),
        "$bucket" => Stage::Buckets(Box::new(Buckets::parse(argument)?)),
        "$bucketAuto" => Stage::AutoBuckets(AutoBuckets::parse(argument)?),
        "$facet" => Stage::Facet(facets(argument)?),
        _ if REFUSED.contains(&name) => return Err(malformed(name, "is not supported")),
        _ => return Err(Error::UnknownOperator(name.to_owned())),
    };
    read.push(stage);
    Ok(())
}

/// The condition of a `$match` or `$geoNear`.
pub(super) fn condition(stage: &str, argument: &Value) -> Result<Query> {
    let condition = argument
        .as_object()
        .ok_or_else(|| needs(stage, "a condition", argument))?;
    let query = Query::parse(condition)?;
    match query.near() {
        None => Ok(query),
        Some(_) => Err(malformed(
            stage,
            "cannot sort by distance: `$nearSphere` is for queries, `$geoNear` for aggregations",
        )),
    }
}

fn sort(argument: &Value) -> Result<Order> {
    let keys = argument
        .as_object()
        .ok_or_else(|| needs("$sort", "an object of fields", argument))?;
    if keys.is_empty() {
        return Err(malformed("$sort", "needs at least one field"));
    }
    mongo::order(keys)
}

fn counted(argument: &Value) -> Result<String> {
    let name = argument
        .as_str()
        .filter(|name| !name.is_empty() && !name.starts_with('$') && !name.contains('.'));
    let name = name.ok_or_else(|| malformed("$count", "needs the name of a field"))?;
    Ok(name.to_owned())
}

fn sample(argument: &Value) -> Result<usize> {
    let size = argument.as_object().and_then(|object| object.get("size"));
    let size = size.ok_or_else(|| malformed("$sample", "needs a `size`"))?;
    count("$sample", size, 0)
}

fn replace_root(argument: &Value) -> Result<Expression> {
    let root = argument
        .as_object()
        .and_then(|object| object.get("newRoot"));
    let root = root.ok_or_else(|| malformed("$replaceRoot", "needs a `newRoot`"))?;
    Expression::parse(root)
}

fn facets(argument: &Value) -> Result<Vec<(String, Pipeline)>> {
    let facets = members("$facet", argument)?.map(|(name, stages)| {
        let pipeline = nested("$facet", stages)?;
        let barred = |stage: &Stage| matches!(stage, Stage::Near(_) | Stage::Facet(_));
        if pipeline.stages.iter().any(barred) {
            return Err(malformed("$facet", "takes no `$geoNear` and no `$facet`"));
        }
        if name.is_empty() || name.starts_with('$') || name.contains('.') {
            return Err(malformed(
                "$facet",
                &format!("cannot make a field `{name}`"),
            ));
        }
        Ok((name.to_string(), pipeline))
    });
    facets.collect()
}

/// A whole number, `least` at least. (As a double too: JSON does not tell.)
pub(super) fn count(stage: &str, argument: &Value, least: usize) -> Result<usize> {
    let count = integer(argument).and_then(|whole| usize::try_from(whole).ok());
    count
        .filter(|count| *count >= least)
        .ok_or_else(|| malformed(stage, &format!("needs a whole number, {least} at least")))
}

/// The members of an argument that must be an object.
pub(super) fn members<'a>(
    stage: &str,
    argument: &'a Value,
) -> Result<impl ExactSizeIterator<Item = (&'a SmolStr, &'a Value)>> {
    let object: Result<&Object> = argument
        .as_object()
        .ok_or_else(|| needs(stage, "an object", argument));
    object.map(Object::iter)
}

/// The path in `"$a.b"`.
pub(super) fn field_path(stage: &str, argument: &Value) -> Result<Path> {
    let path = argument.as_str().and_then(|text| text.strip_prefix('$'));
    let path = path.and_then(checked);
    path.ok_or_else(|| {
        malformed(
            stage,
            "needs a path that begins with `$`, such as `\"$a.b\"`",
        )
    })
}

/// A path without `$`.
pub(super) fn plain_path(stage: &str, argument: &Value) -> Result<Path> {
    let path = argument.as_str().and_then(checked);
    path.ok_or_else(|| malformed(stage, "needs the name of a field, not beginning with `$`"))
}

fn checked(text: &str) -> Option<Path> {
    let path = Path::parse(text)?;
    let fits = path.segments().len() <= ejson::MAX_DEPTH;
    let plain = |name: &SmolStr| !name.starts_with('$');
    (fits && path.segments().iter().all(plain)).then_some(path)
}

pub(super) fn malformed(stage: &str, reason: &str) -> Error {
    Error::Malformed(format!("`{stage}` {reason}"))
}

pub(super) fn needs(stage: &str, what: &str, found: &Value) -> Error {
    malformed(stage, &format!("needs {what}, found {}", found.kind()))
}
